"""A PostgreSQL of the benchmark's own, so that fsync can be switched."""

import contextlib
import os
import shutil
import subprocess

from huolie_tools import database, places, postgres


@contextlib.contextmanager
def own_server(template, name):
    """Have a server with a copy of ``template`` as database ``name``; gone at the end.

    Within, everything of huolie_tools talks to this server.
    """
    folder = places.data() / "bench-money"
    _clear(folder)
    file = places.make_folder(folder) / "template.dump"
    _dump(template, file)
    before = dict(os.environ)
    os.environ["HUOLIE_DATA"] = str(file.parent)
    for variable in [v for v in os.environ if v.startswith("PG")]:
        del os.environ[variable]
    try:
        with postgres.server():
            postgres.as_superuser(
                f"GRANT SET ON PARAMETER session_replication_role TO {postgres.USER}"
            )
            database.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE template0')
            _call("pg_restore", "--no-owner", "-j2", "-d", name, str(file))
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        _clear(folder)


def set_fsync(on):
    """Switch fsync of the own server; PostgreSQL takes it over at once."""
    value = "on" if on else "off"
    postgres.as_superuser(f"ALTER SYSTEM SET fsync = {value}")
    postgres.as_superuser("SELECT pg_reload_conf()")


def _clear(folder):
    """End and delete what a benchmark that was killed left behind."""
    server = folder / "postgres"
    if server.exists():
        stop = [postgres.binaries() / "pg_ctl", "stop", "-m", "immediate", "-D", server]
        subprocess.run(stop, capture_output=True, cwd="/", **postgres.as_user())
    shutil.rmtree(folder, ignore_errors=True)


def _dump(template, file):
    """Dump a clone: a template that somebody looks at cannot be cloned."""
    copy = f"{template}_dump"
    database.drop(copy)
    database.clone(template, copy)
    try:
        _call("pg_dump", "-Fc", "-Z1", "-f", str(file), copy)
    finally:
        database.drop(copy)


def _call(program, *arguments):
    environment = {**os.environ, **postgres.environment()}
    command = [str(postgres.binaries() / program), *arguments]
    subprocess.run(command, env=environment, check=True)

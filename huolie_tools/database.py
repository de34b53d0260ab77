"""Databases: made once as templates, then cloned in seconds.

Two templates, so that a change in our code does not rebuild Odoo's part:

1. `huolie_odoo_<key>`: Odoo's own modules that ours depend on, and the Chinese
   chart of accounts; the company 火烈云科技有限公司 in CNY; no demo data.
2. `huolie_ready_<key>`: the first one with our addons and *their* demo data.

Odoo loads the demo data of a module only if all modules it depends on have
theirs, so the flag is set on Odoo's modules while ours are installed, and taken
off again afterwards: their demo data are never loaded.
"""

import ast
import base64
import hashlib
import os
import re
import secrets as random_text
import shutil
import subprocess
import time
from pathlib import Path

from . import configuration, lock, odoo_source, places, postgres
from .errors import Halt
from .progress import say, step

DEFAULT = "huolie"
CHART = "l10n_cn"
TEMPLATE_DAYS = 3  # demo dates are relative to the day of installation
TEST_PASSWORD = "huolie-test"
LANGUAGES = ("zh_CN", "en_US")
SCRIPTS = Path(__file__).with_name("scripts")


# === PLAIN SQL === #


def sql(database, query, **values):
    """Run `query` with psql (values as :'name'); list of rows of texts."""
    command = [
        str(postgres.binaries() / "psql"),
        "-qXAt",
        "-F",
        "\x1f",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        database,
    ]
    for name, value in values.items():
        command += ["-v", f"{name}={value}"]
    done = subprocess.run(
        command,
        input=query,
        capture_output=True,
        text=True,
        env={**os.environ, **postgres.environment()},
    )
    if done.returncode:
        raise Halt(f"The database {database} refused: {done.stderr.strip()[-300:]}")
    return [row.split("\x1f") for row in done.stdout.splitlines()]


def names():
    """Databases on the server, templates of ours included."""
    query = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
    return [row[0] for row in sql("postgres", query) if row[0] != "postgres"]


def exists(name):
    return name in names()


def _quoted(name):
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", name):
        raise Halt(f"{name!r} is no name for a database: use letters, digits, _ and -.")
    return f'"{name}"'


def drop(name):
    """Drop the database and its files; sessions on it are ended."""
    sql("postgres", f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
    for folder in configuration.data_dirs().values():
        shutil.rmtree(folder / "filestore" / name, ignore_errors=True)


def _filestore(name):
    return configuration.data_dir() / "filestore" / name


def _template_filestore(name):
    folders = [d / "filestore" / name for d in configuration.data_dirs().values()]
    return next(filter(Path.exists, folders), folders[0])


def clone(source, target):
    """Copy a database that nobody uses, and its files as hard links."""
    _copy_rows(source, target)
    files = _template_filestore(source)
    if files.exists():
        shutil.rmtree(_filestore(target), ignore_errors=True)
        shutil.copytree(files, _filestore(target), copy_function=os.link)
        _give_to_odoo(_filestore(target))
    renew = "UPDATE ir_config_parameter SET value = gen_random_uuid()::text"
    sql(target, f"{renew} WHERE key IN ('database.uuid', 'database.secret')")


def _copy_rows(source, target):
    """Another ./huolie may be reading the template: wait until it has ended."""
    query = f"CREATE DATABASE {_quoted(target)} TEMPLATE {_quoted(source)}"
    end = time.monotonic() + 120
    while True:
        try:
            sql("postgres", query)
            return
        except Halt as halt:
            if "being accessed" not in str(halt) or time.monotonic() > end:
                raise
            time.sleep(1)


def _give_to_odoo(folder):
    account = configuration.runs_as()
    if account is None:
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            os.chown(path, account.pw_uid, account.pw_gid)


# === KEYS === #


def _digest(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:10]


def manifests():
    """{addon: manifest} of our addons that can be installed, dependencies first."""
    waiting, found = {}, {}
    for addon in places.our_addons():
        manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
        if manifest.get("installable", True):
            waiting[addon.name] = manifest
    while True:
        ready = [
            name
            for name, manifest in waiting.items()
            if not {d for d in manifest["depends"] if _is_ours(d)} - set(found)
        ]
        if not ready:
            return found
        found.update((name, waiting.pop(name)) for name in ready)


def _is_ours(module):
    return module.startswith("huolie_")


def odoo_modules():
    """Odoo's modules that ours depend on, and the Chinese chart of accounts."""
    ours = manifests()
    wanted = {name for manifest in ours.values() for name in manifest["depends"]}
    return sorted(name for name in wanted | {CHART} if not _is_ours(name))


def odoo_key():
    release = odoo_source.home() / "odoo" / "release.py"
    script = (SCRIPTS / "company.py").read_bytes()
    return _digest([odoo_source.home(), release.read_bytes(), odoo_modules(), script])


def code_key():
    """Changes with every file of our addons that is loaded into a database."""
    parts = [odoo_key()]
    for addon in places.our_addons():
        for path in sorted(addon.rglob("*")):
            inside = path.relative_to(addon).parts
            skipped = {"tests", "__pycache__", "static", "readme"} & set(inside)
            if path.is_file() and (not skipped or "description" in inside):
                parts += [path.relative_to(places.ADDONS), path.read_bytes()]
    return _digest(parts)


# === TEMPLATES === #


def template():
    """Name of the template with our addons and demo data, made if needed."""
    with configuration.outside_tests():
        return _template()


def _template():
    period = int(time.time() // (TEMPLATE_DAYS * 86400))
    name = f"huolie_ready_{code_key()}_{period}"
    if exists(name):
        return name
    with lock.exclusive(places.data() / "template.lock", "the template database"):
        if not exists(name):
            base = _odoo_template()
            _build(name, lambda part: _fill_ready(base, part))
            _drop_others("huolie_ready_", keep=name)
    return name


def _odoo_template():
    name = f"huolie_odoo_{odoo_key()}"
    if not exists(name):
        _build(name, _fill_odoo)
        _drop_others("huolie_odoo_", keep=name)
    return name


def _build(name, fill):
    """Fill a database under a name of its own, then give it the final one."""
    part = f"{name}_part"
    drop(part)
    fill(part)
    shutil.rmtree(_filestore(name), ignore_errors=True)
    if _filestore(part).exists():
        _filestore(part).rename(_filestore(name))
    sql("postgres", f"ALTER DATABASE {_quoted(part)} RENAME TO {_quoted(name)}")


def _drop_others(prefix, keep):
    """Drop older templates but the newest few: another run may still clone them."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, :'prefix')"
    older = sql("postgres", f"{query} ORDER BY oid DESC OFFSET 8", prefix=prefix)
    for (name,) in older:
        if name != keep:
            drop(name)


def _fill_odoo(name):
    sql("postgres", f"CREATE DATABASE {_quoted(name)} TEMPLATE template0")
    _odoo_step(
        "new database: Odoo's base, Chinese and English",
        name,
        ["-i", "base", f"--load-language={','.join(LANGUAGES)}"],
    )
    shell(name, "company.py")
    _odoo_step(
        f"new database: Odoo's modules ({', '.join(odoo_modules())})",
        name,
        ["-i", ",".join(odoo_modules())],
    )


def _fill_ready(base, name):
    clone(base, name)
    ours = list(manifests())
    sql(name, "UPDATE ir_module_module SET demo = true WHERE state = 'installed'")
    log = _odoo_step(f"new database: {', '.join(ours)}", name, ["-i", ",".join(ours)])
    names_sql = ", ".join(f"'{addon}'" for addon in ours)
    not_ours = f"WHERE name NOT IN ({names_sql})"
    sql(name, f"UPDATE ir_module_module SET demo = false {not_ours}")
    failed = sql(
        name,
        f"SELECT name FROM ir_module_module WHERE name IN ({names_sql})"
        " AND (state <> 'installed' OR NOT demo)",
    )
    if failed:
        raise Halt(f"{', '.join(r[0] for r in failed)} did not install: read {log}.")
    with step("new database: style sheets and scripts"):
        shell(name, "prepare.py")
    set_demo_password(name, TEST_PASSWORD)
    set_parameter(name, "huolie.code_key", code_key())
    # Strangers register an enterprise; Odoo's own sign-up would make portal users.
    set_parameter(name, "auth_signup.invitation_scope", "b2b")


# === ODOO COMMANDS === #


def _odoo_step(title, database, arguments):
    """Run an Odoo command to its end with progress; the path of its log."""
    logs = places.make_folder(places.data() / "logs")
    log = logs / f"{database}.log"
    command = configuration.odoo_command(
        "-c",
        configuration.write("setup", http_interface="127.0.0.1"),
        "-d",
        database,
        "--no-http",
        "--stop-after-init",
        "--max-cron-threads=0",
        *arguments,
    )
    with log.open("a") as output, step(title, measure=lambda: _last_module(log)):
        done = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=places.PROJECT,
            env=configuration.environment(),
            **configuration.as_odoo_user(),
        )
    if done.returncode or _has_failed(log):
        say("\n".join(_complaints(log)[-25:]))
        raise Halt(f"Odoo stopped with an error: read {log}.")
    return log


def _last_module(log):
    found = re.findall(r"Loading module (\S+ \(\d+/\d+\))", log.read_text())
    return found[-1] if found else ""


def _has_failed(log):
    return " CRITICAL " in log.read_text()


def _complaints(log):
    lines = log.read_text().splitlines()
    marks = re.compile(r" (ERROR|CRITICAL|WARNING) |^(Traceback|\w+Error|  File)")
    return [row[:300] for row in lines if marks.search(row)] or lines[-10:]


def shell(database, script, **values):
    """Run a file of scripts/ in an Odoo shell; its output."""
    preset = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    command = configuration.odoo_command(
        "shell",
        "-c",
        configuration.write("setup", http_interface="127.0.0.1"),
        "-d",
        database,
        "--no-http",
        "--log-level=warn",
    )
    done = subprocess.run(
        command,
        input=preset + (SCRIPTS / script).read_text(),
        capture_output=True,
        text=True,
        cwd=places.PROJECT,
        env=configuration.environment(),
        **configuration.as_odoo_user(),
    )
    if done.returncode or "Traceback" in done.stderr:
        say(done.stderr[-3000:])
        raise Halt(f"The step {script} failed on the database {database}: see above.")
    return done.stdout


def create(name, password):
    """A fresh database with our addons and demo data."""
    _quoted(name)  # a bad name is refused before the long part
    if exists(name):
        raise Halt(
            f"The database {name} exists: ./huolie db reset {name} starts it afresh."
        )
    source = template()
    with step(f"database {name}"):
        clone(source, name)
        set_demo_password(name, password)


def update_if_changed(name):
    """Bring an existing database to the code of the checkout."""
    query = "SELECT value FROM ir_config_parameter WHERE key = 'huolie.code_key'"
    known = sql(name, query)
    key = code_key()
    if known and known[0][0] == key:
        return
    ours = ",".join(manifests())
    title = f"database {name}: updating to this code"
    _odoo_step(title, name, ["-i", ours, "-u", ours])
    set_parameter(name, "huolie.code_key", key)


def set_parameter(database, key, value):
    query = (
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date)"
        " VALUES (:'key', :'value', now(), now())"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )
    sql(database, query, key=key, value=value)


# === DEMO LOGINS === #

DEMO_USERS = """
    FROM res_users u JOIN res_partner p ON p.id = u.partner_id
   WHERE u.active AND u.id IN (
         SELECT res_id FROM ir_model_data WHERE model = 'res.users'
            AND (module LIKE 'huolie\\_%' OR (module, name) = ('base', 'user_admin')))
"""


def set_demo_password(database, password):
    """Give the demo users and the administrator `password`."""
    change = "UPDATE res_users SET password = :'hash'"
    query = f"{change} WHERE id IN (SELECT u.id {DEMO_USERS})"
    sql(database, query, hash=_password_hash(password))


def demo_logins(database):
    """[(login, name)] of the administrator and the demo users."""
    return sql(database, f"SELECT u.login, p.name {DEMO_USERS} ORDER BY u.id")


def _password_hash(password):
    """The form that Odoo stores (PBKDF2-SHA512, 600,000 rounds)."""
    salt, rounds = random_text.token_bytes(16), 600_000
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    texts = [
        base64.b64encode(part, altchars=b"./").decode().rstrip("=")
        for part in (salt, digest)
    ]
    return f"$pbkdf2-sha512${rounds}${texts[0]}${texts[1]}"

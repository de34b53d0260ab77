"""Secrets, and the configuration and environment that Odoo is started with.

`odoo.conf` at the project's root is what the product runs with. A start by
./huolie adds to a copy of it, outside the checkout, what belongs to this machine:
the master password, the data folder, the ports.
"""

import configparser
import json
import os
import secrets as random_text
from contextlib import contextmanager

from . import odoo_source, places, postgres, python_env

SECRETS = "secrets.json"


def secrets():
    """Passwords generated at the first start, kept outside the checkout."""
    file = places.data() / SECRETS
    if not file.exists():
        known = {
            "admin_passwd": random_text.token_urlsafe(24),
            "demo_password": random_text.token_urlsafe(9),
        }
        _write_private(file, json.dumps(known) + "\n")
    return json.loads(file.read_text())


def remember_demo_password(password):
    known = {**secrets(), "demo_password": password}
    _write_private(places.data() / SECRETS, json.dumps(known) + "\n")


def _write_private(path, text):
    places.make_folder(path.parent)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


def data_dir():
    """Odoo's files (attachments, sessions), owned by who runs Odoo.

    Tests run in the account that we are, so they have a folder of their own.
    """
    return _owned(data_dirs()["tests" if os.environ.get("HUOLIE_AS_ROOT") else "run"])


@contextmanager
def outside_tests():
    """Within: act as for `run`, whose account also makes the templates."""
    flag = os.environ.pop("HUOLIE_AS_ROOT", None)
    try:
        yield
    finally:
        if flag:
            os.environ["HUOLIE_AS_ROOT"] = flag


def data_dirs():
    return {"run": places.data() / "odoo", "tests": places.data() / "odoo-tests"}


def _owned(folder):
    places.make_folder(folder, 0o750)
    account = runs_as()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def runs_as():
    """The account that Odoo runs as; None = the one we are.

    As root it is the system user `huolie`, unless that user cannot read the
    checkout or Odoo (for example below /root): then Odoo runs as root.
    """
    account = postgres.system_user()
    if account is None or os.environ.get("HUOLIE_AS_ROOT") or not _can_read(account):
        return None
    return account


def _can_read(account):
    for path in (places.ADDONS, odoo_source.home(), python_env.python().resolve()):
        for folder in (path, *path.parents):
            status = folder.stat()
            bit = 0o001
            if status.st_uid == account.pw_uid:
                bit = 0o100
            elif status.st_gid == account.pw_gid:
                bit = 0o010
            if not status.st_mode & bit:
                return False
    return True


def as_odoo_user():
    """Arguments for subprocess to run as the account of Odoo."""
    account = runs_as()
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def write(name, **options):
    """Write `<data>/<name>.conf`: the root's odoo.conf and `options` over it."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(places.PROJECT / "odoo.conf")
    section = parser["options"]
    section["addons_path"] = str(places.ADDONS)
    section["data_dir"] = str(data_dir())
    section["admin_passwd"] = secrets()["admin_passwd"]
    for key, value in options.items():
        section[key] = str(value)
    target = places.data() / f"{name}.conf"
    target.touch(mode=0o600)
    with target.open("w") as handle:
        parser.write(handle)
    account = runs_as()
    if account:
        os.chown(target, account.pw_uid, account.pw_gid)
    return target


def environment():
    """Environment of any Odoo command: where Odoo is, where PostgreSQL is.

    `HUOLIE_AS_ROOT` (tests) keeps Odoo in the account that we are.
    """
    keep = {k: v for k, v in os.environ.items() if k not in ("ODOO_RC", "PYTHONHOME")}
    account = runs_as()
    if account:
        keep.update(HOME=str(data_dir()), USER=account.pw_name)
    path = [str(odoo_source.home()), os.environ.get("PYTHONPATH", "")]
    binaries = [str(python_env.python().parent), str(postgres.binaries())]
    return {
        **keep,
        **postgres.environment(),
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PATH": os.pathsep.join([*binaries, os.environ.get("PATH", os.defpath)]),
        # neither the checkout nor an Odoo of the user's gets compiled files
        "PYTHONPYCACHEPREFIX": str(_bytecode_folder(account)),
        "LANG": "C.UTF-8",
    }


def _bytecode_folder(account):
    owner = account.pw_uid if account else os.geteuid()
    folder = places.make_folder(places.data() / f"bytecode-{owner}")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def odoo_command(*arguments):
    return [str(python_env.python()), "-m", "odoo", *map(str, arguments)]

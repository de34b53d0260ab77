"""Where things are: the checkout, the cache, the data that must survive.

| what  | as root           | as an ordinary user     | to change it |
|-------|-------------------|-------------------------|--------------|
| cache | /var/cache/huolie | ~/.cache/huolie         | HUOLIE_CACHE |
| data  | /var/lib/huolie   | ~/.local/share/huolie   | HUOLIE_DATA  |

Cache: Python environment, Odoo, packages. Data: PostgreSQL, files, secrets.
The cache may be deleted at any time; the data are the user's.
"""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ADDONS = PROJECT / "addons"
ARTEFACTS = PROJECT / "artefacts"
REQUIREMENTS = PROJECT / "requirements.txt"


def is_root():
    return os.geteuid() == 0


def _folder(variable, root_default, user_default):
    chosen = os.environ.get(variable)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(root_default) if is_root() else Path(user_default).expanduser()


def cache():
    return _folder("HUOLIE_CACHE", "/var/cache/huolie", "~/.cache/huolie")


def data():
    return _folder("HUOLIE_DATA", "/var/lib/huolie", "~/.local/share/huolie")


def our_addons():
    """Folders of the addons of this project, in alphabetical order."""
    return sorted(p.parent for p in ADDONS.glob("*/__manifest__.py"))


def make_folder(path, mode=0o755):
    """Create `path` so that the system user huolie can reach it.

    A folder that is there already keeps its mode: it may be the user's own.
    """
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
    return path

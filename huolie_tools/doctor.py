"""./huolie doctor: what is missing on this machine, and how to mend it."""

import os
import shutil
import sys

from . import node, odoo_source, places, postgres, python_env, system
from .errors import Halt
from .progress import say


def main():
    """Print one line per thing; exit code 1 when something must be mended."""
    bad = 0
    for what, check in CHECKS:
        try:
            state, text = check()
        except Halt as halt:
            state, text = "BAD", str(halt)
        bad += state == "BAD"
        say(f"{state:5} {what}: {text}")
    return 1 if bad else 0


def _python():
    python_env.check_version()
    if python_env.is_ready():
        return "ok", str(python_env.python())
    return "todo", f"{sys.executable}; packages come at the first start (1 minute)"


def _odoo():
    if odoo_source.is_ready():
        return "ok", str(odoo_source.home())
    missing = [name for name in ("apt-get", "dpkg-deb") if not shutil.which(name)]
    if missing:
        return "BAD", f"{missing[0]} is missing: set ODOO_HOME to an Odoo 19 you have"
    return "todo", "comes at the first start from Debian (130 MB)"


def _postgres():
    if postgres.is_external():
        return "ok", f"yours, PGHOST={os.environ['PGHOST']}"
    return "ok", f"embedded, data in {postgres.folder()}"


def _disk():
    system.enough_disk(places.cache(), 4_000_000_000, "The cache")
    system.enough_disk(places.data(), 2_000_000_000, "The data")
    return "ok", f"cache {places.cache()}, data {places.data()}"


def _machine():
    lacking = system.missing(system.NEEDS)
    if not lacking:
        return "ok", "Chromium, Chinese fonts, wkhtmltopdf"
    packages = " ".join(system.NEEDS[name][2] for name in lacking)
    if places.is_root():
        return "todo", f"{packages}: installed by ./huolie test when needed"
    return "BAD", f"for ./huolie test have root run: apt install {packages}"


def _node():
    if node.is_new_enough():
        return "ok", node.version()
    return "todo", f"comes with ./huolie test as the Python package {node.WHEEL}"


CHECKS = [
    ("Python", _python),
    ("Odoo 19", _odoo),
    ("PostgreSQL", _postgres),
    ("disk", _disk),
    ("packages of the machine", _machine),
    ("node", _node),
]

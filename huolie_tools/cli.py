"""The commands of ./huolie."""

import argparse
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ADDONS = PROJECT / "addons"


def odoo_for_po(folder):
    python = os.environ.get("HUOLIE_PYTHON", sys.executable)
    home = os.environ["ODOO_HOME"]
    config = folder / "odoo.conf"
    config.write_text(f"[options]\naddons_path = {ADDONS}\ndata_dir = {folder}\n")
    environment = dict(os.environ, PYTHONPATH=home)
    return [python, "-W", "ignore", "-m", "odoo"], environment, config


def command_po(args):
    from . import po

    names = args.addon or sorted(p.parent.name for p in ADDONS.glob("*/__manifest__.py"))
    addons = [ADDONS / name for name in names]
    missing = po.merge_addons(
        odoo_for_po, args.database, addons, args.clean, args.check, args.show
    )
    return 1 if args.check and missing else 0


def parser():
    top = argparse.ArgumentParser(prog="./huolie")
    commands = top.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("po", help="merge the Chinese terms of the addons")
    sub.add_argument("addon", nargs="*")
    sub.add_argument("--database", required=True)
    sub.add_argument("--clean", action="store_true", help="drop obsolete terms")
    sub.add_argument("--check", action="store_true", help="write nothing")
    sub.add_argument("--show", action="store_true", help="list untranslated terms")
    sub.set_defaults(run=command_po)
    return top


def main(argv):
    args = parser().parse_args(argv)
    python = os.environ.get("HUOLIE_PYTHON")
    if python and os.path.realpath(sys.prefix) != os.path.realpath(
        Path(python).parent.parent
    ):
        os.execv(python, [python, str(PROJECT / "huolie"), *argv])
    return args.run(args)

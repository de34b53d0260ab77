"""The commands of ./huolie."""

import argparse
import errno
import os
import sys
from pathlib import Path

from . import places, processes
from .errors import Halt
from .progress import say

DESCRIPTION = """\
Huolie Cloud customer service for Odoo 19.

  ./huolie run        everything: set-up, PostgreSQL, Odoo, a foreign website
  ./huolie test       set-up, then all tests; ends with "N passed, N failed"
"""


def prepare():
    """Set everything up that any command needs: Python environment and Odoo."""
    from . import odoo_source, python_env

    odoo_source.check()  # before the minute that the packages take
    python_env.ensure()
    odoo_source.ensure()


def continue_inside(argv):
    """Go on with the Python of the environment (psycopg2, polib, pytest ...)."""
    from . import python_env

    python = python_env.python()
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        os.execv(python, [str(python), str(places.PROJECT / "huolie"), *argv])


# === COMMANDS === #


def command_setup(args):
    say("All set up: ./huolie run starts it.")
    return 0


def command_run(args):
    from . import postgres, serve

    with postgres.server():
        serve.run(args.database, args.port, args.workers, args.host, args.demo_password)
    return 0


def command_test(args):
    from . import testing

    return testing.main(args.name, keep=args.keep)


def command_lint(args):
    from . import testing

    return testing.main(["lint"])


def command_bench(args):
    from . import benchmarks

    return benchmarks.main(args.name, args.json)


def command_shell(args):
    from . import database, postgres

    with postgres.server():
        if not database.exists(args.database):
            raise Halt(
                f"There is no database {args.database}: ./huolie db new makes it."
            )
        database.update_if_changed(args.database)
    return _odoo(["shell", "-d", args.database, "--no-http", *args.argument])


def command_odoo(args):
    arguments = args.argument
    return _odoo(arguments[1:] if arguments[:1] == ["--"] else arguments)


def _odoo(arguments):
    """Any Odoo command with the environment and the configuration of ./huolie."""
    from . import configuration, postgres

    with postgres.server():
        environment = configuration.environment()
        environment["ODOO_RC"] = str(configuration.write("command"))
        return processes.foreground(
            configuration.odoo_command(*arguments),
            cwd=places.PROJECT,
            env=environment,
            **configuration.as_odoo_user(),
        )


def command_db(args):
    from . import configuration, database, postgres

    with postgres.server():
        password = args.demo_password or configuration.secrets()["demo_password"]
        if args.action == "list":
            for name in database.names():
                say(name)
            return 0
        if args.action in ("drop", "reset"):
            database.drop(args.name)
        if args.action in ("new", "reset"):
            database.create(args.name, password)
            say(f"The database {args.name} is ready; password: {password}")
    return 0


def command_po(args):
    from . import database, po, postgres

    known = {addon.name: addon for addon in places.our_addons()}
    unknown = [name for name in args.addon if name not in known]
    if unknown:
        raise Halt(f"There is no addon {unknown[0]}: choose of {', '.join(known)}.")
    with postgres.server():
        addons = [known[name] for name in args.addon or known]
        missing = po.merge_addons(
            args.database or database.template(),
            addons,
            clean=args.clean,
            check=args.check,
            show=args.show,
        )
    return 1 if args.check and missing else 0


def command_doctor(args):
    from . import doctor

    return doctor.main()


# === PARSER === #


def parser():
    top = argparse.ArgumentParser(
        prog="./huolie",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serving(commands)
    _add_working(commands)
    return top


def _add(commands, name, run, text):
    sub = commands.add_parser(name, help=text, description=text)
    sub.set_defaults(run=run)
    return sub


def _port(text):
    """A port number; argparse says the rest when it is none."""
    if not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 65535")
    return int(text)


def _add_serving(commands):
    sub = _add(commands, "run", command_run, "start everything, until Ctrl-C")
    sub.add_argument("--workers", type=int, default=0, metavar="N")
    sub.add_argument(
        "--port", type=_port, help="public port (default 8069 or the next)"
    )
    sub.add_argument("--host", default="127.0.0.1", help="address to listen on")
    sub.add_argument("--database", default="huolie")
    sub.add_argument("--demo-password", help="password of the demo logins")
    _add(commands, "setup", command_setup, "only fetch and install what is needed")
    sub = _add(commands, "db", command_db, "databases: new, reset, drop, list")
    sub.add_argument("action", choices=["new", "reset", "drop", "list"])
    sub.add_argument("name", nargs="?", default="huolie")
    sub.add_argument("--demo-password")
    _add(commands, "doctor", command_doctor, "say what is missing and how to mend it")


def _add_working(commands):
    sub = _add(commands, "test", command_test, "all tests, or the groups named")
    sub.add_argument("name", nargs="*", help="group (lint python js ...) or test file")
    sub.add_argument("--keep", action="store_true", help="keep the test databases")
    _add(commands, "lint", command_lint, "ruff, pylint-odoo, eslint, prettier, terms")
    sub = _add(commands, "bench", command_bench, "benchmarks")
    sub.add_argument("name", nargs="*")
    sub.add_argument("--json", metavar="FILE")
    sub = _add(commands, "shell", command_shell, "Odoo's Python shell")
    sub.add_argument("--database", default="huolie")
    sub.add_argument("argument", nargs="*")
    sub = _add(commands, "odoo", command_odoo, "any Odoo command: odoo -- ARGS")
    sub.add_argument("argument", nargs=argparse.REMAINDER)
    sub = _add(commands, "po", command_po, "merge the Chinese terms of the addons")
    sub.add_argument("addon", nargs="*")
    sub.add_argument("--database", help="where they are installed (default: new)")
    sub.add_argument("--clean", action="store_true", help="drop obsolete terms")
    sub.add_argument("--check", action="store_true", help="write nothing, only count")
    sub.add_argument("--show", action="store_true", help="list untranslated terms")


def main(argv):
    args = parser().parse_args(argv)
    processes.stop_in_order()
    try:
        if args.command != "doctor":
            prepare()
            continue_inside(argv)
        return args.run(args)
    except Halt as halt:
        print(f"huolie: {halt}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nhuolie: stopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"huolie: {_explained(error)}", file=sys.stderr)
        return 2


def _explained(error):
    """What the machine refused, with the way out where there is one we know."""
    ways = {
        errno.EACCES: "get the right to it, or name another folder with HUOLIE_CACHE "
        "or HUOLIE_DATA",
        errno.ENOSPC: "make room on the disk",
    }
    way = ways.get(error.errno)
    return f"the machine refused: {error}{f': {way}' if way else ''}."

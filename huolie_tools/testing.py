"""./huolie test: prepares databases, splits the tests into groups, adds them up.

The Python groups are pytest-odoo runs. The last line is `N passed, N failed`
(`, N skipped`); the exit code is 0 only when nothing failed.
"""

import os
import shutil
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from . import (
    configuration,
    database,
    node,
    places,
    postgres,
    processes,
    python_env,
    system,
)
from .errors import Halt
from .progress import elapsed, say

MAIN_JOB = "tests/browser/test_main_job.py"
# what the machine must have (system.NEEDS), asked for before anything is started
MACHINE_NEEDS = {
    "python": ["chromium", "cjk", "wkhtmltopdf"],
    "browser": ["chromium", "cjk"],
    "e2e": ["chromium", "cjk"],
}
ALL = ["lint", "python", "js", "browser", "isolation", "crash"]


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


# === GROUPS === #


def group_lint(_args):
    from . import lint

    return lint.main()


def group_python(args):
    folders = [addon / "tests" for addon in places.our_addons()]
    own = _plain_pytest("tools", "tests/tools")
    return own + _pytest("python", [*folders, "tests/money"], args, minutes=30)


def group_js(_args):
    return node.test()


def group_browser(args):
    node.ensure()  # test_widget talks to the peer of tests/js
    count = _pytest("browser", ["tests/browser"], args, minutes=18)
    if (places.PROJECT / MAIN_JOB).exists():
        count += _pytest("browser-workers", [MAIN_JOB], args, minutes=6, workers=2)
    return count


def group_isolation(args):
    return _pytest("isolation", ["tests/isolation"], args, minutes=15)


def group_crash(args):
    return _pytest("crash", ["tests/crash"], args, minutes=12)


def group_e2e(args):
    return _pytest("e2e", [MAIN_JOB], args, minutes=6)


def group_install(args):
    return _pytest("install", ["tests/install"], args, minutes=25)


GROUPS = {
    name.removeprefix("group_"): run
    for name, run in list(globals().items())
    if name.startswith("group_")
}


# === RUN === #


@dataclass
class Arguments:
    keep: bool = False
    extra: tuple = ()


def main(names, keep=False, extra=()):
    """Run the groups (or test files) named, all of ALL by default; the exit code."""
    names = names or ALL
    paths = [name for name in names if name not in GROUPS]
    for path in paths:
        if not Path(path.split("::")[0]).exists():
            raise Halt(
                f"There is no test group or file {path!r}: "
                f"choose of {', '.join(GROUPS)} or name a file."
            )
    needs = sorted({need for name in names for need in MACHINE_NEEDS.get(name, ())})
    system.ensure(needs, f"the tests ({' '.join(names)})")
    since = time.monotonic()
    shutil.rmtree(places.ARTEFACTS / "logs", ignore_errors=True)
    places.make_folder(places.ARTEFACTS / "logs")
    os.environ["HUOLIE_AS_ROOT"] = "1"
    args = Arguments(keep, tuple(extra))
    counts = {}
    with postgres.server():
        for name in names:
            if name in GROUPS:
                counts[name] = _run_group(name, args)
        if paths:
            counts["files"] = _pytest("files", paths, args, minutes=30)
    return _report(counts, since)


def _run_group(name, args):
    since = time.monotonic()
    say(f"\n=== {name} ===")
    count = GROUPS[name](args)
    say(f"=== {name}: {count} in {elapsed(since)} ===")
    return count


def _report(counts, since):
    total = sum(counts.values(), Count())
    say("")
    for name, count in counts.items():
        say(f"{name:10} {count}")
    say(f"took {elapsed(since)}; logs and screenshots are in {places.ARTEFACTS}")
    say(str(total))
    return 1 if total.failed or not total.passed else 0


# === PYTEST === #


def template():
    """The template to clone, the same one for all groups of this run."""
    if "HUOLIE_TEMPLATE" not in os.environ:
        os.environ["HUOLIE_TEMPLATE"] = database.template()
    return os.environ["HUOLIE_TEMPLATE"]


def _pytest(title, targets, args, minutes, workers=0):
    """One pytest-odoo run on a clone of the template; its counts."""
    existing = [target for target in targets if _file_of(target).exists()]
    if not existing:
        say(f"no tests yet in {', '.join(map(str, targets))}")
        return Count()
    # The process number: two runs at once (two checkouts) do not meet.
    name = f"huolie_test_{title.replace('-', '_')}_{os.getpid()}"
    database.drop(name)
    database.clone(template(), name)
    report = places.ARTEFACTS / f"{title}.xml"
    report.unlink(missing_ok=True)
    try:
        code = _call_pytest(name, existing, report, args, minutes, workers)
    finally:
        if not args.keep:
            database.drop(name)
    return _read_report(report, code, title)


def _plain_pytest(title, folder):
    """The tests of ./huolie itself: no Odoo, no database."""
    report = places.ARTEFACTS / f"{title}.xml"
    report.unlink(missing_ok=True)
    command = [str(python_env.python()), "-m", "pytest", "--noconftest", "-q"]
    command += ["-p", "no:odoo", f"--junitxml={report}", folder]
    code = processes.call(command, 120, cwd=places.PROJECT)
    return _read_report(report, code, title)


def _file_of(target):
    return Path(places.PROJECT, str(target).split("::")[0])


def _call_pytest(name, targets, report, args, minutes, workers):
    # the limits are for workers: here they would hit the tests' own process
    unlimited = {"limit_memory_soft": 0, "limit_memory_hard": 0}
    conf = configuration.write("test", proxy_mode="False", **unlimited)
    command = [
        str(python_env.python()),
        "-m",
        "pytest",
        "--odoo-config",
        str(conf),
        "--odoo-database",
        name,
        "--odoo-http",
        "--odoo-log-level=warn",
        f"--junitxml={report}",
        "-q",
        "--tb=short",
        "--durations=8",
        "--continue-on-collection-errors",
        *args.extra,
        *map(str, targets),
    ]
    environment = {
        **configuration.environment(),
        "HUOLIE_TEMPLATE": template(),
        "HUOLIE_PYTHON": str(python_env.python()),
        "HUOLIE_AS_ROOT": "1",
        "HUOLIE_WORKERS": str(workers or os.environ.get("HUOLIE_WORKERS", "0")),
        "HUOLIE_KEEP": "1" if args.keep else "",
    }
    return processes.call(command, minutes * 60, cwd=places.PROJECT, env=environment)


def _read_report(report, code, title):
    """Counts of a JUnit file; a run that broke off counts as one more failure."""
    count = Count()
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error"}:
                count.failed += 1
            elif "skipped" in kinds:
                count.skipped += 1
            else:
                count.passed += 1
    if code and not count.failed:
        say(f"{title}: pytest ended with code {code}")
        count.failed += 1
    return count

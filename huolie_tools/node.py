"""The node part: packages of package-lock.json, tests of the JavaScript, the build."""

import hashlib
import os
import subprocess
import xml.etree.ElementTree as ElementTree

from . import lock, places, system
from .errors import Halt
from .progress import say, step


def ensure():
    """node_modules as package-lock.json says; nothing when it stands already."""
    system.ensure(["node", "npm"], "the JavaScript tests and lint")
    manifest = places.PROJECT / "package-lock.json"
    key = hashlib.sha256(manifest.read_bytes()).hexdigest()
    mark = places.PROJECT / "node_modules" / ".huolie-key"
    if mark.exists() and mark.read_text() == key:
        return
    with lock.exclusive(places.data() / "node.lock", "the node packages"):
        _install()
        mark.write_text(key)


def _install():
    with step("node packages"):
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=places.PROJECT,
            env=dict(os.environ, npm_config_cache=str(places.cache() / "npm")),
            capture_output=True,
            text=True,
        )
    if done.returncode:
        say(done.stderr.strip()[-600:])
        raise Halt(
            "npm could not install the node packages: see above, mend it "
            "(network, registry?) and start again."
        )


def run(*command, **options):
    """A program of node_modules/.bin, or node itself."""
    binaries = places.PROJECT / "node_modules" / ".bin"
    program = binaries / command[0]
    head = str(program) if program.exists() else command[0]
    return subprocess.run([head, *map(str, command[1:])], cwd=places.PROJECT, **options)


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

"""Complaints in logs fail tests; `allowed_log.txt` lists the known harmless ones."""

import fnmatch
import logging
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
ALLOWED = Path(__file__).with_name("allowed_log.txt")
# 2026-11-22 11:09:26,578 14283 WARNING database odoo.modules.loading: text
COMPLAINT = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+): (.*)$")


# the reason may begin with the tests that the line is for: "in GLOB, GLOB: reason"
PLACES = re.compile(r"in (\S+(?:, \S+)*): ")


def allowed_patterns(where):
    """Regular expressions of allowed_log.txt that count for the test file `where`."""
    patterns = []
    for line in ALLOWED.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition("  # ")
        if not reason.strip():
            raise ValueError(f"{ALLOWED.name}: a line without its reason: {line}")
        named = PLACES.match(reason)
        globs = named[1].split(", ") if named else ["*"]
        if any(fnmatch.fnmatch(where, glob) for glob in globs):
            patterns.append(re.compile(pattern))
    return patterns


def is_allowed(text, where):
    return any(pattern.search(text) for pattern in allowed_patterns(where))


def place_of(path):
    """A test file as allowed_log.txt names it: tests/browser/test_widget.py."""
    path = Path(path)
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def complaints_of(file, where):
    """Lines of an Odoo log that are not allowed in `where`, with what follows them."""
    found, lines = [], file.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        match = COMPLAINT.match(line)
        if match and not is_allowed(f"{match[2]}: {match[3]}", where):
            found.append("\n".join([line, *_traceback_after(lines, number)]))
    return found


def _traceback_after(lines, number):
    following = []
    for line in lines[number + 1 : number + 60]:
        if re.match(r"^\d{4}-\d\d-\d\d \d\d:", line):
            break
        following.append(line)
    return following[-12:]


def check(where, complaints):
    if complaints:
        shown = "\n".join(complaints[:20])
        pytest.fail(f"{len(complaints)} complaints in {where}:\n{shown}", pytrace=False)


class ProcessLog(logging.Handler):
    """Complaints of the Odoo inside the test process; each fails its test."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found, self.where = [], ""

    def emit(self, record):
        text = f"{record.name}: {record.getMessage()}"
        ours = record.name.startswith(("odoo", "py.warnings"))
        if ours and not is_allowed(text, self.where):
            self.found.append(f"{record.levelname} {text}")

    @pytest.hookimpl
    def pytest_sessionstart(self):
        logging.getLogger().addHandler(self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        self.where = place_of(item.path)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self):
        result = yield
        found, self.found = self.found, []
        check("the log", found)
        return result

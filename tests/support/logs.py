"""Complaints in logs fail tests; `allowed_log.txt` lists the known harmless ones."""

import logging
import re
from pathlib import Path

import pytest

ALLOWED = Path(__file__).with_name("allowed_log.txt")
# 2026-11-22 11:09:26,578 14283 WARNING database odoo.modules.loading: text
COMPLAINT = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+): (.*)$")


def allowed_patterns():
    """Regular expressions of allowed_log.txt; each line has its reason after #."""
    patterns = []
    for line in ALLOWED.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition("  # ")
        if not reason.strip():
            raise ValueError(f"{ALLOWED.name}: a line without its reason: {line}")
        patterns.append(re.compile(pattern))
    return patterns


def is_allowed(text):
    return any(pattern.search(text) for pattern in allowed_patterns())


def complaints_of(file):
    """Lines of an Odoo log that are not allowed, each with what follows it."""
    found, lines = [], file.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        match = COMPLAINT.match(line)
        if match and not is_allowed(f"{match[2]}: {match[3]}"):
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
        self.found = []

    def emit(self, record):
        text = f"{record.name}: {record.getMessage()}"
        if record.name.startswith(("odoo", "py.warnings")) and not is_allowed(text):
            self.found.append(f"{record.levelname} {text}")

    @pytest.hookimpl
    def pytest_sessionstart(self):
        logging.getLogger().addHandler(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self):
        result = yield
        found, self.found = self.found, []
        check("the log", found)
        return result

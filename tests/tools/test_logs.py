"""A line of allowed_log.txt counts where it says, and nowhere else."""

import pytest

from tests.support import logs

LINES = """\
# a comment
^odoo: everywhere  # no place named
^odoo: knock  # in tests/browser/test_a.py, addons/*: it knocks there
"""


@pytest.fixture(autouse=True)
def listed(tmp_path, monkeypatch):
    file = tmp_path / "allowed.txt"
    file.write_text(LINES)
    monkeypatch.setattr(logs, "ALLOWED", file)
    return file


@pytest.mark.parametrize(
    ("text", "where", "allowed"),
    [
        ("odoo: everywhere", "tests/crash/test_b.py", True),
        ("odoo: knock", "tests/browser/test_a.py", True),
        ("odoo: knock", "addons/huolie_base/tests/test_c.py", True),
        ("odoo: knock", "tests/crash/test_b.py", False),
        ("odoo: else", "tests/browser/test_a.py", False),
    ],
)
def test_places(text, where, allowed):
    assert logs.is_allowed(text, where) is allowed


def test_line_without_a_reason_is_refused(listed):
    listed.write_text("^odoo: all\n")
    with pytest.raises(ValueError, match="without its reason"):
        logs.is_allowed("odoo: all", "x")


def test_complaint_comes_with_its_traceback(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(
        "2026-11-22 11:09:26,578 1 INFO db odoo: fine\n"
        "2026-11-22 11:09:26,579 1 ERROR db odoo: broken\n"
        "Traceback (most recent call last):\n"
        "ValueError: x\n"
        "2026-11-22 11:09:26,580 1 WARNING db odoo: everywhere\n"
    )
    (complaint,) = logs.complaints_of(log, "tests/x.py")
    assert "broken" in complaint and "ValueError: x" in complaint

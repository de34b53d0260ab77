"""Two starts at once, and signals: nothing is corrupted, nothing is left running."""

import signal
import subprocess
import sys
import time

import pytest

from huolie_tools import lock, places, processes

# what ./huolie does: it takes signals, and runs something that must clean up
PARENT = """
import sys
from huolie_tools import processes
processes.stop_in_order()
try:
    processes.call([sys.executable, "-c", sys.argv[1], sys.argv[2]], 60)
except KeyboardInterrupt:
    sys.exit(130)
"""
CHILD = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
try:
    (folder / "started").touch()
    time.sleep(60)
finally:
    (folder / "cleaned").touch()
"""


def wait_for(path):
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} never came"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_lets_the_child_clean_up(number, tmp_path):
    command = [sys.executable, "-c", PARENT, CHILD, str(tmp_path)]
    process = subprocess.Popen(
        command,
        cwd=places.PROJECT,
        stderr=subprocess.DEVNULL,
        # Under nohup the tests ignore it, and what they start would too.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    wait_for(tmp_path / "started")
    process.send_signal(number)
    assert process.wait(20) == 130
    assert (tmp_path / "cleaned").exists()


def test_child_that_takes_too_long_is_ended(tmp_path, capsys):
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    since = time.monotonic()
    assert processes.call(command, 2, stderr=subprocess.DEVNULL) == -1
    assert time.monotonic() - since < 20
    assert (tmp_path / "cleaned").exists()
    assert "stopped" in capsys.readouterr().out


def test_code_of_the_child_is_handed_on():
    assert processes.call([sys.executable, "-c", "raise SystemExit(3)"], 20) == 3


ON_TERMINAL = """
import sys
from huolie_tools import processes
processes.stop_in_order()
sys.exit(processes.foreground([sys.executable, "-c", sys.argv[1], sys.argv[2]]))
"""
BRIEF = CHILD.replace("sleep(60)", "sleep(1.5)")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM % 256)]
)
def test_command_on_the_terminal_takes_its_own_interrupts(number, code, tmp_path):
    command = [sys.executable, "-c", ON_TERMINAL, BRIEF, str(tmp_path)]
    process = subprocess.Popen(command, cwd=places.PROJECT)
    wait_for(tmp_path / "started")
    process.send_signal(number)
    assert process.wait(20) == code


HOLD = """
import pathlib, sys, time
from huolie_tools import lock
folder = pathlib.Path(sys.argv[1])
with lock.exclusive(folder / "x.lock", "the test"):
    (folder / "held").touch()
    time.sleep(1.5)
    (folder / "done").touch()
"""


def test_second_start_says_that_it_waits_and_waits(tmp_path, capsys):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=places.PROJECT):
        wait_for(tmp_path / "held")
        with lock.exclusive(tmp_path / "x.lock", "the test"):
            assert (tmp_path / "done").exists()
    assert "another ./huolie is busy with the test" in capsys.readouterr().out


def test_only_the_last_user_of_a_share_is_the_last(tmp_path):
    first, second = lock.Share(tmp_path / "users"), lock.Share(tmp_path / "users")
    assert not first.is_last()
    first.release()
    assert second.is_last()
    second.release()

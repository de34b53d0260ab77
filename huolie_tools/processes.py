"""Child processes that end when we do, and signals that end us in order."""

import ctypes
import signal
import subprocess

from .progress import say

PR_SET_PDEATHSIG = 1
PATIENCE_SECONDS = 60


def stop_in_order():
    """Have every signal that asks us to end do what Ctrl-C does."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP on purpose
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def end_with_parent():
    """Ask the kernel to end this process when ./huolie is gone, even by kill -9."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def call(command, seconds, **options):
    """Run `command`; its return code, -1 when it took longer than `seconds`.

    When we are stopped it gets one SIGINT and time to clean up behind itself.
    """
    process = subprocess.Popen(
        command,
        # Ctrl-C on the terminal is for us: two of them would break the cleaning off
        start_new_session=True,
        preexec_fn=end_with_parent,
        **options,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        say(f"stopped: longer than {seconds // 60} minutes")
        return -1
    finally:
        _end(process)


def foreground(command, **options):
    """Run `command` on our terminal; its return code.

    Ctrl-C is its own business (a shell goes on after it); SIGTERM is handed on.
    """
    process = subprocess.Popen(command, **options)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _end(process):
    """SIGINT, then SIGKILL; also when it is the user who loses patience."""
    if process.poll() is not None:
        return
    try:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()

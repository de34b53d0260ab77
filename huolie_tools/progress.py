"""Progress of long steps on the terminal: what, how far, how long."""

import sys
import threading
import time
from contextlib import contextmanager

STARTED = time.monotonic()


def say(text):
    print(text, flush=True)


def elapsed(since):
    seconds = int(time.monotonic() - since)
    return f"{seconds // 60}:{seconds % 60:02d}"


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


@contextmanager
def step(title, measure=None, total=None):
    """Say `title`, then every few seconds how far it is, then how long it took.

    :param measure: optional callable giving the bytes (or text) done so far
    :param total: optional total in bytes
    """
    since = time.monotonic()
    done = threading.Event()
    live = sys.stdout.isatty()

    def line():
        parts = [elapsed(since)]
        if measure:
            so_far = measure()
            if isinstance(so_far, int):
                of = f" of {megabytes(total)}" if total else ""
                so_far = megabytes(so_far) + of
            parts.append(so_far)
        return f"  {title}: {', '.join(part for part in parts if part)}"

    def tick():
        while not done.wait(0.5 if live else 15):
            print("\r\033[K" + line() if live else line(), end="" if live else "\n")
            sys.stdout.flush()

    say(f"- {title} ...")
    watcher = threading.Thread(target=tick, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        if live:
            print("\r\033[K", end="")
    say(f"  {title}: done in {elapsed(since)}")

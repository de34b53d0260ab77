"""Locks between two starts of ./huolie."""

import fcntl
from contextlib import contextmanager

from .progress import say


@contextmanager
def exclusive(path, waiting_for):
    """Hold the file lock `path`; say what is waited for when it is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"- another ./huolie is busy with {waiting_for}; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Share:
    """A shared lock: one of several users of something that the last one stops."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.handle = path.open("a+")
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def is_last(self):
        """Whether nobody else holds it; True leaves it locked for us alone."""
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self):
        self.handle.close()

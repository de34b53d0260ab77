"""Limits of rate on routes of money, in the memory of each process.

Notices are counted only when their signature is wrong, and a right one is taken
whatever its address sent before: nobody can flood a gateway out. Signatures are checked
first, as checking one costs less than a row of a table.
"""

import os
import threading
import time

# what: (times, seconds), of one address or one enterprise
LIMITS = {"notice": (60, 60), "order": (20, 600), "back": (60, 60)}
MAX_KEYS = 50000
# For benchmarks, where one address plays many people.
FACTOR = int(os.environ.get("HUOLIE_LIMITS_FACTOR", "1"))

_counts = {}
_lock = threading.Lock()


def take(what, *who):
    """Count one use.

    :param str what: a key of ``LIMITS``
    :return: how many uses over the limit this one is; 0: it is allowed
    """
    times, seconds = LIMITS[what]
    now = time.monotonic()
    with _lock:
        start, count = _counts.get((what, *who), (now, 0))
        if now - start >= seconds:
            start, count = now, 0
        if len(_counts) >= MAX_KEYS:
            _forget_old(now)
        _counts[(what, *who)] = (start, count + 1)
    return max(0, count + 1 - times * FACTOR)


def _forget_old(now):
    for key in [k for k, v in _counts.items() if now - v[0] >= LIMITS[k[0]][1]]:
        del _counts[key]
    if len(_counts) >= MAX_KEYS:
        _counts.clear()


def reset():
    """Forget all counts (tests)."""
    _counts.clear()

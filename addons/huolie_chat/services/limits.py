"""Limits of public routes (SECURITY.md §6), in the memory of each process.

Per token first; per site and address wide, because many people may share one address.
"""

import os
import threading
import time

from .errors import Refused

# what: (times, seconds)
LIMITS = {
    "open": (20, 600),
    "message": (30, 60),
    "agent": (240, 60),
    "typing": (120, 60),
    "upload": (10, 600),
    "agent upload": (120, 600),
    "poll": (90, 60),
    # what a visitor types ends an agent's poll once a second, of each of many visitors
    "agent poll": (1800, 60),
    "hello": (60, 60),
    # new visitors of a site from one address: a whole office may share it
    "new": (600, 60),
    "form": (10, 600),
    "other": (120, 60),
    "address": (3000, 60),
}
MAX_KEYS = 200000
# For benchmarks, whose one address plays ten thousand people.
FACTOR = int(os.environ.get("HUOLIE_LIMITS_FACTOR", "1"))

_counts = {}
_lock = threading.Lock()


def take(what, *who):
    """Count one call.

    :param str what: a key of ``LIMITS``
    :raise Refused: ``limit`` 429 with ``retry`` in seconds
    """
    times, seconds = LIMITS[what]
    now = time.monotonic()
    key = (what, *who)
    with _lock:
        start, count = _counts.get(key, (now, 0))
        if now - start >= seconds:
            start, count = now, 0
        if len(_counts) > MAX_KEYS:
            _forget_old(now)
        _counts[key] = (start, count + 1)
    if count >= times * FACTOR:
        raise Refused("limit", 429, retry=int(start + seconds - now) + 1)


def spent(what, *who):
    """Say whether the next ``take`` would be refused; counts nothing."""
    times, seconds = LIMITS[what]
    start, count = _counts.get((what, *who), (0, 0))
    return count >= times * FACTOR and time.monotonic() - start < seconds


def _forget_old(now):
    for key in [k for k, v in _counts.items() if now - v[0] >= LIMITS[k[0]][1]]:
        del _counts[key]
    if len(_counts) > MAX_KEYS:
        _counts.clear()


def reset():
    """Forget all counts (tests)."""
    _counts.clear()

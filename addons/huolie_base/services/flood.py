"""Limits of rate in the memory of each process: cheaper than any statement.

Limits that must hold over all processes are in ``throttle.py``.
"""

import os
import threading
import time

# For benchmarks, where one address plays many people.
FACTOR = int(os.environ.get("HUOLIE_LIMITS_FACTOR", "1"))


class Flood:
    """Counts uses by key, each in a window that begins with its first use.

    :param dict limits: what is limited → (times, seconds)
    :param int most: keys kept; beyond it those of old windows go, then all
    """

    def __init__(self, limits, most):
        self.limits, self.most = limits, most
        self.counts = {}
        self._lock = threading.Lock()

    def take(self, what, *who):
        """Count one use.

        :return: (uses over the limit with this one, 0 when it is allowed; seconds
            until the window ends)
        """
        times, seconds = self.limits[what]
        now = time.monotonic()
        key = (what, *who)
        with self._lock:
            start, count = self.counts.get(key, (now, 0))
            if now - start >= seconds:
                start, count = now, 0
            if len(self.counts) >= self.most:
                self._forget_old(now)
            self.counts[key] = (start, count + 1)
        return max(0, count + 1 - times * FACTOR), int(start + seconds - now) + 1

    def spent(self, what, *who):
        """Say whether the next use would be over the limit; counts nothing."""
        times, seconds = self.limits[what]
        start, count = self.counts.get((what, *who), (0, 0))
        return count >= times * FACTOR and time.monotonic() - start < seconds

    def _forget_old(self, now):
        old = [k for k, v in self.counts.items() if now - v[0] >= self.limits[k[0]][1]]
        for key in old:
            del self.counts[key]
        if len(self.counts) >= self.most:
            self.counts.clear()

    def reset(self):
        """Forget all counts (tests)."""
        self.counts.clear()

"""Limits of rate that hold over all processes: one row per key, one statement."""

_HIT = """
    INSERT INTO huolie_throttle (key, started, hits)
         VALUES (%(key)s, now() AT TIME ZONE 'UTC', 1)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN huolie_throttle.started < %(since)s THEN 1
                    ELSE huolie_throttle.hits + 1 END,
        started = CASE WHEN huolie_throttle.started < %(since)s
                       THEN now() AT TIME ZONE 'UTC'
                       ELSE huolie_throttle.started END
    RETURNING hits
"""


def hit(cr, key, limit, window):
    """Count one use of ``key``.

    :param str key: what is limited, e.g. ``register:1.2.3.4``
    :param int limit: uses allowed in a window
    :param timedelta window: length of a window, from its first use
    :return: whether this use is still allowed
    """
    cr.execute("SELECT now() AT TIME ZONE 'UTC'")
    since = cr.fetchone()[0] - window
    # Two at once: the request is tried again, that is no error to log.
    cr.execute(_HIT, {"key": key[:200], "since": since}, log_exceptions=False)
    return cr.fetchone()[0] <= limit


def hits(cr, key, window):
    """Return how often ``key`` was used in its running window."""
    cr.execute(
        "SELECT hits FROM huolie_throttle WHERE key = %s"
        " AND started >= now() AT TIME ZONE 'UTC' - %s",
        (key[:200], window),
    )
    row = cr.fetchone()
    return row[0] if row else 0


def clear(cr, key):
    """Forget a key, e.g. after a right password."""
    cr.execute("DELETE FROM huolie_throttle WHERE key = %s", (key[:200],))

"""Limits of public routes (SECURITY.md §6), in the memory of each process.

Per token first; per site and address wide, because many people may share one address.
"""

from odoo.addons.huolie_base.services.flood import Flood

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
FLOOD = Flood(LIMITS, most=200000)


def take(what, *who):
    """Count one call.

    :param str what: a key of ``LIMITS``
    :raise Refused: ``limit`` 429 with ``retry`` in seconds
    """
    over, wait = FLOOD.take(what, *who)
    if over:
        raise Refused("limit", 429, retry=wait)


def spent(what, *who):
    """Say whether the next ``take`` would be refused; counts nothing."""
    return FLOOD.spent(what, *who)


def reset():
    """Forget all counts (tests)."""
    FLOOD.reset()

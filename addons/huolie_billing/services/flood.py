"""Limits of rate on routes of money.

Notices are counted only when their signature is wrong, and a right one is taken
whatever its address sent before: nobody can flood a gateway out. Signatures are checked
first, as checking one costs less than a row of a table.
"""

from odoo.addons.huolie_base.services.flood import Flood

# what: (times, seconds), of one address or one enterprise
LIMITS = {"notice": (60, 60), "order": (20, 600), "back": (60, 60)}
FLOOD = Flood(LIMITS, most=50000)


def take(what, *who):
    """Count one use.

    :param str what: a key of ``LIMITS``
    :return: how many uses over the limit this one is; 0: it is allowed
    """
    over, _wait = FLOOD.take(what, *who)
    return over


def reset():
    """Forget all counts (tests)."""
    FLOOD.reset()

"""The life of an enterprise: the one table of PRODUCT.md, as pure functions.

Nothing here touches the database, so every addon may import it.
"""

from datetime import datetime

FOREVER = datetime(2999, 12, 31)

STAGES = ("trial", "trial_over", "serving", "unserved", "frozen", "closed")

# people: what the enterprise's people may do; "admin": only the admin's own ways out
# (export, account). widget: what its sites show. robot, receive: may it work at all.
ALLOWS = {
    "trial": {"people": "all", "widget": "on", "robot": True, "receive": True},
    "trial_over": {
        "people": "read",
        "widget": "form",
        "robot": False,
        "receive": False,
    },
    "serving": {"people": "all", "widget": "on", "robot": True, "receive": True},
    "unserved": {"people": "all", "widget": "form", "robot": False, "receive": False},
    "frozen": {"people": "none", "widget": "off", "robot": False, "receive": False},
    "closed": {"people": "none", "widget": "off", "robot": False, "receive": False},
}


def stage(state, is_house, trial_until, serve_until, billed, now):
    """Say in which stage of its life an enterprise is.

    :param str state: what was decided: ``trial formal frozen closed``
    :param bool is_house: the operator's own enterprise, always in service
    :param datetime|None trial_until: first moment after the trial, UTC
    :param datetime|None serve_until: first moment without bought service, UTC
    :param bool billed: whether service is sold in this database
    :param datetime now: UTC
    :return: one of ``STAGES``
    """
    if state in ("closed", "frozen"):
        return state
    if is_house:
        return "serving"
    in_trial = bool(trial_until and now < trial_until)
    if state == "trial":
        return "trial" if in_trial else "trial_over"
    # The built-in seat keeps its trial dates after the enterprise became formal.
    in_service = not billed or in_trial or bool(serve_until and now < serve_until)
    return "serving" if in_service else "unserved"


def seat_serve_until(state, is_house, is_trial_seat, trial_until, bought, billed):
    """Say until when a seat may receive visitors (while it is active).

    :param datetime|None bought: end of the service bought for this seat, UTC
    :return: UTC datetime, or None when the seat may not receive
    """
    if state in ("closed", "frozen"):
        return None
    if is_house or (state == "formal" and not billed):
        return FOREVER
    ends = [bought] if state == "formal" else []
    if is_trial_seat:
        ends.append(trial_until)
    return max((end for end in ends if end), default=None)


def days_left(until, now):
    """Count the days left until a moment, the begun one included (never negative)."""
    if not until or until <= now:
        return 0
    return -(-int((until - now).total_seconds()) // 86400)

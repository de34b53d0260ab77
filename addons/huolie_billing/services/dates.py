"""Days of the service are days in China; the months have an anchor day."""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def china_day(moment):
    """Return the China date of a naive UTC datetime."""
    return moment.replace(tzinfo=UTC).astimezone(CHINA).date()


def china_midnight(day):
    """Return the naive UTC datetime at which ``day`` begins in China."""
    local = datetime.combine(day, time.min, tzinfo=CHINA)
    return local.astimezone(UTC).replace(tzinfo=None)


def add_months(day, months, anchor):
    """Return the anchor day ``months`` later, clamped to the month's end.

    31 Jan + 1 (anchor 31) = 28 Feb; 28 Feb + 1 (anchor 31) = 31 Mar.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor, monthrange(year, month + 1)[1]))

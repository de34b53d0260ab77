"""Working days in China: real holidays and make-up days (BILLING.md §4)."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

CHINA = ZoneInfo("Asia/Shanghai")
UTC = ZoneInfo("UTC")
DAY_ENDS = time(18, 0)


@lru_cache(maxsize=1)
def _calendar():
    return holidays.country_holidays("CN")


def is_working_day(day, overrides=None):
    """Say whether people work in China on this day.

    :param date day: a day in China
    :param dict overrides: ``date -> bool``, wins over the library
    """
    if overrides and day in overrides:
        return overrides[day]
    return _calendar().is_working_day(day)


def has_official_list(year, overrides=None):
    """Say whether the official list of a year is known (make-up days exist)."""
    if overrides and any(day.year == year for day in overrides):
        return True
    day = datetime(year, 1, 1).date()
    while day.year == year:
        if day.weekday() >= 5 and _calendar().is_working_day(day):
            return True
        day += timedelta(days=1)
    return False


def due(submitted, days, overrides=None):
    """Return the end of the n-th working day after a moment.

    The day of submission does not count.

    :param datetime submitted: UTC, naive as Odoo stores it
    :param int days: working days
    :return: UTC datetime, naive: 18:00 in China on the last day
    """
    day = submitted.replace(tzinfo=UTC).astimezone(CHINA).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, overrides)
    end = datetime.combine(day, DAY_ENDS, tzinfo=CHINA)
    return end.astimezone(UTC).replace(tzinfo=None)

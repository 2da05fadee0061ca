"""Whether a day is worked, and how sure that is.

A day off comes from, in this order: the year files, the package `chinesecalendar`, and for what neither knows yet,
the law and long practice. Nothing here is stored, so everything that is planned follows a new year file at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import chinese_calendar

from scheduler.calendar.festivals import Festival, around, festivals
from scheduler.calendar.years import Day, Years

SATURDAY = 5
# The package's short names -> those of the notices and the year files.
FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def workday(day: date, years: Years) -> Day:
    """Whether `day` is worked, and whether that can still change.

    Where no year file and no package knows the year, the law's thirteen days are off (certain), the usual spans
    around them probably off, other weekends off, all else worked; and all but the law's days is provisional, since
    the notice of the State Council may make any weekend a working day.
    """
    if day in years.days:
        return years.days[day]
    awaited = [one for one in around(day.year) if not _published(one, years)]
    rule = _of_package(day) or by_rule(day, awaited)
    known = _packaged(day.year) or any(_published(one, years) for one in festivals(day.year))
    return Day(rule.working, rule.certain and (known or bool(rule.name)), rule.name)


def by_rule(day: date, awaited: Iterable[Festival]) -> Day:
    """What law and practice say of a day; `awaited` are the festivals whose days are not published yet."""
    for one in around(day.year):
        if day in one.statutory:
            return Day(working=False, certain=True, name=one.name)
    for one in awaited:
        if day in one.usual:
            return Day(working=False, certain=False, name=one.name)
    return Day(working=day.weekday() < SATURDAY, certain=True)


def _published(festival: Festival, years: Years) -> bool:
    """A year file that gives one of the festival's days by law speaks of the whole festival."""
    by_file = (years.days.get(day) for day in festival.statutory)
    return _packaged(festival.statutory[-1].year) or any(day and not day.working for day in by_file)


def _of_package(day: date) -> Day | None:
    if not _packaged(day.year):
        return None
    off, name = chinese_calendar.get_holiday_detail(day)
    chinese = chinese_calendar.Holiday(name).chinese if name else ""
    return Day(not off, certain=True, name=FULL_NAMES.get(chinese, chinese))


@cache
def _packaged(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True

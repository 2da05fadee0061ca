"""Whether a day is worked, and how sure that is.

A day off comes from, in this order: the year files, the package `chinesecalendar`, and for what neither knows yet,
the law and long practice. Nothing here is stored, so everything that is planned follows a new year file at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import chinese_calendar

from scheduler.calendar.festivals import ONE, Festival, around
from scheduler.calendar.years import Day, Years

SATURDAY = 5
# The package's short names -> those of the notices and the year files.
FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
# How far from a festival, in days, its notice may still move a day. In 2014-2026 no make-up day lay more than 11 days
# from its festival and no working day given off more than 1 from the usual span; the rest is margin.
WEEKEND_REACH = 14
WEEKDAY_REACH = 3


def workday(day: date, years: Years) -> Day:
    """Whether `day` is worked, and whether that can still change.

    Where no year file and no package knows the year, the law's thirteen days are off (certain), the usual spans
    around them probably off, other weekends off, all else worked. A day is certain where the notice that is still
    awaited can't change it: a day by law, or one far enough from every festival whose days are not published.
    """
    if day in years.days:
        return years.days[day]
    awaited = [one for one in around(day.year) if not _published(one, years)]
    rule = _of_package(day) or by_rule(day, awaited)
    settled = bool(rule.name) or not any(_may_move(day, one) for one in awaited)
    return Day(rule.working, rule.certain and settled, rule.name)


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


def _may_move(day: date, festival: Festival) -> bool:
    reach = ONE * (WEEKEND_REACH if day.weekday() >= SATURDAY else WEEKDAY_REACH)
    return festival.usual[0] - reach <= day <= festival.usual[-1] + reach


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

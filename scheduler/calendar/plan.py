"""The theme day of a month: what the rule wishes for, rolled over days off."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.rules import ThemeDay
from scheduler.calendar.days import workday
from scheduler.calendar.festivals import ONE, days_between
from scheduler.calendar.years import Day, Years

Roll = Literal["next", "previous", "nearest", "none"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A theme day: the `day` it is held, and the one that was `wished` for before rolling over days off."""

    day: date
    certain: bool
    wished: date


def theme_day(rule: ThemeDay | None, roll: Roll, year: int, month: int, years: Years) -> Planned | None:
    """When the branch meets in that month; None where the rule has no day in it.

    A roll never leaves its month, it turns the other way; between two nearest days the later is taken. A typed
    date is what a person chose, so it never rolls. Certain is a plan where all the days looked at are.
    """
    wished = wished_day(rule, year, month) if rule else None
    if rule is None or wished is None:
        return None
    if rule.kind == "date" or roll == "none":
        return Planned(wished, rule.kind == "date" or workday(wished, years).certain, wished)
    seen: list[Day] = []
    for day in _rolling(wished, roll):
        seen.append(workday(day, years))
        if seen[-1].working:
            return Planned(day, all(one.certain for one in seen), wished)
    return Planned(wished, certain=False, wished=wished)


def wished_day(rule: ThemeDay, year: int, month: int) -> date | None:
    """The day a rule names in a month, day off or not; None for a typed date of another month.

    `day:31` is the last day of a shorter month, `nth:5,Fri` the last Friday where there are four.
    `nth-week:2,Wed` is the Wednesday of the second week from Monday to Sunday, the first being the one with the 1st;
    where it lies outside the month, the nearest Wednesday inside.
    """
    first, last = bounds(year, month)
    if rule.kind == "date":
        return rule.day if rule.day and first <= rule.day <= last else None
    if rule.kind == "day":
        return first + ONE * (min(rule.number, last.day) - 1)
    same = [day for day in days_between(first, last) if day.weekday() == rule.weekday]
    if rule.kind == "nth-week":
        monday = first - ONE * first.weekday() + ONE * 7 * (rule.number - 1)
        return min(max(monday + ONE * rule.weekday, same[0]), same[-1])
    return same[-1] if rule.kind == "last" else same[min(rule.number, len(same)) - 1]


def _rolling(wished: date, roll: Roll) -> Iterator[date]:
    """The days of the month in the order they are tried."""
    first, last = bounds(wished.year, wished.month)
    ahead, behind = list(days_between(wished + ONE, last)), list(days_between(first, wished - ONE))[::-1]
    order = behind + ahead if roll == "previous" else ahead + behind
    if roll == "nearest":
        order.sort(key=lambda day: abs(day - wished))
    yield from [wished, *order]


def bounds(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])

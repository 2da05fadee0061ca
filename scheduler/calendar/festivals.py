"""The holidays as law and habit have them, for years whose notice is not published yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from borax.calendars.lunardate import LunarDate

ONE = timedelta(days=1)
# Festivals of one day are usually made three with the weekend: where the day falls (0 = Monday) -> how many days
# before or after it the working day lies that is then given off (a bridge, or in lieu of the weekend).
BRIDGE = {1: -1, 3: 1, 5: 2, 6: 1}
# 1900-2100 is what borax knows, 2000-2099 where the formula for 清明 holds.
LUNAR_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Festival:
    """A holiday by law and by habit: `statutory` days are off in any case, `usual` ones probably."""

    name: str
    statutory: tuple[date, ...]
    usual: tuple[date, ...]


@cache
def festivals(year: int) -> tuple[Festival, ...]:
    """The holidays of a year: 全国年节及纪念日放假办法 as in force since 2025-01-01, and the usual spans.

    Outside 2000-2099 only those of the solar calendar.
    """
    fixed = _single("元旦", date(year, 1, 1)), _span("劳动节", date(year, 5, 1), 2, 5)
    if year not in LUNAR_YEARS:
        return *fixed, _span("国庆节", date(year, 10, 1), 3, 7)
    autumn = _lunar(year, 8, 15)
    # 中秋 inside the national holiday is given back after it, as in 2020 and 2025.
    golden = 8 if date(year, 10, 1) <= autumn <= date(year, 10, 7) else 7
    return (
        *fixed,
        _span("春节", _lunar(year, 1, 1) - ONE, 4, 8),
        _single("清明节", date(year, 4, _qingming(year))),
        _single("端午节", _lunar(year, 5, 5)),
        _single("中秋节", autumn),
        _span("国庆节", date(year, 10, 1), 3, golden),
    )


def around(year: int) -> tuple[Festival, ...]:
    """The year's festivals and the next 元旦, whose days off may begin in December."""
    return festivals(year) + festivals(year + 1)[:1]


def days_between(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    return (first + ONE * ahead for ahead in range((last - first).days + 1))


def _single(name: str, day: date) -> Festival:
    bridge = day + ONE * BRIDGE.get(day.weekday(), 0)
    return Festival(name, (day,), tuple(days_between(min(day, bridge), max(day, bridge))))


def _span(name: str, first: date, by_law: int, usually: int) -> Festival:
    days = tuple(days_between(first, first + ONE * (usually - 1)))
    return Festival(name, days[:by_law], days)


def _lunar(year: int, month: int, day: int) -> date:
    solar: date = LunarDate(year, month, day).to_solar_date()
    return solar


def _qingming(year: int) -> int:
    """The day in April; the common formula of the solar terms, for 2000-2099."""
    return int(year % 100 * 0.2422 + 4.81) - year % 100 // 4

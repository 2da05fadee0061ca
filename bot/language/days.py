"""Which day a named day is, seen from today: 12月4日, 下周三, 每月5号, 周末, 月底."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from bot.language.numerals import number
from bot.message import Refused

HALF_YEAR = timedelta(days=183)

_REL = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3}

_WEEK = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}

WEEKDAYS = "一二三四五六日"


def weekday(words: str) -> int:
    """0 for 周一 to 6 for 周日 or 周天."""
    sign = words[-1]
    return 6 if sign in "天7" else int(sign) - 1 if sign.isdigit() else WEEKDAYS.index(sign)


def days_meant(found: re.Match[str], today: date) -> tuple[date, ...]:
    """The day that a match of `clock.DAY` names, both days of a 周末. Raises Refused for a day that can't be."""
    kind = next(kind for kind in _KINDS if found[kind])
    return _KINDS[kind](found, today)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused(f"没有{month}月{day}日，请重写日期") from None


def month_day(month: int, day: int, today: date) -> date:
    """That day of this year; of the next where it is more than half a year past. Raises Refused if there is none."""
    year = today.year
    if (month, day) == (2, 29) and monthrange(year, 2)[1] == 28 and monthrange(year + 1, 2)[1] == 29:
        year += 1
    told = _day(year, month, day)
    return _day(year + 1, month, day) if today - told > HALF_YEAR else told


def _iso(found: re.Match[str], today: date) -> tuple[date, ...]:
    return (_day(int(found["year"]), int(found["imonth"]), int(found["iday"])),)


def _md(found: re.Match[str], today: date) -> tuple[date, ...]:
    month, day = number(found["month"]) or 0, number(found["mday"]) or 0
    if found["yword"]:
        return (_day(today.year + {"今": 0, "明": 1, "去": -1}[found["yword"][0]], month, day),)
    return (month_day(month, day, today),)


def _slash(found: re.Match[str], today: date) -> tuple[date, ...]:
    return (month_day(int(found["smonth"]), int(found["sday"]), today),)


def _ahead(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _every(found: re.Match[str], today: date) -> tuple[date, ...]:
    day = number(found["eday"]) or 0
    word = found["eword"]
    if word.startswith("每"):
        if not 1 <= day <= 31:
            raise Refused(f"没有每月{day}号，请重写日期")
        ahead = next(n for n in range(13) if (n or day >= today.day) and day <= monthrange(*_ahead(today, n))[1])
        return (_day(*_ahead(today, ahead), day),)
    return (_day(*_ahead(today, 1 if word.startswith("下") else 0), day),)


def _dom(found: re.Match[str], today: date) -> tuple[date, ...]:
    day = number(found["dday"]) or 0
    if not 1 <= day <= 31:
        raise Refused(f"没有{day}日，请重写日期")
    ahead = 1 if day < today.day - 15 else 0
    return (_day(*_ahead(today, ahead), day),)


def _rel(found: re.Match[str], today: date) -> tuple[date, ...]:
    return (today + timedelta(days=_REL[found["rel"][:-1]]),)


def _week(found: re.Match[str], today: date) -> tuple[date, ...]:
    target = weekday(found["wday"])
    if found["wword"]:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEK[found["wword"]])
        return (monday + timedelta(days=target),)
    return (today + timedelta(days=(target - today.weekday()) % 7),)


def _weekend(found: re.Match[str], today: date) -> tuple[date, ...]:
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5, weeks=_WEEK[found["eword2"] or "本"])
    return saturday, saturday + timedelta(days=1)


def _edge(found: re.Match[str], today: date) -> tuple[date, ...]:
    if not found["edgeside"]:
        return (date(today.year, 12, 31),)
    year, month = _ahead(today, 1 if (found["edgeword"] or "").startswith("下") else 0)
    if found["edgeside"] == "月初":
        return (date(year, month, 1),)
    return (date(year, month, monthrange(year, month)[1]),)


_KINDS: dict[str, Callable[[re.Match[str], date], tuple[date, ...]]] = {
    "iso": _iso,
    "md": _md,
    "slash": _slash,
    "every": _every,
    "rel": _rel,
    "week": _week,
    "weekend": _weekend,
    "edge": _edge,
    "dom": _dom,
}

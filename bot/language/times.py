"""When something is: the first time expression of a free text, in the ways Chinese groups write it.

The shapes are in `clock.py`, the days in `days.py`; here is what they mean seen from `now`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.language import clock
from bot.language.days import WEEKDAYS, days_meant, month_day, weekday
from bot.language.numerals import number
from bot.message import Refused

_AFTERNOON = frozenset({"下午", "午后", "傍晚", "晚上", "夜里", "夜间", "今晚", "晚", "半夜"})


@dataclass(frozen=True, slots=True)
class When:
    """A moment or a span that a text names; `clock` is False where only a day was given, `day` where only a time.

    `span` is where it stands in the text, `ambiguous` lists the other meanings (start among them).
    """

    start: datetime
    end: datetime | None
    clock: bool
    text: str
    span: tuple[int, int]
    ambiguous: tuple[datetime, ...] = ()
    day: bool = True


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day as written: `part` is 下午 and the like, `loose` when 3点 may as well be 15点."""

    hour: int
    minute: int
    part: str
    loose: bool


def find_when(text: str, now: datetime) -> When | None:
    """The leftmost (there the longest) time expression, or None. Raises Refused for a day or hour that can't be.

    A day without a year lies in this year, or in the next where it is over half a year past. Weekdays without
    本/下 are the next ones to come. Never reads phone numbers, amounts, versions, 3号岗, 5号心愿 or 3楼.
    """
    folded = text.translate(clock.FOLD)
    found = clock.START.search(folded)
    if found is None:
        return None
    if found["offset"]:
        return _offset(text, folded, found.start(), now)
    day = clock.DAY.match(folded, found.start())
    return _from_day(text, folded, day, now) if day else _from_clock(text, folded, found.start(), now.date(), now, ())


def _offset(text: str, folded: str, start: int, now: datetime) -> When:
    found = clock.OFFSET.match(folded, start)
    assert found is not None
    amount, unit = found["n"], found["unit"]
    count = 0.5 if amount == "半" else 1.5 if amount == "一个半" else float(number(amount) or 0)
    count += 0.5 if "半" in unit else 0
    minutes = {"分": 1, "小": 60, "钟": 60, "天": 1440, "星": 10080, "礼": 10080, "周": 10080, "月": 43200}
    by_clock = unit[-1] in "时头钟"
    at = now + timedelta(minutes=count * minutes[unit.lstrip("个半")[0]])
    at = at.replace(second=0, microsecond=0) if by_clock else at.replace(hour=0, minute=0, second=0, microsecond=0)
    span = (start, found.end())
    return When(at, None, by_clock, text[slice(*span)], span)


def _from_day(text: str, folded: str, found: re.Match[str], now: datetime) -> When | None:
    days = days_meant(found, now.date())
    end = found.end()
    days, end = _bracket(folded, days, end, now.date())
    part = found["rel"][-1] if found["rel"] and found["rel"][-1] in "早晚" else ""
    gap = clock.GAP.match(folded, end)
    at = gap.end() if gap else end
    read = _clock(folded, at, part)
    if read is not None:
        return _from_clock(text, folded, found.start(), days[0], now, days, at, part)
    more = clock.PARTS.match(folded, at)
    end = more.end() if more else end
    before = clock.BEFORE.match(folded, end)
    end = before.end() if before else end
    span = (found.start(), end)
    starts = tuple(datetime.combine(day, time(), now.tzinfo) for day in days)
    return When(starts[0], None, False, text[slice(*span)], span, starts if len(starts) > 1 else ())


def _bracket(folded: str, days: tuple[date, ...], end: int, today: date) -> tuple[tuple[date, ...], int]:
    """12月4日(周五) and 周五(12月4日): both must name the same day."""
    week = clock.BRACKET.match(folded, end)
    if week:
        told = weekday(week["wday"])
        if len(days) == 1 and days[0].weekday() != told:
            raise Refused(f"{days[0].month}月{days[0].day}日是周{WEEKDAYS[days[0].weekday()]}，不是周{WEEKDAYS[told]}")
        return days, week.end()
    dated = clock.DATE_BRACKET.match(folded, end)
    if dated:
        day = month_day(number(dated["month"]) or 0, number(dated["mday"]) or 0, today)
        if all(day.weekday() != one.weekday() for one in days):
            raise Refused(f"{day.month}月{day.day}日是周{WEEKDAYS[day.weekday()]}，不是周{WEEKDAYS[days[0].weekday()]}")
        return (day,), dated.end()
    return days, end


def _from_clock(
    text: str, folded: str, start: int, day: date, now: datetime, days: tuple[date, ...], at: int = -1, part: str = ""
) -> When | None:
    read = _clock(folded, start if at < 0 else at, part)
    if read is None:
        return None
    first, end = read
    begin = _moment(day, first, now)
    until: datetime | None = None
    to = clock.TO.match(folded, end)
    second = _clock(folded, to.end(), first.part) if to else None
    if second is not None:
        until, end = _until(begin, second[0], now), second[1]
    else:
        before = clock.BEFORE.match(folded, end)
        end = before.end() if before else end
    others = _others(days, first, begin, now)
    span = (start, end)
    return When(begin, until, True, text[slice(*span)], span, others, bool(days))


def _others(days: tuple[date, ...], first: _Clock, begin: datetime, now: datetime) -> tuple[datetime, ...]:
    if len(days) > 1:
        return tuple(_moment(day, first, now) for day in days)
    if first.loose:
        return begin, begin - timedelta(hours=12)
    return ()


def _until(begin: datetime, last: _Clock, now: datetime) -> datetime:
    until = _moment(begin.date(), last, now)
    later = until + timedelta(hours=12)
    if until <= begin < later and last.hour < 12:
        return later
    return until if until > begin else until + timedelta(days=1)


def _clock(folded: str, at: int, part: str) -> tuple[_Clock, int] | None:
    """The time of day that stands at this place, and where it ends."""
    named = clock.PARTS.match(folded, at)
    if named:
        part, at = named.group(), named.end()
        if folded[at : at + 1] == " ":
            at += 1
    found = clock.CLOCK.match(folded, at)
    if found is None:
        return None
    hour, minute = _hour_minute(found)
    loose = not part and 1 <= hour <= 6 and bool(found["ch"]) and not found["ch"].startswith("0")
    return _Clock(hour, minute, part, loose), found.end()


def _hour_minute(found: re.Match[str]) -> tuple[int, int]:
    hour = number(found["h"] or found["ch"])
    if found["h"]:
        minute: int | None = int(found["m"])
    elif found["half"]:
        minute = 30
    elif found["quarter"]:
        minute = 15 * (number(found["quarter"]) or 0)
    else:
        minute = number(found["cm"]) if found["cm"] else 0
    if hour is None or minute is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Refused(f"没有{found.group().strip()}这个时间，请重写时间")
    return hour, minute


def _moment(day: date, at: _Clock, now: datetime) -> datetime:
    hour = at.hour
    if at.part in ("晚上", "晚", "夜里", "半夜", "今晚") and hour == 12:
        hour = 24
    elif (at.part in _AFTERNOON and 1 <= hour < 12) or (at.part == "中午" and 1 <= hour <= 2) or at.loose:
        hour = hour + 12 if not (at.part in ("半夜", "夜里") and hour < 6) else hour + 24
    elif at.part == "凌晨" and hour == 12:
        hour = 0
    return datetime.combine(day, time(), now.tzinfo) + timedelta(hours=hour, minutes=at.minute)

"""The short rules people write for dates and times, read into values that can't be misread later."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Literal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHINESE_WEEKDAYS = "一二三四五六日"

THEME_DAY = 'write "day:5", "nth:1,Fri", "last:Fri", "nth-week:2,Wed", a date such as "2026-12-04", or "" for none'
NOTICE = 'write "-3d 09:00" or "-2h"'
DUES_NOTICE = 'write "day:5 09:00" or "last-2d 17:00"'
CALENDAR_NOTICE = 'write "day:5 09:00", "last-2d 17:00", "Mon 09:00" or "12-01 09:00"'
AFTER_NOTICE = 'write "+3d 09:00"'
QUIET = 'write "21:00-07:30", or "" for none'
MOST_DAYS_AFTER = 29  # a meeting's record is asked for in the month after it
SHORTEST_DAY_HOURS = 2  # what quiet hours must leave to speak in
FREQUENCY = 'write "month:1", "quarter:1" or "year:2", or "" where nothing is asked for'


@dataclass(frozen=True, slots=True)
class ThemeDay:
    """When a branch wants to meet. `number` is the day, the how-manieth weekday or week; `weekday` 0 is Monday."""

    kind: Literal["day", "nth", "last", "nth-week", "date"]
    number: int = 0
    weekday: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """When to remind: before a meeting (`days`, `hours` or `minutes`), `after` it, or on a day of the calendar.

    "day" is the day of the month, "last" counts `days` back from its last; "week" has a `weekday` (0 = Monday),
    "year" a `month` with `days` as its day.
    """

    anchor: Literal["meeting", "after", "day", "last", "week", "year"]
    days: int = 0
    hours: int = 0
    at: time | None = None
    minutes: int = 0
    weekday: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` until just before `end`; over midnight where the end is the earlier."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Frequency:
    """At least `times` in every month, quarter or year of the calendar."""

    every: Literal["month", "quarter", "year"]
    times: int

    @property
    def months(self) -> int:
        """How many months the window has."""
        return {"month": 1, "quarter": 3, "year": 12}[self.every]


@lru_cache(maxsize=1024)
def parse_clock(text: str) -> time:
    """A time of day such as "15:00"."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", _plain(text))
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'"{text}" is no time of day; write it like "15:00"')
    return time(int(found[1]), int(found[2]))


def parse_weekday(text: str) -> int:
    """0 for Monday, from "Mon" or 周一 (星期一, 礼拜一; 天 is 日)."""
    word = _plain(text).lower()
    if word in WEEKDAYS:
        return WEEKDAYS.index(word)
    chinese = re.fullmatch(r"(?:周|星期|礼拜)([一二三四五六日天])", word)
    if not chinese:
        raise ValueError(f'"{text}" is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun')
    return CHINESE_WEEKDAYS.index(chinese[1].replace("天", "日"))


@lru_cache(maxsize=1024)
def parse_theme_day(text: str) -> ThemeDay | None:
    """The rule of a theme day; None where a branch wants none planned."""
    rule = _plain(text)
    if not rule:
        return None
    if found := re.fullmatch(r"day:(\d{1,2})", rule):
        return ThemeDay("day", number=_within(int(found[1]), 31, text))
    if found := re.fullmatch(r"nth:(\d),(.+)", rule):
        return ThemeDay("nth", number=_within(int(found[1]), 5, text), weekday=parse_weekday(found[2]))
    if found := re.fullmatch(r"nth-week:(\d),(.+)", rule):
        return ThemeDay("nth-week", number=_within(int(found[1]), 5, text), weekday=parse_weekday(found[2]))
    if found := re.fullmatch(r"last:(.+)", rule):
        return ThemeDay("last", weekday=parse_weekday(found[1]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", rule):
        return ThemeDay("date", day=_date(rule))
    if meant := _in_chinese(rule):
        raise ValueError(f'"{text}": so that nothing is guessed; write {" or ".join(meant)}')
    raise ValueError(f'"{text}" is no theme-day rule; {THEME_DAY}')


@lru_cache(maxsize=1024)
def parse_notice(text: str) -> Notice:
    """When to remind, of a meeting or in a month."""
    rule = _plain(text)
    if found := re.fullmatch(r"-(\d{1,2})h", rule):
        return Notice("meeting", hours=int(found[1]))
    if found := re.fullmatch(r"-(\d{1,3})m", rule):
        return Notice("meeting", minutes=int(found[1]))
    if found := re.fullmatch(r"\+(\d{1,2})d(\d+:\d+)", rule):
        return Notice("after", days=int(found[1]), at=parse_clock(found[2]))
    if found := re.fullmatch(r"-(\d{1,2})d(\d+:\d+)", rule):
        return Notice("meeting", days=int(found[1]), at=parse_clock(found[2]))
    if found := re.fullmatch(r"last-(\d{1,2})d(\d+:\d+)", rule):
        # Every month has 28 days: with more, the reminder would fall before its month.
        return Notice("last", days=_within(int(found[1]) + 1, 28, text) - 1, at=parse_clock(found[2]))
    # The space matters here alone: "day:509:00" could be two things.
    if found := re.fullmatch(r"day:(\d{1,2})\s+(\d+:\d+)", _spaced(text)):
        return Notice("day", days=_within(int(found[1]), 31, text), at=parse_clock(found[2]))
    if found := re.fullmatch(r"(\d{2})-(\d{2})\s+(\d+:\d+)", _spaced(text)):
        day = _date(f"2000-{found[1]}-{found[2]}")  # a leap year: 02-29 is the last day of a shorter February
        return Notice("year", days=day.day, month=day.month, at=parse_clock(found[3]))
    if found := re.fullmatch(r"([^\W\d]+)\s+(\d+:\d+)", _spaced(text)):
        return Notice("week", weekday=parse_weekday(found[1]), at=parse_clock(found[2]))
    raise ValueError(f'"{text}" is no reminder time; {NOTICE}, or for dues {DUES_NOTICE}')


def parse_meeting_notice(text: str) -> Notice:
    """A notice that counts back from a meeting."""
    notice = parse_notice(text)
    if notice.anchor != "meeting":
        raise ValueError(f'"{text}" does not count back from the meeting; {NOTICE}')
    if notice.at is None and notice.hours == notice.minutes == 0:
        raise ValueError(f'"{text}" never fires, it is no time before the meeting; {NOTICE}')
    return notice


def parse_after_notice(text: str) -> Notice:
    """A notice that comes some days after a meeting."""
    notice = parse_notice(text)
    if notice.anchor != "after":
        raise ValueError(f'"{text}" does not come after a meeting; {AFTER_NOTICE}')
    if notice.days > MOST_DAYS_AFTER:
        raise ValueError(f'"{text}" is too late, nobody asks any more; write at most "+{MOST_DAYS_AFTER}d 09:00"')
    return notice


def parse_dues_notice(text: str) -> Notice:
    """A notice that has its place in the month."""
    notice = parse_notice(text)
    if notice.anchor not in ("day", "last"):
        raise ValueError(f'"{text}" has no place in the month; {DUES_NOTICE}')
    return notice


def parse_calendar_notice(text: str) -> Notice:
    """A notice that has its place in the month, the week or the year."""
    notice = parse_notice(text)
    if notice.anchor in ("meeting", "after"):
        raise ValueError(f'"{text}" has no place in the calendar; {CALENDAR_NOTICE}')
    return notice


def readings(text: str) -> tuple[str, ...]:
    """The rules that a theme day can mean: itself, or what plain Chinese says; () where it is not understood.

    每月5日, 第一个周五 and 最后一个周五 mean one thing, 第二周周三 two: the second Wednesday, or the second week's.
    """
    found = _in_chinese(_plain(text))
    if found:
        return found
    try:
        parse_theme_day(text)
    except ValueError:
        return ()
    return (_plain(text),)


def _in_chinese(text: str) -> tuple[str, ...]:
    words = re.sub(r"^每个?月的?", "", text).replace("的", "")
    if found := re.fullmatch(r"(\d{1,2})[日号]", words):
        return (f"day:{found[1]}",) if 1 <= int(found[1]) <= 31 else ()
    if found := re.fullmatch(r"(?:最后一|最末)个((?:周|星期|礼拜)[一二三四五六日天])", words):
        return (f"last:{_english(found[1])}",)
    if found := re.fullmatch(r"第([一二三四五1-5])(个?)(周|星期)?((?:周|星期|礼拜)[一二三四五六日天])", words):
        number, weekday = "一二三四五12345".index(found[1]) % 5 + 1, _english(found[4])
        nth = f"nth:{number},{weekday}"
        return (nth, f"nth-week:{number},{weekday}") if found[3] else (nth,) if found[2] else ()
    return ()


def _english(weekday: str) -> str:
    return WEEKDAYS[parse_weekday(weekday)].capitalize()


@lru_cache(maxsize=1024)
def parse_quiet(text: str) -> Quiet | None:
    """The hours in which nothing is pushed; None where there are none."""
    if not _plain(text):
        return None
    start, dash, end = _plain(text).partition("-")
    if not dash:
        raise ValueError(f'"{text}" are no quiet hours; {QUIET}')
    quiet = Quiet(parse_clock(start), parse_clock(end))
    if quiet.start == quiet.end:
        raise ValueError(f'"{text}" would be quiet the whole day, so nothing could ever be pushed; {QUIET}')
    if (_minutes(quiet.start) - _minutes(quiet.end)) % 1440 < SHORTEST_DAY_HOURS * 60:
        raise ValueError(f'"{text}" leaves less than {SHORTEST_DAY_HOURS} hours of the day to push in; {QUIET}')
    return quiet


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def parse_frequency(text: str) -> Frequency | None:
    """How often something is asked for; None where it isn't."""
    rule = _plain(text)
    if not rule:
        return None
    found = re.fullmatch(r"(month|quarter|year):(\d{1,2})", rule)
    if not found or int(found[2]) == 0:
        raise ValueError(f'"{text}" says no frequency; {FREQUENCY}')
    every: dict[str, Literal["month", "quarter", "year"]] = {"month": "month", "quarter": "quarter", "year": "year"}
    return Frequency(every[found[1]], int(found[2]))


def _spaced(text: str) -> str:
    """Full-width characters as plain ones: a Chinese keyboard writes ： and ，"""
    return unicodedata.normalize("NFKC", text).strip()


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", _spaced(text))


def _within(number: int, top: int, text: str) -> int:
    if not 1 <= number <= top:
        raise ValueError(f'"{text}": the number must be 1 to {top}')
    return number


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no date of the calendar') from None

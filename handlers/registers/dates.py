"""The days and periods of the books: a date is typed for what has happened, so without a year it is the last one."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from bot.language import find_when
from bot.message import Refused

EARLIEST = date(1980, 1, 1)
FARTHEST_YEARS = 5
HALF_YEAR = timedelta(days=183)

_NUMERIC = re.compile(
    r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})[日号]?|((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})"
)
_LOOKS_DATED = re.compile(
    r"(?:\d{4}[-年])?\d{1,2}[-月/]\d{1,2}[日号]?|[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]"
)
_WITH_YEAR = re.compile(r"\d{4}|今年|明年|去年|[今明昨前后]天")
_YEAR = re.compile(r"((?:19|20)\d{2})年?")
_MONTH = re.compile(r"(?:((?:19|20)\d{2})[-年/])?(\d{1,2})月?")
_QUARTER = re.compile(r"((?:19|20)\d{2})?年?[Qq]([1-4])")


def day_in(word: str, now: datetime) -> date | None:
    """The day that one word is, read forward as by `find_when`; None for another word. Raises Refused for 2月30日."""
    numeric = _NUMERIC.fullmatch(word)
    if numeric:
        return _numeric(word, *(int(part) for part in numeric.groups() if part))
    try:
        when = find_when(word, now)
    except Refused:
        if _LOOKS_DATED.fullmatch(word):
            raise
        return None
    if when is None or when.clock or when.span != (0, len(word)):
        return None
    if len(when.ambiguous) > 1:
        raise Refused(f"「{word}」不止一天，请写几月几日。")
    return when.start.date()


def _numeric(word: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused(f"没有「{word}」这一天，请核对日期。") from None


def past_day(word: str, now: datetime) -> date | None:
    """The day in a word on which something happened: never after today. Raises Refused for what can't have been."""
    found = day_in(word, now)
    if found is None:
        return None
    return checked_past(last_such(found, word, now), now)


def last_such(found: date, word: str, now: datetime) -> date:
    """The day of something that has happened: read forward from `word` and to come, it is the last such day instead,
    but where the year was said."""
    if _WITH_YEAR.search(word) or found <= now.date():
        return found
    return _before(found, now.date())


def checked_past(found: date, now: datetime) -> date:
    """The same day. Raises Refused where it is still to come or too long ago."""
    if found > now.date():
        raise Refused(f"{found} 还没到，只登记已经发生的。")
    if found < EARLIEST:
        raise Refused(f"{found} 太早了，请核对年份。")
    return found


def _before(found: date, today: date) -> date:
    """3月2日 said in November is of this year, 12月20日 said in January of the last; a slip of days stays a slip."""
    try:
        this = found.replace(year=today.year)
        return this if this - today <= HALF_YEAR else found.replace(year=today.year - 1)
    except ValueError:  # 29 February
        return found


def due_day(word: str, now: datetime) -> date | None:
    """The day in a word by which something is to be done. Raises Refused for one too far off."""
    found = day_in(word, now)
    if found is not None and not EARLIEST <= found <= now.date() + timedelta(days=366 * FARTHEST_YEARS):
        raise Refused(f"期限 {found} 太远了，请核对年份。")
    return found


def period(text: str, now: datetime) -> tuple[str, date, date]:
    """(name, first day, last day) of 2026, 11月, 2026-11, 2026Q3, 本月, 去年; "" is this year. Raises Refused."""
    word = text.strip().replace(" ", "")
    words = {"": f"{now.year}", "今年": f"{now.year}", "本年": f"{now.year}", "去年": f"{now.year - 1}"}
    words |= {"本月": f"{now.year}-{now.month}", "这个月": f"{now.year}-{now.month}"}
    last = now.date().replace(day=1) - timedelta(days=1)
    words |= {"上月": f"{last.year}-{last.month}", "上个月": f"{last.year}-{last.month}"}
    word = words.get(word, word)
    if found := _YEAR.fullmatch(word):
        year = int(found[1])
        return f"{year}年", date(year, 1, 1), date(year, 12, 31)
    if found := _QUARTER.fullmatch(word):
        year, first = int(found[1] or now.year), int(found[2]) * 3 - 2
        return f"{year}年{found[2]}季度", date(year, first, 1), _end(year, first + 2)
    if (found := _MONTH.fullmatch(word)) and 1 <= int(found[2]) <= 12:
        year, month = int(found[1] or now.year), int(found[2])
        return f"{year}年{month}月", date(year, month, 1), _end(year, month)
    raise Refused(f"没看懂「{text[:20]}」。可以写：2026、11月、2026-11、2026Q3。")


def _end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])

"""Months as people write them behind a command: 11月, 上月, 2026-11, 2026年11月, 11月-12月."""

from __future__ import annotations

import re
from datetime import datetime

from bot.message import Refused
from handlers.dues.bases import following, month_of

MONTH = re.compile(r"(?:(20\d\d)\s?[-年./]\s?(1[0-2]|0?[1-9])(?!\d)月?|(?<!\d)(1[0-2]|0?[1-9])月)份?")
ONLY_MONTHS = re.compile(rf"(?:{MONTH.pattern}|[-至到~—])+")
RELATIVE = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1}
YEAR = re.compile(r"(20\d\d)年?|今年|去年")


def months_said(text: str, now: datetime, *, this_year: bool = False) -> tuple[str, ...]:
    """The months named in a text as "YYYY-MM", in their order; one without a year is the latest that has begun (or of
    `this_year`), a second one the next after the first.
    """
    for word, by in RELATIVE.items():
        if word in text:
            return (following(month_of(now), by),)
    found: list[str] = []
    for match in MONTH.finditer(text):
        if match[1]:
            found.append(f"{match[1]}-{int(match[2]):02d}")
        elif found:
            found.append(_after(found[-1], int(match[3])))
        else:
            month = int(match[3])
            found.append(f"{now.year}-{month:02d}" if this_year else _latest(month, now))
    return tuple(found)


def one_month(text: str, now: datetime, example: str) -> str:
    """The one month that is named; "" where none is. Raises Refused for several and for what is no month."""
    found = months_said(text, now)
    if len(found) > 1 or (text.strip() and not found):
        raise Refused(f"请写一个月份，如：{example}")
    return found[0] if found else ""


def span_said(text: str, now: datetime) -> tuple[str, str]:
    """(first month, last month) of a span; without one this month to the year's end, with one month that alone."""
    found = months_said(text, now, this_year=True)
    if not found:
        return month_of(now), f"{now.year}-12"
    return found[0], found[-1]


def year_said(text: str, now: datetime) -> str:
    """The year that a text is ("2026", 今年, 去年), "" where it is none."""
    match = YEAR.fullmatch(text.strip())
    if match is None:
        return ""
    return match[1] or str(now.year - (text.strip() == "去年"))


def leading_months(text: str) -> tuple[str, str]:
    """(the words at the beginning that are months only, the rest): the date of a document is none of them."""
    words = text.split()
    count = 0
    while count < len(words) and ONLY_MONTHS.fullmatch(words[count]):
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def _latest(number: int, now: datetime) -> str:
    this = month_of(now)
    found = f"{now.year}-{number:02d}"
    return found if found <= this else following(found, -12)


def _after(first: str, number: int) -> str:
    found = f"{first[:4]}-{number:02d}"
    return found if found >= first else following(found, 12)

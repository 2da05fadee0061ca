"""Months as people write them behind a command (11月, 上月, 2026-11, 去年12月, 1-3月, 十二月) and as they read them."""

from __future__ import annotations

import re
from datetime import datetime

from bot.db import Tx
from bot.message import Refused
from handlers.dues.bases import following, month_of

RELATIVE = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1}
YEARS = {"去年": -1, "今年": 0, "明年": 1}
CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
NUMBER = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
TO = r"\s*[-至到~—]\s*"
MONTH = re.compile(
    rf"(?P<relative>{'|'.join(RELATIVE)})"
    rf"|(?P<year>20\d\d)\s?[-年./]\s?(?P<of_year>{NUMBER})(?!\d)\s?(?:月份?)?"
    rf"|(?:(?P<said>{'|'.join(YEARS)})的?)?(?P<number>{NUMBER})(?:\s?月份?|(?={TO}{NUMBER}\s?月))",
    re.ASCII,
)
BETWEEN = re.compile(rf"{TO}|\s*[、,，;；和\s]\s*")
LIKE_MONTHS = re.compile(rf"[\d{''.join(CHINESE)}]+(?:{TO}[\d{''.join(CHINESE)}]+)?(?:个?月份?)?")
YEAR = re.compile(r"(20\d\d)年?|今年|去年", re.ASCII)


def months_said(text: str, now: datetime, *, this_year: bool = False) -> tuple[str, ...]:
    """The months that a text is, as "YYYY-MM", in their order; () where it is anything else, too.

    One without a year is the latest that has begun (or of `this_year`), a second one the next after the first.
    """
    found: list[str] = []
    at, end = 0, len(text.strip())
    while at < end:
        match = MONTH.match(text.strip(), at)
        between = BETWEEN.match(text.strip(), match.end()) if match else None
        if match is None or (between is None and match.end() < end):
            return ()
        found.append(_month(match, found, now, this_year))
        at = between.end() if between else match.end()
    return tuple(found)


def _month(match: re.Match[str], before: list[str], now: datetime, this_year: bool) -> str:
    if match["relative"]:
        return following(month_of(now), RELATIVE[match["relative"]])
    number = _number(match["of_year"] or match["number"])
    if match["year"] or match["said"]:
        return f"{match['year'] or now.year + YEARS[match['said']]}-{number:02d}"
    if before:
        return _after(before[-1], number)
    return f"{now.year}-{number:02d}" if this_year else _latest(number, now)


def _number(text: str) -> int:
    return CHINESE.index(text) + 1 if text in CHINESE else int(text)


def one_month(text: str, now: datetime, example: str) -> str:
    """The one month that a text is; "" for no text. Raises Refused for several and for what is no month."""
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


def leading_months(text: str, now: datetime) -> tuple[str, str]:
    """(the words at the beginning that are months only, the rest): the date of a document is none of them.

    Raises Refused where the rest begins with what may be months and isn't any (13月, 12).
    """
    words = text.split()
    count = next(count for count in range(len(words), -1, -1) if not count or months_said(" ".join(words[:count]), now))
    if words[count:] and LIKE_MONTHS.fullmatch(words[count]):
        raise Refused(f"没看懂月份「{words[count][:20]}」。请写如：11月-12月，或 2026-11。")
    return " ".join(words[:count]), " ".join(words[count:])


def _latest(number: int, now: datetime) -> str:
    this = month_of(now)
    found = f"{now.year}-{number:02d}"
    return found if found <= this else following(found, -12)


def _after(first: str, number: int) -> str:
    found = f"{first[:4]}-{number:02d}"
    return found if found >= first else following(found, 12)


def month_word(month: str, tx: Tx) -> str:
    """11月; a month of another year with its year: 2025年11月."""
    word = f"{int(month[5:])}月"
    return word if month[:4] == f"{tx.now:%Y}" else f"{month[:4]}年{word}"

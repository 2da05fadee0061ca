"""The months that stand behind a command of /dues, one or a span, and a month as people read it.

What a month is called is the language's to read (`bot/language/months.py`).
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.db import Tx
from bot.language.months import CHINESE, TO, months_said
from bot.message import Refused
from handlers.dues.bases import month_of

_SIGNS = rf"[\d{''.join(CHINESE)}]+"
LIKE_MONTHS = re.compile(rf"{_SIGNS}(?:{TO}{_SIGNS})?(?:个?月份?)?")
YEAR = re.compile(r"(20\d\d)年?|今年|去年", re.ASCII)


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


def month_word(month: str, tx: Tx) -> str:
    """11月; a month of another year with its year: 2025年11月."""
    word = f"{int(month[5:])}月"
    return word if month[:4] == f"{tx.now:%Y}" else f"{month[:4]}年{word}"

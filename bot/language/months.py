"""The months that a dues text names: 11月, 10-12月, 第四季度, 上个月."""

from __future__ import annotations

import re
from datetime import datetime

from bot.language.numerals import CHINESE, number

_N = rf"(?:\d{{1,2}}|[{CHINESE}]{{1,3}})"

_MONTHS = re.compile(
    rf"(?:(?P<year>20\d\d)\s?年|(?P<word>今年|去年|明年))?\s?(?P<first>{_N})月?(?:份)?\s?(?:[-~至到]\s?(?P<last>{_N}))?(?P<more>(?:[、,和]\s?{_N}月?)*)(?:[两三四五六2-6几]个)?月"
    rf"|(?:(?P<qyear>20\d\d)\s?年|(?P<qword>今年|去年))?第?\s?(?P<quarter>[一二三四1-4])季度?|[qQ](?P<qnumber>[1-4])(?!\d)"
    rf"|(?P<rel>上上个月|上个月|上月|本月|这个月|当月|下个月|下月)|(?P<half>上半年|下半年|全年)"
)

_LIST = re.compile(_N)

_REL = {"上上个月": -2, "上个月": -1, "上月": -1, "本月": 0, "这个月": 0, "当月": 0, "下个月": 1, "下月": 1}

_HALF = {"上半年": range(1, 7), "下半年": range(7, 13), "全年": range(1, 13)}

_YEARS = {"今年": 0, "去年": -1, "明年": 1}


def _numbers(found: re.Match[str]) -> list[int]:
    """The month numbers of one expression, as written."""
    quarter = found["quarter"] or found["qnumber"]
    if quarter:
        last = 3 * (number(quarter) or 0)
        return [last - 2, last - 1, last]
    if found["half"]:
        return list(_HALF[found["half"]])
    first = number(found["first"]) or 0
    last = number(found["last"]) or 0 if found["last"] else first
    span = list(range(first, last + 1)) if last >= first else [*range(first, 13), *range(1, last + 1)]
    return span + [number(one) or 0 for one in _LIST.findall(found["more"] or "")]


def month_numbers(text: str) -> list[str]:
    """The months a text names as plain numbers (11月 -> 11, 第四季度 -> 10 11 12), [] for relative words."""
    named = [found for found in _MONTHS.finditer(text) if not (found["rel"] or found["half"])]
    told = (one for found in named for one in _numbers(found) if 1 <= one <= 12)
    return list(dict.fromkeys(str(one) for one in told))


def months_of(text: str, now: datetime) -> tuple[str, ...]:
    """The months named in a dues text as YYYY-MM: 11月, 10-12月, 第四季度, 上个月, 本月, 2026年11月; () if none.

    A month more than one ahead of now means last year's, where no year is told (12月 said in January).
    """
    found = _MONTHS.search(text)
    if found is None:
        return ()
    if found["rel"]:
        index = now.year * 12 + now.month - 1 + _REL[found["rel"]]
        return (f"{index // 12}-{index % 12 + 1:02d}",)
    told = found["year"] or found["qyear"]
    word = found["word"] or found["qword"]
    numbers = [one for one in _numbers(found) if 1 <= one <= 12]
    fixed = int(told) if told else now.year + _YEARS[word] if word else None
    if fixed is None and not found["half"]:
        return _nearest(numbers, now)
    return tuple(f"{fixed or now.year}-{one:02d}" for one in numbers)


def _nearest(numbers: list[int], now: datetime) -> tuple[str, ...]:
    """A run of months without a year: the last of it decides the year, an earlier number after it begins the next."""
    if not numbers:
        return ()
    year = (
        now.year - 1
        if numbers[0] > now.month + 1 and 12 - numbers[0] + now.month < numbers[0] - now.month
        else now.year
    )
    out: list[str] = []
    for at, one in enumerate(numbers):
        if at and one < numbers[at - 1]:
            year += 1
        out.append(f"{year}-{one:02d}")
    return tuple(out)

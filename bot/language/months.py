"""Months as people name them: 11月, 10-12月, 8、9两个月, 2026-11, 去年12月, 第四季度, 上个月.

One grammar reads them in a sentence (`months_of`) and in a text that is to be nothing else (`months_said`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

RELATIVE = {"上上个月": -2, "上个月": -1, "上月": -1, "本月": 0, "这个月": 0, "当月": 0, "下个月": 1, "下月": 1}
YEARS = {"今年": 0, "去年": -1, "明年": 1}
HALVES = {"上半年": (1, 6), "下半年": (7, 12), "全年": (1, 12)}
CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
MOST = 36  # months of a span

_DIGITS = "".join(CHINESE[:10])
NUMBER = rf"(?:(?<!\d)(?:1[0-2]|0?[1-9])(?!\d)|(?<![{_DIGITS}])(?:十[一二]?|[{_DIGITS}])(?![{_DIGITS}]))"
TO = r"\s*[-~至到—]\s*"
_SAID = "|".join(YEARS)
_ITEM = re.compile(
    rf"(?P<relative>{'|'.join(RELATIVE)})|(?P<half>{'|'.join(HALVES)})"
    rf"|(?:(?P<of>(?<!\d)20\d\d)\s?年|(?P<in>{_SAID})的?)?第?\s?(?:(?P<quarter>[一二三四1-4])季度?|[qQ](?P<q>[1-4])(?!\d))"
    rf"|(?:(?P<year>(?<!\d)20\d\d)\s?[-年./]\s?|(?P<said>{_SAID})的?\s?)?"
    rf"(?P<number>{NUMBER})(?:\s?(?P<unit>月份?)|\s?(?P<counted>[两三四五六2-6几]个月))?",
    re.ASCII,
)
_TO = re.compile(TO, re.ASCII)
_AND = {False: re.compile(r"\s?[、,，和]\s?", re.ASCII), True: re.compile(r"\s*[、,，;；和\s]\s*", re.ASCII)}


class Named(NamedTuple):
    """A month as it was named: `year` is "2026", 去年 or "" where none was told; `word` a relative one, or a half."""

    number: int
    year: str = ""
    word: str = ""


Run = tuple[Named, Named]  # the first and the last month of it
FirstYear = Callable[[int, datetime], str]  # the month ("YYYY-MM") that a number without a year is


def months_of(text: str, now: datetime) -> tuple[str, ...]:
    """The months that a sentence names first, as YYYY-MM, every one of a span: 11月, 10-12月, 第四季度; () if none.

    A month more than one ahead of now means last year's, where no year is told (12月 said in January).
    """
    runs = next(_expressions(text), [])
    return tuple(dict.fromkeys(month for first, last in _dated(runs, now, _nearest) for month in _span(first, last)))


def month_numbers(text: str) -> list[str]:
    """The months a text names as plain numbers (11月 -> 11, 第四季度 -> 10 11 12), [] for relative words."""
    named = [run for runs in _expressions(text) for run in runs if not (run[0].word or run[1].word)]
    return list(dict.fromkeys(str(one) for first, last in named for one in _numbers(first.number, last.number)))


def months_said(text: str, now: datetime, *, this_year: bool = False) -> tuple[str, ...]:
    """The months that a text is, as "YYYY-MM", in their order, of a span its ends; () where it is anything else, too.

    One without a year is the latest that has begun (or of `this_year`), a second one the next after the first.
    """
    runs, end = _expression(text.strip(), 0, whole=True)
    if end < len(text.strip()):
        return ()
    ends = _dated(runs, now, _of_this_year if this_year else _latest)
    return tuple(month for first, last in ends for month in dict.fromkeys((first, last)))


def _expressions(text: str) -> Iterator[list[Run]]:
    """What a sentence names, each time that it names months."""
    at = 0
    while match := _ITEM.search(text, at):
        runs, end = _expression(text, match.start(), whole=False)
        if runs:
            yield runs
        at = end if runs else match.start() + 1


def _expression(text: str, at: int, *, whole: bool) -> tuple[list[Run], int]:
    """(what is named from a place on, where that ends): a number is a month where 月 stands behind it or its list."""
    runs, kept, end = list[Run](), list[Run](), at
    joined = pending = False
    while match := _ITEM.match(text, at):
        first, last = _named(match)
        if pending and (not match["number"] or first.year):
            break  # 3、本月: the 3 is no month
        runs = [*runs[:-1], (runs[-1][0], last)] if joined else [*runs, (first, last)]
        at = match.end()
        counted = match["counted"] and (joined or len(runs) > 1)
        pending = bool(match["number"]) and not (match["unit"] or counted or (whole and match["year"]))
        to = _TO.match(text, at)
        between = to or _AND[whole and not pending].match(text, at)
        if not pending:
            kept, end = runs, between.end() if between and between.end() == len(text) else at
        if between is None:
            break
        at, joined = between.end(), to is not None
    return kept, end


def _named(match: re.Match[str]) -> Run:
    if match["relative"]:
        one = Named(0, "", match["relative"])
        return one, one
    if match["half"]:
        first, last = HALVES[match["half"]]
        return Named(first, "今年", match["half"]), Named(last, "今年", match["half"])
    quarter = match["quarter"] or match["q"]
    if quarter:
        last, year = 3 * _number(quarter), match["of"] or match["in"] or ""
        return Named(last - 2, year), Named(last, year)
    one = Named(_number(match["number"]), match["year"] or match["said"] or "")
    return one, one


def _number(text: str) -> int:
    return CHINESE.index(text) + 1 if text in CHINESE else int(text)


def _numbers(first: int, last: int) -> list[int]:
    return [*range(first, last + 1)] if last >= first else [*range(first, 13), *range(1, last + 1)]


def _dated(runs: list[Run], now: datetime, first_year: FirstYear) -> Iterator[tuple[str, str]]:
    """The runs with their years: the first that has none is told by `first_year`, another is the next after it."""
    before = ""
    for run in runs:
        first = _month(run[0], before, now, first_year)
        before = first if run[0] == run[1] else _month(run[1], first, now, first_year)
        yield first, before


def _month(one: Named, before: str, now: datetime, first_year: FirstYear) -> str:
    if one.word in RELATIVE:
        return _shifted(f"{now:%Y-%m}", RELATIVE[one.word])
    if one.year:
        year = now.year + YEARS[one.year] if one.year in YEARS else int(one.year)
        return f"{year}-{one.number:02d}"
    if not before:
        return first_year(one.number, now)
    found = f"{before[:4]}-{one.number:02d}"
    return found if found >= before else _shifted(found, 12)


def _nearest(number: int, now: datetime) -> str:
    past = number > now.month + 1 and 12 - number + now.month < number - now.month
    return f"{now.year - past}-{number:02d}"


def _latest(number: int, now: datetime) -> str:
    return f"{now.year - (number > now.month)}-{number:02d}"


def _of_this_year(number: int, now: datetime) -> str:
    return f"{now.year}-{number:02d}"


def _span(first: str, last: str) -> Iterator[str]:
    """Every month from the first to the last; its ends alone where that is no span of a few years."""
    count = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
    if 0 <= count < MOST:
        yield from (_shifted(first, month) for month in range(count + 1))
    else:
        yield from (first, last)


def _shifted(month: str, by: int) -> str:
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{index // 12}-{index % 12 + 1:02d}"

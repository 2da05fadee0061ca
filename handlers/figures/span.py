"""The time of a figure: the period people name, the day up to which it counts, and when that was known."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.config import Config, Registers
from bot.db import Tx, micros
from bot.message import Refused
from handlers.registers.dates import period as chat_period

_CODE = re.compile(r"(\d{4})(?:Q([1-4])|H([12])|-(\d{2}))?")
PARTS = {"一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12), "上半年": (1, 6), "下半年": (7, 12)}
MONTHS = {f"{name}月": number for number, name in enumerate((*"一二三四五六七八九十", "十一", "十二"), 1)}
EARLIEST_YEAR = 1980


@dataclass(frozen=True, slots=True)
class Span:
    """A period: how people call it, how scripts write it, its first and last day."""

    name: str
    code: str
    first: date
    last: date

    def year_before(self) -> Span:
        """The same period of the year before."""
        return made(self.first.year - 1, self.first.month, self.last.month)

    def part(self, name: str) -> Span:
        """A part of this period's year: 一季度, 上半年, 十一月. Raises KeyError for a name that is none."""
        if name in MONTHS:
            return made(self.first.year, MONTHS[name], MONTHS[name])
        return made(self.first.year, *PARTS[name])

    def months(self) -> list[Span]:
        """Its months, in order."""
        return [made(self.first.year, month, month) for month in range(self.first.month, self.last.month + 1)]


def made(year: int, first: int, last: int) -> Span:
    """The period from a month to a month of one year."""
    days = date(year, first, 1), date(year, last, monthrange(year, last)[1])
    if first == last:
        return Span(f"{year}年{first}月", f"{year}-{first:02}", *days)
    if (first, last) == (1, 12):
        return Span(f"{year}年", f"{year}", *days)
    name = next((name for name, months in PARTS.items() if months == (first, last)), f"{first}至{last}月")
    code = f"{year}Q{last // 3}" if last - first == 2 else f"{year}H{last // 6}"
    return Span(f"{year}年{name}", code, *days)


def coded(text: str) -> Span:
    """The period that scripts write: 2026, 2026Q3, 2026H1, 2026-11. Raises Refused."""
    found = _CODE.fullmatch(text.strip().upper())
    if found is None or int(found[1]) < EARLIEST_YEAR or not 1 <= int(found[4] or 1) <= 12:
        raise Refused(f"no period {text!r}: write 2026, 2026Q3, 2026H1 or 2026-11")
    year = int(found[1])
    if found[2]:
        return made(year, int(found[2]) * 3 - 2, int(found[2]) * 3)
    if found[3]:
        return made(year, int(found[3]) * 6 - 5, int(found[3]) * 6)
    return made(year, int(found[4]), int(found[4])) if found[4] else made(year, 1, 12)


def said(text: str, now: datetime) -> Span:
    """The period that people say: 2026, 11月, 2026Q3, 上半年, 去年; "" is this year. Raises Refused."""
    word = text.strip().removesuffix("报")
    if word in PARTS:
        return made(now.year, *PARTS[word])
    if word in ("本季度", "这个季度"):
        quarter = (now.month - 1) // 3
        return made(now.year, quarter * 3 + 1, quarter * 3 + 3)
    _, first, last = chat_period(word, now)
    return made(first.year, first.month, last.month)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a period, a branch (0 = the whole system), what was known when, and the bounds of age.

    `known` is an instant (UTC microseconds); `cutoff` the last day that counts: the period's last, or the day of
    `known` where that is earlier. `young` is the age from which somebody is not young any more (35, or 36), `rules`
    are those of 学时.
    """

    span: Span
    branch: int
    known: int
    cutoff: date
    zone: Any
    young: int
    rules: Registers

    @property
    def young_word(self) -> str:
        """How 青年 is meant, to be printed with the number."""
        return "35周岁以下" if self.young == 35 else "35岁及以下"

    def values(self) -> dict[str, Any]:
        """The parameters of every figure's statement: days as text, instants as UTC microseconds (`end` excluded)."""
        day, year = self.cutoff.isoformat(), f"{self.cutoff.year}-01-01"
        tomorrow = self._start(self.cutoff + timedelta(days=1))
        return {
            "branch": self.branch,
            "at": self.known,
            "first": self.span.first.isoformat(),
            "last": day,
            "first_month": self.span.first.isoformat()[:7],
            "last_month": day[:7],
            "year": year,
            "start": self._start(self.span.first),
            "end": min(tomorrow, self.known + 1),
            "year_start": self._start(date(self.cutoff.year, 1, 1)),
            "young_after": f"{self.cutoff.year - self.young:04}{day[4:]}",
            "year_end": f"{self.cutoff.year}-12-31",
            "forty_after": f"{self.cutoff.year - 40:04}{day[4:]}",
        }

    def month_starts(self) -> list[int]:
        """The instants at which the months after January of the cut-off's year begin."""
        return [self._start(date(self.cutoff.year, month, 1)) for month in range(2, 13)]

    def _start(self, day: date) -> int:
        return micros(datetime.combine(day, time(), self.zone))

    def over(self, span: Span) -> Question:
        """The same question for another period, as far as it had come."""
        known = datetime.fromtimestamp(self.known / 1_000_000, self.zone).date()
        return replace(self, span=span, cutoff=min(span.last, known))

    def year_before(self) -> Question:
        """上年同期: the same period of the year before, up to the same day of it, as known at the same instant."""
        span, day = self.span.year_before(), self.cutoff
        last = monthrange(day.year - 1, day.month)[1]
        same = date(day.year - 1, day.month, min(day.day, last))
        return replace(self, span=span, cutoff=span.last if day == self.span.last else same)

    def of(self, branch: int) -> Question:
        """The same question for another branch."""
        return replace(self, branch=branch)


def question(tx: Tx, span: Span, branch: int, config: Config, as_known: date | None = None) -> Question:
    """Asks for a period as it is known now, or as it was at the end of a day. Raises Refused for what is to come."""
    today, zone = tx.now.date(), tx.now.tzinfo
    if span.first > today:
        raise Refused(f"{span.name}还没到，没有数可报。")
    young, rules = config.reports.young_from, config.registers
    if as_known is None:
        return Question(span, branch, tx.at, min(span.last, today), zone, young, rules)
    if as_known > today:
        raise Refused(f"{as_known} 还没到，不知道那天会是什么情况。")
    if as_known < span.first:
        raise Refused(f"{span.name}到 {as_known} 还没开始，没有数可报。")
    end = micros(datetime.combine(as_known + timedelta(days=1), time(), zone)) - 1
    return Question(span, branch, min(end, tx.at), min(span.last, as_known), zone, young, rules)

"""What a template may say: every figure by its name, `.余`, `.带单位`, `.上年`, `.一季度`, and the words of the period.

A figure is reckoned when it is printed, and remembered, so that the paper can say at its end how each was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.db import Tx
from handlers import figures
from handlers.figures import meetings
from handlers.figures.explain import behind

EMPTY = "＿＿"  # a blank to fill in by hand
YEAR_BEFORE = ("上年", "去年")
PLACES: Mapping[str, tuple[str, ...]] = {"红色教育地点": ("红色教育",), "警示教育地点": ("警示教育",)}


@dataclass(slots=True)
class Print:
    """One paper being printed: what is asked, and the values that stand in it so far."""

    tx: Tx
    asked: figures.Question
    scope: str
    organisation: str
    used: dict[tuple[str, str, int], tuple[figures.Value, figures.Question]] = field(default_factory=dict)
    readings: dict[figures.Question, figures.Reading] = field(default_factory=dict)
    recorded: dict[figures.Question, bool] = field(default_factory=dict)

    def has_records(self, asked: figures.Question) -> bool:
        """Whether the branch was at work here by then; what was before that, people know and write by hand."""
        if asked not in self.recorded:
            self.recorded[asked] = figures.is_recorded(self.tx, asked)
        return self.recorded[asked]

    def value(self, name: str, asked: figures.Question) -> figures.Value:
        """A figure for one question, reckoned once."""
        key = name, asked.span.code, asked.branch
        if key not in self.used:
            reading = self.readings.setdefault(asked, figures.Reading(self.tx, asked))
            self.used[key] = figures.value(reading, figures.CATALOGUE[name]), asked
        return self.used[key][0]

    def doubts(self) -> list[str]:
        """A line for each row that waits to be checked behind what stands in the paper."""
        lines: dict[str, None] = {}
        for value, asked in self.used.values():
            if not value.complete:
                found, _ = behind(self.readings[asked], value.figure)
                lines |= {f"{one.branch} {one.text}": None for one in found if not one.sound}
        return list(lines)


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure in a template."""

    of: Print
    name: str
    asked: figures.Question

    def __str__(self) -> str:
        return self._value().text

    def _value(self) -> figures.Value:
        return self.of.value(self.name, self.asked)

    def __getattr__(self, word: str) -> Any:
        """余, 带单位, 单位, 定义, 条数; 上年 and 一季度, 上半年, 十一月: the same figure of another time."""
        if word == "余":
            return self._value().about
        if word == "带单位":
            return self._value().written
        if word == "条数":
            return self._value().rows
        figure = figures.CATALOGUE[self.name]
        if word in ("单位", "定义"):
            return figure.unit if word == "单位" else figure.definition
        return self._at(word)

    def _at(self, word: str) -> Any:
        span = self.asked.span
        try:
            other = span.year_before() if word in YEAR_BEFORE else span.part(word)
        except KeyError:
            raise AttributeError(word) from None
        there = self.asked.over(other)
        if other.first > there.cutoff or not self.of.has_records(there):
            return EMPTY
        return Printed(self.of, self.name, there)


class OfBranch:
    """One branch in a template: its 名称, and every figure of it."""

    def __init__(self, of: Print, branch: int, name: str) -> None:
        self.of, self.branch, self.名称 = of, branch, name

    def __getattr__(self, word: str) -> Any:
        if word not in figures.CATALOGUE:
            raise AttributeError(word)
        return Printed(self.of, word, self.of.asked.of(self.branch))


def words(of: Print) -> dict[str, Any]:
    """Everything a template may name."""
    asked, day = of.asked, of.asked.cutoff
    said: dict[str, Any] = {name: Printed(of, name, asked) for name in figures.CATALOGUE}
    said |= {"机关": of.organisation, "范围": of.scope, "期间": asked.span.name}
    said |= {"年": asked.span.first.year, "明年": asked.span.first.year + 1}
    said |= {"截止": f"{day.year}年{day.month}月{day.day}日"}
    said |= {name: _place_names(of, name) for name in PLACES}
    branches = figures.branch_names(of.tx)
    said["支部名单"] = [OfBranch(of, one, name) for one, name in branches.items() if asked.branch in (0, one)]
    return said


def _place_names(of: Print, name: str) -> str:
    reading = of.readings.setdefault(of.asked, figures.Reading(of.tx, of.asked))
    return "、".join(meetings.places(reading, *PLACES[name])) or EMPTY

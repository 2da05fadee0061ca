"""One thing that is asked of a branch, and its windows of time: done, missing, or still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["done", "missing", "running", "late", "blank"]
WORDS: Mapping[State, str] = {
    "done": "已做",
    "missing": "未做",
    "running": "本期未满",
    "late": "本期还没做",
    "blank": "",
}


@dataclass(frozen=True, slots=True)
class Window:
    """One month, quarter or year of one item: how many are asked for, the records that count, those not complete.

    `running` windows are not over; one that has run for two thirds without enough is `late`, which only warns.
    """

    name: str
    times: int
    state: State
    records: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for and its windows; `why` says why an item without windows is left blank."""

    name: str
    asked: str
    windows: tuple[Window, ...] = ()
    why: str = ""

    @property
    def done(self) -> int:
        """Windows in which enough was done."""
        return sum(one.state == "done" for one in self.windows)

    @property
    def missing(self) -> tuple[Window, ...]:
        """Windows that are over and in which too little was done."""
        return tuple(one for one in self.windows if one.state == "missing")


def due_state(today: date, first: date, last: date) -> State:
    """The state of a window in which too little was done: over, or two thirds over, or still running."""
    if today > last:
        return "missing"
    return "late" if (today - first) * 3 >= (last - first) * 2 else "running"

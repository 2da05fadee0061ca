"""What stands behind a figure: one clause gives both the rows and their count, so the two can't differ.

Every row has the same shape: `key` (its own number), `branch_id`, `moment` (UTC microseconds, 0 where only a day is
known), `day` (ISO), `what`, `member_id` (0 = nobody), `quantity` (fen, minutes, a count) and `sound`: 0 where something
that must be known is missing. What isn't sound is listed and never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, case, func, literal_column, or_, select

from bot.db import Tx
from bot.sql import Statement, p, sql
from handlers.figures.span import Question

ZERO, ONE, NOTHING = literal_column("0"), literal_column("1"), literal_column("''")
Trace = Literal["", "presence", "register", "wish", "dues"]


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of sound rows, of distinct people and branches in them, the sum of quantities; and what isn't sound."""

    rows: int
    people: int
    branches: int
    quantity: int
    unsound: int


def columns(
    key: Any,
    branch: Any,
    *,
    moment: Any = ZERO,
    day: Any = NOTHING,
    what: Any = NOTHING,
    member: Any = ZERO,
    quantity: Any = ONE,
    sound: Any = ONE,
) -> tuple[Any, ...]:
    """The columns of a row, in their order."""
    named = {"key": key, "branch_id": branch, "moment": moment, "day": day, "what": what}
    named |= {"member_id": member, "quantity": quantity, "sound": sound}
    return tuple(column.label(name) for name, column in named.items())


def in_scope(branch: Any) -> Any:
    """Of the branch that is asked for; 0 = of every branch."""
    return or_(p("branch") == ZERO, branch == p("branch"))


class Rows:
    """The rows behind one figure or several; compared by identity, so that they are counted once for all.

    `trace` says how a row's history is found: "" where a row has none.
    """

    __slots__ = ("_listed", "_tally", "trace")

    def __init__(self, clause: Select[Any], trace: Trace = "") -> None:
        self.trace: Trace = trace
        self._listed = sql(clause.order_by(literal_column("branch_id"), literal_column("moment"), literal_column("day"),
                                           literal_column("key")))
        self._tally = _counted(clause)

    def tally(self, tx: Tx, asked: Question) -> Tally:
        """How many there are."""
        row = tx.one(self._tally, **asked.values())
        return Tally(*(int(value) for value in row))

    def listed(self, tx: Tx, asked: Question) -> Sequence[Any]:
        """All of them, sound or not, in the order of branches and time."""
        return tx.all(self._listed, **asked.values())


def _counted(clause: Select[Any]) -> Statement:
    inner = clause.subquery("behind")
    sound = inner.c.sound == ONE
    return sql(
        select(
            func.count(case((sound, 1))),
            func.count(case((sound & (inner.c.member_id > ZERO), inner.c.member_id)).distinct()),
            func.count(case((sound, inner.c.branch_id)).distinct()),
            func.coalesce(func.sum(case((sound, inner.c.quantity), else_=0)), 0),
            func.count(case((~sound, 1))),
        )
    )

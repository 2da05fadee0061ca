"""What stands behind a figure: one clause gives both the rows and their count, so the two can't differ.

Every row has the same shape: `key` (its own number), `branch_id`, `moment` (UTC microseconds, 0 where only a day is
known), `day` (ISO), `what`, `member_id` (0 = nobody), `quantity` (fen, minutes, a count) and `sound`: 0 where something
that must be known is missing. What isn't sound is listed and never counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from sqlalchemy import Select, Table, Text, and_, case, func, literal_column, or_, select

from bot.db import Tx
from bot.sql import Number, Statement, p, sql
from handlers.figures.span import Question

ZERO, ONE = literal_column("0", Number), literal_column("1", Number)
NOTHING = literal_column("''", Text())
Trace = Literal["", "session", "presence", "register", "wish", "study"]


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


@dataclass(frozen=True, slots=True)
class Reading:
    """A question put to the rows, and what was counted for it already: rows that several figures share count once."""

    tx: Tx
    asked: Question
    kept: dict[Any, Any] = field(default_factory=dict)

    def tally(self, rows: Rows) -> Tally:
        """How many rows there are."""
        if rows not in self.kept:
            self.kept[rows] = rows.tally(self)
        return cast("Tally", self.kept[rows])

    def listed(self, rows: Rows) -> Sequence[Any]:
        """All rows, sound or not, in the order of branches and time."""
        return rows.listed(self)

    def shared(self, rows: Rows) -> Sequence[Any]:
        """The same list for all who ask: read once."""
        key = "listed", rows
        if key not in self.kept:
            self.kept[key] = rows.listed(self)
        return cast("Sequence[Any]", self.kept[key])


def counted(table: Table) -> Any:
    """A row of a table of corrections counted as far as was known: recorded, not taken back, not replaced.

    The replaced ones are found once for all rows, not for each.
    """
    later = table.alias("later")
    replaced = select(later.c.replaces).where(later.c.replaces > ZERO, later.c.recorded_at <= p("at"))
    tests = [table.c.recorded_at <= p("at"), table.c.id.not_in(replaced)]
    return and_(*tests, table.c.action != "void") if "action" in table.c else and_(*tests)


class Rows:
    """The rows behind one figure or several; compared by identity, so that they are counted once for all.

    `trace` says how a row's history is found: "" where a row has none.
    """

    __slots__ = ("_listed", "_tally", "trace")

    def __init__(self, clause: Select[Any], trace: Trace = "") -> None:
        self.trace: Trace = trace
        self._listed = sql(
            clause.order_by(
                literal_column("branch_id"), literal_column("moment"), literal_column("day"), literal_column("key")
            )
        )
        self._tally = _counted(clause)

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        row = reading.tx.one(self._tally, **reading.asked.values())
        return Tally(*(int(value) for value in row))

    def listed(self, reading: Reading) -> Sequence[Any]:
        """All of them, sound or not, in the order of branches and time."""
        return reading.tx.all(self._listed, **reading.asked.values())

    def each(self, reading: Reading) -> Iterable[Any]:
        """The same one by one, where a list would be long."""
        return self.listed(reading)


class Chosen(Rows):
    """Those rows of others that pass a test, so that what is dear to read is read once for several figures.

    The test gets the row and the parameters of the question; a text instead of yes or no says what isn't known.
    """

    __slots__ = ("of", "test")

    def __init__(self, of: Rows, test: Callable[[Any, Mapping[str, Any]], bool | str]) -> None:
        self.of, self.test, self.trace = of, test, of.trace

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        return tally_of(self.listed(reading))

    def listed(self, reading: Reading) -> Sequence[Any]:
        """All of them, from the list that they share."""
        asked = {**reading.asked.values(), "rules": reading.asked.rules}
        judged = [(row, self.test(row, asked)) for row in reading.shared(self.of)]
        return [
            replace(row, sound=0, what=verdict) if isinstance(verdict, str) else row
            for row, verdict in judged
            if verdict
        ]


def tally_of(rows: Sequence[Any]) -> Tally:
    """The count of rows that were read."""
    sound = [row for row in rows if row.sound]
    people, branches = {row.member_id for row in sound} - {0}, {row.branch_id for row in sound}
    quantity = sum(int(row.quantity) for row in sound)
    return Tally(len(sound), len(people), len(branches), quantity, len(rows) - len(sound))


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

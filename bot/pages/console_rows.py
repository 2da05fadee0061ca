"""The rows behind a message on the console: what its unit of work wrote, row by row, before and after.

Only what is typed or tapped on the console is watched, so the answering of real platforms pays nothing for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Delete, Insert, Table, Update, func, or_, select

from bot.db import Tx
from bot.sql import Statement, metadata, p, sql
from bot.tables import outbox

T = TypeVar("T")
MOST_ROWS = 20  # of one table that are told of one by one; beyond that they are counted

PROMISED_AT = sql(select(outbox.c.planned_at).where(outbox.c.key == p("key")))

Key = tuple[Any, ...]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it was (None: there was none) and as it is (None: it is gone)."""

    table: str
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a unit of work wrote: the rows of each table, and how many more there were than are told."""

    changes: tuple[Change, ...] = ()
    more: tuple[tuple[str, int], ...] = ()


class Watched(Tx):
    """A Tx that remembers which rows its unit touches. It stands for the Tx it was made of."""

    __slots__ = ("_base", "_before", "_newest")

    def __init__(self, base: Tx) -> None:
        for name in Tx.__slots__:
            setattr(self, name, getattr(base, name))
        self._later = None  # each statement is looked at before it goes
        self._base = base
        self._before: dict[tuple[str, Key], Row | None] = {}
        self._newest: dict[str, int] = {}

    def run(self, statement: Statement, **values: Any) -> int:
        """As of any Tx."""
        self._look(statement, values)
        return super().run(statement, **values)

    def _execute(self, statement: Statement, values: dict[str, Any]) -> Any:
        self._look(statement, values)
        return super()._execute(statement, values)

    def _wrote(self, statement: Statement, values: dict[str, Any]) -> None:
        super()._wrote(statement, values)
        self._base.wrote = True

    def restart(self) -> None:
        """As of any Tx; what was written before it is forgotten here too."""
        super().restart()
        self._base.wrote = False
        self._before.clear()
        self._newest.clear()

    def _look(self, statement: Statement, values: dict[str, Any]) -> None:
        if not statement.writes:
            return
        table = metadata.tables[statement.writes]
        if not isinstance(statement.clause, Insert):
            for row in super().all(_aimed_at(statement), **values):
                self._keep(table, row._asdict())
        elif _numbered(table):
            if table.name not in self._newest:
                self._newest[table.name] = int(super().value(_newest(table)) or 0)
        elif all(column.name in values for column in table.primary_key):
            key = tuple(values[column.name] for column in table.primary_key)
            self._before.setdefault((table.name, key), self._by_key(table, key))

    def _keep(self, table: Table, row: Row) -> None:
        fresh = _numbered(table) and row["id"] > self._newest.get(table.name, row["id"])
        if not fresh:
            key = tuple(row[column.name] for column in table.primary_key)
            self._before.setdefault((table.name, key), row)

    def _by_key(self, table: Table, key: Key) -> Row | None:
        names = (f"key_{column.name}" for column in table.primary_key)
        row = super().one(_of_key(table), **dict(zip(names, key, strict=True)))
        return row._asdict() if row is not None else None

    def written(self) -> Written:
        """All that the unit has written so far and that is not as it was."""
        counts: Counter[str] = Counter()
        kept = []
        for change in self._changes():
            counts[change.table] += 1
            if counts[change.table] <= MOST_ROWS:
                kept.append(change)
        return Written(
            tuple(kept), tuple((name, count - MOST_ROWS) for name, count in counts.items() if count > MOST_ROWS)
        )

    def _changes(self) -> Iterator[Change]:
        for name, newest in self._newest.items():
            for row in super().all(_after(metadata.tables[name]), newest=newest):
                yield Change(name, None, row._asdict())
        for (name, key), before in self._before.items():
            after = self._by_key(metadata.tables[name], key)
            if after != before:
                yield Change(name, before, after)


def watched(tx: Tx, work: Callable[[Tx], T]) -> tuple[T, Written]:
    """What a unit of work returns, and what it wrote."""
    seen = Watched(tx)
    result = work(seen)
    return result, seen.written()


def of_promise(tx: Tx, key: str) -> Written:
    """The rows written at the instant at which a push was promised: each row says itself when that was."""
    at = tx.value(PROMISED_AT, key=key)
    if at is None:
        return Written()
    changes = []
    for table in metadata.sorted_tables:
        statement = _at(table)
        rows = tx.all(statement, at=at, most=MOST_ROWS) if statement else []
        changes += [Change(table.name, None, row._asdict()) for row in rows]
    return Written(tuple(changes))


def _numbered(table: Table) -> bool:
    """Whether the database numbers its rows, so that the new ones are those after the newest."""
    key = list(table.primary_key)
    return len(key) == 1 and key[0].name == "id" and key[0].type.python_type is int


@lru_cache(maxsize=1000)
def _aimed_at(statement: Statement) -> Statement:
    """The rows that an UPDATE or DELETE is about to change."""
    clause = statement.clause
    assert isinstance(clause, Update | Delete)
    rows = select(metadata.tables[statement.writes])
    return sql(rows if clause.whereclause is None else rows.where(clause.whereclause))


@cache
def _newest(table: Table) -> Statement:
    return sql(select(func.max(table.c.id)))


@cache
def _after(table: Table) -> Statement:
    return sql(select(table).where(table.c.id > p("newest")).order_by(table.c.id))


@cache
def _of_key(table: Table) -> Statement:
    return sql(select(table).where(*(column == p(f"key_{column.name}") for column in table.primary_key)))


@cache
def _at(table: Table) -> Statement | None:
    """The rows of a table that name an instant, None where it keeps none."""
    moments = [one for one in table.columns if one.name == "at" or one.name.endswith("_at")]
    if not moments:
        return None
    return sql(select(table).where(or_(*(one == p("at") for one in moments))).limit(p("most")))

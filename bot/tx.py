"""What a unit of work sees of the database: statements, a time that stands still, nothing it could await."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.sql import Statement


def micros(moment: datetime) -> int:
    """UTC microseconds of an aware datetime: how instants stand in rows."""
    return round(moment.timestamp() * 1_000_000)


class Tx:
    """One unit's view of the database: its connection, and a `now` that doesn't move (aware, in the house's zone)."""

    __slots__ = ("_cursor", "_engine", "at", "memo", "now", "told")

    def __init__(self, cursor: Any, engine: str, now: datetime, memo: dict[Any, Any] | None = None) -> None:
        """`memo` is what the units of one transaction know already; it is emptied where anything is rolled back."""
        self.memo = {} if memo is None else memo
        self._cursor = cursor
        self._engine = engine
        self.now = now
        self.at = micros(now)
        self.told: set[str] = set()

    def run(self, statement: Statement, **values: Any) -> int:
        """Executes and counts the rows it changed."""
        text, constants, _ = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        return int(self._cursor.rowcount)

    def all(self, statement: Statement, **values: Any) -> list[Any]:
        """Every row, as named tuples."""
        text, constants, make = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        return list(map(make, self._cursor.fetchall())) if make else []

    def one(self, statement: Statement, **values: Any) -> Any:
        """The first row as a named tuple, or None."""
        text, constants, make = statement.on(self._engine)
        self._cursor.execute(text, {**constants, **values} if constants else values)
        row = self._cursor.fetchone()
        return make(row) if make and row is not None else None

    def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def restart(self) -> None:
        """Forgets all that this unit has written so far, so that a refusal leaves nothing but itself."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT unit")
        self.memo.clear()
        self.told.clear()

    def tell(self, what: str) -> None:
        """Lets the database's listeners hear `what` once this unit is committed."""
        self.told.add(what)

    def moment(self, at: int) -> datetime:
        """The instant of a row in the house's zone."""
        return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(self.now.tzinfo)

"""What a unit of work sees of the database: statements, a time that stands still, nothing it could await."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, literal_column, select

from bot import vault
from bot.sql import Statement, p, sql
from bot.vault import Vault

NEXT_NUMBERS = sql(
    select(func.nextval(func.pg_get_serial_sequence(p("table"), literal_column("'id'")))).select_from(
        func.generate_series(1, p("count"))
    )
)


def micros(moment: datetime) -> int:
    """UTC microseconds of an aware datetime: how instants stand in rows."""
    return round(moment.timestamp() * 1_000_000)


class Again(BaseException):
    """What a unit has written must be forgotten, and it has no savepoint: its batch is done anew, with savepoints.

    Not an Exception, so that no unit can catch it.
    """


Asked = tuple[Statement, Mapping[str, Any]]
Source = tuple[str, Any]  # a table, and whose rows of it (see `insert_row`), or None for all of them


class Memo:
    """What the units of one transaction know already. Nobody else writes meanwhile, so it holds until they do."""

    __slots__ = ("_behind", "_kept", "ahead", "numbers", "units")

    def __init__(self, units: int = 1) -> None:
        """For so many units."""
        self.units = units
        self.ahead = False  # whether it holds what was asked ahead
        self.numbers: dict[str, list[int]] = {}  # table -> ids of rows to come, the next one last
        self._kept: dict[Any, Any] = {}
        self._behind: defaultdict[str, dict[Any, set[Any]]] = defaultdict(dict)  # table -> owner -> keys

    def wrote(self, table: str, owner: Any) -> None:
        """Forgets what follows from the rows of this owner; from all rows of the table where owner is None."""
        owners = self._behind.get(table)
        if owners:
            for one in (owner, None) if owner is not None else tuple(owners):
                for key in owners.pop(one, ()):
                    self._kept.pop(key, None)

    def keep(self, key: Any, value: Any, sources: tuple[Source, ...]) -> None:
        """Keeps a value that follows from these rows."""
        self._kept[key] = value
        for table, owner in sources:
            self._behind[table].setdefault(owner, set()).add(key)

    def kept(self, key: Any) -> Any:
        """The value kept under `key`, None where there is none or a row behind it was written since."""
        return self._kept.get(key)

    def clear(self) -> None:
        """Forgets everything: rows were rolled back."""
        self._kept.clear()


class Tx:
    """One unit's view of the database: its connection, and a `now` that doesn't move (aware, in the house's zone)."""

    __slots__ = ("_cursor", "_engine", "_guarded", "_later", "at", "memo", "now", "told", "vault", "wrote")

    def __init__(
        self,
        cursor: Any,
        engine: str,
        now: datetime,
        memo: Memo | None = None,
        *,
        guarded: bool = True,
        keys: Vault = vault.NONE,
    ) -> None:
        """`memo` is shared by the units of one transaction; `guarded` says that this one has its savepoint; `keys` open
        and seal the sealed columns."""
        self.memo = memo or Memo()
        self._cursor = cursor
        self._engine = engine
        self._guarded = guarded
        self._later = None if guarded else getattr(cursor, "later", None)
        self.now = now
        self.at = micros(now)
        self.told: set[str] = set()
        self.vault = keys
        self.wrote = False

    def run(self, statement: Statement, **values: Any) -> int:
        """Executes and counts the rows it changed."""
        text, values, _ = self._ready(statement, values)
        self._cursor.execute(text, values)
        count = int(self._cursor.rowcount)
        if statement.writes and count:
            self._wrote(statement, values)
        return count

    def adds(self, statement: Statement, **values: Any) -> bool:
        """Executes and says whether it changed a row.

        Where the engine sends it along with the next statement the answer is taken for granted: yes. Where that turns
        out to be wrong, the batch is done anew and asks.
        """
        if self._later is None:
            return self.run(statement, **values) > 0
        text, values, _ = self._ready(statement, values)
        self._later(text, values, granted=True)
        self._wrote(statement, values)
        return True

    def made(self, statement: Statement, **values: Any) -> int:
        """Adds a row by an `insert_row` that returns its id, and gives that. What is sent along has one given to it."""
        if self._later is None:
            return int(self.value(statement, **values))
        table = statement.writes
        left = self.memo.numbers.get(table) or self._numbers(table)
        number = left.pop()
        self.adds(statement.numbered, **values, id=number)
        self.memo.numbers[table] = left
        return number

    def _numbers(self, table: str) -> list[int]:
        """Ids of rows to come. Taken anew in each transaction, since a later row has the greater one."""
        rows = self.all(NEXT_NUMBERS, table=table, count=self.memo.units)
        return [row[0] for row in reversed(rows)]

    def foresee(self, asked: Sequence[Asked]) -> None:
        """Asks at once what the units of this transaction will ask with `foreseen`."""
        ready = [self._ready(statement, dict(values)) for statement, values in asked]
        found = self._cursor.ahead([(text, values) for text, values, _ in ready])
        self.memo.ahead = True
        for (statement, values), (_, _, make), rows in zip(asked, ready, found, strict=True):
            sources = tuple((column, None) for column in statement.columns)
            self.memo.keep((statement, *values.values()), [make(row) for row in rows], sources)

    def foreseen(self, statement: Statement, **values: Any) -> Any:
        """As `one`, without asking where the answer came in ahead and still holds. No sealed columns."""
        rows = self.memo.kept((statement, *values.values())) if self.memo.ahead else None
        if rows is None:
            return self.one(statement, **values)
        return rows[0] if rows else None

    def all(self, statement: Statement, **values: Any) -> list[Any]:
        """Every row, as named tuples."""
        make = self._execute(statement, values)
        rows = list(map(make, self._cursor.fetchall())) if make else []
        return [self.vault.opened(statement.opens, row) for row in rows] if statement.opens else rows

    def one(self, statement: Statement, **values: Any) -> Any:
        """The first row as a named tuple, or None."""
        make = self._execute(statement, values)
        row = self._cursor.fetchone()
        if make is None or row is None:
            return None
        return self.vault.opened(statement.opens, make(row)) if statement.opens else make(row)

    def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def same(self, statement: Statement, **values: Any) -> list[Any]:
        """As `all`, asked once per transaction for as long as nobody writes to the tables it reads.

        For what is alike for all who answer in the same moment. The list is shared: don't change it.
        """
        key = (statement, *values.values())
        rows: list[Any] | None = self.memo.kept(key)
        if rows is None:
            rows = self.all(statement, **values)
            self.memo.keep(key, rows, tuple((table, None) for table in statement.tables))
        return rows

    def _execute(self, statement: Statement, values: dict[str, Any]) -> Any:
        text, values, make = self._ready(statement, values)
        self._cursor.execute(text, values)
        if statement.writes:
            self._wrote(statement, values)
        return make

    def _ready(self, statement: Statement, values: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
        """(its text, its values with the constants and what is sealed, what makes its rows)."""
        text, constants, make = statement.on(self._engine)
        if statement.seals:
            values = self.vault.sealed(statement.seals, values)
        return text, {**constants, **values} if constants else values, make

    def _wrote(self, statement: Statement, values: dict[str, Any]) -> None:
        self.wrote, memo = True, self.memo
        memo.wrote(statement.writes, values[statement.owner] if statement.owner else None)
        if memo.ahead:
            for one in statement.changes:
                memo.wrote(one, None)
        if memo.numbers:
            memo.numbers.pop(statement.writes, None)  # whoever else adds a row has the greater id

    def restart(self) -> None:
        """Forgets all that this unit has written so far, so that a refusal leaves nothing but itself."""
        self.told.clear()
        if not self.wrote:
            return
        if not self._guarded:
            raise Again
        self._cursor.execute("ROLLBACK TO SAVEPOINT unit")
        self.memo.clear()
        self.wrote = False

    def tell(self, what: str) -> None:
        """Lets the database's listeners hear `what` once this unit is committed."""
        self.told.add(what)

    def moment(self, at: int) -> datetime:
        """The instant of a row in the house's zone."""
        return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(self.now.tzinfo)

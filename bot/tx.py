"""What a unit of work sees of the database: statements, a time that stands still, nothing it could await."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

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


def instant(at: int, zone: tzinfo | None) -> datetime:
    """The instant of a row in a zone: what `micros` was made of."""
    return datetime.fromtimestamp(at / 1_000_000, zone)


class Again(BaseException):
    """What a unit has written must be forgotten, and it has no savepoint: its batch is done anew, with savepoints.

    Not an Exception, so that no unit can catch it.
    """


Source = tuple[str, Any]
"""A table, and whose rows of it: what stands in the first column of its `insert_row`, or in the first two as a pair, or
None for all; or TABLE.COLUMN, and None."""
MOST_KEPT = 10_000  # values that a Memo takes in its life


_NOTHING: dict[Any, list[dict[Any, Any]]] = {}


class Asked(NamedTuple):
    """A question that can be asked ahead; what is found is kept in `group` until one of `sources` is written. Without
    these two in that of the statement, until a column that it reads is written."""

    statement: Statement
    values: Mapping[str, Any]
    group: Any = None
    sources: tuple[Source, ...] = ()

    @property
    def place(self) -> tuple[Any, Any]:
        """The group and the key in it under which a Memo keeps what was found."""
        return self.group or self.statement, tuple(self.values.values())


class Memo:
    """What the writer's units know already. It holds until one of them changes the rows behind it: in a transaction
    nobody else writes, and on SQLite the next transaction is told whether somebody did (`Writer`).

    Values lie in groups: all of a group follow from the same rows and are forgotten together.
    """

    __slots__ = ("_behind", "_kept", "_room", "numbers", "units")

    def __init__(self, units: int = 1) -> None:
        """For so many units."""
        self.units = units
        self.numbers: dict[str, list[int]] = {}  # table -> ids of rows to come, the next one last
        self._room = MOST_KEPT
        self._kept: dict[Any, dict[Any, Any]] = {}  # group -> key -> value
        self._behind: dict[str, dict[Any, list[dict[Any, Any]]]] = {}  # table -> owner -> groups

    def wrote(self, table: str, owner: tuple[Any, ...], columns: Iterable[str] = ()) -> None:
        """Forgets what follows from these columns (TABLE.COLUMN), and from the rows of this owner (one or two values);
        from all rows of the table where it is ()."""
        behind = self._behind
        for column in columns:
            for values in behind.get(column, _NOTHING).get(None, ()):
                values.clear()
        owners = behind.get(table)
        if owners:
            for one in (None, owner[0], owner) if owner else owners:
                for values in owners.get(one, ()):
                    values.clear()

    def keep(self, group: Any, key: Any, value: Any, sources: Iterable[Source]) -> None:
        """Keeps a value; all that is in this group follows from these rows."""
        values = self._kept.get(group)
        if values is None:
            values = self._kept[group] = {}
            for table, owner in sources:
                self._behind.setdefault(table, {}).setdefault(owner, []).append(values)
        values[key] = value
        self._room -= 1

    def kept(self, group: Any, key: Any) -> Any:
        """The value kept under `key`, None where there is none or a row behind it was written since."""
        values = self._kept.get(group)
        return values.get(key) if values else None

    def clear(self) -> None:
        """Forgets everything: rows were rolled back."""
        for values in self._kept.values():
            values.clear()

    @property
    def full(self) -> bool:
        """Whether a new one should begin, so that it never outgrows what is asked again and again."""
        return self._room <= 0


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
        return self._along(statement, values, granted=True) or self.run(statement, **values) > 0

    def send(self, statement: Statement, **values: Any) -> None:
        """Executes where nobody asks how many rows it changed; it may go along with the next statement."""
        if not self._along(statement, values, granted=False):
            self.run(statement, **values)

    def _along(self, statement: Statement, values: dict[str, Any], *, granted: bool) -> bool:
        """Sends it along with the next statement; False where the engine doesn't."""
        if self._later is None:
            return False
        text, values, _ = self._ready(statement, values)
        self._later(text, values, granted=granted)
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

    def foresee(self, asked: Iterable[Asked]) -> None:
        """Asks at once what the units of this transaction will ask with `foreseen` or `same`, and is not known yet."""
        unknown = [one for one in {one.place: one for one in asked}.values() if self.memo.kept(*one.place) is None]
        if not unknown:
            return
        ready = [self._ready(one.statement, dict(one.values)) for one in unknown]
        found = self._cursor.ahead([(text, values) for text, values, _ in ready])
        for one, (_, _, make), rows in zip(unknown, ready, found, strict=True):
            made = self._opened(one.statement, map(make, rows))
            self.memo.keep(*one.place, made, one.sources or one.statement.sources)

    def foreseen(self, statement: Statement, group: Any = None, **values: Any) -> list[Any]:
        """As `all`, asked now only where it was not asked ahead or what was found holds no longer."""
        rows: list[Any] | None = self.memo.kept(group or statement, tuple(values.values()))
        return self.all(statement, **values) if rows is None else rows

    def all(self, statement: Statement, **values: Any) -> list[Any]:
        """Every row, as named tuples."""
        make = self._execute(statement, values)
        return self._opened(statement, map(make, self._cursor.fetchall())) if make else []

    def _opened(self, statement: Statement, rows: Iterable[Any]) -> list[Any]:
        return [self.vault.opened(statement.opens, row) for row in rows] if statement.opens else list(rows)

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
        """As `all`, asked once for as long as nobody writes to the columns it reads.

        For what is alike for all who answer in the same moment, or for one who writes again. The list is shared: don't
        change it.
        """
        key = tuple(values.values())
        rows: list[Any] | None = self.memo.kept(statement, key)
        if rows is None:
            rows = self.all(statement, **values)
            self.memo.keep(statement, key, rows, statement.sources)
        return rows

    def _execute(self, statement: Statement, values: dict[str, Any]) -> Any:
        text, values, make = self._ready(statement, values)
        self._cursor.execute(text, values)
        if statement.writes:
            self._wrote(statement, values)
        return make

    def _ready(self, statement: Statement, values: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
        """(its text, its values with the constants and what is sealed, what makes its rows)."""
        text, constants, make = statement.compiled.get(self._engine) or statement.on(self._engine)
        if statement.seals:
            values = self.vault.sealed(statement.seals, values)
        return text, {**constants, **values} if constants else values, make

    def _wrote(self, statement: Statement, values: dict[str, Any]) -> None:
        self.wrote, memo = True, self.memo
        memo.wrote(statement.writes, statement.owner(values), statement.changes)
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
        return instant(at, self.now.tzinfo)


Ahead = Callable[[Tx], Iterator[Sequence[Asked]]]
"""What a unit will ask, step by step: what a step asks may follow from what was found for those before it."""

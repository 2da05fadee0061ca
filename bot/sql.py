"""One text of every statement for SQLite and PostgreSQL, compiled once and run through the bare cursor.

Core's execution layer costs more than SQLite itself, so Core is the language of tables and statements only:
`sql(...)` makes a module constant, `Tx` runs it. Raw cursors know no Core types, therefore columns are whole
numbers, text or bytes: instants are UTC microseconds, dates ISO text, money fen.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Insert,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    UpdateBase,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, ClauseElement

metadata = MetaData()
Number = BigInteger().with_variant(Integer(), "sqlite")

DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class Sealed(Text):
    """Text that is encrypted in the database (bot/vault.py). `place` is TABLE.COLUMN; a column can only be written and
    selected as it is: no comparing, no order, no sum. A `later` one is written plain, and sealed once it has served
    (bot/sealing.py, `put_away`)."""

    cache_ok = True

    def __init__(self, place: str, *, number: bool = False, later: bool = False) -> None:
        super().__init__()
        self.place, self.number, self.later = place, number, later


_GIVEN = object()  # stands where a run gives the value
Owner = Callable[[Mapping[str, Any]], tuple[Any, ...]]
Compiled = tuple[str, dict[str, Any], Callable[[Sequence[Any]], Any] | None]


class Statement:
    """A statement, its text per engine and the shape of its rows. Rows are named tuples.

    `writes` is the name of the table it changes, "" where it only reads; `changes` the columns that it changes, TABLE.*
    where it adds or takes out rows; `owner` finds among its values the two that say whose row it writes, () where
    that is not known.
    `seals` are the parameters of sealed columns with their places, `opens` the sealed cells of a row (index, place,
    whether it is a whole number); both are known once it is compiled.
    """

    __slots__ = ("__dict__", "changes", "clause", "compiled", "names", "opens", "owner", "seals", "writes")

    def __init__(self, clause: ClauseElement, names: Sequence[str] = ()) -> None:
        self.clause = clause
        self.names = list(names)
        self.compiled: dict[str, Compiled] = {}
        self.seals: tuple[tuple[str, str], ...] = ()
        self.opens: tuple[tuple[int, str, bool], ...] = ()
        self.writes = str(clause.entity_description["table"].name) if isinstance(clause, UpdateBase) else ""
        self.changes = _changed(clause, self.writes)
        self.owner: Owner = itemgetter(*self.names[:2]) if len(self.names) > 1 else _nobody

    @cached_property
    def sources(self) -> tuple[tuple[str, None], ...]:
        """What its rows follow from: the columns it names as TABLE.COLUMN, and TABLE.* of their tables."""
        parts = list(visitors.iterate(self.clause))
        tables = {part.name for part in parts if isinstance(part, Table)}
        whole = [
            one for part in parts if isinstance(part, Select) for one in part._raw_columns if isinstance(one, Table)
        ]
        named = [part for part in parts if isinstance(part, Column)] + [
            column for one in whole for column in one.columns
        ]
        whose: list[tuple[Any, str]] = [(getattr(one.table, "element", one.table), one.name) for one in named]
        columns = {f"{table.name}.{name}" for table, name in whose if isinstance(table, Table)}
        return tuple((one, None) for one in sorted({*columns, *(f"{table}.*" for table in tables)}))

    @cached_property
    def numbered(self) -> Statement:
        """An `insert_row` whose id is given instead of asked for."""
        return insert_row(self.clause.entity_description["table"], *self.names, "id")  # type: ignore[attr-defined]

    def on(self, engine: str) -> Compiled:
        """(text, constant parameters, maker of rows or None) for "sqlite" or "postgresql"."""
        found = self.compiled.get(engine)
        if found is None:
            found = self.compiled[engine] = self._compile(engine)
        return found

    def _compile(self, engine: str) -> Compiled:
        compiled: Any = self.clause.compile(
            dialect=DIALECTS[engine], column_keys=self.names or None, compile_kwargs={"render_postcompile": True}
        )
        constants = {
            key: value for key, value in compiled.params.items() if key not in self.names and value is not _GIVEN
        }
        binds = [(key, one.type) for one, key in compiled.bind_names.items() if isinstance(one.type, Sealed)]
        given = [(key, kind.place) for key, kind in binds if not kind.later]
        types = [(index, column[3]) for index, column in enumerate(compiled._result_columns)]
        self.opens = tuple((index, one.place, one.number) for index, one in types if isinstance(one, Sealed))
        if any(constants.get(key) for key, _ in given):
            raise ValueError(f"a constant in a sealed column: {compiled}")
        self.seals = tuple(one for one in given if one[0] not in constants)
        columns = [column[0] for column in compiled._result_columns]
        row: Any = namedtuple("Row", columns, rename=True) if columns else None
        return str(compiled), constants, row and row._make


def _nobody(_values: Mapping[str, Any]) -> tuple[()]:
    return ()


def _changed(clause: Any, table: str) -> tuple[str, ...]:
    if isinstance(clause, Update):
        return tuple(f"{table}.{getattr(column, 'name', column)}" for column in clause._values or ())
    return (f"{table}.*",) if table else ()


def sql(clause: ClauseElement) -> Statement:
    """A statement as a module constant; its parameters are named by `p("name")`."""
    return Statement(clause)


def p(name: str) -> BindParameter[Any]:
    """A parameter of a statement; it has to be given at every run."""
    return bindparam(name, _GIVEN)


def insert_row(
    table: Table, *names: str, conflict: Sequence[str] | None = None, returning: Column[Any] | None = None
) -> Statement:
    """INSERT of the named columns, the first two of which say whose row it is.

    With `conflict` (the columns of a key) a second row of that key does nothing.
    """
    clause: Insert = insert(table).inline()  # else Core would have ids returned that nobody asked for
    if conflict is not None:
        clause = clause.on_conflict_do_nothing(index_elements=conflict)  # type: ignore[attr-defined]
    if returning is not None:
        clause = clause.returning(returning)
    return Statement(clause, names)

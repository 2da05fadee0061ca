"""`move --to URL`: everything into another, empty database, in one transaction, and counted again before it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, create_engine, delete, func, inspect, make_url, select

import handlers
from bot.cli import check
from bot.cli.alive import runs
from bot.config import Config
from bot.db import Tx
from bot.engines import BEGIN, BEGIN_READING, ERRORS, connect, down, engine_of
from bot.message import Refused
from bot.migrations import current, migrate
from bot.sql import insert_row, metadata, sql
from bot.tables import seen
from bot.vault_tables import vault_keys
from bot.writer import begun

assert handlers.COMMANDS  # with them every table is in the metadata
BATCH = 1000
ROOM = 1 << 256
NO_KEYS = sql(delete(vault_keys))
HEARD = sql(select(func.count()).select_from(seen))


@dataclass(slots=True)
class Sum:
    """What a table holds: rows, the sum of each column of whole numbers, and the sum of the hashes of its rows."""

    rows: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    digest: int = 0

    def add(self, names: list[str], batch: list[tuple[Any, ...]]) -> None:
        """Takes rows in; their order makes no difference."""
        self.rows += len(batch)
        for row in batch:
            self.digest = (self.digest + int.from_bytes(hashlib.sha256(repr(row).encode()).digest())) % ROOM
            for name, value in zip(names, row, strict=True):
                if isinstance(value, int):
                    self.columns[name] = self.columns.get(name, 0) + value


def move(config: Config, target: str) -> str:
    """Copies everything to the empty database at `target`; what was done. The source is not changed.

    1. The target is migrated; one that holds anything is refused.  2. All tables are copied in one transaction, from
    one state of the source.  3. Counts, sums and hashes of both are compared, and the copy's trail and ledger checked.
    Raises Refused with a line per failure, or DatabaseDown; then the target is as empty as before.
    """
    source = config.bot.database
    if not target.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise Refused("--to: write sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    if make_url(target) == make_url(source):
        raise Refused("--to is the database of the configuration: name another one")
    if runs(config):
        raise Refused("the bot still runs, and what it records from now on would stay behind: stop it, then move")
    migrate(source)
    moved = copied(source, target, datetime.now(config.zone), stopped=True)
    rows = sum(one.rows for one in moved.values())
    return f"已搬到 {shown(target)}：{len(moved)} 张表，{rows} 行，逐表核对一致。请把 bot.database 改成新地址再启动。"


def copied(source: str, target: str, now: datetime, *, stopped: bool) -> dict[str, Sum]:
    """One state of everything in the empty database at `target`, compared before it is kept; the sums of each table.

    Where the bot should be `stopped`, messages that come in meanwhile are a reason to keep nothing. Raises as `move`.
    """
    _prepare(target)
    with closing(connect(source, read_only=True)) as old, closing(connect(target)) as new:
        try:
            return _copy(old, engine_of(source), new, engine_of(target), now, stopped=stopped)
        except (*ERRORS, UnicodeError) as error:
            raise down(error, f"nothing was moved to {shown(target)}") from error


def shown(url: str) -> str:
    """A database's address without its password."""
    return make_url(url).render_as_string(hide_password=True)


def _prepare(target: str) -> None:
    """Makes our tables where nothing is. Raises Refused where something else is."""
    if target.startswith("postgresql") and current(target) == "":
        engine = create_engine(target)
        others = inspect(engine).get_table_names()
        engine.dispose()
        if others:
            raise Refused(f"{shown(target)} holds tables of something else ({others[0]} …): name an empty database")
    migrate(target)


def _copy(old: Any, source: str, new: Any, target: str, now: datetime, *, stopped: bool) -> dict[str, Sum]:
    reader, writer = begun(old, BEGIN_READING[source]), begun(new, BEGIN[target])
    tx = Tx(writer, target, now)
    try:
        filled = {table.name: rows for table in tables() if (rows := _count(tx, table))}
        if set(filled) == {vault_keys.name}:  # it was only looked at; what it will hold is sealed by the source's key
            tx.run(NO_KEYS)
        else:
            _refuse([f"{name}: {rows} rows" for name, rows in filled.items()], "not empty")
        sums = {table.name: _copy_table(reader, source, writer, target, table) for table in tables()}
        faults = [
            one for table in tables() for one in _compare(table.name, sums[table.name], _sum(writer, target, table))
        ]
        _refuse(faults + (check.faults(tx) if stopped else []), "the copy differs")
        if stopped:
            _refuse(heard_since(old, source, sums[seen.name].rows), "the bot still runs")
        writer.execute("COMMIT")
    except BaseException:
        writer.execute("ROLLBACK")
        raise
    return sums


def _refuse(faults: list[str], what: str) -> None:
    if faults:
        raise Refused("\n".join(f"{what}, nothing was moved: {fault}" for fault in faults))


def heard_since(old: Any, source: str, copied: int) -> list[str]:
    """A line where messages came in while the copy was made: they would be lost."""
    old.execute("ROLLBACK")
    heard = int(Tx(begun(old, BEGIN_READING[source]), source, datetime.now(UTC)).value(HEARD)) - copied
    return [f"{heard} messages came in meanwhile; stop the bot, then move again"] if heard else []


def tables() -> list[Table]:
    """Every table, those that others name first."""
    return metadata.sorted_tables


def _count(tx: Tx, table: Table) -> int:
    return int(tx.value(sql(select(func.count()).select_from(table))))


def _rows(cursor: Any, engine: str, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    text, constants, _ = sql(select(table)).on(engine)
    cursor.execute(text, constants)
    while batch := cursor.fetchmany(BATCH):
        yield [tuple(row) for row in batch]


def _sum(cursor: Any, engine: str, table: Table) -> Sum:
    found, names = Sum(), [column.name for column in table.columns]
    for batch in _rows(cursor, engine, table):
        found.add(names, batch)
    return found


def _copy_table(reader: Any, source: str, writer: Any, target: str, table: Table) -> Sum:
    found, names = Sum(), [column.name for column in table.columns]
    text, _, _ = insert_row(table, *names).on(target)
    for batch in _rows(reader, source, table):
        writer.executemany(text, [dict(zip(names, row, strict=True)) for row in batch])
        found.add(names, batch)
    if target == "postgresql" and table.autoincrement_column is not None:
        _go_on_counting(writer, table)
    return found


def _go_on_counting(writer: Any, table: Table) -> None:
    """PostgreSQL counts in a sequence of its own, which rows that bring their numbers don't move."""
    column = table.autoincrement_column
    assert column is not None
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    text, constants, _ = sql(select(func.setval(sequence, func.max(column)))).on("postgresql")
    writer.execute(text, constants)


def _compare(name: str, was: Sum, now: Sum) -> list[str]:
    if was.rows != now.rows:
        return [f"{name}: {was.rows} rows became {now.rows}"]
    sums = [one for one in was.columns if was.columns[one] != now.columns.get(one)]
    if sums:
        return [f"{name}.{one}: the sum {was.columns[one]} became {now.columns.get(one)}" for one in sums]
    return [] if was.digest == now.digest else [f"{name}: a text differs"]

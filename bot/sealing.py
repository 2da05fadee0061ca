"""Brings every sealed column under the current key: what was there before there was one, and after it was changed.

A batch is a transaction of its own, so it goes on beside a running bot and can be stopped at any moment: each value
names its key, and old keys are read until no value names them. Whoever writes in the meantime seals with the new key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Column, Text, and_, func, select, type_coerce, update

from bot.db import Database, Tx
from bot.engines import BEGIN_READING, connect, engine_of
from bot.sql import Sealed, Statement, insert_row, metadata, p, sql
from bot.vault import MARK, NoKey, Vault, is_under
from bot.vault_tables import vault_keys
from bot.writer import begun

BATCH = 500

KEYS = sql(select(vault_keys).where(vault_keys.c.retired_at == 0).order_by(vault_keys.c.made_at, vault_keys.c.name))
ADD = insert_row(vault_keys, "name", "made_at", "sealed_at", "retired_at", conflict=["name"])
BACK = sql(update(vault_keys).where(vault_keys.c.name == p("key")).values(retired_at=0, sealed_at=0))
SEALED = sql(update(vault_keys).where(vault_keys.c.name == p("key")).values(sealed_at=p("at")))
_others = (vault_keys.c.name != p("key"), vault_keys.c.retired_at == 0)
RETIRE = sql(update(vault_keys).where(*_others).values(retired_at=p("at")))


def columns() -> Iterator[Column[Any]]:
    """Every sealed column of every table that is known."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Sealed))


@cache
def _statements(column: Column[Any]) -> tuple[Statement, Statement, Statement]:
    """(the next values under another key, putting one value in another's place, how many are left), as they stand."""
    plain, key = type_coerce(column, Text), column.table.c.id
    other = and_(plain != "", ~plain.startswith(p("mark"), autoescape=False))
    following = select(key.label("row"), plain.label("value")).where(key > p("after"), other)
    put = update(column.table).where(key == p("row"), plain == p("old"))
    return (
        sql(following.order_by(key).limit(BATCH)),
        sql(put.values({column.name: type_coerce(p("new"), Text)})),
        sql(select(func.count()).select_from(column.table).where(other)),
    )


def keys_of(url: str) -> list[str]:
    """The names of the keys that a database can't be read without. Raises DatabaseDown."""
    engine = engine_of(url)
    with closing(connect(url, read_only=True)) as connection:
        return [row.name for row in Tx(begun(connection, BEGIN_READING[engine]), engine, datetime.now(UTC)).all(KEYS)]


def admit(tx: Tx) -> list[Any]:
    """Notes that the current key seals from now on; the keys in use, the oldest first."""
    tx.run(ADD, name=tx.vault.current, made_at=tx.at, sealed_at=0, retired_at=0)
    if all(row.name != tx.vault.current for row in tx.all(KEYS)):  # one of old that came back
        tx.run(BACK, key=tx.vault.current)
    return tx.all(KEYS)


def unfinished(tx: Tx) -> bool:
    """Whether a change of keys was begun and not ended."""
    return any(row.name == tx.vault.current and not row.sealed_at for row in admit(tx))


async def begin(database: Database) -> None:
    """At the start: notes a new key, and seals what is there where it is the first one."""
    keys = await database.read(lambda tx: tx.all(KEYS))
    if [row.name for row in keys if row.sealed_at] == [row.name for row in keys] == [database.keys.current]:
        return
    keys = await database.write(admit)
    if len(keys) == 1 and not keys[0].sealed_at:
        await reseal(database)


async def reseal(database: Database) -> int:
    """Brings every value under the current key and retires the others; how many values were sealed anew.

    Raises NoKey for a value whose key is not at hand; then the others stay as they are, and a next call goes on.
    """
    done = 0
    while not await database.write(_finished):
        for column in columns():
            after: int | None = 0
            while after is not None:
                after, count = await database.write(partial(_batch, column=column, after=after))
                done += count
    return done


def _batch(tx: Tx, column: Column[Any], after: int) -> tuple[int | None, int]:
    """Seals the next values; (the last row, None at the end; how many)."""
    following, put, _ = _statements(column)
    rows = tx.all(following, after=after, mark=_mark(tx.vault))
    return (rows[-1].row if rows else None), sum(_anew(tx, column, put, row) for row in rows)


def _anew(tx: Tx, column: Column[Any], put: Statement, row: Any) -> int:
    """One value under the current key; it is opened again before it takes the old one's place."""
    place = _place(column)
    text = tx.vault.open(row.value, place)
    new = tx.vault.seal(text, place)
    if not is_under(new, tx.vault.current) or tx.vault.open(new, place) != text:
        raise NoKey(f"a value of {place} can't be sealed anew: nothing of it was changed")
    return tx.run(put, row=row.row, old=row.value, new=new)


def _mark(keys: Vault) -> str:
    return f"{MARK}{keys.current}:"


def left(tx: Tx) -> dict[str, int]:
    """How many values another key has sealed, or none, by place; {} where all are under the current one."""
    mark = _mark(tx.vault)
    counts = {_place(one): int(tx.value(_statements(one)[2], mark=mark)) for one in columns()}
    return {place: count for place, count in counts.items() if count}


def _finished(tx: Tx) -> bool:
    """In one transaction with the last look, so that no other key is retired while a value names it."""
    if left(tx):
        return False
    tx.run(SEALED, key=tx.vault.current, at=tx.at)
    tx.run(RETIRE, key=tx.vault.current, at=tx.at)
    return True


def _place(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"

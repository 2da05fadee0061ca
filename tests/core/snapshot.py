"""All rows of a database, to compare before and after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

import handlers.tables
from bot.db import Database, Tx
from bot.sql import Statement, metadata, sql

assert handlers.tables  # its tables are in the metadata
TABLES: dict[str, Statement] = {
    table.name: sql(select(table).order_by(*table.primary_key.columns)) for table in metadata.sorted_tables
}

Rows = dict[str, list[tuple[Any, ...]]]


async def rows_of(database: Database) -> Rows:
    """Every row of every table by the table's name."""

    def work(tx: Tx) -> Rows:
        return {name: [tuple(row) for row in tx.all(statement)] for name, statement in TABLES.items()}

    return await database.read(work)


def changed(before: Rows, after: Rows) -> set[str]:
    """The names of the tables that differ."""
    return {name for name in after if before[name] != after[name]}

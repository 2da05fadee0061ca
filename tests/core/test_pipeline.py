"""What travels along with the next statement is not lost with it (PostgreSQL's pipeline; SQLite must do the same)."""

from __future__ import annotations

import asyncio
from functools import partial

import psycopg
import pytest
from sqlalchemy import select

from bot.db import Database, Tx
from bot.sql import p, sql
from bot.tables import jobs
from tests.core.test_database import PUT, database, held, ids

__all__ = ("database",)
FIND = sql(select(jobs.c.at).where(jobs.c.job == p("which")))


@pytest.mark.parametrize("text", ["\ud83d", "a\0b"])
async def test_a_text_that_no_database_holds_takes_nothing_along_that_waited_with_it(
    text: str, database: Database
) -> None:
    """What a unit let travel with the next statement is not lost with the one that can't be sent (PostgreSQL)."""

    def along(tx: Tx, name: str) -> str:
        assert tx.adds(PUT, platform="test", message_id=name, at=1)
        return name

    gate = await held(database)
    first = database.write(partial(along, name="before"))
    second = database.write(lambda tx: tx.all(FIND, which=text))
    third = database.write(partial(along, name="after"))
    await gate.release()
    before, unfit, after = await asyncio.gather(first, second, third, return_exceptions=True)
    assert (before, after) == ("before", "after")
    assert database.engine == "sqlite" or isinstance(unfit, (UnicodeError, psycopg.DataError))
    assert await database.read(ids) == ["after", "before"]

"""What travels along or is asked ahead changes nothing but the time. (PostgreSQL's pipeline; SQLite does the same.)"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, update

from bot.db import Database, Tx
from bot.sql import insert_row, p, sql
from bot.tables import jobs, trail
from bot.tx import Asked
from tests.cast import ZONE
from tests.core.test_database import ADD_JOB, PUT, database, held, ids

__all__ = ("database",)
FIND = sql(select(jobs.c.at).where(jobs.c.job == p("which")))
MOVE = sql(update(jobs).where(jobs.c.job == p("which")).values(at=p("to")))
MARK = sql(update(jobs).where(jobs.c.job == p("which")).values(outcome=p("to")))
_names = ("branch_id", "number", "at", "actor", "member_id", "action", "subject", "detail", "hash")
ADD = insert_row(trail, *_names, returning=trail.c.id)
IDS = sql(select(trail.c.id, trail.c.number).order_by(trail.c.number))


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


def _job(tx: Tx, which: str) -> None:
    tx.run(ADD_JOB, job=which, period="", at=1, outcome="")


def _there(tx: Tx, which: str) -> bool:
    return tx.one(FIND, which=which) is not None


def _asks(_tx: Tx, which: str) -> Iterator[list[Asked]]:
    yield [Asked(FIND, {"which": which})] if which else []


async def _together(database: Database, *works: tuple[Any, str]) -> list[Any]:
    """The results of units that are one batch; each says which job it will ask for."""
    gate = await held(database)
    coming = [database.write(work, partial(_asks, which=which)) for work, which in works]
    await gate.release()
    return await asyncio.gather(*coming)


async def test_what_was_asked_ahead_holds_only_until_somebody_writes_what_it_follows_from(database: Database) -> None:
    def look(tx: Tx) -> int:
        return int(tx.foreseen(FIND, which="a")[0].at)

    def move(tx: Tx) -> int:
        return tx.run(MOVE, which="a", to=look(tx) + 1)

    def mark(tx: Tx) -> int:
        return tx.run(MARK, which="a", to="done")

    await database.write(partial(_job, which="a"))
    found = await _together(database, (look, "a"), (mark, ""), (look, "a"), (move, "a"), (look, "a"), (move, "a"))
    assert found == [1, 1, 1, 1, 2, 1]
    assert await database.read(look) == 3


async def test_what_was_asked_ahead_for_a_row_that_comes_in_the_same_batch_finds_it(database: Database) -> None:
    def there(tx: Tx) -> bool:
        return bool(tx.foreseen(FIND, which="b"))

    assert await _together(database, (there, "b"), (partial(_job, which="b"), ""), (there, "b")) == [False, None, True]


async def test_a_question_ahead_that_no_database_can_hold_hurts_only_who_asked_it(database: Database) -> None:
    def ask(tx: Tx, which: str) -> Any:
        return tx.foreseen(FIND, which=which)

    gate = await held(database)
    coming = [database.write(partial(ask, which=one), partial(_asks, which=one)) for one in ("a", "\0", "b")]
    await gate.release()
    first, odd, last = await asyncio.gather(*coming, return_exceptions=True)
    assert (first, last) == ([], [])
    assert odd == [] if database.engine == "sqlite" else isinstance(odd, psycopg.DataError)


async def test_a_bug_in_what_is_asked_ahead_costs_nobody_his_answer(database: Database) -> None:
    def guess(_tx: Tx, which: str) -> Iterator[list[Asked]]:
        yield [Asked(FIND, {"which": which})]
        raise LookupError

    gate = await held(database)
    coming = [database.write(partial(_job, which=one), partial(guess, which=one)) for one in ("a", "b")]
    await gate.release()
    await asyncio.gather(*coming)
    assert [await database.read(partial(_there, which=one)) for one in ("a", "b", "c")] == [True, True, False]


async def test_a_later_row_has_the_greater_id_whoever_writes_it_and_however(database_url: str) -> None:
    databases = [Database(database_url, ZONE) for _ in range(2)]
    made: list[int] = []

    def add(tx: Tx, plain: bool) -> None:
        row = {**dict.fromkeys(_names, "x"), "branch_id": 0, "at": 1, "member_id": 0, "number": len(made)}
        made.append(int(tx.value(ADD, **row)) if plain else tx.made(ADD, **row))

    for turn in range(6):
        one = databases[turn % 2]
        gate = await held(one)
        coming = [one.write(partial(add, plain=number % 5 == turn)) for number in range(8)]
        await gate.release()
        await asyncio.gather(*coming)
    assert made == sorted(set(made))
    assert await databases[0].read(lambda tx: [row.id for row in tx.all(IDS)]) == made
    for one in databases:
        await one.close()


async def test_a_row_that_is_taken_back_leaves_its_id_to_nobody(database: Database) -> None:
    def add(tx: Tx, number: int) -> int:
        row = {**dict.fromkeys(_names, "x"), "branch_id": 0, "at": 1, "member_id": 0, "number": number}
        made = tx.made(ADD, **row)
        if number == 1:
            raise LookupError
        return made

    gate = await held(database)
    coming = [database.write(partial(add, number=number)) for number in range(3)]
    await gate.release()
    first, failed, last = await asyncio.gather(*coming, return_exceptions=True)
    assert isinstance(failed, LookupError)
    assert await database.read(lambda tx: [(row.id, row.number) for row in tx.all(IDS)]) == [(first, 0), (last, 2)]

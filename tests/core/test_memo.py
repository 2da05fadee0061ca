"""What the writer remembers from one transaction to the next: never longer than it is true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db import Database, Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.tables import jobs, seen
from bot.trail import note, verify
from bot.tx import MOST_KEPT, Memo
from tests.cast import START, ZONE

OUTCOME = sql(select(jobs.c.outcome).where(jobs.c.job == p("which")))
WHOLE = sql(select(jobs).where(jobs.c.job == p("which")))
ADD = insert_row(jobs, "job", "period", "at", "outcome")
TOUCH = sql(update(jobs).where(jobs.c.job == p("which")).values(at=jobs.c.at + 1))
SAY = sql(update(jobs).where(jobs.c.job == p("which")).values(outcome=p("said")))
OTHER = insert_row(seen, "platform", "message_id", "at")


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[list[Database]]:
    """Two processes on one database."""
    made = [Database(database_url, ZONE, now=lambda: START) for _ in range(2)]
    await made[0].write(lambda tx: tx.run(ADD, job="a", period="x", at=1, outcome="first"))
    yield made
    for one in made:
        await one.close()


def outcome(tx: Tx) -> str:
    return str(tx.same(OUTCOME, which="a")[0].outcome)


def say(words: str) -> Callable[[Tx], Any]:
    return lambda tx: tx.run(SAY, which="a", said=words)


async def test_what_another_process_wrote_is_seen(two: list[Database]) -> None:
    here, there = two
    for words in ("second", "third", "fourth"):
        await there.write(say(words))
        assert await here.write(outcome) == words
        assert await there.write(outcome) == words


async def test_two_processes_write_one_chain(two: list[Database]) -> None:
    for turn in range(12):
        await two[turn % 3 % 2].write(lambda tx: note(tx, 1, "clock", 0, "done", "job:a"))
    assert await two[0].read(verify) == []


async def test_what_was_taken_back_is_not_remembered(two: list[Database]) -> None:
    here = two[0]

    def refuses(tx: Tx) -> None:
        tx.run(SAY, which="a", said="wrong")
        assert outcome(tx) == "wrong"
        raise Refused("no")

    assert await here.write(outcome) == "first"
    with suppress(Refused):
        await here.write(refuses)
    assert await here.write(outcome) == "first"


@pytest.fixture
async def asked(sqlite: str) -> AsyncIterator[Callable[[Any], Any]]:
    """A call of the writer's that says how often the outcome of "a" was asked in it, on SQLite."""
    database = Database(sqlite, ZONE, now=lambda: START)
    await database.write(lambda tx: tx.run(ADD, job="a", period="x", at=1, outcome="first"))

    async def call(work: Callable[[Tx], Any]) -> int:
        heard: list[str] = []

        def traced(tx: Tx) -> None:
            connection = database._writer.connection
            connection.set_trace_callback(heard.append)
            work(tx)
            connection.set_trace_callback(None)

        await database.write(traced)
        return sum(text.startswith("SELECT jobs.") for text in heard)

    yield call
    await database.close()


async def test_it_is_asked_once_until_its_columns_change(asked: Callable[[Any], Any]) -> None:
    assert await asked(outcome) == 1
    assert await asked(outcome) == 0
    await asked(lambda tx: tx.run(TOUCH, which="a"))  # another column
    await asked(lambda tx: tx.run(OTHER, platform="x", message_id="1", at=1))  # another table
    assert await asked(outcome) == 0
    await asked(say("second"))
    assert await asked(outcome) == 1
    await asked(lambda tx: tx.run(ADD, job="b", period="x", at=1, outcome="first"))  # another row of the table
    assert await asked(outcome) == 1


async def test_who_asks_for_a_whole_row_hears_of_every_column(asked: Callable[[Any], Any]) -> None:
    def whole(tx: Tx) -> None:
        tx.same(WHOLE, which="a")

    assert [await asked(whole), await asked(whole)] == [1, 0]
    await asked(lambda tx: tx.run(TOUCH, which="a"))
    assert await asked(whole) == 1


def test_it_does_not_grow_for_ever() -> None:
    memo = Memo()
    for number in range(MOST_KEPT):
        assert not memo.full
        memo.keep("group", number, number, [("table", None)])
    assert memo.full

"""Units of work: committed together, failing alone, and what happens when the database itself fails."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, func, select, update

from bot import engines
from bot.db import Database, DatabaseDown, Tx, micros
from bot.sql import Number, insert_row, p, sql
from bot.tables import jobs, seen
from tests.cast import START, ZONE

PUT = insert_row(seen, "platform", "message_id", "at")
IDS = sql(select(seen.c.message_id).order_by(seen.c.at, seen.c.message_id))
COUNT = sql(select(func.count()).select_from(seen))
TOUCH = sql(update(jobs).where(jobs.c.job == p("which")).values(at=jobs.c.at + 1))
ADD_JOB = insert_row(jobs, "job", "period", "at", "outcome")
NO_SUCH_TABLE = sql(select(Table("nowhere", MetaData(), Column("id", Number)).c.id))


def put(tx: Tx, name: str, at: int = 0) -> str:
    tx.run(PUT, platform="test", message_id=name, at=at)
    return name


def ids(tx: Tx) -> list[str]:
    return [row.message_id for row in tx.all(IDS)]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, ZONE, now=lambda: START)
    yield made
    await made.close()


class Gate:
    """A unit that holds the writer until the test has queued what shall be one batch."""

    def __init__(self, database: Database) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        self.held = database.write(self._hold)

    def _hold(self, _tx: Tx) -> None:
        self.entered.set()
        assert self.open.wait(10)

    async def release(self) -> None:
        """Lets the batch of this unit end, and the next one begin."""
        self.open.set()
        await asyncio.gather(self.held, return_exceptions=True)


async def held(database: Database) -> Gate:
    gate = Gate(database)
    assert await asyncio.to_thread(gate.entered.wait, 10)
    return gate


def backend(database: Database) -> Any:
    """The writer's connection, for what a server does to one."""
    return database._writer.connection


def raw(url: str) -> Any:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


async def test_units_that_wait_share_one_commit(database: Database) -> None:
    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [database.write(partial(put, name=f"{n:02}")) for n in range(20)]
    assert database.waiting() == 20
    await gate.release()
    assert await asyncio.gather(*waiting) == [f"{n:02}" for n in range(20)]
    assert database.counts() == (2, 21)


async def test_a_unit_that_raises_rolls_back_alone_and_takes_nobody_with_it(database: Database) -> None:
    def bad(tx: Tx) -> None:
        put(tx, "bad")
        raise LookupError("mine alone")

    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [
        database.write(partial(put, name="a")),
        database.write(bad),
        database.write(partial(put, name="b")),
    ]
    await gate.release()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert found[0] == "a"
    assert isinstance(found[1], LookupError)
    assert found[2] == "b"
    assert await database.read(ids) == ["a", "b"]


async def test_a_statement_that_is_wrong_is_a_bug_of_its_unit_and_not_a_database_that_is_down(
    database: Database,
) -> None:
    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [
        database.write(partial(put, name="a")),
        database.write(lambda tx: tx.all(NO_SUCH_TABLE)),
        database.write(partial(put, name="a")),
        database.write(partial(put, name="b")),
    ]
    await gate.release()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[1], sqlite3.OperationalError | psycopg.errors.UndefinedTable)
    assert isinstance(found[2], sqlite3.IntegrityError | psycopg.errors.UniqueViolation)
    assert await database.read(ids) == ["a", "b"]
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        await database.read(lambda tx: tx.all(NO_SUCH_TABLE))


async def test_units_are_done_in_the_order_of_the_calls(database: Database) -> None:
    order: list[int] = []
    await asyncio.gather(*(database.write(lambda _tx, n=n: order.append(n)) for n in range(300)))  # type: ignore[misc]
    assert order == list(range(300))


async def test_many_units_are_cut_into_batches(database: Database) -> None:
    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [database.write(partial(put, name=f"{n}")) for n in range(200)]
    await gate.release()
    await asyncio.gather(*waiting)
    assert database.counts() == (5, 201)


async def test_now_stands_still_within_a_unit_and_moves_between_units(database_url: str) -> None:
    ticks = itertools.count()
    database = Database(database_url, ZONE, now=lambda: START + timedelta(seconds=next(ticks)))

    def look(tx: Tx) -> set[tuple[datetime, int]]:
        return {(tx.now, tx.at) for _ in range(5)}

    seen_by = [await database.write(look), await database.write(look), await database.read(look)]
    assert [len(one) for one in seen_by] == [1, 1, 1]
    assert len(set().union(*seen_by)) == 3
    await database.close()


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_an_instant_survives_its_row_to_the_microsecond(moment: datetime) -> None:
    aware = moment.replace(tzinfo=ZONE)
    assert Tx(None, "sqlite", START).moment(micros(aware)) == aware


async def test_restart_forgets_rows_and_what_was_told_but_not_the_unit(database: Database) -> None:
    heard: list[set[str]] = []
    database.listeners.append(heard.append)

    def work(tx: Tx) -> None:
        put(tx, "forgotten")
        tx.tell("forgotten")
        tx.restart()
        put(tx, "kept")
        tx.restart()
        put(tx, "last")
        tx.tell("last")

    await database.write(work)
    assert await database.read(ids) == ["last"]
    assert heard == [{"last"}]


async def test_what_is_told_is_heard_only_after_the_commit_and_never_of_a_unit_that_failed(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[set[str], int]] = []

    def hear(told: set[str]) -> None:
        other = engines.connect(database.url, read_only=True)
        heard.append((told, other.execute("SELECT count(*) FROM seen").fetchone()[0]))
        other.close()

    def deaf(told: set[str]) -> None:
        raise RuntimeError("a listener's bug")

    def good(tx: Tx, name: str) -> None:
        put(tx, name)
        tx.tell(name)

    def bad(tx: Tx) -> None:
        tx.tell("bad")
        raise LookupError

    database.listeners += [deaf, hear]
    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [
        database.write(partial(good, name="a")),
        database.write(bad),
        database.write(partial(good, name="b")),
    ]
    await gate.release()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert heard == [({"a", "b"}, 2)]
    assert "a listener met a bug" in caplog.text
    await database.write(partial(put, name="c"))


async def test_a_batch_that_fails_at_commit_fails_all_its_units(postgresql: str) -> None:
    with raw(postgresql) as connection:
        connection.execute("CREATE TABLE parents (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE kids (id int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
    orphan = insert_row(Table("kids", MetaData(), Column("id", Number)), "id")
    database = Database(postgresql, ZONE)
    heard: list[set[str]] = []
    database.listeners.append(heard.append)

    def tells(tx: Tx) -> None:
        put(tx, "a")
        tx.tell("a")

    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [database.write(tells), database.write(lambda tx: tx.run(orphan, id=1))]
    await gate.release()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found] == [DatabaseDown, DatabaseDown]
    assert found[0] is not found[1]
    assert heard == []
    assert await database.write(partial(put, name="b")) == "b"
    assert await database.read(ids) == ["b"]
    await database.close()


async def test_a_lock_that_is_held_too_long_is_a_database_that_is_down_and_ends_with_the_lock(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = engines.connect(database_url)  # before: it may hold the lock for as long as the machine likes
    monkeypatch.setattr(engines, "LOCK_MILLISECONDS", 60)
    database, cursor = Database(database_url, ZONE), other.cursor()
    cursor.execute(engines.BEGIN[database.engine])
    with pytest.raises(DatabaseDown):
        await database.write(partial(put, name="a"))
    assert await database.read(ids) == []  # reading goes on
    cursor.execute("COMMIT")
    assert await database.write(partial(put, name="b")) == "b"
    assert await database.read(ids) == ["b"]
    other.close()
    await database.close()


async def test_a_connection_that_is_cut_in_the_middle_loses_its_batch_and_comes_back_by_itself(
    postgresql: str,
) -> None:
    database = Database(postgresql, ZONE)
    await database.write(partial(put, name="a"))

    def cut(tx: Tx) -> None:
        put(tx, "lost")
        with raw(postgresql) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (backend(database).info.backend_pid,))
        put(tx, "lost too")

    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [database.write(partial(put, name="beside")), database.write(cut)]
    await gate.release()
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [DatabaseDown] * 2
    assert await database.write(partial(put, name="b")) == "b"
    assert await database.read(ids) == ["a", "b"]
    await database.close()


async def test_connections_that_die_in_their_idle_time_are_made_anew_and_nobody_notices(postgresql: str) -> None:
    database = Database(postgresql, ZONE)
    await database.write(partial(put, name="a"))
    await database.read(ids)
    with raw(postgresql) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    assert await database.write(partial(put, name="b")) == "b"
    assert await asyncio.gather(*(database.read(ids) for _ in range(4))) == [["a", "b"]] * 4
    await database.close()


async def test_a_server_that_is_away_is_a_database_that_is_down() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none", ZONE)
    with pytest.raises(DatabaseDown, match="cannot open the database"):
        await database.write(partial(put, name="a"))
    with pytest.raises(DatabaseDown) as caught:
        await database.read(ids)
    assert "\n" not in str(caught.value)
    await database.close()


async def test_a_deadlock_with_somebody_else_is_tried_again_until_it_works(postgresql: str) -> None:
    database = Database(postgresql, ZONE)
    for which in ("one", "two"):
        await database.write(partial(_job, which=which))
    other = psycopg.connect(postgresql.replace("+psycopg", ""))
    other.execute("SET deadlock_timeout = '10s'")  # so that the bot is the one to give in
    other.execute("UPDATE jobs SET at = at + 1 WHERE job = 'two'")
    tries: list[int] = []

    def work(tx: Tx) -> str:
        tries.append(1)
        tx.run(TOUCH, which="one")
        if len(tries) == 1:
            threading.Thread(target=_finish_other, args=(other,)).start()
            time.sleep(0.5)  # PostgreSQL looks for a deadlock once, a second after the wait began
        tx.run(TOUCH, which="two")
        return "done"

    beside = database.write(partial(put, name="beside"))
    assert await database.write(work) == "done"
    assert await beside == "beside"
    assert len(tries) in (2, 3)  # the row may be had again before the other one wakes
    assert await database.read(lambda tx: [row.at for row in tx.all(sql(select(jobs.c.at)))]) == [2, 2]
    other.close()
    await database.close()


def _job(tx: Tx, which: str) -> None:
    tx.run(ADD_JOB, job=which, period="", at=0, outcome="")


def _finish_other(other: Any) -> None:
    other.execute("UPDATE jobs SET at = at + 1 WHERE job = 'one'")
    other.commit()


async def test_what_can_never_be_serialized_is_given_up_after_three_attempts(database: Database) -> None:
    tries: list[int] = []

    def work(tx: Tx) -> None:
        tries.append(1)
        put(tx, "a")
        raise psycopg.errors.SerializationFailure("could not serialize access")

    with pytest.raises(DatabaseDown, match="serialize"):
        await database.write(work)
    assert len(tries) == 3
    assert await database.write(partial(put, name="b")) == "b"
    assert await database.read(ids) == ["b"]


async def test_ten_processes_that_write_the_same_rows_never_meet_inside(database_url: str) -> None:
    count = sql(select(jobs.c.at).where(jobs.c.job == "sum"))

    def add(tx: Tx) -> None:
        before = tx.value(count)  # read, then write: a lost update, if two were inside
        tx.run(sql(update(jobs).where(jobs.c.job == "sum").values(at=p("sum"))), sum=before + 1)

    databases = [Database(database_url, ZONE) for _ in range(4)]
    await databases[0].write(partial(_job, which="sum"))
    await asyncio.gather(*(database.write(add) for _ in range(25) for database in databases))
    assert await databases[0].read(lambda tx: tx.value(count)) == 100
    for database in databases:
        await database.close()


async def test_a_reader_sees_one_snapshot_beside_the_writer(database: Database) -> None:
    await database.write(partial(put, name="a"))
    looked, written = threading.Event(), threading.Event()

    def read(tx: Tx) -> tuple[int, int]:
        first = tx.value(COUNT)
        looked.set()
        assert written.wait(10)
        return first, tx.value(COUNT)

    reading = asyncio.create_task(database.read(read))
    await asyncio.to_thread(looked.wait, 10)
    await database.write(partial(put, name="b"))
    written.set()
    assert await reading == (1, 1)
    assert await database.read(lambda tx: tx.value(COUNT)) == 2


async def test_a_reader_can_not_write(database: Database) -> None:
    with pytest.raises((DatabaseDown, psycopg.errors.ReadOnlySqlTransaction)):
        await database.read(partial(put, name="a"))
    assert await database.read(ids) == []


async def test_close_lets_units_in_flight_finish_and_takes_no_more(database_url: str) -> None:
    database = Database(database_url, ZONE)
    gate = await held(database)
    waiting: list[asyncio.Future[Any]] = [database.write(partial(put, name=f"{n:03}")) for n in range(100)]
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    with pytest.raises(DatabaseDown, match="stopping"):
        await database.write(partial(put, name="late"))
    with pytest.raises(DatabaseDown, match="stopping"):
        await database.read(ids)
    gate.open.set()
    await closing
    assert await asyncio.gather(*waiting) == [f"{n:03}" for n in range(100)]
    again = Database(database_url, ZONE)
    assert len(await again.read(ids)) == 100
    await again.close()


async def test_a_caller_who_gave_up_takes_nobody_with_him_and_his_unit_is_still_done(database: Database) -> None:
    gate = await held(database)
    given_up, other = database.write(partial(put, name="a")), database.write(partial(put, name="b"))
    given_up.cancel()
    await gate.release()
    assert await other == "b"
    assert await database.read(ids) == ["a", "b"]


async def test_a_loop_that_is_gone_does_not_end_the_writer(database: Database) -> None:
    gate = await held(database)

    async def leave() -> None:
        database.write(partial(put, name="a"))

    await asyncio.to_thread(asyncio.run, leave())
    await gate.release()
    assert await database.write(partial(put, name="b")) == "b"
    assert await database.read(ids) == ["a", "b"]


async def test_a_unit_that_ends_its_thread_ends_only_its_batch(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def leave(tx: Tx) -> None:
        raise SystemExit

    with pytest.raises(DatabaseDown):
        await database.write(leave)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert await database.write(partial(put, name="b")) == "b"


VALUES: list[tuple[int, str, str | None, bytes]] = [
    (0, "", None, b""),
    (2**63 - 1, "党员 👍 'quoted' \"\\ %s :x", "x", bytes(range(256))),
    (-(2**63), "\n\t", "", b"\x00"),
]


async def test_every_kind_of_column_gives_equal_values_on_both_engines(database: Database) -> None:
    kinds = Table(
        "kinds", MetaData(), Column("n", Number), Column("t", Text), Column("o", Text), Column("b", LargeBinary)
    )
    add, everything = insert_row(kinds, "n", "t", "o", "b"), sql(select(kinds))
    blob = "BLOB" if database.engine == "sqlite" else "bytea"
    connection = engines.connect(database.url)
    connection.execute(f"CREATE TABLE kinds (n BIGINT, t TEXT, o TEXT, b {blob})")
    connection.close()

    def work(tx: Tx) -> list[Any]:
        for n, t, o, b in VALUES:
            assert tx.run(add, n=n, t=t, o=o, b=b) == 1
        return tx.all(everything)

    rows = await database.write(work)
    assert [tuple(row) for row in rows] == VALUES
    assert [[type(value) for value in row] for row in rows] == [[type(value) for value in row] for row in VALUES]
    assert rows[1].t == VALUES[1][1]
    assert await database.read(lambda tx: tx.one(everything)) == VALUES[0]
    assert await database.read(lambda tx: tx.value(sql(select(kinds.c.n).where(kinds.c.n == 1)))) is None


def test_a_statement_is_compiled_once_for_each_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = sql(select(seen).where(seen.c.at > p("since"), seen.c.platform == "fixed"))
    for engine in ("sqlite", "postgresql"):
        first = statement.on(engine)
        monkeypatch.setattr(type(statement), "_compile", _never)
        assert statement.on(engine) is first
        monkeypatch.undo()
        assert list(first[1].values()) == ["fixed"]


def _never(*_: Any) -> Any:
    raise AssertionError("compiled again")


async def test_a_value_that_is_not_given_is_an_error_and_not_a_null(database: Database) -> None:
    with pytest.raises((sqlite3.ProgrammingError, psycopg.ProgrammingError)):
        await database.write(lambda tx: tx.run(TOUCH))


async def test_a_path_with_odd_signs_is_the_path_that_was_named(tmp_path: Any) -> None:
    folder = tmp_path / "a b#c%20?d"
    folder.mkdir()
    engines.connect(f"sqlite:///{folder / 'x.db'}").close()
    assert (folder / "x.db").exists()

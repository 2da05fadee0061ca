"""Promises: in order, by one claimant, settled by what the platform said, and a stuck platform delays only itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot import delivery, outbox
from bot.coordination import InProcess
from bot.db import Database, DatabaseDown, Tx
from bot.message import Ability, Incoming, Knock, Promise, Reply, Retry, Undeliverable, Unknown, Wire
from bot.outbox import AT_ONCE, LEASE_SECONDS, claim, next_due, put, settle
from bot.sql import sql
from bot.tables import outbox as promises
from tests.cast import START, ZONE

ROWS = sql(select(promises).order_by(promises.c.id))
SECOND = outbox.SECOND


class Stage:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def stamp(self) -> float:
        return self.now.timestamp()

    def pass_time(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class Mouth:
    """A platform that does with each promise what the test says, and notes what it was told to say."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"push"})
    window = (1000, 1.0)

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: list[str] = []
        self.tried: list[str] = []
        self.acts: dict[str, list[Exception | asyncio.Event]] = defaultdict(list)
        self.speaking = self.most = 0

    async def send(self, promise: Promise) -> None:
        self.tried.append(promise.reply.text)
        self.speaking += 1
        self.most = max(self.most, self.speaking)
        try:
            act = self.acts[promise.target].pop(0) if self.acts[promise.target] else None
            if isinstance(act, Exception):
                raise act
            if act is not None:
                await act.wait()
            self.said.append(promise.reply.text)
        finally:
            self.speaking -= 1

    def receive(self, knock: Knock) -> Incoming | Wire:
        raise NotImplementedError

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        raise NotImplementedError

    async def close(self) -> None:
        return None


async def at_once(_key: str, _limit: int, _seconds: float, _cost: int = 1) -> float:
    return 0.0


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def database(database_url: str, stage: Stage) -> AsyncIterator[Database]:
    made = Database(database_url, ZONE, now=stage)
    yield made
    await made.close()


def promise(tx: Tx, words: str, target: str = "g1", platform: str = "a", **options: Any) -> bool:
    return put(tx, platform, target, Reply(words), key=words, **{"purpose": "reminder", **options})


async def say(database: Database, *words: str, **options: Any) -> None:
    for one in words:
        await database.write(partial(promise, words=one, **options))


async def rows(database: Database) -> list[Any]:
    return await database.read(lambda tx: tx.all(ROWS))


async def states(database: Database) -> list[str]:
    return [row.state for row in await rows(database)]


async def empty(database: Database, *mouths: Mouth) -> None:
    while await delivery.deliver(database, {mouth.name: mouth for mouth in mouths}, at_once):
        pass


@asynccontextmanager
async def running(database: Database, *mouths: Mouth, pause: float = 60.0) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(
        delivery.run(database, {mouth.name: mouth for mouth in mouths}, InProcess().window, pause)
    )
    await asyncio.sleep(0)
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not found():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_the_same_cause_speaks_once(database: Database) -> None:
    assert await database.write(partial(promise, words="x"))
    assert not await database.write(partial(promise, words="x"))
    assert len(await rows(database)) == 1


async def test_a_target_hears_its_promises_in_the_order_they_fell_due(database: Database, stage: Stage) -> None:
    mouth = Mouth("a")
    at = database.now().timestamp() * 1_000_000
    await say(database, "third", due=int(at) - 10)
    await say(database, "first", due=int(at) - 30)
    await say(database, "second", due=int(at) - 20)
    await say(database, "later", due=int(at) + 5 * SECOND)
    await say(database, "elsewhere", target="g2")
    await empty(database, mouth)
    assert [words for words in mouth.said if words != "elsewhere"] == ["first", "second", "third"]
    assert "elsewhere" in mouth.said
    stage.pass_time(seconds=5)
    await empty(database, mouth)
    assert mouth.said[-1] == "later"


async def test_what_has_to_be_said_again_is_not_overtaken(database: Database, stage: Stage) -> None:
    mouth = Mouth("a")
    mouth.acts["g1"] = [Retry("busy")]
    await say(database, "one", "two")
    await empty(database, mouth)
    assert mouth.said == []
    stage.pass_time(seconds=10)
    await empty(database, mouth)
    assert mouth.said == ["one", "two"]


async def test_one_of_ten_claimants_gets_a_promise(database_url: str, database: Database, stage: Stage) -> None:
    await say(database, *(f"to {n}" for n in range(6)))
    await say(database, "alone", target="g2")
    others = [Database(database_url, ZONE, now=stage) for _ in range(10)]
    taken = await asyncio.gather(*(other.write(partial(claim, busy={})) for other in others))
    assert sorted(row.key for rows in taken for row in rows) == ["alone", "to 0"]
    for other in others:
        await other.close()


async def test_only_the_claimant_may_settle(database: Database, stage: Stage) -> None:
    await say(database, "x", purpose="answer")
    (old,) = await database.write(partial(claim, busy={}))
    stage.pass_time(seconds=LEASE_SECONDS + 1)
    (new,) = await database.write(partial(claim, busy={}))
    await database.write(lambda tx: settle(tx, old, "failed"))
    assert await states(database) == ["claimed"]
    await database.write(lambda tx: settle(tx, new, "sent"))
    await database.write(lambda tx: settle(tx, new, "failed"))
    assert await states(database) == ["sent"]


async def test_after_a_death_an_answer_is_said_again_and_a_reminder_is_not(database: Database, stage: Stage) -> None:
    mouth = Mouth("a")
    await say(database, "answer", target="g1", purpose="answer")
    await say(database, "reminder", target="g2")
    await database.write(partial(claim, busy={}))
    stage.pass_time(seconds=LEASE_SECONDS - 1)
    await empty(database, mouth)
    assert mouth.said == []
    stage.pass_time(seconds=2)
    await empty(database, mouth)
    assert mouth.said == ["answer"]
    assert await states(database) == ["sent", "unknown"]


async def test_a_promise_past_its_time_has_failed_and_the_log_says_why(
    database: Database, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    mouth = Mouth("a")
    mouth.acts["g1"] = [Retry("errcode 45009")]
    at = int(stage.now.timestamp()) * SECOND
    await say(database, "x", expires=at + 3600 * SECOND)
    await empty(database, mouth)
    stage.pass_time(hours=1, seconds=1)
    await empty(database, mouth)
    (row,) = await rows(database)
    assert (row.state, row.error, mouth.said) == ("failed", "older than its purpose. errcode 45009", [])
    assert [record.getMessage() for record in caplog.records] == [
        f"promise {row.id} on a can't be kept: older than its purpose. errcode 45009"
    ]


def oldest(now: int, tx: Tx) -> int:
    """Since when the oldest promise waits."""
    return int(tx.value(outbox.OLDEST_DUE, at=now))


async def test_a_platform_that_takes_nothing_is_named_and_its_promise_grows_old(
    database: Database, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    mouth = Mouth("a")
    mouth.acts["g1"] = [Retry("HTTP 500") for _ in range(9)]
    await say(database, "x")
    ages = []
    for _ in range(5):
        await delivery.deliver(database, {"a": mouth}, at_once)
        (row,) = await rows(database)
        now = round(stage.now.timestamp()) * SECOND
        ages.append((now - await database.read(partial(oldest, now))) // SECOND)
        stage.now = START.fromtimestamp(row.not_before / SECOND, ZONE)
    assert ages == sorted(ages)
    assert ages[-1] > 60, "it waits since it fell due, however often it was put off"
    assert [record.getMessage() for record in caplog.records] == [
        f"promise {row.id} on a is put off, it is tried again: HTTP 500"
    ]


async def test_attempts_back_off_further_each_time_and_spread(database: Database, stage: Stage) -> None:
    mouth = Mouth("a")
    await say(database, "x")
    waits = []
    for _ in delivery.BACK_OFF_SECONDS:
        mouth.acts["g1"] = [Retry("busy", after=0)]
        assert await delivery.deliver(database, {"a": mouth}, at_once) == 1
        (row,) = await rows(database)
        waits.append((row.not_before - row.settled_at) / SECOND)
        stage.now = START.fromtimestamp(row.not_before / SECOND, ZONE)
    for wait, base in zip(waits, delivery.BACK_OFF_SECONDS, strict=True):
        assert base * 0.8 <= wait <= base * 1.2
    assert len({delivery.back_off(3) for _ in range(10)}) > 1
    assert delivery.back_off(99) >= 3600 * 0.8


async def test_a_platform_that_says_when_is_asked_again_then(database: Database, stage: Stage) -> None:
    mouth = Mouth("a")
    mouth.acts["g1"] = [Retry("minute is full", after=42)]
    await say(database, "x")
    await empty(database, mouth)
    (row,) = await rows(database)
    assert (row.state, row.not_before - row.settled_at) == ("planned", 42 * SECOND)


@pytest.mark.parametrize(
    ("trouble", "purpose", "state"),
    [
        (Undeliverable("no such group"), "answer", "failed"),
        (Unknown("read timeout"), "answer", "planned"),
        (Unknown("read timeout"), "reminder", "unknown"),
        (ZeroDivisionError("a bug"), "answer", "failed"),
    ],
)
async def test_each_trouble_has_its_end(database: Database, trouble: Exception, purpose: str, state: str) -> None:
    broken, sound = Mouth("a"), Mouth("b")
    broken.acts["g1"] = [trouble]
    await say(database, "x", purpose=purpose)
    await say(database, "y", platform="b")
    await empty(database, broken, sound)
    assert await states(database) == [state, "sent"]
    assert sound.said == ["y"]


async def test_a_platform_that_is_no_more_configured_fails_its_promises(database: Database) -> None:
    await say(database, "x", platform="gone")
    await empty(database, Mouth("a"))
    (row,) = await rows(database)
    assert (row.state, row.error) == ("failed", "no platform named gone is configured")


async def test_a_wait_for_the_window_is_no_attempt(database: Database, stage: Stage) -> None:
    mouth, window = Mouth("a"), InProcess(stage.stamp).window
    mouth.window = (1, 60.0)
    await say(database, "one", "two")
    while await delivery.deliver(database, {"a": mouth}, window):
        pass
    one, two = await rows(database)
    assert (one.state, one.attempts) == ("sent", 1)
    assert (two.state, two.attempts, two.not_before - two.settled_at) == ("planned", 0, 60 * SECOND)
    for _ in range(3):
        stage.pass_time(seconds=20)
        while await delivery.deliver(database, {"a": mouth}, window):
            pass
    assert mouth.said == ["one", "two"]
    assert [row.attempts for row in await rows(database)] == [1, 1]


async def test_the_next_look_is_when_the_next_promise_falls_due(database: Database) -> None:
    assert await database.read(next_due) == float("inf")
    at = int(database.now().timestamp() * SECOND)
    await say(database, "now")
    assert await database.read(next_due) == float("inf")
    await say(database, "soon", target="g2", due=at + 7 * SECOND)
    await say(database, "late", target="g3", due=at + 90 * SECOND)
    assert await database.read(next_due) == 7


async def test_a_stuck_platform_holds_up_no_other_and_a_stuck_target_no_other_target(database: Database) -> None:
    stuck, sound = Mouth("a"), Mouth("b")
    never = asyncio.Event()
    stuck.acts["g1"] = [never]
    async with running(database, stuck, sound):
        await say(database, "stuck", "behind it")
        await until(lambda: stuck.tried == ["stuck"])
        for n in range(20):
            await say(database, f"{n}", platform="b")
        await say(database, "beside", target="g2")
        await until(lambda: len(sound.said) == 20 and stuck.said == ["beside"])
        assert sound.said == [f"{n}" for n in range(20)]
        never.set()
        await until(lambda: stuck.said == ["beside", "stuck", "behind it"])


async def test_no_more_than_a_few_are_on_their_way_on_one_platform(database: Database) -> None:
    stuck, sound = Mouth("a"), Mouth("b")
    opened = asyncio.Event()
    for n in range(30):
        stuck.acts[f"t{n}"] = [opened]
        await say(database, f"to {n}", target=f"t{n}")
    async with running(database, stuck, sound):
        await until(lambda: stuck.speaking == AT_ONCE)
        await say(database, "passes", platform="b")
        await until(lambda: sound.said == ["passes"])
        assert stuck.speaking == AT_ONCE
        opened.set()
        await until(lambda: len(stuck.said) == 30)
    assert stuck.most == AT_ONCE


async def test_what_is_promised_is_said_at_once_and_what_waits_when_its_time_has_come(database_url: str) -> None:
    database, mouth = Database(database_url, ZONE), Mouth("a")
    mouth.window = (1, 0.2)
    async with running(database, mouth):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await say(database, "one", "two")
        await until(lambda: mouth.said == ["one"])
        assert loop.time() - began < 0.2
        await until(lambda: mouth.said == ["one", "two"])
        assert 0.2 <= loop.time() - began < 2
    await database.close()


async def test_a_stop_in_the_very_moment_something_is_promised_is_still_a_stop(database: Database) -> None:
    async with running(database, Mouth("a")) as task:
        await asyncio.sleep(0.05)  # now it waits to be woken
        database.listeners[0]({"outbox"})
        await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2)
        assert done


async def test_what_is_on_its_way_is_finished_and_noted_before_the_bot_stops(database: Database) -> None:
    mouth, opened = Mouth("a"), asyncio.Event()
    mouth.acts["g1"] = [opened]
    async with running(database, mouth) as task:
        await say(database, "x", "never begun")
        await until(lambda: mouth.speaking == 1)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        opened.set()
        with suppress(asyncio.CancelledError):
            await task
    assert await states(database) == ["sent", "planned"]
    assert database.listeners == []


async def test_a_database_that_is_away_for_a_moment_does_not_make_a_promise_spoken_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mouth, opened = Mouth("a"), asyncio.Event()
    mouth.acts["g1"] = [opened]
    await say(database, "x")
    write, fails = database.write, [DatabaseDown("away")]
    pauses: list[float] = []
    sleep = asyncio.sleep

    def flaky(work: Callable[[Tx], Any]) -> Awaitable[Any]:
        if mouth.said and fails:
            raise fails.pop()
        return write(work)

    async def skip(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(database, "write", flaky)
    monkeypatch.setattr(asyncio, "sleep", skip)
    opened.set()
    assert await delivery.deliver(database, {"a": mouth}, at_once) == 1
    monkeypatch.undo()
    assert (await states(database), mouth.said, pauses) == (["sent"], ["x"], [1])

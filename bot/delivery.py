"""Keeps the promises of the outbox: each platform has a few on their way, so a stuck one delays only itself."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot import files
from bot.db import Database, DatabaseDown, Tx
from bot.logs import about
from bot.message import Platform, Promise, Reply, Retry, Trouble, Undeliverable, Unknown, unpack
from bot.outbox import AT_ONCE, LEASE_SECONDS, SAY_AGAIN, Lost, claim, next_due, settle

log = logging.getLogger(__name__)

BACK_OFF_SECONDS = (2, 5, 15, 60, 300, 900, 3600)
TOLD_AT = 3  # the attempt after which the log says once that a promise waits for its platform
SOON_SECONDS = 0.01  # never a busy loop
DRAIN_SECONDS = 6.0  # for what is on its way when the bot stops

Pass = Callable[[str, int, float, int], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended; `planned` means again in so many seconds, and `tried` whether it was sent at all.

    `told` says in Chinese why it failed, where the platform knows.
    """

    state: str
    error: str = ""
    seconds: float = 0.0
    tried: bool = True
    told: str = ""


async def attempt(platform: Platform, row: Any, promise: Promise, wait: Pass) -> Outcome:
    """Says one promise, unless its target has to wait for the platform's window."""
    try:
        cost = getattr(platform, "cost", _one)(promise)  # a long text goes out as several messages
        seconds = await _turn(platform, f"{row.platform}:{row.target}", cost, wait)
        if seconds > 0:
            return Outcome("planned", "waits for the platform's minute", seconds, tried=False)
        await platform.send(promise)
    except (Retry, Undeliverable, Unknown) as trouble:
        return _outcome(row, trouble)
    return Outcome("sent")


async def _turn(platform: Platform, target: str, cost: int, wait: Pass) -> float:
    """Seconds until a target may hear so many messages: 0 where they are counted now, in the minute and the hour.

    Where the hour is full the minute was counted for nothing: never one too many, and nobody waits longer for it.
    """
    seconds = await wait(target, *platform.window, cost)
    hourly: tuple[int, float] | None = getattr(platform, "hourly", None)
    return seconds if seconds > 0 or hourly is None else await wait(f"{target}:hour", *hourly, cost)


async def attempt_many(platform: Any, rows: Sequence[Any], promises: Sequence[Promise], wait: Pass) -> list[Outcome]:
    """Says the same words to many people in one call; what became of each."""
    limit, per = platform.window
    waits = [await wait(f"{row.platform}:{row.target}", limit, per, 1) for row in rows]
    told = [row.target for row, seconds in zip(rows, waits, strict=True) if seconds <= 0]
    try:
        failed = await platform.send_many(promises[0].reply, told) if told else {}
    except Undeliverable:  # it needs more than one message: each on its own
        return [await attempt(platform, *one, wait) for one in zip(rows, promises, strict=True)]
    return [
        _outcome(row, failed.get(row.target))
        if seconds <= 0
        else Outcome("planned", "waits for the platform's minute", seconds, tried=False)
        for row, seconds in zip(rows, waits, strict=True)
    ]


def _outcome(row: Any, trouble: Trouble | None) -> Outcome:
    if trouble is None:
        return Outcome("sent")
    if isinstance(trouble, Retry):
        return Outcome("planned", str(trouble), max(trouble.after, back_off(row.attempts)))
    if isinstance(trouble, Unknown):
        again = row.purpose in SAY_AGAIN
        return Outcome("planned" if again else "unknown", str(trouble), back_off(row.attempts))
    return Outcome("failed", str(trouble), told=getattr(trouble, "told", ""))


def _one(_promise: Promise) -> int:
    return 1


def _many(platforms: Mapping[str, Platform]) -> frozenset[str]:
    """Platforms that say one text to many people in a call."""
    return frozenset(name for name, one in platforms.items() if hasattr(one, "send_many"))


def _together(rows: Sequence[Any], many: Collection[str]) -> list[list[Any]]:
    """The rows as they go out: the same notice to several people is one call."""
    alike: dict[object, list[Any]] = {}
    for row in rows:
        notice = row.platform in many and row.private and row.purpose not in SAY_AGAIN
        alike.setdefault((row.platform, row.purpose, row.reply) if notice else row.id, []).append(row)
    return list(alike.values())


def _mute(platforms: Mapping[str, Platform]) -> dict[str, int]:
    """Platforms whose connection another replica holds: they count as full, so that the other takes their promises."""
    return {name: AT_ONCE for name, one in platforms.items() if not getattr(one, "speaks", True)}


def back_off(attempts: int) -> float:
    """Seconds before the next attempt, spread by a fifth so that replicas don't knock together."""
    seconds = BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1]
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311


async def deliver(database: Database, platforms: Mapping[str, Platform], wait: Pass, lost: Lost | None = None) -> int:
    """Keeps the promises that are due now, the first of each target; how many were tried. `lost` hears of failures."""
    many = _many(platforms)
    rows = await database.write(partial(claim, busy=_mute(platforms), lost=lost, many=many))
    await asyncio.gather(*(_keep(database, platforms, some, wait, lost) for some in _together(rows, many)))
    return len(rows)


async def _keep(
    database: Database, platforms: Mapping[str, Platform], rows: Sequence[Any], wait: Pass, lost: Lost | None
) -> None:
    """Says one promise, or the same words to several people, and notes what became of each."""
    about.set(rows[0].key)
    platform = platforms.get(rows[0].platform)
    promises = [
        Promise(row.key, row.target, unpack(row.reply), bool(row.private), row.reply_url, row.reply_until)
        for row in rows
    ]
    if platform is None:
        outcomes = [Outcome("failed", f"no platform named {rows[0].platform} is configured")] * len(rows)
    else:
        try:
            outcomes = await _said(database, platform, rows, promises, wait)
        except Exception:
            log.exception("promise %s met a bug in %s", rows[0].id, rows[0].platform)
            outcomes = [Outcome("failed", "a bug: see the log")] * len(rows)
    for row, promise, outcome in zip(rows, promises, outcomes, strict=True):
        if outcome.state == "failed":
            log.warning("promise %s on %s can't be kept: %s", row.id, row.platform, outcome.error)
        if outcome.state == "planned" and outcome.tried and row.attempts == TOLD_AT:
            log.warning("promise %s on %s is put off, it is tried again: %s", row.id, row.platform, outcome.error)
        log.debug("%s on %s", outcome.state, row.platform)
        await _note(database, row, outcome, promise.reply, lost)


async def _said(
    database: Database, platform: Platform, rows: Sequence[Any], promises: Sequence[Promise], wait: Pass
) -> list[Outcome]:
    if len(rows) > 1 and not promises[0].reply.attachments:
        return await attempt_many(platform, rows, promises, wait)
    outcomes = []
    for row, promise in zip(rows, promises, strict=True):
        try:
            async with _at_hand(database, promise) as complete:
                outcomes.append(await attempt(platform, row, complete, wait))
        except Retry as trouble:
            outcomes.append(_outcome(row, trouble))
    return outcomes


@asynccontextmanager
async def _at_hand(database: Database, promise: Promise) -> AsyncIterator[Promise]:
    """The promise with its files on disk, for as long as the attempt lasts. Raises Retry where there is no room."""
    if not promise.reply.attachments:
        yield promise
        return
    with ExitStack() as kept:
        try:
            data = await database.read(partial(files.contents, reply=promise.reply))
            folder = kept.enter_context(TemporaryDirectory(prefix="zhibu-"))
            complete = await asyncio.to_thread(files.laid_out, promise, data, Path(folder))
        except (DatabaseDown, OSError) as error:
            raise Retry(f"its files can't be laid out: {error}") from error
        yield complete


async def _note(database: Database, row: Any, outcome: Outcome, reply: Reply, lost: Lost | None) -> None:
    """Settles a promise, also where the database is away for a while; after the lease it is settled as lapsed."""

    def note(tx: Tx) -> None:
        settle(tx, row, outcome.state, outcome.error, seconds=outcome.seconds, tried=outcome.tried)
        if outcome.state != "planned" and reply.attachments:
            files.throw_away(tx, reply)
        if outcome.state == "failed" and lost:
            lost(tx, row._replace(error=outcome.error), outcome.told)

    for _ in range(LEASE_SECONDS):
        try:
            return await database.write(note)
        except DatabaseDown as error:
            log.warning("promise %s is %s, but that can't be noted yet: %s", row.id, outcome.state, error)
        await asyncio.sleep(1)


async def run(
    database: Database,
    platforms: Mapping[str, Platform],
    wait: Pass,
    pause: float = 1.0,
    lost: Lost | None = None,
) -> None:
    """Delivers until cancelled: at once when something was promised or falls due, else looks every `pause` seconds.

    What is on its way when it is cancelled is finished and noted, for at most DRAIN_SECONDS.
    """
    speaker = _Speaker(database, platforms, wait, lost)
    database.listeners.append(speaker.hear)
    try:
        while True:
            speaker.woken.clear()
            seconds = await speaker.look()
            # Not wait_for: in Python 3.11 it swallows a stop that comes in the same moment as what it waits for.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(SOON_SECONDS, min(pause, seconds))):
                    await speaker.woken.wait()
    finally:
        database.listeners.remove(speaker.hear)
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await speaker.land()


class _Speaker:
    """What is on its way, and what wakes the next look."""

    def __init__(self, database: Database, platforms: Mapping[str, Platform], wait: Pass, lost: Lost | None) -> None:
        self.database, self.platforms, self.wait, self.lost = database, platforms, wait, lost
        self.woken = asyncio.Event()
        self.flying: dict[asyncio.Task[None], str] = {}
        self.looking: asyncio.Task[float] | None = None
        self.loop = asyncio.get_running_loop()

    def hear(self, told: set[str]) -> None:
        """Called in the writer's thread."""
        if "outbox" in told:
            self.loop.call_soon_threadsafe(self.woken.set)

    async def look(self) -> float:
        """Starts what is due; the seconds until more is. Also when stopped in between, what it claimed is started."""
        self.looking = asyncio.create_task(self._look())
        return await asyncio.shield(self.looking)

    async def _look(self) -> float:
        busy = Counter(self.flying.values()) | Counter(_mute(self.platforms))
        many = _many(self.platforms)

        def work(tx: Tx) -> tuple[list[Any], float]:
            return claim(tx, busy, self.lost, many), next_due(tx)

        try:
            rows, seconds = await self.database.write(work)
        except DatabaseDown as error:
            log.warning("promises wait: %s", error)
            return float("inf")
        for some in _together(rows, many):
            task = asyncio.create_task(_keep(self.database, self.platforms, some, self.wait, self.lost))
            self.flying[task] = some[0].platform
            task.add_done_callback(self._landed)
        return seconds

    def _landed(self, task: asyncio.Task[None]) -> None:
        self.flying.pop(task)
        self.woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a promise met a bug", exc_info=error)

    async def land(self) -> None:
        """Waits for what is on its way."""
        if self.looking is not None:
            await self.looking
        while self.flying:
            await asyncio.wait(self.flying)

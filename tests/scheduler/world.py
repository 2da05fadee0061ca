"""A year that is lived through in seconds: replicas with clocks of their own, kills, downtime, a wire that fails.

Everything random comes from one seed. The wire counts what really arrived, and at which hour of its sender.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import delete, select

from bot import delivery
from bot.commands import Who
from bot.config import Config
from bot.db import Database, Tx
from bot.message import Ability, Incoming, Knock, NotOurs, Promise, Reply, Retry, Unknown, Wire
from bot.rules import parse_quiet
from bot.sql import sql
from bot.tables import jobs as job_rows
from bot.tables import outbox
from handlers import people
from handlers.clock_tables import reminders
from handlers.sheet import check
from scheduler import jobs
from scheduler.calendar import Years, after_quiet
from scheduler.jobs import Branch, Calm, Coming, Setting, looking
from scheduler.runner import tick
from tests.cast import KEYS, ZONE, configure

T = TypeVar("T")
ONE_DONE = sql(delete(job_rows).where(job_rows.c.job == "dues_notice", job_rows.c.outcome == "done"))
WIRES = tuple(f"wire{number}" for number in range(30))  # a platform has eight promises on their way
ABILITIES: frozenset[Ability] = frozenset({"answer", "push", "private", "mention", "buttons"})
HEADER = ["姓名", "支部", "科室", "党内职务", "党小组", "党员类别", "党费类别", "党费基数", "企业微信账号"]
# What branches write: each takes the next one.
VARIANTS = (
    "",
    'theme_day = "day:5"\n',
    'theme_day = "day:31"\ntheme_day_notice = ["-2d 22:30", "-1h"]\n',
    'theme_day = "last:Fri"\nquiet_hours = "12:00-14:30"\n',
    'theme_day = "nth-week:2,Wed"\ngroup_budget_per_day = 1\n',
    'dues_notice = ["day:31 21:30", "day:29 06:00"]\ntheme_day_roll = "previous"\n',
)


class Killed(BaseException):
    """The process is gone in the middle of something."""


@dataclass(slots=True)
class Ahead:
    """By how much a clock is wrong."""

    by: timedelta = timedelta()


@dataclass(slots=True)
class Replica:
    """A process: its own connection and its own idea of the time."""

    name: str
    database: Database
    clock: Ahead
    calm: dict[int, Calm] = field(default_factory=dict)


@dataclass(slots=True)
class Heard:
    """One message that arrived: the promise, and the hour by the clock of the process that sent it."""

    key: str
    target: str
    at: datetime


@dataclass
class Line:
    """The platform of the world: it arrives or not, and says so or not."""

    chance: random.Random
    trouble: float
    now: Callable[[], datetime]
    heard: list[Heard] = field(default_factory=list)
    name: str = "wire"
    inline: bool = False
    abilities: frozenset[Ability] = ABILITIES
    window: tuple[int, float] = (10**6, 1.0)

    async def send(self, promise: Promise) -> None:
        """Raises Retry where nothing arrived, Unknown where nobody can tell, Killed where the sender dies."""
        fate = self.chance.random() / self.trouble if self.trouble else 1.0
        if fate < 0.4:
            raise Retry("busy", after=self.chance.choice([2, 60, 900]))
        if fate < 0.5:
            raise Killed
        if fate < 0.6:
            raise Unknown("no answer was heard")
        self.heard.append(Heard(promise.key, promise.target, self.now()))
        if fate < 0.8:
            raise Killed
        if fate < 1.0:
            raise Unknown("no answer was heard")

    def receive(self, knock: Knock) -> Incoming | Wire:
        """Nobody speaks here."""
        raise NotOurs("nobody speaks here")

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        """Never asked."""
        return Wire()

    async def close(self) -> None:
        """Nothing to let go of."""


class World:
    """Some branches, some replicas, one database, one true time."""

    def __init__(self, config: Config, seed: int, replicas: int, trouble: float, start: datetime) -> None:
        self.config, self.chance, self.start = config, random.Random(seed), start
        self.true = start
        self.company = 0.2 if replicas < 10 else 1.0
        self.awake: list[datetime] = []  # when somebody looked, by his own clock
        self.setting = Setting(
            config.reminders_for, Years(), dict.fromkeys(WIRES, ABILITIES), {name: name for name in WIRES}
        )
        self.replicas = [self._replica(number) for number in range(replicas)]
        self.at_work = self.replicas[0]
        self.trouble = trouble
        self.line = Line(self.chance, trouble, lambda: self._now(self.at_work))

    def _replica(self, number: int) -> Replica:
        ahead = Ahead()
        database = Database(self.config.bot.database, self.config.zone, now=lambda: self.true + ahead.by, keys=KEYS)
        return Replica(f"r{number}", database, ahead)

    def _now(self, replica: Replica) -> datetime:
        return self.true + replica.clock.by

    async def close(self) -> None:
        for replica in self.replicas:
            await replica.database.close()

    async def furnish(self, branches: int) -> None:
        """Branches with a secretary, an organiser and a member each, and a group."""
        by = Who(account="world", name="世界")

        def work(tx: Tx) -> None:
            for number in range(branches):
                wire = WIRES[number % len(WIRES)]
                sheet = check(list(enumerate([HEADER, *_people(number)], 1)))
                people.import_members(tx, sheet.rows, by, {"企业微信账号": wire})
                people.bind_group(tx, wire, f"g{number}", f"支部{number}", by=by)

        await self.replicas[0].database.write(work)

    async def look(self, replica: Replica) -> None:
        """One beat of a replica: the calendar, then its promises; it may die anywhere."""
        self.at_work = replica
        try:
            if self.chance.random() < self.trouble / 4:
                raise Killed
            await tick(replica.database, self.setting, calm=replica.calm)
            self.awake.append(self._now(replica))
            for _ in range(200):
                if not await delivery.deliver(replica.database, dict.fromkeys(WIRES, self.line), _never_waits):
                    break
        except Killed:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)  # what it had handed over before it died

    async def moments(self, until: datetime) -> list[datetime]:
        """When something comes up in the next while, by the true time."""
        read = partial(_coming, setting=self.setting, start=self.true + timedelta(microseconds=1), end=until)
        return sorted({one.at for _, one in await self.replicas[0].database.read(read)})

    async def live(self, days: int, downtime: float = 0.03) -> None:
        """So many days: awake at what comes up and sometimes in between; asleep for hours or days now and then."""
        end = self.start + timedelta(days=days)
        while self.true < end:
            for moment in await self.moments(min(self.true + timedelta(days=10), end)):
                if moment <= self.true:
                    continue
                self.true = moment
                await self._beat()
                if self.trouble and self.chance.random() < downtime:
                    self.true += timedelta(hours=self.chance.choice([1, 5, 11, 26, 72]))
                    await self._beat()
            self.true = max(self.true, min(self.true + timedelta(hours=9), end))
            await self._beat()

    async def _beat(self) -> None:
        """One replica looks, now and then others at the same moment; clocks step."""
        order = self.chance.sample(self.replicas, len(self.replicas))
        for replica in [order[0], *(one for one in order[1:] if self.chance.random() < self.company)]:
            if self.trouble and self.chance.random() < 0.05:
                replica.clock.by = timedelta(minutes=self.chance.choice([0, 0, 0, -4000, -130, -10, 10, 130, 1500]))
            await self.look(replica)

    async def spoil(self) -> None:
        """Loses the rows of some reminders, so that the checks can show that they look."""
        await self.replicas[0].database.write(lambda tx: tx.run(ONE_DONE))

    async def settle(self) -> None:
        """All clocks right, nothing fails any more, and two more days."""
        self.line.trouble = self.trouble = 0
        for replica in self.replicas:
            replica.clock.by = timedelta()
        self.true += timedelta(days=4)  # what a clock that was ahead has promised is due by now
        self.true = self.true.replace(hour=15)
        for _ in range(40):
            self.true += timedelta(minutes=10)
            for replica in self.replicas:
                await self.look(replica)


def _people(number: int) -> list[list[str]]:
    """A secretary, an organiser and a member."""
    return [
        [f"{sign}{number}", f"支部{number}", "院办", duty, "", "正式党员", "在职", "4000", f"b{number}{sign}"]
        for duty, sign in (("书记", "书"), ("组织委员", "组"), ("", "员"))
    ]


def _coming(tx: Tx, setting: Setting, start: datetime, end: datetime) -> list[tuple[Branch, Coming]]:
    books = jobs.Books(tx, setting, start, end)
    return [(one, two) for one in jobs.branches_of(tx) for two in looking.coming(books, one, start, end, jobs.JOBS)]


async def _never_waits(_key: str, _limit: int, _seconds: float, _cost: int = 1) -> float:
    return 0.0


@asynccontextmanager
async def made(
    url: str, folder: Path, seed: int, *, branches: int, replicas: int, trouble: float, start: str = "2026-11-21"
) -> AsyncIterator[World]:
    """A furnished world. The seed is printed, so that a failure can be lived through again."""
    print(f"seed {seed}")
    more = "".join(f'[branches."支部{number}"]\n{VARIANTS[number % len(VARIANTS)]}' for number in range(branches))
    begin = datetime.fromisoformat(start).replace(hour=10, tzinfo=ZONE)
    world = World(configure(url, folder, more), seed, replicas, trouble, begin)
    await world.furnish(branches)
    try:
        yield world
    finally:
        await world.close()


async def faults(world: World, days: int) -> list[str]:
    """What the year did wrong: lost, doubled, at a wrong hour; [] where it kept every promise."""

    def read(tx: Tx) -> list[str]:
        rows = {(row.job, row.period, row.audience): row.outcome for row in tx.all(sql(select(job_rows)))}
        promised = {row.key: row for row in tx.all(sql(select(outbox)))}
        told = tx.all(sql(select(reminders)))
        due = _coming(tx, world.setting, world.start, world.start + timedelta(days=days - 1))
        return [
            *_lost(world, due, rows),
            *_unkept(promised, told),
            *_doubled(world, told),
            *_in_the_night(world, promised),
        ]

    return await world.replicas[0].database.read(read)


def _lost(world: World, due: list[tuple[Branch, Coming]], rows: dict[tuple[str, str, str], str]) -> list[str]:
    """What came up has its row; and is too late only where nobody looked while it was of use."""
    missing = [f"lost: {one.key} of {one.at}" for _, one in due if one.key not in rows]
    unfinished = [f"unfinished: {key}" for key, outcome in rows.items() if outcome == "running"]
    needless = [
        f"needlessly late: {one.key} of {one.at}"
        for branch, one in due
        if rows.get(one.key) == "too late" and _somebody_looked(world, branch, one)
    ]
    return missing + unfinished + needless


def _somebody_looked(world: World, branch: Branch, one: Coming) -> bool:
    """Whether a process was awake, by its clock, in the time of a reminder, before another whose clock was past it."""
    quiet = parse_quiet(world.config.reminders_for(branch.name).quiet_hours)
    speaking = (look for look in world.awake if after_quiet(look, quiet) == look and look >= one.at)
    return next((look < one.until for look in speaking), False)


def _unkept(promised: dict[str, Any], told: list[Any]) -> list[str]:
    """What was told has its promise, and the promise has an end that /remind shows."""
    without = [f"no promise: {row.job} {row.period}" for row in told if row.promise and row.promise not in promised]
    open_ = [f"open: {key} {row.state}" for key, row in promised.items() if row.state in ("planned", "claimed")]
    return without + open_


def _doubled(world: World, told: list[Any]) -> list[str]:
    arrived = Counter((one.key, one.target) for one in world.line.heard)
    said = Counter((row.job, row.period, row.audience, row.member_id, row.target) for row in told)
    return [f"heard twice: {key}" for key, count in arrived.items() if count > 1] + [
        f"said twice: {key}" for key, count in said.items() if count > 1
    ]


def _in_the_night(world: World, promised: dict[str, Any]) -> list[str]:
    faulty = []
    for one in world.line.heard:
        branch = f"支部{promised[one.key].branch_id - 1}"
        quiet = parse_quiet(world.config.reminders_for(branch).quiet_hours)
        if after_quiet(one.at, quiet) != one.at:
            faulty.append(f"in the night: {one.key} at {one.at}")
    return faulty

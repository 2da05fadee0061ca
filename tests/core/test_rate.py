"""A reminder to 1,000 groups leaves at the permitted rate and not one over it, as the platform counts: on arrival."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot import delivery
from bot.coordination import Coordination, InProcess
from bot.coordination_redis import Shared
from bot.db import Database, Tx
from bot.message import Ability, Incoming, Knock, Promise, Reply, Wire
from bot.outbox import next_due, put
from bot.platforms.wecom_app import WeComApp
from bot.platforms.wecom_socket import WeComSocket
from bot.platforms.wecom_webhook import WeComWebhook
from tests.cast import ZONE
from tests.core.test_outbox import Stage

LATEST = 1.5  # seconds between the permission and the arrival
MINUTE = 60.0


class Robot:
    """Notes when what it says arrives; the network takes its time."""

    inline = False
    abilities: frozenset[Ability] = frozenset({"push"})

    def __init__(
        self,
        window: tuple[int, float],
        now: Callable[[], float],
        lag: float = LATEST,
        hourly: tuple[int, float] | None = None,
    ) -> None:
        self.name, self.window, self.now, self.lag, self.hourly = "robot", window, now, lag, hourly
        self.arrived: dict[str, list[float]] = defaultdict(list)
        self.random = random.Random(7)

    async def send(self, promise: Promise) -> None:
        self.arrived[promise.target].append(self.now() + self.random.uniform(0, self.lag))

    def receive(self, knock: Knock) -> Incoming | Wire:
        raise NotImplementedError

    def answer(self, incoming: Incoming, reply: Reply | None) -> Wire:
        raise NotImplementedError

    async def close(self) -> None:
        return None


def most(arrived: list[float], seconds: float) -> int:
    """The most that arrived within any `seconds`."""
    times = sorted(arrived)
    return max(sum(1 for one in times[at:] if one < times[at] + seconds) for at in range(len(times)))


async def promised(database: Database, groups: int, each: int) -> None:
    def work(tx: Tx) -> None:
        for number in range(groups * each):
            target = f"g{number % groups}"
            put(tx, "robot", target, Reply("开会"), key=f"k{number}", purpose="reminder", expires=tx.at * 2)

    await database.write(work)


async def played(database: Database, robot: Robot, stage: Stage) -> None:
    """Says everything; where nothing may be said yet, the clock goes on to when it may."""
    shared = InProcess(stage.stamp)
    while True:
        while await delivery.deliver(database, {"robot": robot}, shared.window):
            pass
        seconds = await database.read(next_due)
        if seconds == float("inf"):
            return
        stage.pass_time(seconds=seconds + 0.001)


@pytest.fixture
async def house(sqlite: str) -> AsyncIterator[tuple[Database, Stage]]:
    stage = Stage()
    database = Database(sqlite, ZONE, now=stage)
    yield database, stage
    await database.close()


async def test_a_thousand_groups_with_their_own_robots_do_not_wait_for_each_other(
    house: tuple[Database, Stage],
) -> None:
    database, stage = house
    robot = Robot(WeComWebhook.window, stage.stamp)
    began = stage.stamp()
    await promised(database, 1000, 1)
    await played(database, robot, stage)
    assert {len(one) for one in robot.arrived.values()} == {1}
    assert len(robot.arrived) == 1000
    assert stage.stamp() == began  # nobody was told to wait


@pytest.mark.parametrize("window", [WeComWebhook.window, WeComSocket.window, WeComApp.window])
@pytest.mark.parametrize("groups", [1, 3])
async def test_what_goes_through_one_robot_leaves_at_its_rate_and_never_above(
    house: tuple[Database, Stage], window: tuple[int, float], groups: int
) -> None:
    database, stage = house
    robot, began = Robot(window, stage.stamp), stage.stamp()
    await promised(database, groups, 240)
    await played(database, robot, stage)
    permitted, _ = window
    for arrived in robot.arrived.values():
        assert len(arrived) == 240
        assert most(arrived, MINUTE) <= permitted
    minutes = (stage.stamp() - began) / MINUTE
    after_the_first = (240 - permitted) / minutes  # the first minute's share leaves at once
    assert after_the_first >= 0.95 * permitted


async def test_an_hour_has_its_own_limit(house: tuple[Database, Stage]) -> None:
    database, stage = house
    robot, began = Robot((30, 62.0), stage.stamp, hourly=(100, 3602.0)), stage.stamp()
    await promised(database, 1, 240)
    await played(database, robot, stage)
    arrived = robot.arrived["g0"]
    assert (len(arrived), most(arrived, 60), most(arrived, 3600)) == (240, 30, 100)
    assert stage.stamp() - began < 2.2 * 3602
    assert WeComSocket.hourly == WeComApp.hourly == (1000, 3602.0)


@asynccontextmanager
async def replicas(url: str, redis: str, robot: Robot) -> AsyncIterator[list[Coordination]]:
    houses = [Database(url, ZONE) for _ in range(2)]
    shared: list[Coordination] = [Shared(redis) for _ in houses]
    pairs = zip(houses, shared, strict=True)
    loops = [asyncio.create_task(delivery.run(one, {"robot": robot}, two.window, 0.02)) for one, two in pairs]
    yield shared
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    for one, two in zip(houses, shared, strict=True):
        await one.close()
        await two.close()


async def test_replicas_share_one_robots_minute(postgresql: str, redis_server: str) -> None:
    """In a short minute of Redis' own clock, for that one can't be moved."""
    robot = Robot((20, 0.6), time.monotonic, lag=0)
    database = Database(postgresql, ZONE)
    await promised(database, 1, 60)
    began = time.monotonic()
    async with replicas(postgresql, redis_server, robot):
        while len(robot.arrived["g0"]) < 60:
            await asyncio.sleep(0.01)
            assert time.monotonic() - began < 15
    await database.close()
    assert most(robot.arrived["g0"], 0.5) <= 20
    assert time.monotonic() - began > 2 * 0.6

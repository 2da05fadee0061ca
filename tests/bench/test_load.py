"""The load generator: who comes when, and from when the waiting counts."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from itertools import pairwise

import pytest

from bench import cases
from bench.load import arrive, burst, result, steady

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def plain(number: int) -> cases.Asked:
    return "/", {"X": str(number)}, b"{}"


def test_arrivals_keep_the_rate_and_come_by_chance() -> None:
    dues = [at for at, _ in steady(plain, 200, 20)]
    gaps = [later - earlier for earlier, later in pairwise(dues)]
    assert len(dues) == pytest.approx(4000, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(1 / 200, rel=0.1)  # of Poisson arrivals: as large as the mean
    assert dues == [at for at, _ in steady(plain, 200, 20)]


def test_a_burst_is_all_within_its_time() -> None:
    dues = [at for at, _ in burst(plain, 500, 1.0)]
    assert len(dues) == 500
    assert dues == sorted(dues)
    assert all(0 <= at < 1 for at in dues)


def test_every_one_of_the_crowd_says_it_once() -> None:
    said = Counter((number % cases.CROWD_BRANCHES, number % cases.CROWD) for number in range(7, 7 + cases.CROWD))
    assert len(said) == cases.CROWD
    assert Counter(group for group, _ in said).most_common()[0][1] == cases.CROWD // cases.CROWD_BRANCHES


def test_percentiles() -> None:
    found = result([wait / 1000 for wait in range(1, 101)], 2)
    assert (found.rps, found.p50_ms, found.p99_ms, found.slowest_ms) == (50, 51, 100, 100)


async def test_waiting_counts_from_the_moment_that_was_meant() -> None:
    """A connection that is busy makes the next one wait, and that waiting is told."""
    heard = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        while await reader.read(1024):
            heard += 1
            if heard == 1:
                await late.wait()
            writer.write(ANSWER)
        writer.close()

    late = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    loop.call_later(0.2, late.set)
    request = b"POST / HTTP/1.1\r\n\r\n"
    async with server:
        found = await arrive(port, [(0.0, request), (0.01, request), (0.02, request)], connections=1)
    assert heard == 3
    assert found.p50_ms >= 170  # the second waited for the first one's answer


async def test_anything_but_200_ends_the_run() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        with pytest.raises(ExceptionGroup) as raised:
            await arrive(server.sockets[0].getsockname()[1], [(0.0, b"POST / HTTP/1.1\r\n\r\n")], connections=1)
    assert [str(error)[:7] for error in raised.value.exceptions] == ["not 200"]

"""Raw HTTP/1.1 connections: as little client as possible, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.cases import Asked

CONNECTIONS = 64
SERIAL = itertools.count(1)  # never begun anew: a message that comes twice would only be remembered

Make = Callable[[int], Asked]
Due = tuple[float, bytes]  # seconds after the start, the request


@dataclass(frozen=True, slots=True)
class Result:
    """One case: requests a second; the middle, the 99th percentile and the longest of the waiting in milliseconds."""

    rps: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float


async def drive(port: int, make: Make, seconds: float, connections: int = CONNECTIONS) -> Result:
    """A closed loop for `seconds`: each connection asks again as soon as it is answered; every answer must be 200."""
    return result(*await waited(port, make, seconds, connections))


async def waited(port: int, make: Make, seconds: float, connections: int) -> tuple[list[float], float]:
    """The same: every waiting in seconds, and how long all took."""
    waits: list[float] = []
    began = time.perf_counter()
    until = began + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_one(port, make, until, waits))
    return waits, time.perf_counter() - began


async def arrive(port: int, dues: Sequence[Due], connections: int = CONNECTIONS) -> Result:
    """An open loop: each request at its moment, whatever became of those before; waiting counts from that moment."""
    waits: list[float] = []
    coming: asyncio.Queue[Due | None] = asyncio.Queue()
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    began = time.perf_counter()
    async with asyncio.TaskGroup() as workers:
        for pair in opened:
            workers.create_task(_serve(coming, began, waits, *pair))
        for due in dues:
            await asyncio.sleep(max(0.0, began + due[0] - time.perf_counter()))
            coming.put_nowait(due)
        for _ in opened:
            coming.put_nowait(None)
    return result(waits, time.perf_counter() - began)


def steady(make: Make, rate: float, seconds: float, seed: int = 1) -> list[Due]:
    """Requests at `rate` a second with the gaps of people who know nothing of each other (Poisson)."""
    chance, at, dues = random.Random(seed), 0.0, []
    while (at := at + chance.expovariate(rate)) < seconds:
        dues.append((at, request(make)))
    return dues


def burst(make: Make, count: int, seconds: float, seed: int = 1) -> list[Due]:
    """`count` requests at any moments within `seconds`."""
    chance = random.Random(seed)
    return [(at, request(make)) for at in sorted(chance.uniform(0, seconds) for _ in range(count))]


def request(make: Make) -> bytes:
    """The bytes of the next request."""
    path, headers, body = make(next(SERIAL))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def result(waits: Iterable[float], took: float) -> Result:
    """What so many seconds of waiting, in so many seconds, come to."""
    found = sorted(wait * 1000 for wait in waits)
    return Result(len(found) / took, found[len(found) // 2], found[int(len(found) * 0.99)], found[-1])


async def _one(port: int, make: Make, until: float, waits: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < until:
            asked = request(make)
            began = time.perf_counter()
            writer.write(asked)
            await _answer(reader)
            waits.append(time.perf_counter() - began)
    finally:
        await _close(writer)


async def _serve(
    coming: asyncio.Queue[Due | None],
    began: float,
    waits: list[float],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    try:
        while (due := await coming.get()) is not None:
            writer.write(due[1])
            await _answer(reader)
            waits.append(time.perf_counter() - began - due[0])
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not 200: {head[:100]!r}")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)

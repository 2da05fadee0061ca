"""A closed loop of raw HTTP/1.1 connections: as little client as possible, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

CONNECTIONS = 64
SERIAL = itertools.count(1)  # never begun anew: a message that comes twice would only be remembered

Make = Callable[[int], tuple[str, dict[str, str], bytes]]


@dataclass(frozen=True, slots=True)
class Result:
    """One case: requests a second, and the middle and 99th percentile of the waiting in milliseconds."""

    rps: float
    p50_ms: float
    p99_ms: float


async def drive(port: int, make: Make, seconds: float) -> Result:
    """Sends POSTs over 64 connections for `seconds`; every answer must be 200."""
    waits: list[float] = []
    until = time.perf_counter() + seconds
    began = time.perf_counter()
    await asyncio.gather(*(_one(port, make, until, SERIAL.__next__, waits) for _ in range(CONNECTIONS)))
    took = time.perf_counter() - began
    waits.sort()
    return Result(len(waits) / took, waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000)


async def _one(port: int, make: Make, until: float, serial: Callable[[], int], waits: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        path, headers, body = make(serial())
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
        began = time.perf_counter()
        writer.write(request)
        await _answer(reader)
        waits.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not 200: {head[:100]!r}")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)

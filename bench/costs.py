"""What a message costs our own server, as seen from outside: by part, and how much it varies."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cases
from bench.load import drive, waited
from bench.runs import WARM_SECONDS, started

LOADS = (1, 8, 64)  # messages on their way at once: a batch each
LEAST = 0.1  # of a message's cost, what the writer surely has of it


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds. A batch of n takes `commit` + n * (`front` + `unit`), times a share drawn from `spread`."""

    front: float  # before the row: HTTP, signature, AES, parsing; several processes do it side by side
    unit: float  # in the writer, where processes of one database take turns
    commit: float  # a batch's own share, however many are in it
    spread: tuple[float, ...] = (1.0,)  # lone answers as shares of the middle one

    @property
    def top(self) -> float:
        """Messages a second of one process with full batches."""
        return LOADS[-1] / (self.commit + LOADS[-1] * (self.front + self.unit))


def measured(command: Callable[[Path], list[str]], seconds: float) -> Cost:
    """The costs of a server on this machine, now."""
    with started(command) as server:
        asyncio.run(drive(server.port, cases.wecom, WARM_SECONDS))
        lone, _ = asyncio.run(waited(server.port, cases.wecom, seconds, 1))
        rates = [asyncio.run(drive(server.port, cases.wecom, seconds, load)).rps for load in LOADS]
        front = asyncio.run(drive(server.port, cases.unread, seconds)).rps
    return split(rates, 1 / front, lone)


def split(rates: Sequence[float], front: float, lone: Sequence[float]) -> Cost:
    """The line through the times of batches of LOADS, and what of its slope is before the row."""
    slope, foot = statistics.linear_regression(LOADS, [load / rate for load, rate in zip(LOADS, rates, strict=True)])
    middle = statistics.median(lone)
    unit = max(slope - front, slope * LEAST)
    return Cost(slope - unit, unit, max(foot, 0.0), tuple(wait / middle for wait in lone))

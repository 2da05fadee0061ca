"""A year with downtime, kills, clock steps and replicas: nothing lost, nothing doubled, nobody woken."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.scheduler.world import faults, made

SEED = int(os.environ.get("SEED", "20261122"))


@pytest.mark.parametrize("seed", [SEED, SEED + 1, SEED + 2])
async def test_a_year_with_trouble(seed: int, sqlite: str, tmp_path: Path) -> None:
    """Six branches, each with rules of its own, and three replicas."""
    async with made(sqlite, tmp_path, seed, branches=6, replicas=3, trouble=0.1) as world:
        await world.live(375)
        await world.settle()
        assert await faults(world, 375) == []
        assert len(world.line.heard) > 300


async def test_a_quiet_year_says_everything(sqlite: str, tmp_path: Path) -> None:
    async with made(sqlite, tmp_path, SEED, branches=2, replicas=1, trouble=0) as world:
        started = time.perf_counter()
        await world.live(375)
        await world.settle()
        assert await faults(world, 375) == []
        print(time.perf_counter() - started)

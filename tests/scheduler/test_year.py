"""A year with downtime, kills, clock steps and replicas: nothing lost, nothing doubled, nobody woken.

`make year` lives it with three hundred branches; SEED=… lives one again that failed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.scheduler.world import faults, made

SEED = int(os.environ.get("SEED", "20261122"))
BRANCHES = int(os.environ.get("BRANCHES", "3"))
DAYS = int(os.environ.get("DAYS", "120"))


async def test_months_with_trouble(sqlite: str, tmp_path: Path) -> None:
    """Branches with rules of their own, three replicas, kills, downtime of up to three days, clocks that step."""
    async with made(sqlite, tmp_path, SEED, branches=BRANCHES, replicas=3, trouble=0.1) as world:
        await world.live(DAYS)
        await world.settle()
        assert await faults(world, DAYS) == [], f"seed {SEED}"
        assert len(world.line.heard) > DAYS * BRANCHES // 8


async def test_ten_replicas_say_it_once(postgresql: str, tmp_path: Path) -> None:
    async with made(postgresql, tmp_path, SEED, branches=2, replicas=10, trouble=0) as world:
        await world.live(21)
        await world.settle()
        assert await faults(world, 21) == [], f"seed {SEED}"
        assert len(world.line.heard) > 10


@pytest.mark.parametrize("start", ["2028-02-20", "2027-04-26"])
async def test_a_leap_day_and_months_without_a_thirty_first(start: str, sqlite: str, tmp_path: Path) -> None:
    """The third branch meets on the 31st, the sixth pays on the 29th and the 31st."""
    async with made(sqlite, tmp_path, SEED, branches=6, replicas=1, trouble=0, start=start) as world:
        await world.live(16)
        await world.settle()
        assert await faults(world, 16) == []
        days = {one.at.date().isoformat() for one in world.line.heard if one.key.startswith("dues_notice:6:")}
        assert days == ({"2028-02-29"} if start.startswith("2028") else {"2027-04-29", "2027-04-30"})


async def test_the_checks_see_what_goes_wrong(sqlite: str, tmp_path: Path) -> None:
    """A world in which a reminder was lost, one was heard twice and one in the night is not called whole."""
    async with made(sqlite, tmp_path, SEED, branches=1, replicas=1, trouble=0) as world:
        await world.live(21)
        await world.settle()
        first = world.line.heard[0]
        world.line.heard += [first, type(first)(world.line.heard[1].key, "g0", first.at.replace(hour=23))]
        await world.spoil()
        found = " ".join(await faults(world, 21))
        for fault in ("lost: ", "heard twice: ", "in the night: "):
            assert fault in found

"""Which seeds are played: 500 in every run of the tests, any number by hand (`FAULT_SEEDS=5000 make faults`).

A seed that failed is played again alone by `FAULT_FIRST=NUMBER FAULT_SEEDS=1 make faults`.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.faults.play import lived
from tests.faults.steps import STEPS
from tests.faults.story import calm, story
from tests.faults.world import world

FIRST = int(os.environ.get("FAULT_FIRST", "1000"))
SEEDS = int(os.environ.get("FAULT_SEEDS", "500"))
A_HOUSE = 50  # seeds that share a database and a nursery
A_FEW = 4  # seeds, which both engines play
ENGINES = {
    "sqlite": SEEDS - SEEDS // 4 if SEEDS > A_FEW else SEEDS,
    "postgresql": SEEDS // 4 if SEEDS > A_FEW else SEEDS,
}
BEGINS = {"sqlite": FIRST, "postgresql": FIRST + ENGINES["sqlite"] if SEEDS > A_FEW else FIRST}


def houses(engine: str) -> list[range]:
    """The seeds of an engine, a house at a time."""
    first, end = BEGINS[engine], BEGINS[engine] + ENGINES[engine]
    return [range(one, min(one + A_HOUSE, end)) for one in range(first, end, A_HOUSE)]


async def play(url: str, folder: Path, seeds: range, redis: str = "") -> str:
    """Plays the seeds of a house; what happened, in a line. Raises AssertionError with the seed that failed."""
    warm = seeds.start - 1
    async with world(url, folder, [warm, *seeds], redis) as around:
        broken = await lived(around, calm(warm, around))
        assert not broken, broken
        for seed in seeds:
            told = story(seed, around)
            broken = await lived(around, told)
            assert not broken, f"{broken}, {told.told()}"
        return f"seeds {seeds.start} to {seeds.stop - 1}: {around.deaths.total()} deaths at {len(around.deaths)} steps"


async def die_at_every_step(url: str, folder: Path) -> None:
    """A death at the first or third time of each numbered step, with nothing else going wrong."""
    kills = [(step, 1 + number % 2 * 2) for number, step in enumerate(STEPS)]
    seeds = range(FIRST, FIRST + len(kills))
    async with world(url, folder, [FIRST - 1, *seeds]) as around:
        assert await lived(around, calm(FIRST - 1, around)) == []
        for seed, kill in zip(seeds, kills, strict=True):
            told = calm(seed, around, kill)
            assert await lived(around, told) == [], told.told()
        assert set(around.deaths) == set(STEPS)

"""A branch's leap year from a seed, day by day: meetings, dues, shifts, service, moves and a handover.

Every invariant of tests/year.py holds every evening. BRANCH_YEAR_SEEDS (e.g. 1,2,3) and BRANCH_YEAR_DAYS change it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cast import opened_cast
from tests.year import begin, head, live_a_day

SEEDS = [int(seed) for seed in os.environ.get("BRANCH_YEAR_SEEDS", "1").split(",")]
DAYS = int(os.environ.get("BRANCH_YEAR_DAYS", "366"))


async def lived(url: str, folder: Path, seed: int, days: int) -> Any:
    """So many days; the last link of the chain."""
    async with opened_cast(url, folder) as cast:
        year = await begin(cast, seed)
        for _ in range(days):
            await live_a_day(year)
        assert year.now.year in (2028, 2029)
        return await cast.place.database.read(head)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_year_keeps_every_invariant_every_day(seed: int, sqlite: str, tmp_path: Path) -> None:
    last = await lived(sqlite, tmp_path, seed, DAYS)
    assert last.number > DAYS


async def test_the_same_seed_is_the_same_year(sqlite: str, sqlite_template: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copy(sqlite_template, other)
    assert await lived(sqlite, tmp_path, 7, 10) == await lived(f"sqlite:///{other}", tmp_path, 7, 10)


async def test_a_month_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    assert (await lived(postgresql, tmp_path, 3, 20)).number > 20

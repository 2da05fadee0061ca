"""Seeds on SQLite: killed at numbered steps, the network broken, the clock moved; every promise of the bot holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.seeds import die_at_every_step, houses, play


async def test_at_every_numbered_step(sqlite: str, tmp_path: Path) -> None:
    await die_at_every_step(sqlite, tmp_path)


@pytest.mark.parametrize("seeds", houses("sqlite"), ids=lambda seeds: str(seeds.start))
async def test_seeds(
    seeds: range, sqlite: str, redis_server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every other house shares a Redis."""
    happened = await play(sqlite, tmp_path, seeds, redis_server if seeds.start // 50 % 2 else "")
    with capsys.disabled():
        print(f"\nsqlite, {happened}")

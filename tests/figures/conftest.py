"""The generated year of 20 branches, filled once for all tests that read it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.place import opened
from tests.cast import Cast, Moved, configure
from tests.figures import year


@pytest.fixture(scope="package")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the generated year, to copy."""
    path = tmp_path_factory.mktemp("year") / "year.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_fill(f"sqlite:///{path}", path.parent))
    return path


async def _fill(url: str, folder: Path) -> None:
    config = configure(url, folder)
    async with opened(config, Moved(config)) as place:
        await place.database.write(year.fill)


@pytest.fixture
async def house(filled: Path, tmp_path: Path) -> AsyncIterator[Cast]:
    """The generated year, at the cast's time."""
    shutil.copy(filled, tmp_path / "house.db")
    config = configure(f"sqlite:///{tmp_path / 'house.db'}", tmp_path)
    async with opened(config, Moved(config)) as place:
        yield Cast(place)

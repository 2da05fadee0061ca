"""Every figure of a generated year equals the recount in plain Python, now and as it was known, on both engines."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.cli.place import opened
from bot.db import Tx, micros
from handlers import figures
from tests.cast import START, ZONE, Cast, Moved, configure
from tests.figures import year
from tests.figures.recount import Asked, Recount, raw

QUESTIONS = (
    (0, "2026", None),
    (0, "2026", "2026-06-30"),
    (0, "2026Q1", "2026-04-20"),
    (0, "2026-03", None),
    (4, "2026", None),
    (7, "2026H1", "2026-05-31"),
)


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the generated year, to copy."""
    import asyncio

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


def known(code: str, as_known: str | None) -> tuple[date, date, int]:
    """First day, last day and instant of a question, at the cast's time."""
    span = figures.coded(code)
    at = START
    if as_known:
        at = datetime.fromisoformat(as_known).replace(tzinfo=ZONE) + timedelta(days=1, microseconds=-1)
    return span.first, min(span.last, at.date()), micros(at)


def differences(tx: Tx, config: Any, branch: int, code: str, as_known: str | None) -> list[str]:
    """Where the catalogue and the recount don't agree."""
    day = date.fromisoformat(as_known) if as_known else None
    asked = figures.question(tx, figures.coded(code), branch, config, day)
    first, last, at = known(code, as_known)
    again = Recount(raw(tx), Asked(branch, first, last, at)).all()
    found = {one.figure.name: (one.number, one.complete) for one in figures.reckon(tx, asked, "").values}
    assert set(again) == set(found)
    return [f"{name}: {found[name]} but {again[name]}" for name in again if found[name] != again[name]]


def _differences(tx: Tx, config: Any, question: tuple[int, str, str | None]) -> list[str]:
    return differences(tx, config, *question)


@pytest.mark.parametrize(("branch", "code", "as_known"), QUESTIONS)
async def test_every_figure_equals_its_recount(house: Cast, branch: int, code: str, as_known: str | None) -> None:
    config = house.place.config
    assert await house.place.database.read(lambda tx: differences(tx, config, branch, code, as_known)) == []


async def test_every_figure_equals_its_recount_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    config = configure(postgresql, tmp_path)
    async with opened(config, Moved(config)) as place:
        await place.database.write(lambda tx: year.Year(tx, 5).fill())
        for question in QUESTIONS[:2]:
            assert await place.database.read(partial(_differences, config=config, question=question)) == []


async def test_the_year_has_something_of_everything(house: Cast) -> None:
    """A figure that is 0 everywhere would be equal without being right."""

    def work(tx: Tx) -> list[str]:
        asked = figures.question(tx, figures.coded("2026"), 0, house.place.config)
        return [one.figure.name for one in figures.reckon(tx, asked, "").values if not one.number]

    assert await house.place.database.read(work) == []

"""A year's figures cost what that year's rows cost, and an answer what it costs without a history: counted in steps of
SQLite, which no busy machine changes. `make history` measures the whole size."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import history
from bot.cli.place import opened
from bot.db import Tx
from bot.dispatch import House, handle
from bot.engines import connect
from bot.message import Incoming
from bot.platforms.console import NAME
from handlers import figures
from tests.cast import KEYS

STEP = 100  # instructions of SQLite's machine
BRANCHES, MEMBERS = 6, 120


@pytest.fixture(scope="module")
def counties(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The same county with no history, one year and four years of it."""
    folder = tmp_path_factory.mktemp("county")
    made = {}
    for years in (0, 1, 4):
        path = made[years] = folder / f"{years}.db"
        shutil.copy(sqlite_template, path)
        history.History(path, BRANCHES, MEMBERS, years).fill()
    return made


def steps(path: Path, work: Callable[[Tx], Any], before: Callable[[Tx], Any] = bool) -> int:
    """How many steps SQLite takes for a unit of work after what was done `before`; neither is kept."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection = connect(f"sqlite:///{path}")
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    cursor.execute("SAVEPOINT unit")
    tx = Tx(cursor, "sqlite", history.NOW, keys=KEYS)
    before(tx)
    connection.set_progress_handler(count, STEP)
    work(tx)
    connection.set_progress_handler(None, 0)
    cursor.execute("ROLLBACK")
    connection.close()
    return counted


def test_one_year_costs_what_its_rows_cost(counties: dict[int, Path], tmp_path: Path) -> None:
    config = history.configured(tmp_path, "any")

    def year(tx: Tx) -> None:
        asked = figures.question(tx, figures.coded("2026"), 0, config)
        found = figures.reckon(tx, asked, "")
        assert found.value("参加活动人次").number == 6_546

    alone, among_four = steps(counties[1], year), steps(counties[4], year)
    assert among_four < alone * 1.1, (alone, among_four)


async def _house(path: Path, folder: Path) -> House:
    config = history.configured(folder, path.stem)
    shutil.copy(path, folder / path.name)
    async with opened(config, history.Standing(config)) as place:
        return place.house


def test_an_answer_costs_the_same_after_years(counties: dict[int, Path], tmp_path: Path) -> None:
    house = asyncio.run(_house(counties[0], tmp_path))

    def said(account: str, text: str, number: int) -> Incoming:
        return Incoming(NAME, f"b{number}", "group1", account, text)

    def opening(tx: Tx) -> None:
        opened = handle(tx, said("user1", "/attendance open 主题党日 明天15:00 会议室", 0), house)
        assert opened is not None and opened.text.startswith("已开")

    def evening(tx: Tx) -> None:
        for number, account in enumerate(("user1", "user2", "user3") * 5, 1):
            answer = handle(tx, said(account, ("参加", "请假 值班")[number % 2], number), house)
            assert answer is not None and answer.text.startswith("已")

    none, four = steps(counties[0], evening, opening), steps(counties[4], evening, opening)
    assert four < none * 1.2, (none, four)

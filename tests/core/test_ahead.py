"""What is asked ahead for all who wait changes nothing but the time: a crowd that speaks at once, and one by one."""

from __future__ import annotations

import asyncio
import random
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.dispatch import handle
from bot.message import Incoming, Reply
from bot.platforms.console import NAME
from bot.vault import MARK
from tests.cast import ACCOUNTS, Cast, opened_cast
from tests.core.snapshot import rows_of
from tests.core.test_database import held

SPEAKERS = ("张三", "李四", "王芳", "刘敏", "何静", "周敏", "陌生人")
WORDS = (
    "参加",
    "请假 值夜班",
    "请假",
    "取消",
    "参加，会迟到",
    "帮李四请假",
    "我的",
    "中午吃什么",
    "李四参加",
    "签到",
    "撤销",
)
OPENING = (
    ("周敏", "/attendance open 主题党日 12月4日 15:00 三楼", "g1"),
    ("周敏", "/attendance open 党课 12月9日 15:00 应到 张三、李四、何静", "g1"),
    ("郑晓燕", "/attendance open 主题党日 12月3日 15:00", "g2"),
)


def spoken(seed: int) -> list[tuple[str, str, str]]:
    chance = random.Random(seed)
    number = ("", "", " #1", " #2")
    return [
        (chance.choice(SPEAKERS), chance.choice(WORDS) + chance.choice(number), chance.choice(("g1", "g1", "g2", "")))
        for _ in range(60)
    ]


async def play(cast: Cast, lines: list[tuple[str, str, str]], *, at_once: bool) -> tuple[list[Any], Any]:
    """What each heard, and all rows."""
    house = cast.place.house
    for name, text, chat in OPENING:
        assert "已开" in await cast.says(name, text, chat)
    heard: list[Reply | None] = []
    coming = []
    gate = await held(cast.place.database) if at_once else None
    for place, (name, text, chat) in enumerate(lines):
        account = ACCOUNTS.get(name, name)
        said = Incoming(NAME, f"x{place}", chat or account, account, text, private=not chat)
        future = cast.place.database.write(partial(handle, incoming=said, house=house), house.ahead(said))
        coming.append(future)
        if gate is None:
            await future
    if gate is not None:
        await gate.release()
    heard = await asyncio.gather(*coming)
    return [one and one.text for one in heard], await rows_of(cast.place.database)


def legible(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Without what is sealed, which is never the same twice."""
    return [[cell for cell in row if not str(cell).startswith(MARK)] for row in rows]


@pytest.mark.parametrize("seed", range(4))
async def test_a_crowd_hears_and_leaves_what_it_would_one_by_one(
    seed: int, database_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(sqlite_template, alone / "house.db")
    lines = spoken(seed)
    async with opened_cast(f"sqlite:///{alone / 'house.db'}", alone) as cast:
        heard, rows = await play(cast, lines, at_once=False)
    async with opened_cast(database_url, tmp_path) as cast:
        together, theirs = await play(cast, lines, at_once=True)
    assert together == heard
    for table in ("answers", "todos", "trail", "presences", "leave_decisions", "branches"):
        assert legible(theirs[table]) == legible(rows[table]), table

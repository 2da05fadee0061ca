"""`move`: every row in the other database, whichever it is, or the other database as empty as before."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from pathlib import Path

import psycopg
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.cli.check import verify
from bot.cli.move import heard_since, move, tables
from bot.config import Config
from bot.db import DatabaseDown
from bot.engines import connect
from bot.message import Refused
from bot.web import application
from bot.writer import begun
from handlers.tables import members
from tests.cast import configure, opened_cast

SAID = [
    ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "g1"),
    ("张三", "参加", "g1"),
    ("李四", "请假 值班", "g1"),
    ("张三", "已交 42.38", ""),
    ("周敏", "/wish add 一副老花镜（300度）", "g1"),
    ("周敏", "/study add 张三、李四 11月20日 半天 集中学习", ""),
    ("周敏", "/study export", ""),
    ("周敏", "/develop add 孙悦", ""),
    ("李红", "/dues confirm 张三", ""),
]


async def lived_in(url: str, folder: Path) -> Config:
    """A house in which something has happened."""
    async with opened_cast(url, folder) as cast:
        for line in SAID:
            await cast.says(*line)
    return configure(url, folder)


def rows(url: str) -> dict[str, list[str]]:
    connection = connect(url, read_only=True)
    found = {}
    for table in tables():
        cursor = connection.execute(f'SELECT * FROM "{table.name}"')
        names = [column[0] for column in cursor.description]
        lines = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        found[table.name] = sorted(str(sorted(line.items())) for line in lines)
    connection.close()
    return found


@pytest.fixture(autouse=True)
def _nobody_runs(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    """Whoever tries the program out on this machine while the tests run is not in their way."""
    monkeypatch.setenv("BOT__WEB__PORT", str(unused_tcp_port))


async def test_beside_a_running_bot_nothing_is_moved(
    sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"sqlite:///{tmp_path / 'other.db'}"
    async with opened_cast(sqlite, tmp_path) as cast:
        place = cast.place
        async with TestServer(application(place.database, place.platforms, place.house, place.ready)) as server:
            monkeypatch.setenv("BOT__WEB__PORT", str(server.port))
            config = configure(sqlite, tmp_path)
            with pytest.raises(Refused, match="the bot still runs"):
                await asyncio.to_thread(move, config, target)
    assert "已搬到" in await asyncio.to_thread(move, config, target)


@pytest.mark.parametrize("way", ["up", "back"])
async def test_everything_arrives_and_life_goes_on(way: str, sqlite: str, postgresql: str, tmp_path: Path) -> None:
    source, target = (sqlite, postgresql) if way == "up" else (postgresql, sqlite)
    config = await lived_in(source, tmp_path)
    said = move(config, target)
    assert "逐表核对一致" in said
    assert rows(target) == rows(source)
    assert all(rows(target)[name] for name in ("trail", "register_rows", "entries", "postings", "files"))
    async with opened_cast(target, tmp_path) as cast:
        cast.serial = itertools.count(100)
        assert "参加 1 · 请假 1" in await cast.says("周敏", "/attendance")
        assert "已登记学时 #3" in await cast.says("周敏", "/study add 周敏 11月20日 半天", "")
        assert "已加入名册" in await cast.says("周敏", "/member add 新来的 药剂科")
        ids = [row.id for row in await cast.rows(select(members.c.id))]
    assert len(set(ids)) == len(ids) == 19
    assert await verify(configure(target, tmp_path)) == []


async def test_a_target_that_holds_anything_is_refused(sqlite: str, postgresql: str, tmp_path: Path) -> None:
    config = await lived_in(sqlite, tmp_path)
    move(config, postgresql)
    before = rows(postgresql)
    with pytest.raises(Refused) as caught:
        move(config, postgresql)
    lines = caught.value.text.splitlines()
    assert "not empty, nothing was moved: branches: 2 rows" in lines
    assert len(lines) > 5
    assert rows(postgresql) == before


def test_a_database_of_something_else_is_left_alone(sqlite: str, postgresql: str, tmp_path: Path) -> None:
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("CREATE TABLE theirs (id int)")
    with pytest.raises(Refused, match=r"tables of something else .theirs"):
        move(configure(sqlite, tmp_path), postgresql)


async def test_one_row_that_does_not_fit_and_nothing_is_there(sqlite: str, postgresql: str, tmp_path: Path) -> None:
    config = await lived_in(sqlite, tmp_path)
    with sqlite3.connect(sqlite.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE members SET aliases = 'a' || char(0) WHERE id = 5")
    connection.close()
    with pytest.raises(DatabaseDown, match="nothing was moved"):
        move(config, postgresql)
    assert not any(rows(postgresql).values())


async def test_a_copy_with_a_broken_trail_is_not_kept(sqlite: str, postgresql: str, tmp_path: Path) -> None:
    config = await lived_in(sqlite, tmp_path)
    with sqlite3.connect(sqlite.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE trail SET actor = '别人' WHERE number = 3 AND branch_id = 1")
        connection.execute("UPDATE postings SET fen = fen + 1 WHERE id = 1")
    connection.close()
    with pytest.raises(Refused) as caught:
        move(config, postgresql)
    assert "the copy differs, nothing was moved: trail of branch 1: row 3" in caught.value.text
    assert "ledger:" in caught.value.text
    assert not any(rows(postgresql).values())


async def test_what_comes_in_meanwhile_is_noticed(sqlite: str, tmp_path: Path) -> None:
    await lived_in(sqlite, tmp_path)
    old = connect(sqlite, read_only=True)
    reader = begun(old, "BEGIN")
    copied = len(reader.execute("SELECT 1 FROM seen").fetchall())
    other = connect(sqlite)
    other.execute("INSERT INTO seen (platform, message_id, at) VALUES ('console', 'late', 1)")
    other.close()
    assert heard_since(old, "sqlite", copied) == ["1 messages came in meanwhile; stop the bot, then move again"]
    assert heard_since(old, "sqlite", copied + 1) == []
    old.close()


def test_what_can_be_no_target(sqlite: str, tmp_path: Path) -> None:
    config = configure(sqlite, tmp_path)
    for target, why in (
        (sqlite, "is the database of the configuration"),
        ("mysql://x", "write sqlite:///PATH"),
        ("", "write sqlite:///PATH"),
    ):
        with pytest.raises(Refused, match=why):
            move(config, target)
    secret = "postgresql+psycopg://bot:geheim@127.0.0.1:1/none"
    with pytest.raises(DatabaseDown) as caught:
        move(config, secret)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)

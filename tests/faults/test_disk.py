"""SQLite on a disk that is full or read-only, or locked by another program: 503, a line, nothing half-written."""

from __future__ import annotations

import asyncio
import logging
import resource
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.cli.place import opened
from bot.db import DatabaseDown, Tx
from bot.web import application
from tests.cast import configure
from tests.core.post import post
from tests.core.process import WECOM
from tests.core.snapshot import rows_of
from tests.faults.door import door
from tests.rooms import furnish


async def test_no_file_may_grow_and_the_log_neither(sqlite: str, tmp_path: Path) -> None:
    """What a full disk looks like from inside: every write fails, also that of a log on the same disk."""
    async with door(sqlite, sqlite, tmp_path) as bot:
        assert await bot.say(1, "/attendance open 主题党日 12月4日 15:00 三楼会议室", "zhoumin") == 200
        limit, most = resource.prlimit(bot.served.process.pid, resource.RLIMIT_FSIZE, (1, -1))
        assert (limit, most) == (-1, -1)
        assert [await bot.say(number, "参加") for number in (2, 3)] == [503, 503]
        status, reasons = await bot.ready()
        assert (status, reasons.startswith("database: the database failed: ")) == (503, True)
        assert "503: the database failed: " in bot.log()
        resource.prlimit(bot.served.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
        assert [await bot.say(number, "参加") for number in (2, 3)] == [200, 200]
        assert await bot.ready() == (200, "ready\n")
        await bot.whole()


async def test_another_program_holds_the_file(sqlite: str, tmp_path: Path) -> None:
    async with door(sqlite, sqlite, tmp_path) as bot:
        assert await bot.say(1) == 200
        other = sqlite3.connect(sqlite.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert await asyncio.gather(*(bot.say(number) for number in range(2, 8))) == [503] * 6
        assert "503: the database failed: database is locked" in bot.log()
        assert (await bot.ready())[0] == 503
        other.execute("COMMIT")
        other.close()
        for number in range(2, 8):
            await bot.until_heard(number)
        await bot.whole()


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        ("PRAGMA max_page_count = 1", "database or disk is full"),
        ("PRAGMA query_only = 1", "attempt to write a readonly database"),
    ],
)
async def test_full_and_read_only_as_sqlite_says_it(
    spoil: str, line: str, sqlite: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection is spoilt, and a message shares its batch with what fills the disk; the next one is sound."""
    entered, gate = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        unit: Any = tx
        unit._cursor.execute(spoil)
        entered.set()
        assert gate.wait(10)

    def grow(tx: Tx) -> None:
        unit: Any = tx
        for text in ("CREATE TABLE ballast (data BLOB)", "INSERT INTO ballast VALUES (zeroblob(1000000))"):
            unit._cursor.execute(text)

    async with (
        opened(configure(sqlite, tmp_path, WECOM)) as place,
        TestClient(TestServer(application(place.database, place.platforms, place.house, place.ready))) as http,
    ):
        await furnish(place, "wecom", "企业微信账号", "g1")
        before = await rows_of(place.database)
        path, body = post(1, "zhoumin", "/attendance open 主题党日 12月4日 15:00 三楼会议室")
        with caplog.at_level(logging.ERROR):
            held = place.database.write(hold)
            await asyncio.to_thread(entered.wait, 10)
            filling = place.database.write(grow)
            asking = asyncio.ensure_future(http.post(path, data=body))
            while place.database.waiting() < 2 and not asking.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            gate.set()
            response = await asking
        await held
        with pytest.raises(DatabaseDown, match=line):
            await filling
        assert (response.status, await response.read()) == (503, b"")
        assert [line in record.getMessage() for record in caplog.records] == [True]
        assert await rows_of(place.database) == before
        assert (await http.post(path, data=body)).status == 200

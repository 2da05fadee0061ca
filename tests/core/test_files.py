"""A file in a reply goes to who asked, in private, and into a group only where it was asked for there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import func, select

import handlers
from bot import file_links, files
from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Attachment, Reply, pack, unpack
from bot.pages import console
from bot.sql import sql
from bot.tables import files as kept
from bot.tables import outbox
from bot.web import application
from tests.cast import Cast, opened_cast

BOOK = b"PK\x03\x04 a sheet"
KEPT = sql(select(func.count()).select_from(kept))


def say_export(tx: Tx, ask: Ask) -> Reply:
    """The least that a handler does to hand over a file."""
    return Reply("第一季度报表。", attachments=(files.attach(tx, "报表.xlsx", BOOK, openly=ask.text == "发到群里"),))


EXPORT = Command("export", "导出", "给我报表", "/export", say_export, role="member", writes=False)


@pytest.fixture(params=["sqlite", "postgresql"])
async def exporting(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cast]:
    monkeypatch.setattr(handlers, "COMMANDS", (*handlers.COMMANDS, EXPORT))
    async with opened_cast(request.getfixturevalue(request.param), tmp_path) as cast:
        yield cast


async def left(cast: Cast) -> Any:
    return await cast.place.database.read(lambda tx: tx.value(KEPT))


async def test_in_private_the_text_is_answered_and_the_file_follows(exporting: Cast) -> None:
    assert await exporting.says("张三", "/export", "") == "第一季度报表。"
    assert await left(exporting) == 1
    await exporting.settle()
    (bubble,) = exporting.pushed("zhangsan")
    assert (bubble.text, bubble.files, bubble.private) == ("", ("报表.xlsx",), True)
    assert exporting.place.console.files[bubble.number, 0] == BOOK
    assert await left(exporting) == 0


async def test_a_group_does_not_see_the_file(exporting: Cast) -> None:
    assert await exporting.says("张三", "/export") == "已私发给您。"
    await exporting.settle()
    (bubble,) = exporting.pushed("zhangsan")
    assert (bubble.text, bubble.files) == ("第一季度报表。", ("报表.xlsx",))
    assert exporting.pushed("g1") == []


async def test_a_group_sees_what_was_asked_for_there(exporting: Cast) -> None:
    assert await exporting.says("张三", "/export 发到群里") == "第一季度报表。"
    await exporting.settle()
    (bubble,) = exporting.pushed("g1")
    assert (bubble.text, bubble.files, bubble.private) == ("", ("报表.xlsx",), False)
    assert exporting.pushed("zhangsan") == []


async def test_a_repeat_hands_nothing_over_again(exporting: Cast) -> None:
    await exporting.says("张三", "/export", "")
    assert exporting.last is not None
    assert (await exporting.send(exporting.last)) == Reply("第一季度报表。")
    await exporting.settle()
    assert len(exporting.pushed("zhangsan")) == 1
    assert await left(exporting) == 0


async def test_where_no_file_can_be_sent_the_answer_has_a_link(exporting: Cast) -> None:
    house = replace(exporting.place.house, private_via={})
    exporting.place = replace(exporting.place, house=house)
    heard = await exporting.says("张三", "/export", "")
    assert heard.startswith(f"第一季度报表。\n报表.xlsx {file_links.HOW}：http://127.0.0.1:8080/open/file/")
    assert await exporting.says("张三", "/export") == "请私聊我发 /export"
    assert (await exporting.rows(select(func.count()).select_from(outbox)))[0][0] == 0


async def test_a_file_without_a_promise_is_thrown_away_after_a_week(exporting: Cast) -> None:
    await exporting.place.database.write(lambda tx: files.attach(tx, "a.png", b"12345"))
    await exporting.pass_time(days=8)
    await exporting.place.database.write(lambda tx: files.attach(tx, "b.png", b"12345"))
    assert await left(exporting) == 1


@pytest.mark.parametrize("data", [b"", bytes(files.LARGEST + 1)])
async def test_what_no_platform_takes_is_refused_at_once(exporting: Cast, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"a\.xlsx"):
        await exporting.place.database.write(lambda tx: files.attach(tx, "a.xlsx", data))


def test_a_reply_of_before_is_still_read() -> None:
    reply = Reply("x", attachments=(Attachment("a.png", "image/png", "/tmp/a"),))
    row = json.loads(pack(reply))
    del row["attachments"][0]["openly"]
    assert unpack(json.dumps(row)) == reply


async def test_the_console_page_hands_the_file_out(exporting: Cast) -> None:
    place = exporting.place
    app = application(place.database, place.platforms, place.house, place.ready)
    console.add_to(app, place)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await exporting.says("张三", "/export", "")
    await exporting.settle()
    (bubble,) = exporting.pushed("zhangsan")
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/console/file/{bubble.number}"
    async with ClientSession() as client:
        async with client.get(f"{address}/0") as answer:
            assert (answer.status, await answer.read()) == (200, BOOK)
            assert "%E6%8A%A5%E8%A1%A8.xlsx" in answer.headers["Content-Disposition"]
        async with client.get(f"{address}/1") as answer:
            assert answer.status == 404
    await runner.cleanup()

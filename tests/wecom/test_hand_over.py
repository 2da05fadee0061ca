"""A file in an answer reaches who asked by every way; a group hears only what was asked for there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

import handlers
from bot.cli.place import opened
from bot.file_links import HOW
from tests.cast import configure
from tests.core.test_files import BOOK, EXPORT
from tests.rooms import KEY, TOKEN, Room, dingtalk_room, furnish, served, wecom_room
from tests.twins.wecom import WeComTwin
from tests.twins.wecom_app import AGENT, CORP, AppTwin
from tests.wecom.rooms import line_room
from tests.wecom.wire import Wire


@pytest.fixture(autouse=True)
def _export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "COMMANDS", (*handlers.COMMANDS, EXPORT))


@asynccontextmanager
async def with_app(url: str, folder: Path) -> AsyncIterator[tuple[WeComTwin, AppTwin, Room]]:
    """The robot by callback, its group's webhook, and the app for what is private."""
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(WeComTwin("", TOKEN, KEY))
        app = await stack.enter_async_context(AppTwin(Wire(TOKEN, KEY, CORP), "secret"))
        app.people = {"zhangsan": {"name": "张三", "department": [1]}}
        more = (
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'
            f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{twin.api_base}"\n'
            f'[platforms.wecom-app]\nkind="wecom_app"\ncorp_id="{CORP}"\nagent_id={AGENT}\nsecret="secret"\n'
            f'api_base="{app.api_base}"\n'
        )
        place = await stack.enter_async_context(opened(configure(url, folder, more)))
        address = await stack.enter_async_context(served(place))
        await furnish(place, "wecom", "企业微信账号", "g1", f"wecom-push:{twin.robot()}")
        twin.hook_url = f"{address}/hook/wecom"

        async def none(*_: object) -> tuple[str, None]:
            raise AssertionError

        yield twin, app, Room(place, twin, none, none, list)


async def test_the_app_carries_what_the_callback_can_not(database_url: str, tmp_path: Path) -> None:
    async with with_app(database_url, tmp_path) as (twin, app, room):
        assert (await twin.say("zhangsan", "/export", "")).text == "第一季度报表。"
        await room.settle()
        assert [one["msgtype"] for one in app.sent] == ["file"]
        assert (await twin.say("zhangsan", "/export")).text == "已私发给您。"
        await room.settle()
        assert [one["msgtype"] for one in app.sent] == ["file", "text", "file"]
        assert {one["touser"] for one in app.sent} == {"zhangsan"}
        assert {(kind, name, data) for kind, name, data in app.files.values()} == {("file", "报表.xlsx", BOOK)}
        assert twin.pushed == []
        assert (await twin.say("zhangsan", "/export 发到群里")).text == "第一季度报表。"
        await room.settle()
        assert [one.body["msgtype"] for one in twin.pushed] == ["file"]
        assert list(twin.files.values()) == [("报表.xlsx", BOOK)]
        assert len(app.sent) == 3


async def test_without_an_app_the_callback_has_a_link(sqlite: str, tmp_path: Path) -> None:
    async with wecom_room(sqlite, tmp_path) as room:
        assert (await room.say("张三", "/export", ""))[0].startswith(f"第一季度报表。\n报表.xlsx {HOW}：http")
        assert (await room.say("张三", "/export", "group"))[0] == "请私聊我发 /export"
        await room.settle()
        assert room.twin.pushed == []


async def test_the_long_connection_carries_it_itself(sqlite: str, tmp_path: Path) -> None:
    async with line_room(sqlite, tmp_path) as room:
        heard, _ = await room.say("张三", "/export", "")
        assert heard == "第一季度报表。"
        await room.say("张三", "/export", "group")
        await room.settle()
        files = [(said.chat, said.body["msgtype"]) for said in room.twin.said if said.body["msgtype"] == "file"]
        assert files == [("zhangsan", "file")] * 2
        await room.say("张三", "/export 发到群里", "group")
        await room.settle()
        await room.twin.until(lambda: not room.twin.busy)
        assert (room.twin.said[-1].chat, room.twin.said[-1].body["msgtype"]) == ("g1", "file")
        assert set(room.twin.uploads.files.values()) == {("报表.xlsx", BOOK)}


async def test_dingtalk_carries_it_by_the_robots_interface(sqlite: str, tmp_path: Path) -> None:
    async with dingtalk_room(sqlite, tmp_path) as room:
        heard, _ = await room.say("张三", "/export", "")
        assert heard == "第一季度报表。"
        await room.say("张三", "/export", "group")
        await room.settle()
        await asyncio.sleep(0)
        kept = [(one.name.rpartition(".")[2], one.content) for one in room.twin.media.kept.values()]
        assert kept == [("xlsx", BOOK)] * 2

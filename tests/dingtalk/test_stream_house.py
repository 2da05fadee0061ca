"""Stream mode with a real database and a furnished house behind it: the rows are there before the acknowledgement."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cli.place import Place, opened
from bot.db import Tx
from bot.message import Incoming, Reply
from bot.platforms.dingtalk_stream import DingTalkStream
from bot.sql import sql
from bot.tables import seen
from bot.web import record
from tests.cast import ACCOUNTS, configure
from tests.dingtalk.conftest import KEY, SECRET, Keeper, settings
from tests.dingtalk.test_stream_load import say as body_of
from tests.rooms import Room, dingtalk_room, furnish, served
from tests.test_scenario import play, rows
from tests.twins.dingtalk import DingTalkTwin, Heard

CONFIG = f'[platforms.ding]\nkind = "dingtalk"\napp_key = "{KEY}"\napp_secret = "{SECRET}"\n'
SEEN = sql(select(func.count()).select_from(seen).where(seen.c.platform == "ding"))


@dataclass
class HouseEar:
    """The door to the rows, as the composition root hands it out."""

    place: Place

    async def hear(self, incoming: Incoming) -> Reply | None:
        return await record(self.place.database, incoming, self.place.house)

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        raise AssertionError("not needed")

    async def missed(self, since: datetime, until: datetime) -> None:
        raise AssertionError("no gap")

    async def hold(self, key: str, seconds: float) -> bool:
        raise AssertionError("not needed")


@asynccontextmanager
async def stream_room(url: str, folder: Path, template: str = "") -> AsyncIterator[Room]:
    """DingTalk's stream, with interactive cards where there is a template."""
    async with DingTalkTwin("", KEY, SECRET) as twin, opened(configure(url, folder, CONFIG)) as place:
        twin.stream, twin.gateway.again_after = True, 60
        await place.platforms["ding"].close()
        platform = DingTalkStream("ding", settings(twin.base, mode="stream", card_template_id=template), Keeper())
        place.platforms["ding"] = platform
        await furnish(place, "ding", "钉钉账号", "cid1")

        async def say(name: str, text: str, chat: str) -> tuple[str, Any]:
            heard = await twin.say(ACCOUNTS.get(name, name), text, chat and "cid1")
            assert heard is not None
            return heard.plain, heard

        async def tap(name: str, shown: Heard, label: str) -> tuple[str, Any]:
            account = ACCOUNTS.get(name, name)
            if shown.via == "card":
                track = shown.body["outTrackId"]
                await twin.press(account, track, label)
                return twin.desk.cards[track].mine[account]["answer"], shown
            heard = await twin.tap(account, shown, label)
            assert heard is not None
            return heard.plain, heard

        async with served(place):
            listening = asyncio.create_task(platform.listen(HouseEar(place)))
            await twin.gateway.connected()
            yield Room(place, twin, say, tap, lambda: [one.plain for one in twin.heard if one.via in ("group", "card")])
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def copied(template: Path, folder: Path) -> str:
    folder.mkdir()
    shutil.copy(template, folder / "house.db")
    return f"sqlite:///{folder}/house.db"


@pytest.mark.parametrize("template", ["", "tpl.schema"], ids=["links", "cards"])
async def test_the_scenario_leaves_the_rows_of_http(tmp_path: Path, sqlite_template: Path, template: str) -> None:
    url = copied(sqlite_template, tmp_path / "stream")
    async with stream_room(url, tmp_path / "stream", template) as room:
        await play(room)
        assert bool(room.twin.desk.cards) == bool(template)
    other = copied(sqlite_template, tmp_path / "http")
    async with dingtalk_room(other, tmp_path / "http") as room:
        await play(room)
    assert rows(url) == rows(other)


async def test_many_frames_are_rows_before_they_are_acknowledged(tmp_path: Path, sqlite_template: Path) -> None:
    async with stream_room(copied(sqlite_template, tmp_path / "a"), tmp_path / "a") as room:
        heard = await room.twin.say("nobody", "参加", "cid9")
        assert "群编号：cid9" in heard.plain
        pushes = [await room.twin.gateway.push(body_of(room.twin, number)) for number in range(500)]
        for push in pushes:
            await asyncio.wait_for(push.acked, 20)

        def count(tx: Tx) -> int:
            return int(tx.value(SEEN) or 0)

        assert await room.place.database.read(count) == 501
        assert all(len(push.ids) == 1 for push in pushes)

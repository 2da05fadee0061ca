"""Stream mode with a real database and a furnished house behind it: the rows are there before the acknowledgement."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot import delivery
from bot.message import Incoming, Reply
from bot.platforms.dingtalk_stream import DingTalkStream
from bot.tables import seen
from bot.web import record
from tests.cast import Cast, opened_cast
from tests.dingtalk.conftest import KEY, SECRET, Clock, Keeper, settings
from tests.dingtalk.test_stream_load import say
from tests.twins.dingtalk import DingTalkTwin

CONFIG = '[platforms.ding]\nkind = "dingtalk"\napp_key = "k"\napp_secret = "s"\n'


class HouseEar:
    """The door to the rows, as the composition root hands it out."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    async def hear(self, incoming: Incoming) -> Reply | None:
        return await record(self.cast.place.database, incoming, self.cast.place.house)

    async def missed(self, since: datetime, until: datetime) -> None:
        raise AssertionError("no gap")

    async def hold(self, key: str, seconds: float) -> bool:
        raise AssertionError("not needed")


async def rows(cast: Cast) -> int:
    found: list[Any] = await cast.rows(
        select(func.count().label("n")).select_from(seen).where(seen.c.platform == "ding")
    )
    return int(found[0].n)


async def test_a_house_hears_by_stream_and_answers(tmp_path: Path) -> None:
    async with (
        opened_cast(f"sqlite:///{tmp_path}/bot.db", tmp_path, CONFIG) as cast,
        DingTalkTwin("", KEY, SECRET) as twin,
    ):
        twin.stream, twin.gateway.again_after = True, 60
        platform = DingTalkStream("ding", settings(twin.base, mode="stream"), Keeper(), clock=Clock())
        cast.place.platforms["ding"] = platform
        place = cast.place
        speaking = asyncio.create_task(delivery.run(place.database, place.platforms, place.coordination.window, 0.05))
        listening = asyncio.create_task(platform.listen(HouseEar(cast)))
        await twin.gateway.connected()
        heard = await twin.say("zhangsan", "参加")
        assert heard is not None
        assert "群编号：cid1" in heard.plain
        pushes = [await twin.gateway.push(say(twin, number)) for number in range(500)]
        for push in pushes:
            await asyncio.wait_for(push.acked, 20)
        assert await rows(cast) == 501
        assert all(len(push.ids) == 1 for push in pushes)
        for task in (listening, speaking):
            task.cancel()
        await asyncio.gather(listening, speaking, return_exceptions=True)

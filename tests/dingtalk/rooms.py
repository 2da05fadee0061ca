"""A bot that hears DingTalk by stream, made of the configuration as it is at work: two rooms more for the scenario."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.cli.ear import HouseEar
from bot.cli.place import opened
from tests.cast import ACCOUNTS, configure
from tests.rooms import Room, furnish, served
from tests.twins.dingtalk import DingTalkTwin, Heard


@asynccontextmanager
async def stream_room(url: str, folder: Path, template: str = "") -> AsyncIterator[Room]:
    """DingTalk's stream, with interactive cards where there is a template; nothing comes by HTTP."""
    async with DingTalkTwin("", "key", "secret") as twin:
        twin.stream, twin.gateway.again_after = True, 60
        more = (
            f'[platforms.ding]\nkind="dingtalk"\nmode="stream"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{twin.base}"\noapi_base="{twin.base}"\ncard_template_id="{template}"\n'
        )
        async with opened(configure(url, folder, more)) as place, served(place):
            await furnish(place, "ding", "钉钉账号", "cid1")
            listening = [asyncio.create_task(one.listen(HouseEar(place, name))) for name, one in place.listeners()]
            await twin.gateway.connected()

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

            yield Room(place, twin, say, tap, lambda: [one.plain for one in twin.heard if one.via in ("group", "card")])
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


@asynccontextmanager
async def card_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """The same with cards that change in place."""
    async with stream_room(url, folder, "tpl.schema") as room:
        yield room
        assert room.twin.desk.cards

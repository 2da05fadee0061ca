"""A bot in DingTalk made of the configuration as it is at work, by stream and with cards: rooms for the scenario."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.cli.ear import HouseEar
from bot.cli.place import opened
from tests.cast import ACCOUNTS, configure
from tests.rooms import Room, furnish, served
from tests.twins.dingtalk import DingTalkTwin, Heard

CARDS = 'card_template_id="tpl.schema"\n'
ROUTE = CARDS + 'card_route_key="zhibu"\ncard_secret="ACTION"\n'


@asynccontextmanager
async def ding_room(url: str, folder: Path, mode: str, more: str = "") -> AsyncIterator[Room]:
    """DingTalk's robot in a mode; `more` are keys of its section."""
    async with DingTalkTwin("", "key", "secret") as twin:
        twin.stream, twin.gateway.again_after = mode == "stream", 60
        section = (
            f'[platforms.ding]\nkind="dingtalk"\nmode="{mode}"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{twin.base}"\noapi_base="{twin.base}"\n{more}'
        )
        async with opened(configure(url, folder, section)) as place, served(place) as address:
            await furnish(place, "ding", "钉钉账号", "cid1")
            twin.hook_url = f"{address}/hook/ding"
            listening = [asyncio.create_task(one.listen(HouseEar(place, name))) for name, one in place.listeners()]
            await twin.gateway.connected(len(listening))

            async def say(name: str, text: str, chat: str) -> tuple[str, Any]:
                heard = await twin.say(ACCOUNTS.get(name, name), text, chat and "cid1")
                assert heard is not None
                return heard.plain, heard

            async def tap(name: str, shown: Heard, label: str) -> tuple[str, Any]:
                account = ACCOUNTS.get(name, name)
                if shown.via == "card":
                    track = shown.body["outTrackId"]
                    await twin.press(account, track, label)
                    await room.settle()
                    return twin.desk.cards[track].mine[account]["answer"], shown
                heard = await twin.tap(account, shown, label)
                assert heard is not None
                return heard.plain, heard

            pushed = ("group", "card")
            room = Room(place, twin, say, tap, lambda: [one.plain for one in twin.heard if one.via in pushed])
            yield room
            assert bool(twin.desk.cards) == bool(more)
            assert all(card.callback == ("STREAM" if listening else "HTTP") for card in twin.desk.cards.values())
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


def stream_room(url: str, folder: Path) -> AbstractAsyncContextManager[Room]:
    """Nothing comes by HTTP."""
    return ding_room(url, folder, "stream")


def card_room(url: str, folder: Path) -> AbstractAsyncContextManager[Room]:
    """The stream, with cards that change in place."""
    return ding_room(url, folder, "stream", CARDS)


def routed_room(url: str, folder: Path) -> AbstractAsyncContextManager[Room]:
    """Cards whose taps come by HTTP, signed with `card_secret`."""
    return ding_room(url, folder, "http", ROUTE)

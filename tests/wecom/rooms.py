"""More rooms of WeCom: the long connection, which is kicked in the middle; and a group that only hears its robot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.ear import HouseEar
from bot.cli.place import Place, opened
from bot.message import Incoming, Reply
from bot.platforms.wecom import WeComSettings
from bot.platforms.wecom_patience import Patience
from bot.platforms.wecom_socket import WeComSocket
from tests.cast import ACCOUNTS, configure
from tests.rooms import Room, furnish, served, wecom_room
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.conftest import no_token
from tests.wecom.line import BOT, SECRET, listening

SPOKEN = re.compile("(\\S+)：发“(.+?)”")  # how a text without buttons names the words to type
HASTE = 0.002  # how much of its patience a connection has here: 5 minutes are 0.6 s


@dataclass
class CountingEar(HouseEar):
    """The composition root's ear, which also counts what is kept."""

    kept: int = 0

    async def hear(self, incoming: Incoming) -> Reply | None:
        reply = await HouseEar.hear(self, incoming)
        self.kept += 1
        return reply


@asynccontextmanager
async def line_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """WeCom's long connection: answers under the message's req_id, pushes by the same robot."""
    async with SocketTwin({BOT: SECRET}) as twin:
        given = {"kind": "wecom", "mode": "long_connection", "bot_id": BOT, "secret": SECRET, "ws_url": twin.url}
        more = "[platforms.wecom]\n" + "".join(f'{key}="{value}"\n' for key, value in given.items())
        patience = Patience(jitter=lambda: HASTE)
        platform = WeComSocket("wecom", WeComSettings.model_validate(given), no_token, patience=patience)
        platform.window, twin.most = (1000, 1.0), 1000  # a minute of real time is tested with a moved clock
        async with opened(configure(url, folder, more)) as place:
            await place.platforms["wecom"].close()
            place.platforms["wecom"] = platform
            async with served(place):
                await furnish(place, "wecom", "企业微信账号", "g1")
                ear = CountingEar(place, "wecom")
                async with listening(platform, ear):
                    await twin.until(lambda: platform.speaks)
                    yield _line(place, twin, ear, platform)


def _line(place: Place, twin: SocketTwin, ear: CountingEar, platform: WeComSocket) -> Room:
    async def answered(req_id: str, kept: int) -> tuple[str, Any]:
        await twin.until(lambda: ear.kept > kept, 10)
        await room.settle()
        await twin.until(lambda: not twin.busy)
        with suppress(TimeoutError):  # silence is an answer too
            await twin.until(lambda: any(one.req_id == req_id for one in twin.said), 1)
        found = [one for one in twin.said if one.req_id == req_id]
        return (found[-1].text, found[-1].body.get("template_card")) if found else ("", None)

    async def say(name: str, text: str, chat: str) -> tuple[str, Any]:
        kept = ear.kept
        return await answered(await twin.say(ACCOUNTS.get(name, name), text, chat and "g1"), kept)

    async def tap(name: str, shown: Any, label: str) -> tuple[str, Any]:
        before = len(twin.said)
        req_id = await twin.tap(ACCOUNTS.get(name, name), shown, label)
        await twin.until(lambda: len(twin.said) > before, 10)
        return await answered(req_id, ear.kept - 1)

    def announced() -> Any:
        return [one for one in twin.said if one.cmd == "aibot_send_msg" and one.chat == "g1"][-1].body["template_card"]

    async def kick() -> None:
        await twin.kick(BOT)
        await twin.until(lambda: not platform.speaks)
        await twin.until(lambda: platform.speaks, 10)

    async def again() -> str:
        kept, req_id = ear.kept, await twin.again()
        await twin.until(lambda: ear.kept > kept, 10)
        return req_id

    room = Room(
        *(place, twin, say, tap, twin.pushed), announced=announced, accident=kick, may_be_silent=True, again=again
    )
    return room


@asynccontextmanager
async def words_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """A group where nobody sees a card: all is announced by its webhook robot, and answered with the words it names."""
    async with wecom_room(url, folder) as room:

        async def tap(name: str, shown: Any, label: str) -> tuple[str, Any]:
            for text in reversed(room.pushed()):
                spoken = dict(SPOKEN.findall(text))
                if label in spoken:
                    return await room.say(name, spoken[label], "group")
            raise AssertionError(f"no robot said how to {label}")

        yield Room(
            room.place, room.twin, room.say, tap, room.pushed, announced=room.announced, opens_in="", may_be_silent=True
        )

"""The scenario of all platforms over the long connection, through the real rows: equal rows are left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from bot.cli.ear import HouseEar
from bot.cli.place import Place, opened
from bot.message import Incoming, Reply
from bot.platforms.wecom_socket import WeComSocket
from tests.cast import ACCOUNTS, configure
from tests.rooms import Room, furnish, served, wecom_room
from tests.test_scenario import play, rows
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.line import BOT, SECRET, listening


@dataclass
class CountingEar:
    """The composition root's ear, which also counts what is kept."""

    place: Place
    kept: int = 0

    async def hear(self, incoming: Incoming) -> Reply | None:
        reply = await HouseEar(self.place, "wecom").hear(incoming)
        self.kept += 1
        return reply

    async def missed(self, since: datetime, until: datetime) -> None:
        await HouseEar(self.place, "wecom").missed(since, until)

    async def on_line(self, at: datetime, *, anew: bool = False) -> None:
        await HouseEar(self.place, "wecom").on_line(at, anew=anew)

    async def hold(self, key: str, seconds: float) -> bool:
        return await HouseEar(self.place, "wecom").hold(key, seconds)


@asynccontextmanager
async def socket_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """WeCom's long connection: answers under the message's req_id, pushes by the same robot."""
    async with SocketTwin({BOT: SECRET}) as twin:
        more = (
            f'[platforms.wecom]\nkind="wecom"\nmode="long_connection"\n'
            f'bot_id="{BOT}"\nsecret="{SECRET}"\nws_url="{twin.url}"\n'
        )
        async with opened(configure(url, folder, more)) as place, served(place):
            await furnish(place, "wecom", "企业微信账号", "g1")
            ear, platform = CountingEar(place), cast("WeComSocket", place.platforms["wecom"])
            async with listening(platform, ear):
                await twin.until(lambda: platform.speaks)

                async def answered(req_id: str, kept: int) -> tuple[str, Any]:
                    await twin.until(lambda: ear.kept > kept, 10)
                    await room.settle()
                    await twin.until(lambda: not twin.busy)
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

                room = Room(place, twin, say, tap, twin.pushed)
                yield room


def fresh(folder: Path, template: Path) -> str:
    folder.mkdir()
    (folder / "house.db").write_bytes(template.read_bytes())
    return f"sqlite:///{folder}/house.db"


async def test_the_scenario_over_the_long_connection_leaves_equal_rows(tmp_path: Path, sqlite_template: Path) -> None:
    left = []
    for number, room_of in enumerate((wecom_room, socket_room)):
        folder = tmp_path / str(number)
        url = fresh(folder, sqlite_template)
        async with room_of(url, folder) as room:
            await play(room)
        left.append(rows(url))
    assert left[0] == left[1]

"""A bot on a real port with one platform's twin outside, so that a scenario can be played over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from bot import delivery
from bot.cli.demo import FIRST, HEADER, PEOPLE
from bot.cli.place import Place, opened
from bot.commands import Who
from bot.db import Tx
from bot.sql import p, sql
from bot.tables import outbox as promises
from bot.web import application
from handlers import people
from handlers.sheet import check
from tests.cast import ACCOUNTS, configure
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.wecom import Heard, WeComTwin

TOKEN, KEY = "QDG6eKtoken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
INSTALLER = Who(account="test", name="安装")
OPEN = sql(
    select(func.count())
    .select_from(promises)
    .where(promises.c.state.in_(("planned", "claimed")), promises.c.not_before < p("soon"))
)
SOON = 600 * 1_000_000  # what is planned for later than that waits for the morning
Say = Callable[[str, str, str], Awaitable[tuple[str, Any]]]


@dataclass
class Room:
    """One platform's twin and the bot behind it: `say(name, text, chat)` and `tap(name, shown, label)` give
    (what is read, what can be tapped).

    `announced` is what can be tapped of the last push (None: nothing can), `accident` what may befall the connection,
    `opens_in` where the secretary opens meetings, `may_be_silent` whether `say` returns without an answer,
    `again` delivers the last message once more and waits until it was heard (default: the twin's own).
    """

    place: Place
    twin: Any
    say: Say
    tap: Callable[[str, Any, str], Awaitable[tuple[str, Any]]]
    pushed: Callable[[], Sequence[str]]
    announced: Callable[[], Any] | None = None
    accident: Callable[[], Awaitable[None]] | None = None
    opens_in: str = "group"
    may_be_silent: bool = False
    again: Callable[[], Awaitable[Any]] | None = None

    async def settle(self) -> None:
        """Waits until nothing is left to be said before the morning."""
        while await self.place.database.read(lambda tx: tx.value(OPEN, soon=tx.at + SOON)):  # noqa: ASYNC110 - rows wake nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def served(place: Place) -> AsyncIterator[str]:
    """The bot on a free port, with its outbox running; its address."""
    runner = web.AppRunner(application(place.database, place.platforms, place.house, place.ready), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    window = place.coordination.window
    speaking = asyncio.create_task(delivery.run(place.database, place.platforms, window, 0.05, place.lost))
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        speaking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await speaking
        await runner.cleanup()


async def furnish(place: Place, platform: str, column: str, chat: str, push: str = "") -> None:
    """The demonstration's first branch, its accounts on one platform, one group."""
    header = [column if name == "企业微信账号" else name for name in HEADER]
    rows = [list(person) for person in PEOPLE if person[1] == FIRST]

    def work(tx: Tx) -> None:
        people.import_members(tx, check(list(enumerate([header, *rows], 1))).rows, INSTALLER, {column: platform})
        people.bind_group(tx, platform, chat, FIRST, push=push, by=INSTALLER)

    await place.database.write(work)


@asynccontextmanager
async def wecom_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """WeCom's callback, pushes through the group robot."""
    async with WeComTwin("", TOKEN, KEY) as twin:
        more = (
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\napi_base="{twin.api_base}"\n'
            f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{twin.api_base}"\n'
        )
        async with opened(configure(url, folder, more)) as place, served(place) as address:
            await furnish(place, "wecom", "企业微信账号", "g1", f"wecom-push:{twin.robot()}")
            twin.hook_url = f"{address}/hook/wecom"

            async def say(name: str, text: str, chat: str) -> tuple[str, Any]:
                heard = await twin.say(ACCOUNTS.get(name, name), text, chat and "g1")
                assert heard.status == 200
                return _read(heard), heard.card

            async def tap(name: str, shown: Any, label: str) -> tuple[str, Any]:
                if isinstance(shown, str):  # a push of the group robot: it names the words to type
                    return await say(name, dict(re.findall("(\\S+)：发“(.+?)”", shown))[label], "group")
                return _read(await twin.tap(ACCOUNTS.get(name, name), shown, label)), None

            def pushed() -> list[str]:
                return [one.text for one in twin.pushed]

            async def lost_answers() -> None:
                """The robot's minute is over, an answer is lost and asked for again."""
                twin.fail_next("errcode", 45033)
                twin.lose = 2

            yield Room(
                *(place, twin, say, tap, pushed),
                announced=lambda: twin.pushed[-1].text,
                accident=lost_answers,
                may_be_silent=True,
            )


def _read(heard: Heard) -> str:
    """What stands on the screen: the text, or all the words of a card."""
    return heard.text or (json.dumps(heard.plain, ensure_ascii=False) if heard.plain else "")


@asynccontextmanager
async def dingtalk_room(url: str, folder: Path) -> AsyncIterator[Room]:
    """DingTalk's callback, answers in the session, pushes by the robot API."""
    async with DingTalkTwin("", "key", "secret") as twin:
        more = (
            f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{twin.base}"\noapi_base="{twin.base}"\n'
        )
        async with opened(configure(url, folder, more)) as place, served(place) as address:
            await furnish(place, "ding", "钉钉账号", "cid1")
            twin.hook_url = f"{address}/hook/ding"

            async def say(name: str, text: str, chat: str) -> tuple[str, Any]:
                heard = await twin.say(ACCOUNTS.get(name, name), text, chat and "cid1")
                assert heard is not None
                return heard.plain, heard

            async def tap(name: str, shown: Any, label: str) -> tuple[str, Any]:
                heard = await twin.tap(ACCOUNTS.get(name, name), shown, label)
                assert heard is not None
                return heard.plain, heard

            yield Room(
                *(place, twin, say, tap, lambda: [one.plain for one in twin.heard if one.via == "group"]),
                announced=lambda: [one for one in twin.heard if one.via == "group"][-1],
            )

"""One branch on WeCom and on DingTalk at once: a member with both accounts is one member, each group is spoken to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cli.demo import FIRST, HEADER, PEOPLE
from bot.cli.place import Place, opened
from bot.db import Tx
from bot.sql import sql
from handlers import people
from handlers.sheet import check
from handlers.tables import accounts, answers, dues_claims, members
from tests.cast import ACCOUNTS, ZONE, configure
from tests.rooms import INSTALLER, KEY, TOKEN, Room, served
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.dingtalk import Heard as DingHeard
from tests.twins.wecom import WeComTwin

MEMBERS = sql(select(func.count()).select_from(members))
LINKED = sql(select(func.count()).select_from(accounts))
ANSWERS = sql(select(members.c.name, answers.c.state).join_from(answers, members, members.c.id == answers.c.member_id))
CLAIMS = sql(select(func.count()).select_from(dues_claims))
ROBOT, SECRET = "dingrobot", "SECdingrobot"


def ding(name: str) -> str:
    """The staff id of somebody: nothing like the account on WeCom."""
    return f"staff-{ACCOUNTS[name]}"


@dataclass
class Both:
    place: Place
    wecom: WeComTwin
    dingtalk: DingTalkTwin

    async def on_wecom(self, name: str, text: str) -> str:
        heard = await self.wecom.say(ACCOUNTS[name], text, "g1")
        await self.settle()
        return heard.text or str(heard.plain)

    async def on_dingtalk(self, name: str, text: str) -> str:
        heard = await self.dingtalk.say(ding(name), text, "cid1")
        await self.settle()
        assert heard
        return heard.plain

    async def settle(self) -> None:
        """Waits until nothing is left to be said."""
        await Room(self.place, None, None, None, None).settle()  # type: ignore[arg-type]

    def pushed(self) -> DingHeard:
        """What the DingTalk group's own robot said last."""
        return next(one for one in reversed(self.dingtalk.heard) if one.via == "webhook")

    async def rows(self, statement: Any) -> list[Any]:
        def work(tx: Tx) -> list[Any]:
            return tx.all(statement)

        return await self.place.database.read(work)


@asynccontextmanager
async def both_opened(url: str, folder: Path) -> AsyncIterator[Both]:
    async with WeComTwin("", TOKEN, KEY) as wecom, DingTalkTwin("", "key", "secret") as dingtalk:
        dingtalk.robot(ROBOT, SECRET, chat="cid1")
        more = (
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\napi_base="{wecom.api_base}"\n'
            f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{wecom.api_base}"\n'
            f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n'
            f'api_base="{dingtalk.base}"\noapi_base="{dingtalk.base}"\n'
            f'[platforms.ding-push]\nkind="dingtalk_webhook"\noapi_base="{dingtalk.base}"\n'
        )
        async with opened(configure(url, folder, more)) as place, served(place) as address:
            wecom.hook_url, dingtalk.hook_url = f"{address}/hook/wecom", f"{address}/hook/ding"
            await place.database.write(lambda tx: furnish(tx, f"wecom-push:{wecom.robot()}"))
            yield Both(place, wecom, dingtalk)


def furnish(tx: Tx, push: str) -> None:
    """Everybody of the first branch with both accounts, by one sheet."""
    rows = [[*person, f"staff-{person[8]}"] for person in PEOPLE if person[1] == FIRST]
    sheet = check(list(enumerate([[*HEADER, "钉钉账号"], *rows], 1)))
    people.import_members(tx, sheet.rows, INSTALLER, {"企业微信账号": "wecom", "钉钉账号": "ding"})
    people.bind_group(tx, "wecom", "g1", FIRST, push=push, by=INSTALLER)
    people.bind_group(tx, "ding", "cid1", FIRST, push=f"ding-push:{ROBOT},{SECRET}", by=INSTALLER)


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[Both]:
    async with both_opened(database_url, tmp_path) as made:
        yield made


def when() -> str:
    day = datetime.now(ZONE) + timedelta(days=2)
    return f"{day.month}月{day.day}日15:00"


async def test_one_member_answers_on_either_and_counts_once(both: Both) -> None:
    assert (await both.rows(MEMBERS))[0][0] == 14
    assert (await both.rows(LINKED))[0][0] == 28
    assert "#1" in await both.on_wecom("周敏", f"/attendance open 主题党日 {when()} 三楼会议室")
    assert "参加 1 · 请假 0 · 未回 13" in await both.on_wecom("张三", "参加")
    assert "参加 1 · 请假 0 · 未回 13" in await both.on_dingtalk("张三", "参加")
    assert "参加 0 · 请假 1 · 未回 13" in await both.on_dingtalk("张三", "请假 出差")
    assert "参加 1 · 请假 0 · 未回 13" in await both.on_wecom("张三", "改成参加")
    found = {(row.name, row.state) for row in await both.rows(ANSWERS)}
    assert {name for name, _ in found} == {"张三"}
    assert await both.on_dingtalk("张三", "为什么") == "已私发给您。"
    assert [(one.chat, "参加" in one.plain) for one in both.dingtalk.heard if one.via == "private"] == [
        ("staff-zhangsan", True)
    ]


async def test_each_group_is_spoken_to_on_its_own_platform(both: Both) -> None:
    await both.on_wecom("周敏", f"/attendance open 主题党日 {when()} 三楼会议室")
    heard = both.pushed()
    assert heard.chat == "cid1"
    assert "主题党日" in heard.plain
    assert both.wecom.pushed == [], "where it was opened it is not announced again"
    tapped = await both.dingtalk.tap(ding("李四"), heard, "参加")
    assert tapped
    assert "参加 1" in tapped.plain
    await both.on_wecom("张三", "参加")
    assert "2 个群" in await both.on_dingtalk("周敏", "/attendance nudge")
    silent = {name for name, *_ in PEOPLE[:14]} - {"张三", "李四"}
    called = both.wecom.pushed[-1].mentioned
    assert set(called) == {person[8] for person in PEOPLE[:14] if person[0] in silent}
    assert set(both.pushed().mentioned) == {f"staff-{account}" for account in called}
    assert both.wecom.pushed[-1].text.splitlines()[0] == both.pushed().plain.splitlines()[0]


async def test_dues_and_undo_know_one_person(both: Both) -> None:
    assert "已登记，待确认" in await both.on_wecom("张三", "已交 42.38")
    await both.on_dingtalk("张三", "已交 42.38")
    assert (await both.rows(CLAIMS))[0][0] == 1, "one payment, said on both"
    assert "撤销" in await both.on_dingtalk("张三", "撤销")

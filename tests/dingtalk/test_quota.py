"""The month's quota: counted in rows for all processes, forecast, told in time; what is short is said together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot import delivery
from bot.cli.place import Place, opened
from bot.cli.serve import _listen
from bot.dispatch import handle
from bot.message import Button, Card, Incoming, Reply
from bot.sql import sql
from bot.tables import outbox as promises
from handlers import quota
from handlers.merging import together
from handlers.quota_tables import platform_usage
from scheduler.runner import tick, weigh, write_usage
from tests.cast import ACCOUNTS, ZONE, Moved, configure
from tests.rooms import furnish, served
from tests.twins.dingtalk import DingTalkTwin

ROWS = sql(select(platform_usage).order_by(platform_usage.c.day, platform_usage.c.kind))
PROMISES = sql(select(promises).order_by(promises.c.id))
RULES = 'theme_day_notice = ["-2h"]\ndues_notice = ["day:4 09:00"]\n'


@dataclass
class Hospital:
    """The demonstration's first branch in a DingTalk group, its clock in our hands."""

    place: Place
    twin: DingTalkTwin

    async def use(self, kind: str, used: int, day: str = "") -> None:
        """So much was used, by whatever process."""
        on = day or self.place.clock().date().isoformat()
        await self.place.database.write(partial(quota.add, platform="ding", taken={(on, kind): used}))

    async def at(self, moment: str) -> None:
        """Moves the clock, lets the heart beat and the outbox speak, twice: what is held falls due."""
        target = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        self.place.clock.ahead += target - self.place.clock()
        for _ in range(2):
            short = await weigh(self.place.database, self.place.setting)
            await tick(self.place.database, self.place.setting, short)
            await self.speak()
            self.place.clock.ahead += timedelta(seconds=45)

    async def speak(self) -> None:
        place = self.place
        while await delivery.deliver(place.database, place.platforms, place.coordination.window):
            pass

    async def outlook(self) -> list[quota.Outlook]:
        house = self.place.house
        return await self.place.database.read(partial(quota.outlook, meters=house.meters, coming=house.coming))

    async def promises(self) -> list[tuple[str, str, str]]:
        rows = await self.place.database.read(lambda tx: tx.all(PROMISES))
        return [(row.purpose, row.state, row.target) for row in rows]

    async def says(self, name: str, text: str) -> str:
        """What somebody hears in the group, answered by the outbox."""
        serial, before = len(await self.promises()), len(self.twin.heard)
        incoming = Incoming("ding", f"m{serial}", "cid1", ACCOUNTS[name], text)
        await self.place.database.write(partial(handle, incoming=incoming, house=self.place.house))
        await self.speak()
        said = self.twin.heard.pop(before)
        return said.plain

    def heard(self, via: str = "group") -> list[str]:
        return [one.plain for one in self.twin.heard if one.via == via]

    def warned(self) -> list[str]:
        """What the admin hears in private, beside what the calendar tells the secretaries."""
        return [one.plain for one in self.twin.heard if one.via == "private" and one.chat == "boss"]


@asynccontextmanager
async def hospital(url: str, folder: Path, more: str = "") -> AsyncIterator[Hospital]:
    async with DingTalkTwin("", "key", "secret") as twin:
        config = configure(
            url,
            folder,
            f'admins = ["ding:boss", "console:admin"]\n[reminders]\n{RULES}[platforms.ding]\nkind = "dingtalk"\n'
            f'app_key = "key"\napp_secret = "secret"\napi_base = "{twin.base}"\noapi_base = "{twin.base}"\n{more}',
        )
        async with opened(config, Moved(config)) as place:
            await furnish(place, "ding", "钉钉账号", "cid1")
            yield Hospital(place, twin)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[Hospital]:
    async with hospital(database_url, tmp_path) as made:
        yield made


async def test_every_process_adds_to_the_same_rows(house: Hospital) -> None:
    for _ in range(2):
        await house.use("api", 3)
    await house.use("message", 2)
    await house.use("api", 9, "2026-10-31")
    rows = await house.place.database.read(lambda tx: tx.all(ROWS))
    assert [tuple(row) for row in rows] == [
        ("ding", "2026-10-31", "api", 9),
        ("ding", "2026-11-21", "api", 6),
        ("ding", "2026-11-21", "message", 2),
    ]
    assert [(one.kind, one.used, one.allowed) for one in await house.outlook()] == [
        ("api", 6, 5000),
        ("message", 2, 3000),
    ]


async def test_what_the_platform_counts_arrives_in_the_rows_also_when_it_stops(sqlite: str, tmp_path: Path) -> None:
    async with DingTalkTwin("", "key", "secret") as twin:
        more = (
            f'[platforms.ding]\napp_key="key"\napp_secret="secret"\napi_base="{twin.base}"\noapi_base="{twin.base}"\n'
        )
        config = configure(sqlite, tmp_path, more.replace("[platforms.ding]", '[platforms.ding]\nkind="dingtalk"'))
        async with opened(config) as place, served(place) as address:
            await furnish(place, "ding", "钉钉账号", "cid1")
            twin.hook_url = f"{address}/hook/ding"
            await twin.say("zhangsan", "活动")
            await write_usage(place.database, place.setting)
            await twin.say("zhangsan", "活动")
        async with opened(config) as place:
            found = await place.database.read(partial(quota.outlook, meters=place.house.meters, coming=lambda *_: []))
        spent = sum(twin.calls[door] for door in ("session", "webhook"))
        assert [(one.kind, one.used) for one in found] == [("api", 0), ("message", spent + 2)]


async def test_the_forecast_counts_the_calendar_and_what_is_promised(house: Hospital) -> None:
    await house.at("2026-12-01 10:00")
    api = (await house.outlook())[0]
    assert api.planned == 2, "the theme day's notice and the dues' one, in one group"
    await house.says("周敏", "/remind once 12月10日9:00 请带党费证")
    api, message = await house.outlook()
    assert (api.planned, message.planned) == (3, 0)


async def test_the_admins_hear_of_it_once_a_month(house: Hospital, caplog: pytest.LogCaptureFixture) -> None:
    await house.use("api", 3998)
    await house.at("2026-11-21 10:00")
    assert house.warned() == []
    await house.use("api", 10)
    for hour in (11, 12):
        await house.at(f"2026-11-21 {hour}:00")
    assert len(house.warned()) == 1
    assert house.warned()[0].startswith("钉钉本月接口调用：已用 4008，计划中的提醒还要 0，每月额度 5000。")
    assert [one.chat for one in house.twin.heard if one.via == "private"] == ["boss"]
    assert [bubble.chat for bubble in house.place.console.bubbles if bubble.pushed] == ["admin"]
    assert "the admins are told: 钉钉本月接口调用：已用 4008" in caplog.text
    await house.use("api", 4100, "2026-12-01")
    await house.at("2026-12-01 10:00")
    assert len(house.warned()) == 2


async def test_a_short_month_makes_one_message_of_a_days_reminders(house: Hospital) -> None:
    await house.at("2026-12-01 10:00")
    await house.says("周敏", "/remind once 12月4日16:30 请带党费证")
    await house.use("api", 5000)
    await house.at("2026-12-04 09:00")
    assert len(house.heard()) == 1
    for words in ("12月党费请按时交纳", "主题党日 12月4日(周五)15:00", "16:30 提醒：请带党费证"):
        assert words in house.heard()[0]
    assert [row for row in await house.promises() if row[0] in ("once", "reminder") and row[2] == "cid1"] == [
        ("once", "merged", "cid1"),
        ("reminder", "sent", "cid1"),
    ]
    for moment in ("2026-12-04 13:00", "2026-12-04 16:30"):
        await house.at(moment)
    assert len(house.heard()) == 1, "said already"


async def test_a_month_with_room_says_each_at_its_hour(house: Hospital) -> None:
    for moment, count in (("2026-12-04 09:00", 1), ("2026-12-04 13:00", 2), ("2026-12-04 16:30", 2)):
        await house.at(moment)
        assert len(house.heard()) == count


async def test_remind_and_metrics_show_the_month(house: Hospital) -> None:
    heard = await house.says("周敏", "/remind")
    assert "钉钉本月接口调用：已用 0，计划中的提醒还要 0，每月额度 5000。" in heard
    await house.use("message", 3000)
    await house.use("api", 5000)
    await house.at("2026-12-01 10:00")
    await house.use("api", 5001)
    heard = await house.says("周敏", "/remind")
    assert "已用 5001，计划中的提醒还要 2" in heard
    assert "同一天的提醒会合成一条发" in heard
    runner, port = await _listen(house.place)
    async with httpx.AsyncClient(trust_env=False) as http:
        page = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    await runner.cleanup()
    assert 'zhibu_quota_used{kind="api",meter="钉钉"} 5001.0' in page
    assert 'zhibu_quota_planned{kind="api",meter="钉钉"} 2.0' in page
    assert 'zhibu_quota_allowed{kind="message",meter="钉钉"} 3000.0' in page


async def test_the_admins_hear_once_a_day_why_nobody_is_known(house: Hospital) -> None:
    async with served(house.place) as address:
        house.twin.hook_url = f"{address}/hook/ding"
        heard = await house.twin.say("lisi", "参加", staff_id=False)
        assert heard
        assert "我还不认识您" in heard.plain
    for hour in (11, 12):
        await house.at(f"2026-11-21 {hour}:00")
    assert house.heard("private") == [
        "ding：机器人还没有发布，钉钉不给出发言人的账号，谁都认不出。请在开放平台“版本管理与发布”发布应用。"
    ]
    await house.at("2026-11-22 11:00")
    assert len(house.heard("private")) == 2


async def test_no_limit_is_never_short_and_says_nothing(sqlite: str, tmp_path: Path) -> None:
    async with hospital(sqlite, tmp_path, "monthly_api_calls = 0\nmonthly_messages = 50000\n") as house:
        await house.use("api", 10**9)
        assert await weigh(house.place.database, house.place.setting) == frozenset()
        heard = await house.says("周敏", "/remind")
        assert "接口调用" not in heard
        assert "每月额度 50000" in heard


async def test_a_push_by_webhook_spends_messages(sqlite: str, tmp_path: Path) -> None:
    more = '[platforms.ding-push]\nkind = "dingtalk_webhook"\n'
    async with hospital(sqlite, tmp_path, more) as house:
        assert [(meter.name, dict(meter.pushes)) for meter in house.place.house.meters] == [
            ("钉钉", {"ding": "api", "ding-push": "message"})
        ]
        await house.use("message", 3001)
        assert await weigh(house.place.database, house.place.setting) == {"ding-push"}


def test_together_keeps_every_word_and_everybody() -> None:
    first = Reply("a", Card("t", (), (Button("参加", "参加 #1"),)), mention=("x", "y"))
    whole = together([("09:00", first), ("15:00", Reply("b", mention=("y", "z")))])
    assert (whole.text, whole.mention, whole.card) == ("09:00 a\n\n15:00 b", ("x", "y", "z"), first.card)
    assert together([("09:00", first), ("09:00", first)]).card is None
    assert together([("09:00", first), ("09:00", first)]).text == "a\n\na"

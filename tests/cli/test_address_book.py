"""The address books of both platforms against the register: the difference first, then all of it or nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cli.people import bind, import_book, import_sheet
from bot.cli.place import opened
from bot.config import Config
from bot.message import Promise, Refused, Reply, Undeliverable
from bot.sql import sql
from handlers.people import Listed, Proposal, compare
from handlers.tables import accounts, members
from tests.cast import configure
from tests.cli.conftest import ROOT, Bot
from tests.rooms import KEY, TOKEN
from tests.twins.dingtalk import DingTalkTwin
from tests.twins.wecom_app import AGENT, CORP, AppTwin
from tests.wecom.wire import Wire

SECRET = "appS3cretappS3cret"
HEADER = "姓名,支部,科室,党内职务,企业微信账号\n"
PEOPLE = (
    "周敏,第一党支部,院办,书记,zhoumin\n张三,第一党支部,内科,,\n李四,第一党支部,,,lisi\n王芳,第一党支部,内科,,\n"
    "王芳,第一党支部,护理部,,\n陈伟,第一党支部,外科,,\n赵六,第一党支部,外科,,zhaoliu\n"
)
BOOK = {
    "ZhouMin": {"name": "周敏", "department": [1]},
    "ZhangSan": {"name": "张三", "department": [2]},
    "lisi": {"name": "李思", "department": [3]},
    "wangfang1": {"name": "王芳", "department": [2]},
    "wangfang9": {"name": "王芳", "department": [3]},
    "chenwei": {"name": "陈伟", "department": [2]},
    "new": {"name": "何静", "department": [4, 2]},
    "driver": {"name": "路人", "department": [3]},
}
DEPARTMENTS = {1: "院办", 2: "内科", 3: "后勤", 4: "第一党支部"}
CHANGES = [
    "~ 李四（第一党支部）：科室 后勤",
    "~ 张三（第一党支部，内科）：账号 ZhangSan",
    "~ 王芳（第一党支部，内科）：账号 wangfang1",
    "+ 何静（第一党支部，内科）：账号 new",
]
UNCLEAR = [
    "李四（lisi）在通讯录里叫 李思，没有改名",
    "王芳（wangfang9）分不清是哪一位：名册里有 内科、护理部，请在名册里填账号",
    "陈伟（chenwei）分不清是哪一位：名册里有 外科，请在名册里填账号",
    "赵六 的账号 zhaoliu 不在通讯录里，没有删",
]


@asynccontextmanager
async def office(url: str, folder: Path) -> AsyncIterator[tuple[Config, AppTwin]]:
    """A register from a sheet, and the address book of an app."""
    async with AppTwin(Wire(TOKEN, KEY, CORP), SECRET) as twin:
        twin.people, twin.departments = {**BOOK}, DEPARTMENTS
        config = configure(
            url,
            folder,
            f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'
            f'[platforms.wecom-app]\nkind="wecom_app"\ncorp_id="{CORP}"\nagent_id={AGENT}\nsecret="{SECRET}"\n'
            f'api_base="{twin.api_base}"\n',
        )
        sheet = folder / "members.csv"
        sheet.write_text(HEADER + PEOPLE, encoding="utf-8")
        await import_sheet(config, sheet, dry_run=False)
        yield config, twin


async def read(config: Config, statement: Any) -> list[Any]:
    prepared = sql(statement)
    async with opened(config) as place:
        return await place.database.read(lambda tx: tx.all(prepared))


async def test_a_dry_run_prints_the_difference_and_writes_nothing(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(database_url, tmp_path) as (config, _):
        before = await read(config, accounts.select()), await read(config, members.select())
        said = (await import_book(config, "wecom-app", dry_run=True)).splitlines()
        assert sorted(said[:-1]) == sorted(CHANGES)
        assert (
            said[-1] == "试运行，没有写入：新增 1 人，更新 3 人，没有变化 0 人；通讯录里另有 1 人不在名册里，没有导入"
        )
        hints = [line.removeprefix("提示：") for line in capsys.readouterr().err.splitlines()]
        assert sorted(hints) == sorted(UNCLEAR)
        assert (await read(config, accounts.select()), await read(config, members.select())) == before


async def test_an_import_does_what_the_dry_run_said_once(database_url: str, tmp_path: Path) -> None:
    async with office(database_url, tmp_path) as (config, _):
        said = (await import_book(config, "wecom-app", dry_run=False)).splitlines()
        assert sorted(said[:-1]) == sorted(CHANGES)
        assert said[-1].startswith("新增 1 人，更新 3 人，没有变化 0 人")
        held = {row.account for row in await read(config, accounts.select().where(accounts.c.platform == "wecom"))}
        assert held == {"zhoumin", "zhangsan", "lisi", "wangfang1", "zhaoliu", "new"}
        again = (await import_book(config, "wecom-app", dry_run=True)).splitlines()
        assert again == ["试运行，没有写入：新增 0 人，更新 0 人，没有变化 0 人；通讯录里另有 1 人不在名册里，没有导入"]


async def test_dingtalk_says_what_is_missing_until_it_is_published(
    sqlite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with DingTalkTwin("", "key", "secret") as twin:
        more = f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\napi_base="{twin.base}"\n'
        config = configure(sqlite, tmp_path, f'{more}oapi_base="{twin.base}"\n')
        twin.book.add(2, "第一党支部")
        twin.book.join("staff1", "张三", 2)
        said = await import_book(config, "ding", dry_run=True)
        assert said.splitlines()[0] == "+ 张三（第一党支部）：账号 staff1"
        assert "发布之前" in capsys.readouterr().err
        await import_book(config, "ding", dry_run=False)
        assert [row[:2] for row in await read(config, accounts.select())] == [("ding", "staff1")]


async def test_an_address_book_that_refuses_is_one_line(sqlite: str, tmp_path: Path) -> None:
    async with office(sqlite, tmp_path) as (config, twin):
        twin.trusted = False
        with pytest.raises(Refused, match=r"wecom-app: the address book can't be read: errcode 60020"):
            await import_book(config, "wecom-app", dry_run=True)
        with pytest.raises(Refused, match=r"no address book named wecom: .*here: wecom-app"):
            await import_book(config, "wecom", dry_run=True)


async def test_the_call_itself(sqlite: str, tmp_path: Path) -> None:
    async with office(sqlite, tmp_path):
        call = [sys.executable, "-m", "bot", "import", "members", "--from", "wecom-app", "--dry-run"]
        called = await asyncio.create_subprocess_exec(
            *call,
            *("--config", str(tmp_path / "config.toml")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )
        out, err = await called.communicate()
        assert called.returncode == 0, err.decode()
        assert "+ 何静（第一党支部，内科）：账号 new" in out.decode()


def test_a_sheet_and_an_address_book_are_not_one(bot: Bot, tmp_path: Path) -> None:
    assert bot("import", "members", "a.csv", "--from", "wecom").code == 2
    assert bot("import", "members").code == 2


def _compared(place: Any, listed: Sequence[Listed]) -> Any:
    return place.database.read(lambda tx: compare(tx, listed, "wecom", "企业微信账号"))


async def test_nobody_and_nothing(sqlite: str, tmp_path: Path) -> None:
    async with opened(configure(sqlite, tmp_path)) as place:
        assert await _compared(place, []) == Proposal()
        assert (await _compared(place, [Listed("u", "", ("第一党支部",)), Listed("v", "甲")])).outside == 2


async def test_a_group_chat_of_the_branch_is_made_by_the_app_and_bound(
    sqlite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(sqlite, tmp_path) as (config, twin):
        said = await bind(config, "wecom-app", "new", "第一党支部", "")
        ((chat, about),) = twin.chats.items()
        assert said == f"群聊已就绪：加入 2 人，移出 0 人\n已绑定：wecom {chat} → 第一党支部，提醒经 wecom-app 推送"
        assert (about["owner"], sorted(about["userlist"])) == ("ZhouMin", ["ZhouMin", "lisi"])
        assert "账号 zhaoliu 不在应用的可见范围里" in capsys.readouterr().err
        await import_book(config, "wecom-app", dry_run=False)
        assert (await bind(config, "wecom-app", "new", "第一党支部", "")).startswith("群聊已就绪：加入 3 人，移出 0 人")
        assert len(twin.chats[chat]["userlist"]) == 5
        async with opened(config) as place:
            app = place.platforms["wecom-app"]
            await app.send(Promise("k", chat, Reply("开会了 <@all>", mention=("zhangsan",))))
            with pytest.raises(Undeliverable):
                await app.send(Promise("p", chat, Reply("党费 30.00", private=True)))
            with pytest.raises(Undeliverable, match="86001"):
                await app.send(Promise("q", "nosuch", Reply("开会了")))
        (sent,) = twin.said_in_chats
        assert sent["text"] == {"content": "开会了 ＜@all>", "mentioned_list": ["zhangsan"]}


async def test_a_group_chat_that_can_not_be_made_is_one_line(sqlite: str, tmp_path: Path) -> None:
    async with office(sqlite, tmp_path) as (config, twin):
        twin.trusted = False
        with pytest.raises(Refused, match="the group chat was not made: errcode 60020"):
            await bind(config, "wecom-app", "new", "第一党支部", "")
        twin.trusted = True
        del twin.people["lisi"]
        with pytest.raises(Refused, match="一个群要有 2 到 2000 人，名册里有企业微信账号的是 1 人"):
            await bind(config, "wecom-app", "new", "第一党支部", "")
        with pytest.raises(Refused, match="wecom is another kind"):
            await bind(config, "wecom", "new", "第一党支部", "")
        with pytest.raises(Refused, match="没有叫“第九支部”的支部"):
            await bind(config, "wecom-app", "new", "第九支部", "")
        assert twin.chats == {}

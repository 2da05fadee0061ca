"""What is held on one person: told whole, forgotten where nothing counts it, let go of in time."""

from __future__ import annotations

import asyncio
import json
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.cli.person import export_person
from bot.config import Retention
from bot.message import Refused
from bot.sql import metadata, p, sql
from bot.tables import outbox, trail
from handlers.personal import held_on, let_go
from handlers.personal.holding import tables
from handlers.registers_tables import register_rows, wishes
from handlers.shifts_tables import community_reports
from handlers.tables import accounts, members, todos
from tests.cast import Cast, configure, opened_cast

LEAVE = sql(update(members).where(members.c.name == p("who")).values(left_at=p("at")))
YEAR = 365 * 86_400_000_000


async def lived(cast: Cast) -> None:
    for line in (
        ("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "g1"),
        ("张三", "请假 值班", "g1"),
        ("张三", "已交 42.38", ""),
        ("周敏", "/wish add 一副老花镜 居民代码A07", ""),
        ("张三", "认领 #2", ""),
        ("周敏", "/talk add 周敏 张三 11月20日", ""),
        ("周敏", "/study add 张三、李四 11月20日 半天 集中学习 张三讲课", ""),
        ("张三", "/volunteer report 阳光社区 3月5日", ""),
        ("张三", "我的", ""),
    ):
        await cast.says(*line)
    await cast.settle()


async def left(cast: Cast, name: str, ago: int = 0) -> None:
    await cast.place.database.write(lambda tx: tx.run(LEAVE, who=name, at=tx.at - ago))


async def test_everything_on_a_person_is_told_from_every_table(cast: Cast) -> None:
    await lived(cast)
    held = await cast.place.database.read(lambda tx: held_on(tx, 5))
    assert {"members", "memberships", "accounts", "answers", "dues_bases", "dues_claims", "wish_events"} <= set(
        held.rows
    )
    assert {"register_rows", "todos", "trail"} <= set(held.rows)
    assert {row["kind"] for row in held.rows["register_rows"]} == {"谈心谈话", "集中学习"}
    assert held.rows["answers"][0]["reason"] == "duty"
    assert str(held.rows["answers"][0]["at"]).startswith("2026-11-21T10:00")
    others = json.dumps(
        [row for name, rows in held.rows.items() if name != "trail" for row in rows], ensure_ascii=False
    )
    assert "李四" not in others
    assert "7321" not in others
    boss = await cast.place.database.read(lambda tx: held_on(tx, 1))
    assert boss.recorded["register_rows"] == 2


def test_no_table_with_a_member_is_left_out() -> None:
    named = {table.name for table in tables()} | {"members", "trail"}
    for table in metadata.sorted_tables:
        to_members = any(key.column.table.name == "members" for key in table.foreign_keys)
        assert not to_members or table.name in named, table.name


def test_the_call_writes_one_file(sqlite: str, tmp_path: Path) -> None:
    async def live() -> None:
        async with opened_cast(sqlite, tmp_path) as cast:
            await lived(cast)

    asyncio.run(live())
    config, target = configure(sqlite, tmp_path), tmp_path / "he.json"
    assert "张三（第一党支部）" in export_person(config, "张三", "", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    told: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    assert told["person"] == "张三"
    assert told["rows"]["register_rows"]
    for name, branch, why in (
        ("张三", "", "exists already"),
        ("无此人", "", "nobody"),
        ("王芳", "", "2 people are meant: 王芳 检验科"),
        ("张三", "第九党支部", "没有叫"),
    ):
        with pytest.raises(Refused, match=why):
            export_person(config, name, branch, target if why == "exists already" else tmp_path / "other.json")
    assert "王芳" in export_person(config, "王芳 护理部", "", tmp_path / "wang.json")


async def test_who_has_left_is_forgotten_after_one_question(cast: Cast) -> None:
    await lived(cast)
    assert "还在名册里" in await cast.says("周敏", "/member forget 张三", "")
    assert "还在名册里" in await cast.says("周敏", "/member forget 张三 确认", "")
    before = await cast.says("周敏", "/study list", "")
    await left(cast, "张三")
    assert "由书记或组织委员" in await cast.says("李四", "/member forget 张三", "")
    assert "没有“张三”" in await cast.says("郑晓燕", "/member forget 张三 确认", "")
    assert "删了不能恢复" in await cast.says("周敏", "/member forget 张三", "")
    assert await cast.says("周敏", "1", "") == "已删除个人信息，名册里现在写“已离开党员5”。"
    assert "没有“张三”" in await cast.says("周敏", "/member forget 张三 确认", "")
    (row,) = await cast.rows(select(members).where(members.c.id == 5))
    assert (row.name, row.aliases, row.phone, row.department, row.category) == ("已离开党员5", "", "", "", "正式党员")
    assert await cast.rows(select(accounts).where(accounts.c.member_id == 5)) == []
    for table in (members, todos, register_rows):
        assert not any("张三" in str(tuple(one)) for one in await cast.rows(select(table)) if one), table.name
    assert [row.community for row in await cast.rows(select(community_reports.c.community))] == [""]
    after = await cast.says("周敏", "/study list", "")
    assert after.splitlines()[0] == before.splitlines()[0]
    assert "已离开党员5 集中学习 已离开党员5讲课 4 学时" in after
    private = await cast.rows(select(outbox.c.reply).where(outbox.c.target == "zhangsan", outbox.c.private == 1))
    assert not any("42.38" in one.reply for one in private)
    actions = [one.action for one in await cast.rows(select(trail.c.action).where(trail.c.subject == "member:5"))]
    assert actions[-1] == "forget"


async def test_retention_lets_go_of_what_has_served_and_only_once(cast: Cast) -> None:
    await lived(cast)
    await cast.says("周敏", "/wish release 2", "")
    await cast.says("周敏", "/wish close 2 居民已自行解决", "")
    await left(cast, "张三", ago=6 * YEAR)
    await left(cast, "李四", ago=YEAR)
    rules = Retention(said_days=30, resident_days=60, left_years=5)

    async def go(rules: Retention) -> dict[str, int]:
        return await cast.place.database.write(partial(let_go, rules=rules))

    nothing = {"promises": 0, "residents": 0, "people": 0, "looks": 0}
    assert await go(Retention(said_days=0, resident_days=0)) == nothing
    assert await go(rules) == {**nothing, "people": 1}
    await cast.until("2027-02-01 09:00")
    done = await go(rules)
    assert done["residents"] == 1
    assert done["promises"] > 0
    assert (await go(rules))["residents"] == 0
    assert [row.resident for row in await cast.rows(select(wishes.c.resident))] == [""]
    names = [row.name for row in await cast.rows(select(members.c.name).where(members.c.left_at > 0))]
    assert sorted(names) == ["已离开党员5", "李四"]
    keys = await cast.rows(select(outbox.c.key))
    assert len({row.key for row in keys}) == len(keys) > 0

"""Who looks at another's personal rows is noted, and the one who was looked at reads it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli.person import export_person
from bot.commands import Who
from bot.config import Retention
from bot.db import Tx
from bot.sql import sql
from handlers.looks import Look, looks_at, note_branch, note_look
from handlers.looks_tables import looks
from handlers.personal import held_on, let_go
from handlers.personal.page import my_page
from handlers.tables import members
from tests.cast import Cast, configure, opened_cast

BEFORE = (
    ("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "g1"),
    ("张三", "请假 病", "g1"),
    ("张三", "已交 42.38", ""),
    ("李四", "已交 30", ""),
    ("周敏", "/talk add 周敏 张三 11月20日", ""),
    ("周敏", "/care add 张三 11月20日 走访慰问", ""),
    ("周敏", "/study add 张三 11月20日 半天 集中学习", ""),
    ("周敏", "/develop add 张三", ""),
)
# (who, what he types in private, what is noted about 张三)
SEEN = (
    ("周敏", "/member find 张三", "登记信息"),
    ("周敏", "/member history 张三", "经历"),
    ("周敏", "/attendance list", "请假原因"),
    ("李红", "/attendance record #1", "请假原因"),
    ("李红", "/dues", "党费"),
    ("李红", "/dues confirm", "党费"),
    ("李红", "/dues export 11月", "党费"),
    ("周敏", "/talk list", "谈话"),
    ("周敏", "/talk export", "谈话"),
    ("周敏", "/care list", "关怀"),
    ("周敏", "/study list", "学时"),
    ("周敏", "/study short 2026", "学时"),
    ("周敏", "/develop list", "发展党员"),
    ("周敏", "/develop list 张三", "发展党员"),
    ("周敏", "/develop export", "发展党员"),
    ("周敏", "/volunteer hours", "志愿时长"),
    ("周敏", "/volunteer export 2026", "志愿时长"),
    ("周敏", "/report why 党内关怀", "党内关怀的明细"),
    ("周敏", "/report excel", "第一党支部的表格"),
)


_OTHERS = sql(select(members.c.id).where(members.c.branch_id == 2).order_by(members.c.id))


async def found(cast: Cast, member: int = 5) -> list[Look]:
    return await cast.place.database.read(partial(looks_at, member=member))


async def test_every_look_is_told_to_whom_it_was_at(cast: Cast) -> None:
    for line in BEFORE:
        assert await cast.says(*line)
    for who, text, what in SEEN:
        before = len(await found(cast))
        heard = await cast.says(who, text, "")
        seen = await found(cast)
        assert [(one.who, one.what) for one in seen[: len(seen) - before]][:1] == [(who, what)], (text, heard)
    count = len(await found(cast))
    assert f"近30天看过您记录的 {count} 次：周敏看第一党支部的表格（11月21日）" in await cast.says("张三", "我的", "")
    assert "近30天看过" not in await cast.says("郑晓燕", "我的", "")


async def test_what_all_may_know_and_ones_own_rows_are_no_look(one_cast: Cast) -> None:
    for line in BEFORE:
        await one_cast.says(*line)
    for who, text, chat in (
        ("周敏", "/attendance list", "g1"),
        ("周敏", "/attendance who", ""),
        ("周敏", "/volunteer list", ""),
        ("周敏", "/dues", "g1"),
        ("周敏", "/study list", "g1"),
        ("张三", "我的", ""),
        ("张三", "我的党费", ""),
        ("李四", "/talk list", ""),
        ("郑晓燕", "/talk list", ""),
        ("周敏", "/member find 周敏", ""),
    ):
        await one_cast.says(who, text, chat)
    assert await one_cast.rows(select(looks)) == []


async def test_a_look_at_a_branch_is_told_to_who_was_in_it(cast: Cast) -> None:
    await cast.says("李红", "/dues export 11月", "")
    assert [one.what for one in await found(cast, 6)] == ["党费"]
    assert await found(cast, 2) == []  # her own look
    other = await cast.place.database.read(lambda tx: [row.id for row in tx.all(_OTHERS)])
    assert other
    assert await found(cast, other[0]) == []

    def everywhere(tx: Tx) -> None:
        note_branch(tx, Who(account="admin"), 0, "表格")

    await cast.place.database.write(everywhere)
    assert [(one.who, one.what) for one in await found(cast, other[0])] == [("admin", "表格")]


def test_the_command_line_and_the_file_tell_it(sqlite: str, tmp_path: Path) -> None:
    async def live() -> None:
        async with opened_cast(sqlite, tmp_path):
            pass

    asyncio.run(live())
    config = configure(sqlite, tmp_path)
    export_person(config, "张三", "", tmp_path / "he.json")
    export_person(config, "张三", "", tmp_path / "again.json")
    told = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["rows"]["looks"]
    assert [(one["who"], one["what"]) for one in told] == [("命令行", "全部记录")] * len(told)
    assert told


async def test_the_page_shows_who_looked(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/member find 张三", "")
    rules = one_cast.place.config.registers
    page = await one_cast.place.database.read(partial(my_page, member=5, rules=rules))
    assert page.looks == ["2026-11-21 10:00 周敏 登记信息"]
    assert (await one_cast.place.database.read(partial(held_on, member=5))).rows["looks"]


@pytest.mark.parametrize(("days", "left"), [(0, 1), (30, 0), (400, 1)])
async def test_looks_are_let_go_of_in_time(one_cast: Cast, days: int, left: int) -> None:
    def look(tx: Tx) -> None:
        note_look(tx, Who(account="zhoumin", member=1, name="周敏"), 5, "党费")

    await one_cast.place.database.write(look)
    await one_cast.until("2027-03-01 09:00")
    await one_cast.place.database.write(partial(let_go, rules=Retention(look_days=days)))
    assert len(await found(one_cast)) == left

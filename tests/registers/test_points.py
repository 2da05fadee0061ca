"""积分: off unless switched on, each entry with its row, a member sees his own, nothing is ranked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.config import Points
from bot.db import Tx
from bot.sql import p, sql
from handlers.points import Standing, standings
from handlers.tables import members
from tests.cast import Cast, opened_cast
from tests.registers.test_sheets import cells, sent

ON = """
[points]
enabled = true
base = 60
floor = 50
rules = [
    { name = "参加组织生活", source = "attend", points = 1, cap = 1.5 },
    { name = "无故缺席", source = "absent", points = -20, kinds = ["党课"] },
    { name = "讲党课", source = "lecture", points = 3 },
    { name = "志愿服务", source = "volunteer", points = 0.5, per = "hour", cap = 10 },
    { name = "兑现微心愿", source = "wish", points = 1 },
    { name = "表彰", source = "award", points = 5, kinds = ["先进个人"] },
]
"""
STATUS = sql(update(members).where(members.c.name == p("who")).values(status=p("new_status")))
EVERYBODY = "张三 李四 赵丽华 陈建国 何静 吴大勇 孙桂兰 欧阳静 马志远 王芳(检验科) 王芳(护理部) 周敏 刘敏"


@pytest.fixture
async def scored(database_url: str, tmp_path: Path) -> AsyncIterator[Cast]:
    """The cast where points are switched on."""
    async with opened_cast(database_url, tmp_path, ON) as made:
        yield made


async def meeting(cast: Cast, number: int, day: str, absent: str = "") -> None:
    """A lesson with a complete record, at which everybody was but for `absent` and 李红."""
    people = " ".join(one for one in EVERYBODY.split() if one != absent)
    await cast.says("周敏", f"/attendance open 党课 {day}15:00-16:00 三楼")
    await cast.until(f"2026-{day.replace('月', '-').replace('日', '')} 16:30")
    await cast.says("周敏", f"/attendance mark #{number} {people} 到会", "")
    record = "主持人 周敏 记录人 李红 主讲人 何静 议题 学习条例"
    heard = await cast.says("周敏", f"/attendance record #{number} {record}", "")
    assert "没" not in heard.splitlines()[0], heard
    await cast.says("周敏", f"/attendance close #{number}", "")


async def all_of(cast: Cast) -> dict[str, Standing]:
    rules: Points = cast.place.config.points

    def work(tx: Tx) -> list[Standing]:
        return standings(tx, 1, 2026, rules)

    return {one.name: one for one in await cast.place.database.read(work)}


async def test_off_unless_it_is_switched_on(one_cast: Cast) -> None:
    for text in ("/points", "/points rules", "/points list", "/积分 导出"):
        assert "积分制没有开启" in await one_cast.says("周敏", text, "")
    assert one_cast.place.config.points.enabled is False


async def test_every_entry_has_its_row_and_falls_with_it(scored: Cast) -> None:
    cast = scored
    await meeting(cast, 1, "11月24日", absent="李四")
    await meeting(cast, 2, "11月26日")
    await cast.says("周敏", "/study add 张三 11月20日 2学时 讲党课", "")
    await cast.says("周敏", "/award add 张三 先进个人 11月20日", "")
    await cast.says("周敏", "/award add 张三 最美医师 11月20日", "")
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 #3")
    await cast.says("张三", "兑现 #3")
    await cast.says("周敏", "/wish confirm 3")
    await cast.says("周敏", "/volunteer hours 张三 11月20日 3小时 阳光社区清雪", "")
    private = await cast.says("张三", "/points", "")
    assert private.splitlines() == [
        "张三 2026年积分 72（起点 60）",
        "+3 讲党课 11月20日 学时 #1",
        "+1.5 志愿服务 11月20日 服务：阳光社区清雪",
        "+5 表彰 11月20日 表彰 #1",
        "+1 参加组织生活 11月24日 活动 #1 党课",
        "+0.5 参加组织生活 11月26日 活动 #2 党课",
        "+1 兑现微心愿 11月26日 微心愿 #3",
        "有不对的请告诉书记：改了原来的记录，积分跟着变。",
    ]
    assert (await all_of(cast))["李四"].total == 500
    assert (await all_of(cast))["李红"].total == 500
    await cast.says("周敏", "/study correct 1 作废 原因 登记错人", "")
    await cast.says("周敏", "/award done 1", "")
    assert "张三 2026年积分 64" in await cast.says("张三", "/points", "")
    assert "张三 2025年积分 60" in await cast.says("张三", "/points mine 2025", "")


async def test_a_leave_costs_nothing_and_an_incomplete_meeting_counts_for_nobody(scored: Cast) -> None:
    await scored.says("周敏", "/attendance open 党课 11月24日15:00-16:00 三楼")
    await scored.says("李四", "请假 值班")
    await scored.until("2026-11-24 16:30")
    await scored.says("周敏", "/attendance mark #1 张三 到会", "")
    assert {one.total for one in (await all_of(scored)).values()} == {600}
    await scored.says("周敏", "/attendance record #1 主持人 周敏 记录人 李红 主讲人 何静 议题 学习条例", "")
    await scored.says("周敏", "/attendance close #1", "")
    found = await all_of(scored)
    assert (found["张三"].total, found["李四"].total, found["刘敏"].total) == (610, 600, 500)


async def test_the_retired_and_those_away_are_not_scored(scored: Cast) -> None:
    def retire(tx: Tx) -> None:
        for who, status in (("孙桂兰", "退休"), ("马志远", "流动")):
            tx.run(STATUS, who=who, new_status=status)

    await scored.place.database.write(retire)
    assert not {"孙桂兰", "马志远"} & (await all_of(scored)).keys()
    assert "不计积分" in await scored.says("孙桂兰", "/points", "")


async def test_nobody_hears_anothers_points_and_nothing_is_ranked(scored: Cast) -> None:
    await scored.says("周敏", "/award add 刘敏 先进个人 11月20日", "")
    listed = (await scored.says("何静", "/points list", "")).splitlines()
    assert "按名册顺序，不排名，不公布" in listed[0]
    names = [line.split()[0] for line in listed[1:]]
    assert names[:3] == ["周敏", "李红", "陈建国"]
    assert "刘敏 65" in listed
    assert "由书记或组织委员、支委使用" in await scored.says("张三", "/points list", "")
    for name, text in (("刘敏", "/points"), ("何静", "/points list"), ("周敏", "/points export")):
        assert "65" not in await scored.says(name, text)
    assert not any("65" in bubble.text for bubble in scored.pushed() if not bubble.private)
    table = cells(await sent(scored, "周敏", "/points export 2026"))
    assert table[0] == ["姓名", "合计", "日期", "规则", "分", "来源"]
    assert ["刘敏", "", "2026-11-20", "表彰", "5", "表彰 #1"] in table
    assert "一年最多 1.5 分" in await scored.says("张三", "/points rules", "")

"""台账 from the desk: a year of the branch, meeting by meeting and book by book, for the secretary's eyes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.db import Tx
from handlers.activities import by_id
from handlers.attendance.exporting import sheet_page
from handlers.attendance.paper import sheet_of
from handlers.desk_ledger import TITLES, yuan_on_paper
from tests.pages.conftest import Desk
from tests.pages.desk_room import sitting
from tests.pages.test_desk_acts import room
from tests.pages.test_links import heard, refused

__all__ = ["room"]


async def year(room: Desk) -> None:
    """A closed session of two kinds with its record, one that lacks everything, and something in other books."""
    await room.say("zhoumin", "/attendance open 主题党日+党课 今天11:00 三楼<会议室>")
    await room.say("lisi", "请假 值班")
    room.place.clock.ahead += timedelta(hours=2)
    for text in (
        "/attendance mark 刘敏 张三 到",
        "/attendance record #1 主持人 周敏 记录人 李红 主讲人 何静 议题 学习<党章>",
        "/attendance close #1",
        "/attendance open 支委会 今天18:00 小会议室",
        "/project add 社区义诊点 负责人 张三 期限 12月20日",
    ):
        await room.say("zhoumin", text)
    room.place.clock.ahead += timedelta(hours=7)
    await heard(room, "lisi", "已交 109.82")
    await heard(room, "lihong", "/dues confirm")


async def test_the_year_of_meetings_stands_under_each_kind(room: Desk) -> None:
    await year(room)
    async with sitting(room) as own:
        text = await own.text("/ledger/meetings")
        assert "第一党支部 2026年三会一课和主题党日台账" in text
        assert text.index("支委会（1 次）") < text.index("党课（1 次）")
        row = "#1 12月1日(周二)11:00 三楼<会议室> 周敏 李红 14 2 1 学习<党章> 齐全"
        assert text.count(row) == 2
        assert "#2 12月1日(周二)18:00 小会议室 4 0 0 缺 主持人、记录人、议题、决议、实到、结束登记" in text
        assert "值班" not in text
        page = await (await own.get("/ledger/meetings")).text()
        assert 'emblem.svg" alt' not in page, "a paper has no head of the house on it"
        assert "三楼&lt;会议室&gt;" in page
        assert "这一年没有记录。" in await own.text("/ledger/meetings?year=2025")


async def test_every_ledger_opens_and_its_rows_are_those_of_the_books(room: Desk) -> None:
    await year(room)
    async with sitting(room) as own:
        shown = {name: await own.text(f"/ledger/{name}") for name in TITLES}
        listed = await own.text("/ledger?year=2025")
    assert all(f"2026年{TITLES[name]}台账" in text for name, text in shown.items())
    assert "实事登记（1 条）" in shown["project"]
    assert "社区义诊点" in shown["project"]
    assert "刘敏 药剂科 到会" in shown["attendance"]
    assert "李四 外科 缺席(已请假)" in shown["attendance"]
    assert "党费（1 条）" in shown["payments"]
    assert "稿件登记（0 条）" in shown["article"]
    assert "打印台账 第一党支部 2025年" in listed


async def test_sums_stand_in_the_ledger_for_who_collects_alone(room: Desk) -> None:
    await year(room)
    async with sitting(room) as secretary, sitting(room, "lihong") as collector:
        text = await secretary.text("/ledger/payments")
        assert "李四 已交" in text
        assert "109.82" not in text
        assert "李四 109.82" in await collector.text("/ledger/payments")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/ledger/members", "没有这样的台账。"),
        ("/ledger/meetings?year=2027", "2027 年没有台账可打印。"),
        ("/ledger/meetings?year=x", "年份请写成 2026 这样。"),
    ],
)
async def test_what_is_no_ledger_is_said(desk: Desk, path: str, line: str) -> None:
    async with sitting(desk) as own:
        await refused(await own.get(path), line)


async def test_the_other_branch_prints_its_own(desk: Desk) -> None:
    await year(desk)
    async with sitting(desk, "zhengxiaoyan") as other:
        text = await other.text("/ledger/meetings")
        assert "第二党支部" in text
        assert "三楼" not in text


@pytest.mark.parametrize(("cell", "written"), [(50.0, "50.00"), (-50.0, "-50.00"), (9.82, "9.82"), ("已交", "已交")])
def test_a_sum_is_written_with_its_cents(cell: object, written: str) -> None:
    assert yuan_on_paper(cell) == written


async def test_what_was_put_down_afterwards_says_so_on_paper(room: Desk) -> None:
    await room.say("zhoumin", "/attendance enter 主题党日 11月6日15:00-17:00 三楼 名单 刘敏 请假 其余 到")
    await room.say("zhoumin", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章")
    async with sitting(room) as own:
        meetings, attendance = await own.text("/ledger/meetings"), await own.text("/ledger/attendance")
    assert "#1 11月6日(周五)15:00 三楼 周敏 李红 14 13 1 学习党章 齐全（补录）" in meetings
    assert "主题党日（补录） 三楼 刘敏 药剂科 缺席(已请假)" in attendance

    def work(tx: Tx) -> str:
        return sheet_page(sheet_of(tx, by_id(tx, 1)))

    assert "补录：周敏 2026-12-01" in await room.place.database.write(work)

"""The 签到表 on paper: printed with numbered rows, typed back in one line, and worth the same as the chat."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from bot.db import Tx
from bot.sql import p, sql
from handlers.activities import found
from handlers.attendance.exporting import sheet_page
from handlers.attendance.known import ALWAYS, held, stands
from handlers.attendance.paper import sheet_of
from handlers.tables import members
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")
RENAME = sql(update(members).where(members.c.name == p("who")).values(name=p("new_name")))
NAMES = ("周敏", "李红", "陈建国", "何静", "张三", "李四", "王芳(检验科)", "王芳(护理部)", "刘敏", "赵丽华")


async def printed(cast: Stage) -> Any:
    """The sheet of the file that 周敏 got last."""
    await cast.settle()
    bubble = cast.pushed("zhoumin")[-1]
    return load_workbook(io.BytesIO(cast.place.console.files[bubble.number, 0])).worksheets[0]


async def test_the_sheet_is_printed_with_numbered_rows_and_no_formula(cast: Stage) -> None:
    def rename(tx: Tx) -> None:
        tx.run(RENAME, who="李四", new_name="=HYPERLINK(1)")
        tx.run(RENAME, who="刘敏", new_name="<b>刘敏</b>")

    await cast.place.database.write(rename)
    await cast.dialog(
        [
            OPEN,
            ("张三", "请假 值夜班", "已记"),
            ("周敏", "/attendance checkin on", "开始签到"),
            ("何静", "签到", "已签到"),
            ("周敏", "/attendance export", "已私发给您"),
        ]
    )
    page = await printed(cast)
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[0][0] == "主题党日签到表"
    assert [row[0] for row in rows[1:4]] == ["编号：#1", "党支部：第一党支部", "时间：2026年12月4日(周五)15:00"]
    assert [row[0] for row in rows[4:6]] == ["地点：三楼会议室", "应到：14 人"]
    assert rows[6] == ["序号", "姓名", "科室", "签到", "情况"]
    assert [row[0] for row in rows[7:21]] == list(range(1, 15))
    assert rows[10][1:] == ["何静", "内科", None, "到会"]
    assert rows[11][1:] == ["张三", "内科", None, "请假"]
    assert page["B13"].value == "=HYPERLINK(1)"
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)

    def work(tx: Tx) -> str:
        return sheet_page(sheet_of(tx, found(tx, 1, 1)))

    html = await cast.place.database.write(work)
    assert "<td>4</td><td>何静</td><td>内科</td><td></td><td>到会</td>" in html
    assert "<td>&lt;b&gt;刘敏&lt;/b&gt;</td>" in html
    assert "值班" not in html


async def test_the_signed_sheet_is_typed_back_in_one_line(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("周敏", "/attendance mark 1-12 到", "还没有导出签到表，不能按序号登记。活动编号请写成 #1"),
            ("周敏", "/attendance export #1", "已私发给您"),
            (
                "周敏",
                "/attendance mark 1-12 14 到 13 请假:病",
                "已登记 14 人\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 0 · 请假 1 · 未回 13 · 实到 13",
            ),
            ("周敏", "/attendance mark #1 3、5 迟到 7-8 缺席", "已登记 4 人"),
            ("周敏", "/attendance", "实到 11"),
        ]
    )
    await cast.dialog([("周敏", "/attendance list", "请假 1：孙桂兰（病假，已批）")], chat="")
    await cast.refused(
        [
            ("周敏", "/attendance mark 1-15 到", "签到表没有第 15 行，最后一行是 14"),
            ("周敏", "/attendance mark 0 到", "签到表没有第 0 行"),
            ("周敏", "/attendance mark 12-1 到", "“12-1”写反了"),
            ("周敏", "/attendance mark 1 2 3", "请写姓名和状态"),
            ("周敏", "/attendance mark #9 1 到", "没有编号 #9"),
        ]
    )


async def test_a_row_never_means_somebody_else_later(cast: Stage) -> None:
    await cast.dialog([OPEN, ("周敏", "/attendance export", "已私发给您")])
    await cast.dialog(
        [
            ("admin", "/member transfer 李四 第二党支部", "已转到"),
            ("周敏", "/member add 严冬 门诊部", "已加入名册"),
            ("周敏", "/attendance export", "14 行"),
            ("周敏", "/attendance mark 5 7 15 到", "已登记 3 人"),
            ("周敏", "/attendance mark 6 到", "应到名单里没有这位同志"),
        ],
        chat="",
    )
    page = await printed(cast)
    numbers = [row[0].value for row in page.iter_rows(8, 21)]
    assert numbers == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15]


@pytest.mark.parametrize("seed", range(3))
async def test_paper_and_chat_leave_the_same(one_cast: Any, seed: int) -> None:
    cast = Stage(one_cast.place)
    chance = random.Random(seed)
    said = {name: chance.choice(["签到", "签到 晚到", "线上签到", "请假 值夜班", ""]) for name in NAMES}
    paper = {"签到": "到", "签到 晚到": "迟到", "线上签到": "线上", "请假 值夜班": "请假:值班"}
    for number in (1, 2):
        await cast.dialog([("周敏", f"/attendance open 党课 12月{number}日15:00", f"已开 #{number}")])
        await cast.says("周敏", f"/attendance checkin on #{number}")
    accounts = {"王芳(检验科)": "王芳"}
    for name, words in said.items():
        verb, _, rest = words.partition(" ")
        if words:
            await cast.says(accounts.get(name, name), f"{verb} #1 {rest}".strip())
    await cast.says("周敏", "/attendance export #2", "")
    line = " ".join(f"{NAMES.index(name) + 1} {paper[words]}" for name, words in said.items() if words)
    await cast.dialog([("周敏", f"/attendance mark #2 {line}", "已登记")])

    def work(tx: Tx) -> list[list[tuple[Any, ...]]]:
        meetings = held(tx, 1, 0, ALWAYS)
        return [
            [(one.member, one.declared, one.reason, one.actual, one.outcome) for one in stands(tx, meeting.row)]
            for meeting in meetings
        ]

    chat, sheet = await cast.place.database.read(work)
    assert chat == sheet

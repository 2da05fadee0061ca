"""/report in the chat: figures, the rows behind them, and papers that are made beside the answering and sent alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from docx import Document
from PIL import Image
from sqlalchemy import select, update

from bot.db import DatabaseDown, Tx
from bot.sql import sql
from handlers import reports
from handlers.reports_tables import orders
from scheduler import papers
from tests.cast import Cast


async def meeting(cast: Cast, *, recorded: bool = True) -> None:
    """A 集中学习 of the first branch with two people, one of them marked absent first."""
    await cast.says("周敏", "/attendance open 集中学习 11月22日15:00-17:00 三楼会议室")
    await cast.until("2026-11-22 15:00")
    await cast.says("周敏", "/attendance checkin on #1")
    await cast.says("张三", "签到")
    await cast.says("周敏", "/attendance mark #1 李四 缺席")
    await cast.says("周敏", "/attendance mark #1 李四 到")
    await cast.says("周敏", "/attendance close #1")
    if recorded:
        await cast.says("周敏", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章")
    await cast.until("2026-11-23 10:00")


async def made(cast: Cast) -> int:
    """Lets the maker of papers do what is ordered; how many."""
    done = 0
    while await papers.make_one(cast.place.database, cast.place.config):
        done += 1
    await cast.settle()
    return done


def sent(cast: Cast, account: str) -> list[Any]:
    """The pushes in a private chat."""
    return cast.pushed(account)


async def test_the_branch_reads_its_figures(cast: Cast) -> None:
    await meeting(cast)
    heard = await cast.says("周敏", "/report")
    assert heard.startswith("第一党支部 2026年 截至11月23日\n党员 14人\n")
    for line in ("集中学习 1次", "集中学习人次 2人次", "出勤率 14.3%（2/14）", "主题党日 0次"):
        assert line in heard.splitlines()
    assert "集中学习 1次" in await cast.says("周敏", "/报表 2026Q4")
    assert "第二党支部" in await cast.says("郑晓燕", "/report 11月", "g2")
    assert "集中学习 0次" in await cast.says("郑晓燕", "/report 2026", "g2")
    await cast.dialog(
        [
            ("张三", "/report", "书记或组织委员"),
            ("周敏", "/report 2027", "2027年还没到"),
            ("周敏", "/report 2025", "2025年没有数可报：最早的记录是"),
            ("周敏", "/report 明天", "没看懂「明天」"),
            ("周敏", "/report 全系统", "只有管理员"),
            ("admin", "/report 全系统 2026", "某县卫生健康局 2026年"),
        ]
    )


async def test_a_record_that_is_not_complete_is_to_be_checked(one_cast: Cast) -> None:
    await meeting(one_cast, recorded=False)
    assert "集中学习 0次（待核）" in await one_cast.says("周敏", "/report")
    heard = await one_cast.says("周敏", "/report why 集中学习", "")
    assert "集中学习 0次（待核）（第一党支部 2026年）" in heard
    assert "2026-11-22 集中学习 #1 三楼会议室（缺：主持人、记录人、议题）〔待核，未计入〕" in heard
    await one_cast.says("周敏", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章")
    assert "集中学习 1次（第一党支部" in await one_cast.says("周敏", "/report why 集中学习 2026", "")


async def test_the_rows_behind_a_figure_show_what_was_corrected(cast: Cast) -> None:
    await meeting(cast)
    await cast.says("周敏", "/issue add 学习记录不全 期限 12月31日")
    await cast.says("周敏", "/issue correct 1 3条 原因 数错了")
    heard = await cast.says("周敏", "/report why 集中学习人次", "")
    assert "集中学习人次 2人次" in heard
    assert "2026-11-22 集中学习 张三\n" in heard
    assert "2026-11-22 集中学习 李四（更正前：缺席 2026-11-22）" in heard
    heard = await cast.says("周敏", "/report why 问题", "")
    assert "问题 3个" in heard
    assert "学习记录不全 3个 #1（更正前：2026-11-23 问题 学习记录不全 1，数错了）" in heard
    await cast.says("周敏", "/wish add 轮椅坡道")
    await cast.says("张三", "认领 #2")
    assert "轮椅坡道 张三 11-23认领" in await cast.says("周敏", "/report why 认领微心愿", "")
    assert "张三" in await cast.says("周敏", "/report why 党员", "")
    assert "没有记录" in await cast.says("周敏", "/report why 党课", "")
    await cast.dialog(
        [
            ("周敏", "/report why 党员大合", "没有「党员大合」这个数。是不是：党员大会"),
            ("周敏", "/report why", "请写上要看哪个数"),
        ],
        chat="",
    )


async def test_rows_and_dues_stay_out_of_groups(one_cast: Cast) -> None:
    await meeting(one_cast)
    await one_cast.says("张三", "已交 42.38")
    await one_cast.says("李红", "/todo ok 1", "")
    assert "李四" not in await one_cast.says("周敏", "/report why 集中学习人次")
    assert "党费 42.38元" in await one_cast.says("李红", "/report why 党费", "")
    assert "张三 42.38元" in await one_cast.says("李红", "/report why 党费", "")
    heard = await one_cast.says("周敏", "/report why 党费", "")
    assert "共 1 笔" in heard
    assert "张三" not in heard


async def test_a_paper_comes_alone_when_it_is_done(cast: Cast) -> None:
    await meeting(cast)
    assert await cast.says("周敏", "/report word 月报 11月") == "正在做2026年11月月报，做好后私发给您。"
    assert await cast.says("周敏", "/report excel") == "正在做2026年台账，做好后私发给您。"
    assert await cast.says("周敏", "/report chart 2026") == "正在做2026年图，做好后私发给您。"
    assert "已经有 3 份在做" in await cast.says("周敏", "/report excel 考勤")
    assert not any(bubble.files for bubble in sent(cast, "zhoumin"))
    assert await made(cast) == 3
    files = [bubble.files[0] for bubble in sent(cast, "zhoumin") if bubble.files]
    assert files == ["第一党支部2026-11月报.docx", "第一党支部2026台账.xlsx", "第一党支部2026图.png"]
    assert not any(bubble.files for bubble in cast.pushed("g1"))
    data = dict(zip(files, cast.place.console.files.values(), strict=True))
    assert "第一党支部2026年11月党建工作月报" in Document(BytesIO(data[files[0]])).paragraphs[0].text
    assert openpyxl.load_workbook(BytesIO(data[files[1]])).sheetnames[0] == "指标"
    assert Image.open(BytesIO(data[files[2]])).size == (1200, 900)
    states = [row.state for row in await cast.rows(select(orders).order_by(orders.c.id))]
    assert states == ["done"] * 3


async def test_before_the_first_record_nothing_is_said_and_the_paper_leaves_a_blank(one_cast: Cast) -> None:
    await meeting(one_cast)
    await one_cast.dialog(
        [("李红", "/dues large 张三 5000 自愿交纳", "已登记大额党费")], chat=""
    )  # it belongs to no month
    await one_cast.dialog([("周敏", "/report 2025", "2025年没有数可报：最早的记录是")])
    await one_cast.says("周敏", "/report word 年报", "")
    await made(one_cast)
    (data,) = one_cast.place.console.files.values()
    cells = [[cell.text for cell in row.cells] for table in Document(BytesIO(data)).tables for row in table.rows]
    assert ["集中学习", "1次", "＿＿"] in cells
    assert not [row for row in cells if "2025年" in row]


async def test_what_cannot_be_made_is_said_at_once_or_when_it_fails(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("周敏", "/report word 年保", "没有叫「年保」的模板。是不是：年报"),
            ("周敏", "/report excel 考情", "没有叫「考情」的表。是不是：考勤"),
            ("周敏", "/report chart 大图", "不是时间"),
            ("周敏", "/report word 年报 月报", "没看懂"),
            ("周敏", "/report word 年报 2025", "没有数可报"),
        ]
    )
    folder = one_cast.place.config.bot.data_dir / "templates"
    folder.mkdir()
    (folder / "坏的.docx").write_bytes(b"nothing")
    assert "正在做" in await one_cast.says("周敏", "/report word 坏的")
    assert await made(one_cast) == 1
    assert "没做成：模板「坏的」不是 Word 文件" in sent(one_cast, "zhoumin")[-1].text


async def test_a_long_export_holds_up_nobody(one_cast: Cast) -> None:
    """While a paper is being made, members are answered and pages read; at the end of the bot it stops."""
    begun, go_on = threading.Event(), threading.Event()

    def long(tx: Tx) -> Any:
        begun.set()
        go_on.wait(20)
        return tx.all(reports.OPEN)

    await one_cast.says("周敏", "/attendance open 党课 11月25日15:00 三楼会议室")
    exporting = asyncio.create_task(one_cast.place.database.read_long(long))
    await asyncio.to_thread(begun.wait, 20)
    assert "已记：参加" in await one_cast.says("张三", "参加")
    assert await one_cast.place.database.read(lambda tx: len(tx.all(reports.OPEN))) == 0
    closing = asyncio.create_task(one_cast.place.database.close())
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(DatabaseDown):
        await exporting
    await closing


async def test_an_order_whose_maker_died_is_made_again_twice_at_most(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/report word 月报")
    first = await one_cast.place.database.write(reports.claim)
    assert first.attempts == 1
    assert await one_cast.place.database.write(reports.claim) is None
    await one_cast.pass_time(minutes=11)
    second = await one_cast.place.database.write(reports.claim)
    assert (second.id, second.attempts) == (first.id, 2)
    await one_cast.pass_time(minutes=11)
    assert await one_cast.place.database.write(reports.claim) is None
    await one_cast.settle()
    assert "没做成：做的时候程序停了" in sent(one_cast, "zhoumin")[-1].text


@asynccontextmanager
async def handed_over(cast: Cast) -> AsyncIterator[None]:
    """The maker of papers at work, until something is handed over."""
    making = asyncio.create_task(papers.run(cast.place.database, cast.place.config))
    heard, loop = asyncio.Event(), asyncio.get_running_loop()

    def hear(told: set[str]) -> None:
        if "outbox" in told:
            loop.call_soon_threadsafe(heard.set)

    cast.place.database.listeners.append(hear)
    await asyncio.sleep(0)
    yield
    async with asyncio.timeout(20):
        await heard.wait()
    making.cancel()
    await cast.settle()


async def test_the_maker_wakes_when_something_is_ordered(one_cast: Cast) -> None:
    async with handed_over(one_cast):
        await one_cast.says("周敏", "/report word 月报")
    assert sent(one_cast, "zhoumin")[-1].files == ("第一党支部2026月报.docx",)


async def test_an_order_that_nobody_can_make_ends_nothing_else(
    one_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """An order of a kind that this program doesn't know, as another version of it might have left one."""
    await one_cast.says("周敏", "/report word 年报")
    await one_cast.place.database.write(lambda tx: tx.run(sql(update(orders).values(kind="gone"))))
    async with handed_over(one_cast):
        await one_cast.says("周敏", "/report word 月报")
    assert "the making of papers met a bug; it goes on with the next" in caplog.text
    assert sent(one_cast, "zhoumin")[-1].files == ("第一党支部2026月报.docx",)


async def test_hours_of_a_session_of_two_kinds_are_the_same_in_the_figure_and_in_ones_own_line(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/attendance open 支部党员大会+党课 11月22日15:00-17:00 三楼会议室")
    await one_cast.until("2026-11-22 15:00")
    await one_cast.dialog([("周敏", "/attendance mark #1 张三 到", "已登记 1 人")])
    await one_cast.until("2026-11-23 10:00")
    assert "今年学时：2（全年 32）" in await one_cast.says("张三", "我的", "")
    assert (await one_cast.says("周敏", "/report why 学时", "")).startswith("学时 2学时（")

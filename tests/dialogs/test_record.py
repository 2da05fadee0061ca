"""The record of a meeting: what is known is filled, the rest is asked for, and only a complete one counts."""

from __future__ import annotations

from bot.db import Tx
from handlers.attendance.known import ALWAYS
from handlers.attendance.record import complete_meetings, incomplete_records
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 支部党员大会 12月4日15:00-16:30 三楼会议室", "已开 #1")
ALL_BUT_THREE = "赵丽华 陈建国 何静 吴大勇 孙桂兰 欧阳静 马志远 王芳(检验科) 王芳(护理部) 周敏 李红 到"


async def counts(cast: Stage, known: int = ALWAYS) -> tuple[list[int], list[tuple[int, tuple[str, ...]]]]:
    """(numbers of the meetings that count, numbers of those that don't with what they lack)."""

    def work(tx: Tx) -> tuple[list[int], list[tuple[int, tuple[str, ...]]]]:
        whole = [one.held.number for one in complete_meetings(tx, 1, 0, ALWAYS, known)]
        return whole, [(one.held.number, one.missing) for one in incomplete_records(tx, 1, 0, ALWAYS, known)]

    return await cast.place.database.read(work)


async def test_what_is_known_is_filled_and_the_rest_is_asked_for(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假 值夜班", "已记"), ("周敏", "/todo ok 1", "已批")])
    assert await counts(cast) == ([], [])
    await cast.until("2026-12-04 15:00")
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "开始签到"),
            ("周敏", f"/attendance mark {ALL_BUT_THREE}", "已登记 11 人"),
            ("张三", "签到 晚到", "已签到：迟到"),
            ("周敏", "/attendance record", "已私发给您。"),
        ]
    )
    await cast.pass_time(hours=2)
    lacking = ("主持人", "记录人", "议题", "决议", "结束登记")
    assert await counts(cast) == ([], [(1, lacking)])
    await cast.dialog(
        [
            (
                "周敏",
                "/attendance record",
                "会议记录 #1 支部党员大会 12月4日(周五)15:00-16:30\n时间：12月4日(周五)15:00-16:30",
            ),
            (
                "周敏",
                "/attendance record",
                "地点：三楼会议室\n应到：14 人\n实到：12 人：周敏、李红、陈建国、何静、张三（迟到）",
            ),
            (
                "周敏",
                "/attendance record",
                "缺席：李四（值班）、刘敏（未请假）\n还缺：主持人、记录人、议题、决议、结束登记\n",
            ),
            (
                "周敏",
                "/attendance record",
                "请发：/attendance record #1 主持人 … 记录人 … 议题 … 决议 …\n结束登记：/attendance close #1",
            ),
            ("周敏", "/attendance close #1", "已结束"),
            ("李红", "/考勤 记录 主持人 周敏，记录人：李红 列席 县局王主任", "已记 3 项\n会议记录 #1"),
            ("李红", "/考勤 记录 主持人 周敏", "主持人：周敏\n记录人：李红\n"),
            ("李红", "/attendance record #1", "列席：县局王主任\n还缺：议题、决议"),
            ("李红", "/attendance record 议题 1.学习党章；2.通过年度计划 决议 无", "决议：无\n记录齐全。"),
        ],
        chat="",
    )
    assert await counts(cast) == ([1], [])

    def now(tx: Tx) -> int:
        return tx.at

    known = await cast.place.database.read(now)
    await cast.pass_time(days=1)
    await cast.dialog([("李红", "/attendance record #1 决议 同意年度计划", "决议：同意年度计划\n记录齐全。")], chat="")
    assert await counts(cast, known - 3_600_000_000) == ([], [(1, lacking)])


async def test_a_lesson_needs_its_lecturer_and_no_resolution(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 12月4日15:00", "已开 #1"),
            ("周敏", "/attendance mark 张三 到", "已登记 1 人"),
            ("周敏", "/attendance close", "已结束"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/attendance record #1 主持 周敏 记录 李红 题目 党章", "还缺：地点、主讲人\n"),
            ("周敏", "/attendance record #1 地点 二楼 主讲 何静", "地点：二楼\n"),
            ("周敏", "/attendance record #1", "主讲人：何静"),
            ("周敏", "/attendance record #1", "记录齐全。"),
        ],
        chat="",
    )


async def test_a_record_that_cannot_be_is_refused(cast: Stage) -> None:
    await cast.dialog([OPEN])
    await cast.refused(
        [
            ("周敏", "/attendance record 学习了党章", "请写：地点、主持人"),
            ("周敏", "/attendance record 主持人", "主持人后面要写内容"),
            ("周敏", f"/attendance record 议题 {'长' * 501}", "议题最多 500 字"),
            ("周敏", f"/attendance record 主持人 {'长' * 61}", "主持人最多 60 字"),
            ("周敏", "/attendance record #9 主持人 周敏", "没有编号 #9"),
            ("张三", "/attendance record #1", "由书记或组织委员使用"),
        ],
        chat="",
    )
    await cast.dialog([("周敏", "/attendance cancel #1", "已取消")])
    await cast.refused([("周敏", "/attendance record #1 主持人 周敏", "已取消，没有会议记录")], chat="")

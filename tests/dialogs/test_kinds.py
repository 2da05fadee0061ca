"""Kinds of meeting, several at once and one's own; for whom a meeting is, and who sits in."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from bot.db import Tx
from handlers.attendance.known import ALWAYS, held
from handlers.registers.hours import hours_of
from handlers.tables import presences
from tests.cast import opened_cast
from tests.dialogs.conftest import Stage

BOTH = "/attendance open 主题党日+党课 12月4日15:00-17:00 三楼会议室"


async def test_one_session_is_several_kinds_with_one_row_for_each_person(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", BOTH, "已开 #1 主题党日+党课 12月4日(周五)15:00-17:00"),
            ("周敏", "/attendance open 集中学习、警示教育 12月8日9:00", "已开 #2 集中学习+警示教育"),
            ("张三", "党课参加", "已记：参加\n#1 主题党日+党课"),
            ("张三", "警示教育请假", "已记：请假\n#2"),
            ("周敏", "/attendance mark #1 张三 李四 到", "实到 2"),
            ("周敏", "/attendance edit #2 种类 集中学习+警示教育+党课", "种类改为 集中学习+警示教育+党课：#2"),
        ]
    )
    assert len(await cast.rows(select(presences.c.id))) == 2

    def work(tx: Tx) -> tuple[list[tuple[str, ...]], dict[str, int]]:
        return [one.kinds for one in held(tx, 1, 0, ALWAYS)], hours_of(tx, 5, 2026)

    kinds, hours = await cast.place.database.read(work)
    assert kinds == [("主题党日", "党课"), ("集中学习", "警示教育", "党课")]
    assert hours == {"主题党日": 120}


async def test_the_theme_day_of_the_clock_is_found_among_the_kinds(cast: Stage) -> None:
    await cast.dialog(
        [("周敏", "/attendance open 支部党员大会+主题党日 12月4日15:00", "已开 #1 支部党员大会+主题党日")]
    )
    await cast.until("2026-12-01 09:00")
    assert any("#1 支部党员大会+主题党日" in bubble.text for bubble in cast.pushed())
    assert "#2" not in await cast.says("周敏", "/attendance")


async def test_the_opened_theme_day_is_taken_over_with_all_kinds(cast: Stage) -> None:
    await cast.until("2026-12-01 09:00")
    await cast.dialog(
        [
            ("张三", "参加", "已记：参加\n#1 主题党日 12月4日(周五)15:00"),
            ("周敏", BOTH, "已接续 #1 主题党日+党课 12月4日(周五)15:00-17:00"),
            ("周敏", "/attendance", "参加 1"),
        ]
    )


async def test_for_whom_a_meeting_is_and_who_sits_in(cast: Stage) -> None:
    await cast.dialog(
        [
            (
                "周敏",
                "/attendance open 支委会 12月4日15:00 列席 张三、县局王主任",
                "应到 支委\n列席 张三、县局王主任\n",
            ),
            ("周敏", "/attendance open 支部委员会 12月5日15:00 应到 全体", "#2 支委会 12月5日(周六)15:00"),
            (
                "周敏",
                "/attendance open 党小组会 12月5日15:00",
                "请写明是哪个党小组：应到 第一党小组 或 应到 第二党小组",
            ),
            ("周敏", "/attendance open 党小组会 12月5日16:00 应到 第二党小组", "应到 5 · "),
            ("周敏", "/attendance open 专题研讨 12月6日15:00 应到 张三、李四", "应到 2 · "),
            ("周敏", "/attendance checkin on #1", "应到 4 · 参加 0 · 请假 0 · 未回 4 · 实到 0"),
            ("张三", "签到 #1", "您是 #1 支委会 12月4日(周五)15:00 的列席人员，记录里已有，不计实到"),
            ("李四", "签到 #1", "应到名单里没有这位同志"),
            ("周敏", "签到 #1", "实到 1"),
        ]
    )
    await cast.dialog([("周敏", "/attendance record #1", "列席：张三、县局王主任")], chat="")


async def test_a_slip_in_a_kind_is_asked_about(cast: Stage) -> None:
    await cast.refused(
        [
            ("周敏", "/attendance open 主题挡日 12月4日15:00", "“主题挡日”是不是“主题党日”？"),
            ("周敏", "/attendance open 党课+集中学刁 12月4日15:00", "是不是“集中学习”？"),
            ("周敏", "/attendance open 党课 2027年2月29日9:00", "2月29日"),
        ]
    )
    await cast.dialog([("周敏", "/attendance open 书香和音乐 12月4日15:00", "已开 #1 书香和音乐")])


async def test_kinds_of_ones_own_have_other_words_too(sqlite: str, tmp_path: Path) -> None:
    more = '[meetings.kinds]\n"道德讲堂" = ["讲堂"]\n"党性教育" = []\n'
    async with opened_cast(sqlite, tmp_path, more) as made:
        cast = Stage(made.place)
        await cast.dialog(
            [
                ("周敏", "/attendance open 讲堂 12月4日15:00", "已开 #1 道德讲堂"),
                ("周敏", "/attendance open 讲堂和党课 12月5日15:00", "已开 #2 道德讲堂+党课"),
                ("周敏", "/attendance open 道德讲唐 12月5日15:00", "是不是“道德讲堂”"),
                ("周敏", "/attendance open 党性教育 12月6日15:00", "已开 #3 党性教育"),
            ]
        )

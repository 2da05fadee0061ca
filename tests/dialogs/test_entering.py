"""补录: a meeting that nobody opened is put down afterwards, counts as every other one, and nobody is bothered."""

from __future__ import annotations

import json

from sqlalchemy import select

from bot.db import Tx
from bot.tables import outbox, trail
from handlers.attendance.known import ALWAYS, held, stands
from handlers.tables import activities, answers, presences
from tests.dialogs.conftest import Stage
from tests.dialogs.test_known import now

ENTER = "/attendance enter 主题党日 11月6日15:00-17:00 三楼会议室 名单 刘敏 请假:病 张三、李四 迟到 赵丽华 缺席 其余 到"
ENTERED = "已补录 #1 主题党日 11月6日(周五)15:00-17:00：应到 14 · 实到 12 · 请假 1 · 缺席 1"
RECORD = "/attendance record #{} 主持人 周敏 记录人 李红 议题 学习党章"


async def outcomes(cast: Stage, number: int, known: int = ALWAYS) -> dict[str, str]:
    """Everybody's outcome at a meeting as known at an instant."""

    def work(tx: Tx) -> dict[str, str]:
        (one,) = (one for one in held(tx, 1, 0, ALWAYS, known) if one.number == number)
        return {f"{stand.name}{stand.department}": stand.outcome for stand in stands(tx, one.row, known)}

    return await cast.place.database.read(work)


async def test_what_was_held_is_put_down_in_one_line_and_nobody_hears_of_it(cast: Stage) -> None:
    before = len(await cast.rows(select(outbox)))
    await cast.dialog([("周敏", ENTER, f"{ENTERED}\n还缺：主持人、记录人、议题\n请发：/attendance record #1")], chat="")
    assert await cast.says("李四", "活动") == "现在没有正在登记的活动。"
    (row,) = await cast.rows(select(activities))
    assert (row.state, row.origin, row.opened_by, row.audience) == ("closed", "entered", "周敏", "")
    stood = await outcomes(cast, 1)
    assert (stood["刘敏药剂科"], stood["张三内科"], stood["赵丽华妇产科"]) == ("缺席(已请假)", "迟到", "缺席(未请假)")
    assert sum(one == "到会" for one in stood.values()) == 10
    await cast.until("2026-11-24 12:00")
    said = (await cast.rows(select(outbox)))[before:]
    assert not [one for one in said if "#1" in one.reply]
    assert not await cast.rows(select(answers).where(answers.c.late != 0))
    assert {one.happened_at for one in await cast.rows(select(presences))} == {row.starts_at}
    await cast.dialog([("周敏", "/attendance makeup", "没有待补学的")], chat="")


async def test_the_trail_says_who_entered_it_and_when_and_a_member_can_ask(cast: Stage) -> None:
    await cast.dialog([("周敏", ENTER, "已私发给您")])
    rows = await cast.rows(select(trail).where(trail.c.subject == "activity:1").order_by(trail.c.number))
    assert [rows[0].action, rows[-1].action] == ["enter", "closed"]
    assert {row.actor for row in rows} == {"周敏"}
    assert {json.loads(row.detail)["rule"] for row in rows if row.action.startswith("mark_")} == {"补录"}
    await cast.dialog(
        [
            ("张三", "为什么", "实到：迟到\n#1 主题党日 11月6日(周五)15:00-17:00\n登记人：周敏\n依据：补录"),
            ("刘敏", "为什么", "请假已批"),
            ("刘敏", "撤销", "24 小时内没有可以撤销的登记"),
            ("周敏", "/attendance record #1", "补录：周敏 2026-11-21 10:00"),
        ],
        chat="",
    )


async def test_it_counts_as_an_ordinary_one(cast: Stage) -> None:
    """The same line typed at a meeting of the next month leaves the same figures, hours and outcomes."""
    await cast.dialog([("周敏", ENTER, ENTERED), ("周敏", RECORD.format(1), "记录齐全")], chat="")
    await cast.dialog([("周敏", "/attendance open 主题党日 12月4日15:00-17:00 三楼会议室", "已开 #2")])
    await cast.until("2026-12-04 17:30")
    rest = "周敏 李红 陈建国 何静 王芳(检验科) 王芳(护理部) 欧阳静 马志远 孙桂兰 吴大勇 到"
    await cast.dialog(
        [
            ("周敏", f"/attendance mark #2 刘敏 请假:病 张三 李四 迟到 赵丽华 缺席 {rest}", "已登记 14 人"),
            ("周敏", "/attendance close #2", "已结束"),
            ("周敏", RECORD.format(2), "记录齐全"),
        ],
        chat="",
    )
    assert await outcomes(cast, 1) == await outcomes(cast, 2)
    november, december = [await cast.says("周敏", f"/report {month}月", "") for month in (11, 12)]
    assert "主题党日 1次" in november
    assert [line for line in november.splitlines() if "党日" in line or "人次" in line] == [
        line for line in december.splitlines() if "党日" in line or "人次" in line
    ]
    why = await cast.says("周敏", "/report why 主题党日", "")
    assert "2026-11-06 主题党日 #1 三楼会议室（补录）" in why
    assert "2026-12-04 主题党日 #2 三楼会议室\n" in f"{why}\n"
    hours = await cast.says("张三", "我的", "")
    assert "学时" in hours and "4" in hours


async def test_what_was_known_before_stays_and_a_later_correction_needs_a_second_person(cast: Stage) -> None:
    published = await now(cast)
    await cast.pass_time(days=1)
    await cast.dialog(
        [
            ("周敏", ENTER, ENTERED),
            ("周敏", "/attendance correct #1 赵丽华 到 原因 漏签", "等第二个人确认"),
            ("李红", "/todo ok 1", "实到 13"),
        ],
        chat="",
    )

    def work(tx: Tx) -> int:
        return len(held(tx, 1, 0, ALWAYS, published))

    assert await cast.place.database.read(work) == 0


async def test_the_register_of_that_day_says_who_was_due(cast: Stage) -> None:
    await cast.pass_time(days=2)
    await cast.dialog(
        [
            ("admin", "/member transfer 李四 第二党支部", "已转到"),
            ("周敏", "/member add 严冬 门诊部", "已加入名册"),
            ("周敏", "/attendance enter 党课 11月9日15:00 一楼 名单 严冬 到", "应到名单里没有「严冬」"),
            (
                "周敏",
                "/attendance enter 党课 11月9日15:00 一楼 名单 李四、张三 到",
                "应到 14 · 实到 2 · 请假 0 · 缺席 12",
            ),
            ("周敏", "/attendance enter 支委会 11月9日9:00 一楼 列席 县局王主任 名单 全体 到", "应到 4 · 实到 4"),
            ("周敏", "/attendance record #2", "列席：县局王主任"),
            ("周敏", "/attendance enter 党小组会 11月9日9:00 一楼 名单 全体 到", "请写明是哪个党小组"),
            (
                "周敏",
                "/attendance enter 党小组会 11月9日9:00 一楼 应到 第一党小组 名单 李四 到 其余 缺席",
                "应到 5 · 实到 1",
            ),
            ("周敏", "/attendance enter 集中学习 11月9日9:00 一楼 名单 周敏 请假:值班 李红 到", "没写到的 12 人算缺席"),
            ("周敏", "/todo", "请假：周敏 #4"),
        ],
        chat="",
    )


async def test_a_day_without_a_year_is_the_last_one_and_a_year_stands_after_january(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance enter 党课 3月6日15:00 一楼 名单 全体 到", "已补录 #1 党课 3月6日(周五)15:00"),
            ("周敏", "/attendance enter 党课 2025-12-20 15:00 一楼 名单 全体 到", "2025年的活动不能再补录"),
        ],
        chat="",
    )
    await cast.until("2027-01-20 09:00")
    await cast.dialog([("周敏", "/attendance enter 党课 12月28日15:00 一楼 名单 全体 到", "12月28日(周一)15:00")], "")
    await cast.until("2027-02-01 09:00")
    await cast.dialog(
        [("周敏", "/attendance enter 党课 12月29日15:00 一楼 名单 全体 到", "2026年的活动不能再补录")], ""
    )


async def test_what_cannot_be_entered_is_refused(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance enter 党课 11月9日15:00-16:00 一楼 名单 全体 到", "已补录 #1")], chat="")
    enter = "/attendance enter 党课 11月10日15:00 一楼"
    await cast.refused(
        [
            (
                "周敏",
                "/attendance open 主题党日 11月6日15:00 三楼",
                "已经过去了，请写以后的时间。已经开过、要补录的，例：",
            ),
            ("周敏", enter, "补录要写谁到了"),
            ("周敏", f"{enter} 名单", "补录要写谁到了"),
            ("周敏", f"{enter} 名单 张三", "补录要写谁到了"),
            ("周敏", f"{enter} 名单 到", "前面要有姓名"),
            ("周敏", f"{enter} 名单 张三 参加", "补录的状态：到、迟到"),
            ("周敏", f"{enter} 名单 张三 到 李四、张三 缺席", "「张三」写了两次"),
            ("周敏", f"{enter} 名单 其余 到 全体 缺席", "写了两次"),
            ("周敏", f"{enter} 名单 刘民 到", "应到名单里没有「刘民」，是不是刘敏？"),
            ("周敏", f"{enter} 名单 王芳 到", "有 2 位「王芳」，请写明"),
            ("周敏", f"{enter} 名单 全体 缺席", "没有人到会，没有补录"),
            ("周敏", f"{enter} 截止 11月9日15:00 名单 全体 到", "没有截止时间"),
            ("周敏", "/attendance enter 党课 一楼 名单 全体 到", "没看懂时间"),
            ("周敏", "/attendance enter 党课 11月9日 一楼 名单 全体 到", "没写几点"),
            ("周敏", "/attendance enter 党课 11月21日9:00-11:00 一楼 名单 全体 到", "还没到或还没结束"),
            ("周敏", "/attendance enter 党课 11月25日9:00 一楼 名单 全体 到", "还没到或还没结束"),
            ("周敏", "/attendance enter 主题党目 11月9日9:00 一楼 名单 全体 到", "是不是“主题党日”"),
            (
                "周敏",
                "/attendance enter 党课 11月9日15:30 一楼 名单 全体 到",
                "已经有 #1 党课 11月9日(周一)15:00-16:00",
            ),
            ("周敏", f"/attendance enter {'长' * 31} 11月10日15:00 一楼 名单 全体 到", "活动名称最多 30 字"),
            ("张三", f"{enter} 名单 全体 到", "由书记或组织委员使用"),
            ("郑晓燕", f"{enter} 名单 张三 到", "应到名单里没有「张三」"),
        ],
        chat="",
    )


async def test_a_template_is_entered_by_its_name_and_copied_is_what_was_opened(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 主题党日+党课 12月4日15:00-16:30 三楼会议室", "已开 #1"),
            ("周敏", "/attendance template 保存 月度党课 #1", "已存为模板"),
            ("周敏", "/attendance enter 月度党课 11月6日15:00 名单 全体 到", "主题党日+党课 11月6日(周五)15:00-16:30"),
            ("周敏", "/attendance record #2", "地点：三楼会议室"),
            ("周敏", "/attendance enter 党课 11月6日15:30 四楼 名单 全体 到", "已经有 #2"),
            ("周敏", "/attendance copy 12月25日15:00", "主题党日+党课 12月25日(周五)15:00-16:30"),
        ],
        chat="",
    )

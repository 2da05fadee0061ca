"""请假 waits for the secretary's tap; who was absent makes up for it, and that never counts as having been there."""

from __future__ import annotations

from bot.db import Tx
from handlers.attendance.known import ALWAYS, held, stands
from handlers.attendance.makeup import open_makeups
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")


async def test_a_leave_is_decided_with_one_tap(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("李四", "请假 值夜班", "应到 14 · 参加 0 · 请假 1 · 未回 13"),
            ("张三", "请假", "请假 2 · 未回 12"),
            ("刘敏", "请假 孩子发烧", "请假 3 · 未回 11"),
        ]
    )
    waiting = await cast.reply("周敏", "/todo", "")
    assert waiting is not None
    assert waiting.card is not None
    assert waiting.card.lines[0] == "1 请假：李四 #1 主题党日 12月4日(周五)15:00"
    assert "值班" not in waiting.text
    tapped = await cast.taps("周敏", waiting.card, "同意 1", "")
    assert tapped.text == "已批：请假：李四 #1 主题党日 12月4日(周五)15:00"
    await cast.dialog(
        [
            ("周敏", "/attendance list", "请假 3：张三（待批）、李四（值班，已批）、刘敏（家事，待批）"),
            ("李四", "我的", "#1 主题党日 12月4日(周五)15:00：请假（已批）"),
            ("张三", "我的", "#1 主题党日 12月4日(周五)15:00：请假（待批）"),
            ("周敏", "/todo no 2 党日要到", "未批：请假：张三"),
            ("周敏", "/todo no 2", "待办 2 已由周敏处理（不同意）"),
            ("张三", "我的", "#1 主题党日 12月4日(周五)15:00：请假未批"),
            ("张三", "为什么", "请假未批\n#1"),
            ("张三", "撤销", "这次请假已经处理过，不能撤销"),
            ("周敏", "/attendance who", "张三"),
        ],
        chat="",
    )
    await cast.dialog(
        [
            ("周敏", "/attendance", "应到 14 · 参加 0 · 请假 2 · 未回 12"),
            ("周敏", "/attendance list", "请假 2：李四、刘敏\n"),
            ("刘敏", "参加", "已记：参加"),
            ("周敏", "/todo ok 3", "待办 3 已由本人撤回"),
            ("刘敏", "请假", "已记：请假"),
            ("刘敏", "请假", "之前已记：请假"),
            ("刘敏", "撤销", "已撤销，现在是：参加"),
            ("周敏", "/todo ok 4", "待办 4 已由本人撤回"),
            ("张三", "请假", "已记：请假"),
            ("周敏", "/todo ok 5", "已批：请假：张三"),
        ]
    )


async def test_nobody_approves_his_own_leave_and_what_the_secretary_enters_is_approved(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("周敏", "请假", "已记：请假"),
            ("周敏", "/todo ok 1", "自己的请假请另一位书记或组织委员处理"),
            ("李红", "/todo ok 1", "已批：请假：周敏"),
            ("周敏", "/attendance mark 何静 值班 马志远 病假 孙桂兰 事假", "已登记 3 人"),
            ("周敏", "/attendance", "应到 14 · 参加 0 · 请假 4 · 未回 10"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/todo", "没有待办"),
            (
                "周敏",
                "/attendance list",
                "请假 4：周敏（已批）、何静（值班，已批）、马志远（病假，已批）、孙桂兰（家事，已批）",
            ),
        ],
        chat="",
    )


async def test_a_makeup_is_owed_by_the_absent_closed_by_the_clerk_and_is_no_presence(cast: Stage) -> None:
    everybody = "赵丽华 陈建国 何静 吴大勇 孙桂兰 欧阳静 马志远 王芳(检验科) 王芳(护理部) 周敏 李红 到"
    await cast.dialog([OPEN, ("李四", "请假", "已记"), ("李四", "补学", "没有待补学的活动")])
    await cast.until("2026-12-04 15:00")
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "开始签到"),
            ("周敏", f"/attendance mark {everybody}", "已登记 11 人"),
            ("周敏", "/attendance close", "实到 11\n3 人待补学，7 天内"),
            ("李四", "已补学", "已转给书记确认：补学：李四 #1 主题党日"),
            ("李四", "已补学", "已转给书记确认"),
            ("刘敏", "我会补学的", ""),
            ("何静", "张三补学了，我给他送学上门的", "已转给书记确认：补学：张三 #1 主题党日"),
            ("王芳", "已补学", "没有待补学的活动"),
            ("周敏", "/attendance makeup", "已私发给您。"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/attendance makeup", "待补学 3 项：\n张三 #1 主题党日 12月4日(周五)，2026-12-11 前\n李四"),
            ("李四", "我的", "待补学 #1 主题党日 12月4日(周五)，2026-12-11 前"),
            ("周敏", "/todo ok 2", "已销：补学：李四"),
            ("周敏", "/todo no 3 还差心得", "还要补：补学：张三"),
            ("周敏", "/attendance makeup #1 刘敏", "已销补学：刘敏\n#1 主题党日 12月4日(周五)15:00 还有 1 人待补学"),
            ("周敏", "/attendance makeup #1 刘敏", "没有刘敏的待补学"),
            ("周敏", "/attendance makeup 张三", "请写活动编号和姓名"),
            ("周敏", "/attendance makeup", "待补学 1 项：\n张三"),
        ],
        chat="",
    )

    def work(tx: Tx) -> tuple[set[str], list[str]]:
        (one,) = held(tx, 1, 0, ALWAYS)
        there = {stand.name for stand in stands(tx, one.row) if stand.present}
        return there, [row.name for row in open_makeups(tx, 1)]

    there, owing = await cast.place.database.read(work)
    assert not there & {"李四", "张三", "刘敏"}
    assert owing == ["张三"]


async def test_a_meeting_that_teaches_nothing_or_where_nobody_was_counted_leaves_no_makeup(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 支委会 12月4日15:00 应到 支委", "已开 #1"),
            ("周敏", "/attendance mark #1 周敏 到", "已登记 1 人"),
            ("周敏", "/attendance close #1", "实到 1"),
            ("周敏", "/attendance open 党课 12月4日15:00", "已开 #2"),
            ("周敏", "/attendance close #2", "已结束 #2"),
        ]
    )
    await cast.dialog([("周敏", "/attendance makeup", "没有待补学的")], chat="")

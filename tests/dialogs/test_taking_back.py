"""撤销 and 为什么: within a day, once, for oneself; and always who, when and by which rule."""

from __future__ import annotations

from sqlalchemy import select

from bot.tables import trail
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1")
SHIFT = ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人", "#2")


async def test_an_answer_is_taken_back_once_and_within_a_day(cast: Stage) -> None:
    await cast.dialog(
        [
            ("张三", "撤销", "24 小时内没有可以撤销的登记"),
            OPEN,
            ("张三", "参加", "已记：参加"),
            ("张三", "请假", "已记：请假"),
            ("张三", "撤销", "已撤销，现在是：参加\n#1"),
            ("张三", "撤销", "刚刚已经撤销了"),
            ("李四", "参加", "已记：参加"),
            ("周敏", "撤销", "不能用“撤销”收回"),
        ]
    )
    await cast.pass_time(hours=24, minutes=1)
    await cast.refused([("李四", "撤销", "24 小时内没有可以撤销的登记")])


async def test_a_check_in_is_taken_back(cast: Stage) -> None:
    await cast.dialog(
        [OPEN, ("周敏", "/attendance checkin on", "开始"), ("张三", "签到", "实到 1"), ("张三", "撤销", "已撤销签到")]
    )
    await cast.dialog([("周敏", "/attendance", "实到 0")])


async def test_a_sign_up_and_a_withdrawal_are_taken_back(cast: Stage) -> None:
    await cast.dialog(
        [
            (*SHIFT[:2], "#1"),
            ("张三", "报名", "已报名"),
            ("刘敏", "报名", "候补第 1 位"),
            ("张三", "撤销", "已撤销报名\n#1 义诊 12月6日(周日)09:00-11:00\n名额 1 · 已报 1 · 候补 0"),
            ("张三", "报名", "候补第 1 位"),
            ("刘敏", "退出", "名额 1 · 已报 1 · 候补 0"),
            ("刘敏", "撤销", "已撤销退出，名额已给别人，候补第 1 位"),
        ]
    )
    await cast.settle()
    assert [bubble.text.split("\n")[0] for bubble in cast.pushed()] == [
        "刘敏 候补转正：#1 义诊",
        "张三 候补转正：#1 义诊",
    ]
    await cast.dialog([("周敏", "/volunteer close 1", "已截止")])
    await cast.refused([("刘敏", "撤销", "刚刚已经撤销了")])


async def test_a_claim_is_taken_back_until_it_is_decided(cast: Stage) -> None:
    await cast.dialog([("张三", "已交", "已登记，待确认"), ("张三", "撤销", "已撤销")])
    await cast.dialog([("李红", "/todo", "没有待办"), ("李红", "/todo ok 1", "待办 1 已由本人撤回")], chat="")
    await cast.dialog(
        [
            ("张三", "已交 42.38 11月", "已登记 11月党费 42.38 元"),
            ("张三", "党费写错了，是 42", "42.00"),
            ("张三", "撤销", "已撤销：11月党费的登记"),
            ("张三", "我的", "未交：11月"),
            ("张三", "已交 42.38", "已登记"),
            ("李红", "/dues confirm 张三", "已确认：张三 11月 42.38 元"),
            ("张三", "撤销", "已经处理过，不能自己撤销"),
            ("张三", "李四党费已交", "代报"),
            ("张三", "撤销", "最近一次是替别人登记的"),
        ],
        chat="",
    )


async def test_why_says_what_when_by_whom_and_by_which_rule(cast: Stage) -> None:
    await cast.dialog([OPEN, ("张三", "为什么", "已私发给您。")])
    await cast.dialog([("张三", "为什么", "还没有您的登记")], chat="")
    await cast.dialog(
        [("张三", "不请假了，我值完班过来", "已记：参加"), ("周敏", "/attendance mark 李四 请假:病", "已登记 1 人")]
    )
    await cast.dialog(
        [
            ("张三", "为什么", "11月21日(周六)10:00 参加\n#1 主题党日 12月4日(周五)15:00\n登记人：本人\n依据："),
            ("李四", "为什么", "请假已批\n#1 主题党日 12月4日(周五)15:00\n登记人：周敏"),
            ("刘敏", "参加", "已记"),
            ("刘敏", "为什么", "登记人：本人\n依据：口令“参加”\n24 小时内发“撤销”可以收回。"),
            ("刘敏", "撤销", "已撤销"),
            ("刘敏", "为什么", "撤销，现为取消"),
            ("何静", "已交 84", "已登记"),
            ("何静", "为什么", "党费已交（待确认）\n11月\n登记人：本人\n依据："),
            ("李红", "/dues confirm 何静", "已确认"),
            ("何静", "为什么", "党费已确认收到\n11月\n登记人：李红"),
        ],
        chat="",
    )
    kept = " ".join(row.detail for row in await cast.rows(select(trail.c.detail)))
    assert "rule" in kept
    assert "值" not in kept
    assert "84" not in kept


async def test_what_somebody_else_entered_since_is_not_taken_back(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("张三", "参加", "已记：参加"),
            ("周敏", "/attendance mark 张三 请假", "已登记 1 人"),
            ("张三", "撤销", "那以后书记又登记过，不能撤销"),
            ("周敏", "/attendance", "参加 0 · 请假 1"),
            ("周敏", "/attendance checkin on", "开始"),
            ("张三", "签到", "实到 1"),
            ("周敏", "/attendance mark 张三 迟到", "实到 1"),
            ("张三", "撤销", "那以后书记又登记过，不能撤销"),
            ("周敏", "/attendance", "实到 1"),
        ]
    )


async def test_why_finds_ones_own_row_among_many_of_others(cast: Stage) -> None:
    """The first member's number stands at the beginning of the tenth's."""
    await cast.dialog([OPEN, ("周敏", "参加", "已记：参加")])
    for _ in range(6):
        for name in ("赵丽华", "何静", "孙桂兰", "欧阳静"):
            await cast.dialog([(name, "参加", "已记"), (name, "取消", "已记")])
    await cast.dialog([("周敏", "为什么", "参加\n#1 主题党日")], chat="")

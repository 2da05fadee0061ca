"""Who asked for something hears alone what became of it, once; a group never does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from bot.db import Tx
from bot.sql import sql
from bot.tables import outbox
from handlers.tables import accounts
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")
MEETING = "#1 主题党日 12月4日(周五)15:00"
NO_ACCOUNT = sql(delete(accounts).where(accounts.c.account == "lisi"))
ELSEWHERE = sql(update(accounts).where(accounts.c.account == "zhangsan").values(platform="mute"))
DECIDED = select(outbox.c.target, outbox.c.private, outbox.c.state).where(outbox.c.key.startswith("decided:"))


def told(cast: Stage, account: str) -> list[str]:
    """What the bot said to somebody alone, unasked."""
    return [bubble.text for bubble in cast.pushed(account)]


async def test_leave_is_told_to_who_asked_for_it(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假 值夜班", "请假 1"), ("张三", "请假 孩子发烧", "请假 2")])
    await cast.dialog([("周敏", "/todo ok 1", "已批"), ("周敏", "/todo no 2 党日要到", "未批")], chat="")
    await cast.settle()
    assert told(cast, "lisi") == [f"您的请假已批：{MEETING}"]
    assert told(cast, "zhangsan") == [
        f"您的请假没有批（党日要到）：{MEETING}\n能到会请回复：参加 #1；确实不能到会，请直接和书记说。"
    ]
    assert await cast.says("周敏", "/todo ok 1", "") == "待办 1 已由周敏处理（同意）。"
    await cast.settle()
    assert [len(told(cast, one)) for one in ("lisi", "zhangsan", "zhoumin")] == [1, 1, 0]


async def test_dues_are_told_with_the_receipt_to_who_paid_alone(cast: Stage) -> None:
    for name, amount in (("李四", "109.82"), ("张三", "42.38"), ("刘敏", "36")):
        await cast.says(name, f"已交 {amount}", "")
    await cast.dialog(
        [
            ("李红", "/todo ok 1", "已确认"),
            ("李红", "/todo no 2 还没到账", "退回"),
            ("李红", "/dues confirm 3", "刘敏"),
        ],
        chat="",
    )
    await cast.settle()
    assert told(cast, "lisi") == ["您的11月党费已确认 109.82 元，收据 2026-1"]
    assert told(cast, "zhangsan") == ["您报的11月党费没有确认（还没到账），请联系收党费的同志。"]
    assert told(cast, "liumin") == ["您的11月党费已确认 36.00 元，收据 2026-2"]


async def test_what_the_decider_asked_for_himself_is_not_told_twice(cast: Stage) -> None:
    await cast.says("李红", "已交 78.00", "")
    await cast.says("李红", "/dues confirm", "")
    await cast.settle()
    assert told(cast, "lihong") == []


async def test_who_cannot_be_spoken_to_first_is_promised_nothing(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假", "请假 1"), ("张三", "请假", "请假 2")])

    def unreachable(tx: Tx) -> None:
        tx.run(NO_ACCOUNT)
        tx.run(ELSEWHERE)

    await cast.place.database.write(unreachable)
    await cast.dialog([("周敏", "/todo ok 1 2", "已批")], chat="")
    assert await cast.rows(DECIDED) == []


async def test_at_night_it_waits_for_the_morning(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假", "请假 1")])
    await cast.until("2026-11-21 22:10")
    await cast.dialog([("周敏", "/todo ok 1", "已批")], chat="")
    await cast.settle()
    assert [tuple(row) for row in await cast.rows(DECIDED)] == [("lisi", 1, "planned")]
    assert told(cast, "lisi") == []
    await cast.until("2026-11-22 07:31")
    assert told(cast, "lisi") == [f"您的请假已批：{MEETING}"]


async def test_makeups_and_hours_are_told_too(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 主题党日 今天15:00 三楼会议室", "已开 #1"),
            ("周敏", "/attendance mark 李四 到", "已登记 1 人"),
            ("周敏", "/volunteer open 义诊 今天11:00-13:00 人民广场 5人", "#2"),
            ("李四", "报名 #2", "已报"),
        ]
    )
    cast.place.clock.ahead += timedelta(hours=1)
    await cast.says("李四", "签到")
    cast.place.clock.ahead += timedelta(hours=2)
    await cast.says("李四", "签退")
    await cast.until("2026-11-21 16:00")
    await cast.dialog([("周敏", "/attendance close #1", "待补学"), ("张三", "补学", "已转给书记")])
    waiting = await cast.says("周敏", "/todo", "")
    numbers = {line.partition(" ")[2][:2]: line.partition(" ")[0] for line in waiting.splitlines()[1:]}
    await cast.says("周敏", f"/todo ok {numbers['补学']}", "")
    await cast.says("周敏", f"/todo no {numbers['志愿']} 时间不对", "")
    await cast.settle()
    assert told(cast, "zhangsan")[-1] == "您的补学已确认：#1 主题党日"
    assert told(cast, "lisi")[-1] == "您的志愿时长没有确认：2 小时（义诊）：时间不对"

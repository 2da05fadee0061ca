"""An event of several shifts is called off at once: the groups hear it once, and everybody who was in is named once."""

from __future__ import annotations

from sqlalchemy import select

from bot.tables import outbox
from handlers.tables import shifts
from tests.cast import Cast

EVENT = "/volunteer open 义诊 人民广场 12月6日\n8:00-10:00 2人 测血压\n10:00-12:00 2人 分诊\n14:00-16:00 5人 引导\n"
ANSWER = (
    "已取消（下雨）：义诊 3 班\n#1 义诊·测血压 12月6日(周日)08:00-10:00\n#2 义诊·分诊 12月6日(周日)10:00-12:00\n"
    "#3 义诊·引导 12月6日(周日)14:00-16:00\n已在群里通知报名的 3 人。"
)


async def opened(cast: Cast) -> None:
    """#1 has two in it and one who waits, #2 one of them, #3 nobody."""
    await cast.dialog(
        [
            ("周敏", EVENT, "共 3 班"),
            ("周敏", "/volunteer add 1 张三 李四 刘敏", "候补第 1 位"),
            ("周敏", "/volunteer add 2 李四", "已报"),
        ]
    )


async def states(cast: Cast) -> dict[int, str]:
    return {row.number: row.state for row in await cast.rows(select(shifts))}


async def test_an_event_is_cancelled_at_once_and_said_once(cast: Cast) -> None:
    await opened(cast)
    await cast.settle()
    before = len(cast.pushed())
    await cast.dialog([("周敏", "/volunteer cancel 2 全部 下雨", ANSWER)])
    assert set((await states(cast)).values()) == {"cancelled"}
    await cast.settle()
    (said,) = cast.pushed()[before:]
    assert said.text == ANSWER.replace("已在群里通知报名的 3 人。", "请报名的 3 人知悉：张三、李四、刘敏")
    assert len({row.key for row in await cast.rows(select(outbox)) if row.key.startswith("cancelled:")}) == 1
    await cast.dialog(
        [
            ("周敏", "/volunteer cancel 2 全部", "各班都已结束或取消"),
            ("张三", "报名 #1", "已取消"),
            ("张三", "退出 #1", "已取消"),
        ]
    )


async def test_one_shift_is_cancelled_alone_and_the_rest_is_named(cast: Cast) -> None:
    await opened(cast)
    await cast.dialog(
        [
            (
                "周敏",
                "/volunteer cancel 1 停电",
                "已取消（停电）：#1 义诊·测血压 12月6日(周日)08:00-10:00\n已在群里通知报名的 3 人。\n"
                "同一活动还有 2 班，一起取消请发：/volunteer cancel 2 全部",
            ),
            ("周敏", "/volunteer cancel 1", "已取消。"),
            ("周敏", "/volunteer close 2", "报名已截止"),
            ("周敏", "/volunteer cancel 3 全部 场地没批", "已取消（场地没批）：义诊 2 班\n#2"),
        ]
    )
    assert set((await states(cast)).values()) == {"cancelled"}


async def test_what_is_over_and_other_events_stay(cast: Cast) -> None:
    await opened(cast)
    await cast.dialog([("周敏", "/volunteer open 清雪 12月7日8:00-9:00 广场 5人", "已发布 #4")])
    await cast.until("2026-12-06 10:30")
    await cast.dialog([("周敏", "/volunteer cancel 3 全部", "已取消：义诊 2 班\n#2")])
    assert await states(cast) == {1: "open", 2: "cancelled", 3: "cancelled", 4: "open"}
    await cast.dialog([("周敏", "/volunteer cancel 4 全部", "已取消：#4 清雪 12月7日(周一)08:00-09:00")])


async def test_more_numbers_or_an_overlong_reason_cancel_nothing(cast: Cast) -> None:
    await opened(cast)
    await cast.dialog(
        [
            ("周敏", "/volunteer cancel 1 2 3", "一次取消一班；同一活动的几班一起取消：/volunteer cancel 1 全部"),
            ("周敏", "/volunteer cancel 1 #2、#3", "一次取消一班"),
            ("周敏", f"/volunteer cancel 1 {'长' * 61}", "取消的原因最多 60 字，您写了 61 字"),
            ("张三", "/volunteer cancel 1 全部", "由书记或组织委员使用"),
        ]
    )
    assert set((await states(cast)).values()) == {"open"}


async def test_nobody_is_offered_a_seat_in_what_was_called_off_at_night(cast: Cast) -> None:
    await opened(cast)
    await cast.until("2026-11-21 22:00")
    await cast.dialog([("张三", "退出 #1", "已退出"), ("周敏", "/volunteer cancel 1 全部", "已取消：义诊 3 班")])
    await cast.until("2026-11-22 09:00")
    assert not [bubble for bubble in cast.pushed() if "候补转正" in bubble.text]
    assert len([bubble for bubble in cast.pushed() if "已取消" in bubble.text]) == 1

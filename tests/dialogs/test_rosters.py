"""接龙: a later list holds, what somebody said himself stands, and a name that is gone is asked for, not struck off."""

from __future__ import annotations

from sqlalchemy import select

from bot.commands import Who
from handlers.people import import_members
from handlers.sheet import SheetRow
from handlers.tables import answers
from tests.cast import Cast

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1")


async def test_a_later_list_holds_but_for_what_was_said_in_person(cast: Cast) -> None:
    await cast.dialog(
        [
            OPEN,
            ("赵丽华", "#接龙\n12月主题党日\n\n1. 张三\n2. 李四\n3. 刘敏", "已按名单登记 3 人"),
            ("李四", "请假 值夜班", "已记：请假"),
            ("赵丽华", "#接龙\n12月主题党日\n\n1. 张三\n2. 李四\n3. 刘敏\n4. 何静", "本人另有回复，没有改：李四"),
            ("周敏", "/attendance", "应到 14 · 参加 3 · 请假 1 · 未回 10"),
        ]
    )


async def test_a_name_that_is_gone_is_asked_for(cast: Cast) -> None:
    await cast.dialog([OPEN, ("赵丽华", "#接龙\n12月主题党日\n\n1. 张三\n2. 刘敏", "已按名单登记 2 人")])
    before = len(await cast.rows(select(answers.c.id)))
    gone = "上次名单里有、这次没有，没有改，要取消请本人说“取消”：刘敏"
    await cast.dialog([("赵丽华", "#接龙\n12月主题党日\n\n1. 张三", gone)])
    assert len(await cast.rows(select(answers.c.id))) == before
    await cast.dialog([("刘敏", "取消", "已记：已取消"), ("周敏", "/attendance", "参加 1 · 请假 0 · 未回 13")])


async def test_the_same_list_twice_adds_nothing(cast: Cast) -> None:
    await cast.dialog([OPEN])
    for _ in range(2):
        await cast.says("赵丽华", "参加：张三、刘敏")
    assert len(await cast.rows(select(answers.c.id))) == 2


async def test_a_name_that_sounds_like_one_of_the_register_is_suggested_and_not_applied(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            OPEN,
            ("赵丽华", "代刘民请假", "本支部名册里没有「刘民」，是不是刘敏？"),
            ("赵丽华", "代欧阳晶请假", "是不是欧阳静？"),
            ("周敏", "/attendance", "参加 0 · 请假 0 · 未回 14"),
        ]
    )


async def test_a_long_list_is_taken_whole_or_refused(one_cast: Cast) -> None:
    people = [f"赵{first}{last}" for first in "一二三四五六七八九十" for last in "山水火土金木日"]
    for name in people:
        await one_cast.says("周敏", f"/member add {name}", "")
    chain = "#接龙\n12月主题党日\n\n" + "\n".join(f"{number}. {name}" for number, name in enumerate(people, 1))
    more = "\n".join(f"{number}. 陈{number}" for number in range(71, 302))
    await one_cast.dialog(
        [
            OPEN,
            ("赵丽华", chain, "已按名单登记 70 人"),
            ("赵丽华", f"{chain}\n{more}", "一次最多 300 人"),
            ("周敏", "/attendance", "应到 84 · 参加 70"),
        ]
    )


async def test_namesakes_of_wards_that_are_written_with_brackets_are_told_apart(one_cast: Cast) -> None:
    wards = [{"姓名": "赵伟", "支部": "第一党支部", "科室": f"内科（{ward}病区）"} for ward in "一二"]
    rows = [SheetRow(line, cells) for line, cells in enumerate(wards, 2)]
    await one_cast.place.database.write(lambda tx: import_members(tx, rows, Who("office"), {}))
    await one_cast.dialog(
        [
            OPEN,
            ("周敏", "/attendance mark 赵伟 参加", "请写明：赵伟(内科（一病区）)、赵伟(内科（二病区）)"),
            ("周敏", "/attendance mark 赵伟(内科（一病区）) 参加", "已登记 1 人"),
            ("周敏", "替赵伟(内科（二病区）)请假", "已记：赵伟 请假（周敏代报）"),
            ("周敏", "/attendance", "参加 1 · 请假 1"),
        ]
    )

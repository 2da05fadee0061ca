"""What the bot says unasked is counted: a secretary sees it per member, a member sees his own, nobody is ranked."""

from __future__ import annotations

from datetime import date

from bot.commands import Ask
from bot.db import Tx
from bot.message import Incoming
from handlers.burden import Burden, burden, say_burden
from tests.cast import ACCOUNTS, Cast


async def heard(cast: Cast, name: str, text: str) -> str:
    """What one hears in private to `/report burden …`."""
    house = cast.place.house

    def work(tx: Tx) -> str:
        incoming = Incoming("console", "b", ACCOUNTS[name], ACCOUNTS[name], text, private=True)
        return say_burden(tx, Ask(incoming, house.who(tx, incoming), house, text)).text

    return await cast.place.database.read(work)


async def months(cast: Cast) -> list[Burden]:
    return await cast.place.database.read(lambda tx: burden(tx, 1, date(2026, 1, 1), date(2026, 12, 31)))


async def test_prompts_are_counted_per_member_and_month(cast: Cast) -> None:
    await cast.dialog([("周敏", "/attendance open 党课 11月25日15:00 三楼", "#1"), ("张三", "参加", "已记")])
    await cast.says("周敏", "/attendance nudge")
    await cast.settle()
    found = {(one.month, one.name): one for one in await months(cast) if one.name in ("张三", "李四")}
    called, silent = found["2026-11", "张三"], found["2026-11", "李四"]
    assert (called.pushed, called.called, called.private) == (1, 0, 0)
    assert (silent.pushed, silent.called) == (1, 1)
    assert await heard(cast, "李四", "2026-11") == (
        "2026年11月我主动提示您的次数：\n2026-11：群里 1 条，@本人 1 次，私信 0 条"
    )
    told = (await heard(cast, "周敏", "")).split("\n")
    assert told[0] == "2026年11月我主动提示的次数（按名册顺序，不排名）："
    assert [line.split("：")[0] for line in told[1:4]] == ["2026-11 周敏", "2026-11 李红", "2026-11 陈建国"]
    assert await heard(cast, "李四", "2025") == "2025年没有给您的提示。"
    assert await heard(cast, "周敏", "2025") == "2025年没有主动提示过。"


async def test_answers_are_no_prompts_and_two_groups_hear_one(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("admin", "/branch bind 第一党支部", "g3")
    await cast.says("张三", "活动")
    await cast.says("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人", "")
    await cast.settle()
    assert len(cast.pushed("g1")) == len(cast.pushed("g3")) == 1
    assert {one.pushed for one in await months(cast) if one.month == "2026-11"} == {1}


async def test_who_came_later_did_not_hear_it(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人", "")
    await cast.pass_time(hours=1)
    await cast.says("郑晓燕", "/member transfer 冯磊 第一党支部", "g2")
    await cast.says("周敏", "/volunteer open 清雪 12月7日9:00-11:00 人民广场 10人", "")
    await cast.settle()
    pushed = {one.name: one.pushed for one in await months(cast) if one.month == "2026-11"}
    assert (pushed["张三"], pushed["冯磊"]) == (2, 1)


async def test_it_is_a_command_for_private_eyes(one_cast: Cast) -> None:
    assert await one_cast.says("张三", "/report burden 2026-11") == "已私发给您。"
    assert await one_cast.says("张三", "/报表 打扰 2026-11", "") == "2026年11月没有给您的提示。"

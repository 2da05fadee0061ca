"""微心愿 in the chat, from the first word to the last, and two who want the same one."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.dispatch import House, handle
from bot.message import Incoming, Refused, Reply
from handlers import desk, wishes
from handlers.registers_tables import wish_events
from handlers.registers_tables import wishes as table
from handlers.tables import members as _members
from handlers.tables import todos as _todos
from tests.cast import Cast

MARKUP = "<b>一副</b> [老花镜](javascript:alert) *@所有人* =1+1 <@zhangsan>"


async def test_a_wish_from_the_first_word_to_the_last(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/wish add 一副老花镜（300度）", "#1 一副老花镜(300度)（物品）"),
            ("张三", "/wish", "微心愿 1 个 · 待认领 1"),
            ("张三", "兑现 1", "还没有人认领"),
            ("张三", "认领 1", "已认领：#1 一副老花镜(300度)（物品） · 已认领（11月28日前办好）"),
            ("张三", "认领 1", "已经在您名下"),
            ("李四", "兑现 1", "不在您名下"),
            ("张三", "1号心愿已兑现", "已报兑现，等书记核对"),
            ("张三", "兑现 #1", "已经报过兑现"),
            ("周敏", "/wish confirm 1", "已确认：#1"),
            ("周敏", "/wish confirm 1", "已经兑现"),
            ("李四", "认领 1", "已经兑现"),
            ("周敏", "/wish list", "微心愿 0 个"),
        ]
    )
    actions = [row.action for row in await cast.rows(select(wish_events.c.action).order_by(wish_events.c.id))]
    assert actions == ["add", "verify", "claim", "say_done", "done"]
    assert await cast.says("周敏", "/todo", "") == "没有待办。"


async def test_the_second_is_offered_to_join_and_a_group_hears_no_names(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 陪老人去医院 居民代码A07", "")
    await cast.says("张三", "认领 #1")
    reply = await cast.reply("李四", "认领 1")
    assert reply is not None
    assert reply.text == "#1 已有人认领。愿意一起办，就回复：合领 #1"
    joined = await cast.taps("李四", reply.card, "合领")
    assert "已认领" in joined.text
    assert "已由张三、李四认领" in await cast.says("王芳", "认领 1", "")
    assert "已认领" in await cast.says("刘敏", "我和赵丽华合领1号")
    private = await cast.says("周敏", "/wish list", "")
    assert "张三、李四、刘敏、赵丽华" in private
    assert "居民 A07" in private
    for name in ("周敏", "张三"):
        heard = await cast.says(name, "/wish list")
        assert not any(word in heard for word in ("张三", "A07"))
    assert not any("A07" in bubble.text for bubble in cast.pushed())


async def test_given_back_by_one_then_by_the_last(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 1")
    await cast.says("李四", "合领 1")

    async def give_back(account: str) -> str:
        rows = {row.name: row.id for row in await cast.rows(select(_members.c.id, _members.c.name))}
        who = Who(account, rows[account], account, 1, home=1)

        def work(tx: Tx) -> str:
            wish = wishes.numbered(tx, 1, 1)
            return str(wishes.give_back(tx, wish, who.member, who).state)

        return await cast.place.database.write(work)

    assert await give_back("张三") == "claimed"
    with pytest.raises(Refused, match="不在您名下"):
        await give_back("张三")
    assert (await cast.place.database.read(_counted))["claim"] == 1
    assert await give_back("李四") == "open"
    assert (await cast.place.database.read(_counted))["claim"] == 0
    assert "已认领" in await cast.says("张三", "认领 1")


async def test_the_window_ends_and_the_clerk_releases(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 1")
    await cast.until("2026-11-28 12:00")
    assert await cast.place.database.read(lambda tx: wishes.overdue(tx, 1)) == []
    await cast.until("2026-11-29 12:00")
    late = await cast.place.database.read(lambda tx: wishes.overdue(tx, 1))
    assert [row.number for row in late] == [1]
    assert "已过期限" in await cast.says("周敏", "/wish list", "")
    assert "已收回：#1" in await cast.says("周敏", "/wish release 1 联系不上")
    assert "还没有人认领" in await cast.says("周敏", "/wish release 1")
    assert "已认领" in await cast.says("李四", "认领 1")


async def test_a_members_wish_waits_to_be_verified(cast: Cast) -> None:
    assert "等书记核实" in await cast.says("李四", "/wish add 辅导孩子功课")
    assert "还在核实" in await cast.says("张三", "认领 1")
    assert "书记或组织委员" in await cast.says("李四", "/wish confirm 1")
    assert "核实微心愿 #1" in await cast.says("周敏", "/todo", "")
    assert "已核实：#1" in await cast.says("周敏", "/wish confirm 1", "")
    assert await cast.says("周敏", "/todo", "") == "没有待办。"
    await cast.settle()
    assert any("新的微心愿：#1" in bubble.text for bubble in cast.pushed())
    assert "已认领" in await cast.says("张三", "认领 1")


REFUSED = [
    ("/wish add", "请这样发"),
    ("/wish add 给王大娘送米 13812345678", "电话或证件"),
    ("/wish add 给王大娘送米 138-1234-5678", "电话或证件"),
    ("/wish add 给王大娘送米 １３８１２３４５６７８", "电话或证件"),
    ("/wish add 给王大娘送米 幺三八一二三四五六七八", "电话或证件"),
    ("/wish add 送米 11010519491231002X", "电话或证件"),
    ("/wish add 送米 居民代码A07", "请私聊"),
    ("/wish add " + "米" * 61, "最多 60 字"),
    ("/wish confirm", "请先写编号"),
    ("/wish confirm 99", "没有编号 #99 的微心愿"),
    ("/wish confirm -1", "请先写编号"),
    ("/wish confirm 1", "不能确认兑现"),
    ("/wish confirm 1 12月25日", "还没到"),
    ("/wish confirm 1 2月30日", "没有2月30日"),
    ("/wish release 1", "还没有人认领"),
    ("/wish close 1", "请写原因"),
    ("/wish close 1 居民已自行解决", "已关闭：#1"),
    ("认领 99", "没有编号 #99"),
]


async def test_what_is_refused_leaves_nothing(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/wish add 一副老花镜")
    for text, hears in REFUSED:
        heard = await one_cast.says("周敏", text)
        assert hears in heard, f"{text}\n{heard}"
    assert len(await one_cast.rows(select(table.c.id))) == 1


async def test_a_fulfilment_before_its_claim_is_refused(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/wish add 一副老花镜")
    await one_cast.says("张三", "认领 1")
    assert "不能更早" in await one_cast.says("周敏", "/wish confirm 1 11月20日")
    assert "已确认" in await one_cast.says("周敏", "/wish confirm 1 11月21日")


async def test_another_branch_sees_and_claims_nothing(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    assert "没有编号 #1" in await cast.says("冯磊", "认领 1", "g2")
    assert "没有编号 #1" in await cast.says("郑晓燕", "/wish confirm 1", "g2")
    assert "不在这个支部的名册里" in await cast.says("冯磊", "认领 1", "g1")
    assert await cast.says("郑晓燕", "/wish", "g2") == "微心愿 0 个"


async def test_markup_is_only_text(one_cast: Cast) -> None:
    heard = await one_cast.says("周敏", f"/wish add {MARKUP}\u202e\x07")
    assert MARKUP in heard
    (row,) = await one_cast.rows(select(table.c.title))
    assert row.title == MARKUP


async def test_which_one_is_asked_back(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/wish add 一副老花镜")
    await one_cast.says("周敏", "/wish add 上门理发")
    assert "认领哪一个？" in await one_cast.says("张三", "认领")
    assert "#2 上门理发" in await one_cast.says("张三", "2")
    assert "已认领：#1" in await one_cast.says("张三", "认领老花镜的心愿")
    assert "兑现哪一个？" in await one_cast.says("张三", "兑现")
    assert "请本人" not in await one_cast.says("周敏", "李四认领1号")


async def test_nobody_claims_for_another_but_the_secretary(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/wish add 一副老花镜")
    assert "本人来认领" in await one_cast.says("张三", "李四认领1号")
    assert "已认领" in await one_cast.says("周敏", "李四认领1号")
    assert "李四" in await one_cast.says("周敏", "/wish list", "")


async def test_several_at_once_or_none(one_cast: Cast) -> None:
    await one_cast.says("周敏", "/wish add 一副老花镜")
    await one_cast.says("周敏", "/wish add 上门理发")
    await one_cast.says("李四", "认领 2")
    assert "一个一个来" in await one_cast.says("张三", "认领 1 2")
    states = Counter(row.state for row in await one_cast.rows(select(table.c.state)))
    assert states == {"open": 1, "claimed": 1}


async def test_only_one_of_a_crowd_gets_it(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    members = await cast.rows(select(_members.c.id, _members.c.name).where(_members.c.branch_id == 1))

    async def want(one: int, name: str) -> bool:
        by = Who(name, one, name, 1, home=1)

        def work(tx: Tx) -> bool:
            try:
                wishes.claim(tx, wishes.numbered(tx, 1, 1), one, by)
            except wishes.Taken:
                return False
            return True

        return await cast.place.database.write(work)

    got = await asyncio.gather(*(want(row.id, row.name) for row in members))
    assert sum(got) == 1
    claims = await cast.rows(select(wish_events.c.id).where(wish_events.c.action == "claim"))
    assert len(claims) == 1


async def test_the_desk_sends_it_back_or_confirms_it(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 1")
    await cast.says("张三", "兑现 1")
    (todo,) = await cast.rows(select(_todos))
    boss = Who("周敏", 1, "周敏", 1, home=1, roles=frozenset({"secretary"}))

    async def decide(ok: bool) -> str:
        return await cast.place.database.write(lambda tx: wishes.decide_wish(tx, todo, ok, boss, ""))

    assert "还没办好：#1" in await decide(False)
    assert "已报兑现" in await cast.says("张三", "兑现 1")
    assert "已确认：#1" in await decide(True)
    with pytest.raises(Refused, match="已经兑现"):
        await decide(True)


async def test_what_is_wired_at_the_desk_and_by_the_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(desk.DECIDERS, "wish", wishes.decide_wish)

    def withdraw(tx: Tx, ask: Ask) -> Reply:
        return wishes.say_withdraw_wish(tx, ask) if wishes.is_meant(tx, ask) else Reply("不是心愿")

    words = (
        Command("withdraw", "退出", "", "", withdraw, role="member", intents=("withdraw",)),
        *cast.place.house.words,
    )
    house = replace(cast.place.house, words=words)
    monkeypatch.setattr(Cast, "send", lambda self, incoming: _heard(self, incoming, house))
    await cast.dialog(
        [
            ("李四", "/wish add 辅导孩子功课", "等书记核实"),
            ("周敏", "/todo ok 1", "已核实：#1"),
            ("张三", "认领 1", "已认领"),
            ("李四", "退出 1", "不在您名下"),
            ("张三", "3号心愿不认领了", "没有编号 #3"),
            ("张三", "退出 7", "不是心愿"),
            ("张三", "1号不认领了", "已退出：#1 辅导孩子功课（服务） · 待认领"),
            ("张三", "认领 #1", "已认领"),
            ("张三", "退出", "不是心愿"),
            ("张三", "退出 #1", "已退出"),
            ("李四", "认领 1", "已认领"),
            ("李四", "兑现 1", "已报兑现"),
            ("李四", "退出 1", "正等核对"),
            ("周敏", "/todo no 2 还没送到", "还没办好：#1"),
            ("李四", "兑现 1", "已报兑现"),
            ("周敏", "/todo ok 3", "已确认：#1"),
            ("周敏", "/todo ok 3", "已由周敏处理"),
        ]
    )
    counted = await cast.place.database.read(_counted)
    assert counted == {"add": 1, "claim": 1, "done": 1}


def _counted(tx: Tx) -> dict[str, int]:
    year = (date(2026, 1, 1), date(2026, 12, 31))
    return {action: wishes.counted(tx, 1, action, *year, tx.at) for action in ("add", "claim", "done")}


async def _heard(cast: Cast, incoming: Incoming, house: House) -> Reply | None:
    return await cast.place.database.write(partial(handle, incoming=incoming, house=house))


async def test_fulfilled_once_however_many_confirm(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 1")
    await cast.says("李四", "合领 1")
    boss = Who("周敏", 1, "周敏", 1, home=1, roles=frozenset({"secretary"}))

    async def decide(place: int) -> str:
        def work(tx: Tx) -> str:
            wish = wishes.numbered(tx, 1, 1)
            try:
                return str((wishes.confirm if place % 2 else wishes.release)(tx, wish, boss).state)
            except Refused:
                return "refused"

        return await cast.place.database.write(work)

    first = await decide(1)
    others = await asyncio.gather(*(decide(place) for place in range(8)))
    assert (first, set(others)) == ("done", {"refused"})
    done = await cast.rows(select(wish_events.c.member_id).where(wish_events.c.action == "done"))
    assert len(done) == 2


async def test_joining_and_leaving_at_once_leave_no_wish_without_an_owner(cast: Cast) -> None:
    await cast.says("周敏", "/wish add 一副老花镜")
    people = await cast.rows(select(_members.c.id, _members.c.name).where(_members.c.branch_id == 1))

    async def act(one: int, name: str, leave: bool) -> None:
        by = Who(name, one, name, 1, home=1)

        def work(tx: Tx) -> None:
            wish = wishes.numbered(tx, 1, 1)
            try:
                (wishes.give_back if leave else wishes.join)(tx, wish, one, by)
            except Refused:
                return

        await cast.place.database.write(work)

    for turn in range(3):
        await asyncio.gather(*(act(row.id, row.name, leave) for row in people[turn:] for leave in (False, True)))
        (wish,) = await cast.rows(select(table))
        owners = await cast.place.database.read(lambda tx: wishes.holders(tx, 1))
        assert (wish.state == "claimed") == bool(owners)

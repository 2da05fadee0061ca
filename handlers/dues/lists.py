"""已交 of several people at once: a 接龙 of payments, or names in one sentence.

Everybody claims for himself: of a list its sender's own row counts. Only who collects may claim by it for all whose
dues he collects; as every claim they wait for `/dues confirm`. A list is sent again with each new name, so his must say
the month, and who has claimed it already is passed over. A group hears how many, never a name or an amount.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bot.commands import Ask
from bot.db import Tx
from bot.language import channel_of
from bot.message import Refused, Reply
from handlers.dues import claims, confirming
from handlers.dues.amounts import due_in
from handlers.dues.base_words import amount_said
from handlers.dues.claims import How
from handlers.dues.keepers import scope
from handlers.dues.proxies import discreet
from handlers.dues.words import claimed_months, list_card, refuse_promise, say_paid
from handlers.register import member_named

MOST = 300  # more than a branch has
MYSELF = ("我", "本人", "自己")
ONE_BY_ONE = "各人自己报（已交），或由收党费的同志发名单登记"
NOT_IN_GROUPS = "党费金额请不要发在群里，私聊我就行。"


class Row(NamedTuple):
    """A row of a list: whose, how much (a string of yuan, "" = not said), and what else stands there."""

    name: str
    amount: str
    rest: str


def say_claim(tx: Tx, ask: Ask) -> Reply:
    """已交 of one person as `say_paid`; of several that are named as a list without amounts."""
    others = [name for name in ask.slots.get("persons", ()) if name != ask.who.name]
    mine = [ask.who.name] if len(others) < len(ask.slots.get("persons", ())) or ask.slots.get("include_self") else []
    if len([*mine, *others]) < 2:
        return say_paid(tx, ask)
    refuse_promise(ask)
    if ask.slots.get("amount"):
        raise Refused("几个人合起来的金额分不开，请一行写一个人，如：张三 已交50。没有登记。")
    rows = [Row(name, "", "") for name in [*mine, *others]]
    return _claimed(tx, ask, ask.text, rows, proxies=len(others) == 1)


def say_list(tx: Tx, ask: Ask) -> Reply:
    """A 接龙 of payments; its title may name the month."""
    rows = [Row(one["name"], one.get("amount", ""), one.get("note", "")) for one in ask.slots["entries"]]
    if len(rows) > MOST:
        raise Refused(f"一次最多 {MOST} 人，这里有 {len(rows)} 人，请分开发。没有登记。")
    return _claimed(tx, ask, ask.slots.get("activity", ""), rows, proxies=False)


def _claimed(tx: Tx, ask: Ask, title: str, rows: list[Row], *, proxies: bool) -> Reply:
    """Claims by rows: all of them where the sender collects (or may speak for the one other), else his own."""
    if ask.who.member == 0:
        raise Refused("我还不认识您。请先说：我是 姓名")
    if proxies or "collector" in ask.who.roles:
        claimed = [(row, _months(tx, ask, title, row)) for row in rows]
        if not proxies and not all(months for _, months in claimed):
            raise Refused("没写是哪个月的党费，请在第一行写上，如：11月党费。没有登记。")
        return _all(tx, ask, claimed)
    own = next((row for row in rows if row.name in (*MYSELF, ask.who.name)), None)
    if own is None:
        raise Refused(f"名单里没有您自己的一行，没有登记。党费由{ONE_BY_ONE}。")
    slots = {"amount": own.amount, "channel": channel_of(own.rest)}
    reply = say_paid(tx, replace(ask, text=f"{title} {own.rest}".strip(), slots=slots))
    left = [f"名单里别人的没有登记：由{ONE_BY_ONE}。"] if len(rows) > 1 else []
    return replace(reply, text="\n".join([reply.text, *left, *_hush(ask, rows)]))


def _hush(ask: Ask, rows: list[Row]) -> list[str]:
    return [NOT_IN_GROUPS] if not ask.incoming.private and any(row.amount for row in rows) else []


def _months(tx: Tx, ask: Ask, title: str, row: Row) -> tuple[str, ...]:
    """The months that a row names, else those of the title."""
    words = (row.rest, title)
    return next(filter(None, (claimed_months(replace(ask, text=one, slots={}), tx.now) for one in words)), ())


def _all(tx: Tx, ask: Ask, claimed: list[tuple[Row, tuple[str, ...]]]) -> Reply:
    done, passed = 0, []
    for row, months in claimed:
        try:
            _claim(tx, ask, row, months)
            done += 1
        except Refused as refused:
            passed.append(f"{row.name}：{refused}")
    if not ask.incoming.private:
        more = f"；{len(passed)} 人没有登记上，是谁、为什么，私聊我发同样的名单" if passed else ""
        return Reply("\n".join([f"已登记 {done} 人，待确认{more}", *_hush(ask, [row for row, _ in claimed])]))
    items = confirming.waiting(tx, ask.who.home or ask.who.branch, ask.who) if "collector" in ask.who.roles else []
    return Reply("\n".join([f"已按名单登记 {done} 人，待确认", *passed]), list_card(items) if items and done else None)


def _claim(tx: Tx, ask: Ask, row: Row, months: tuple[str, ...]) -> None:
    home = ask.who.home or ask.who.branch
    member, name = _person(tx, ask, home, row.name)
    amount = amount_said(row.amount) if row.amount else 0
    how = How(channel_of(row.rest))
    with discreet(tx, ask.who, member, name, months):
        if any(due_in(tx, member, month).paid for month in months):
            raise Refused("这个月已确认过一笔，再交的请本人报。")
        claims.claim(tx, home, member, name, months, amount, ask.who, rule=ask.rule, how=how)


def _person(tx: Tx, ask: Ask, home: int, name: str) -> tuple[int, str]:
    """(member, name) whom a row means; the sender's own name is himself, whoever else has it.

    Raises Refused for one of another 党小组 than the collector's.
    """
    if name in (*MYSELF, ask.who.name):
        return ask.who.member, ask.who.name
    person = member_named(tx, home, name)
    group = scope(tx, ask.who) if "collector" in ask.who.roles else ""
    if group and person.party_group != group:
        raise Refused("不在您的党小组，请组织委员登记。")
    return person.id, person.name

"""What is read and said about dues.

No text that a group may see holds an amount, a base or the name of one who owes: the amount tells the income.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.commands import Ask, Who
from bot.config import Dues
from bot.db import Tx
from bot.language import months_of, normalise
from bot.message import Button, Card, Refused, Reply
from handlers import todos
from handlers.desk_telling import tell_decided
from handlers.dues import claims, confirming, proxies
from handlers.dues.amounts import due_in
from handlers.dues.arrears import overdue
from handlers.dues.base_words import NO_AMOUNT, amount_said, practice
from handlers.dues.bases import Due, Owing, following, month_of, owing
from handlers.dues.claims import How, Part
from handlers.dues.confirming import Confirmed, Unlike
from handlers.dues.deciding import undecided
from handlers.dues.keepers import scope
from handlers.dues.months import month_word
from handlers.dues.own import claim_words
from handlers.dues.proxies import discreet
from handlers.looks import DUES, note_looks
from handlers.rates import yuan
from handlers.register import branch_of, member_named

MOST_LINES = 6  # items that a card names
MOST_BUTTONS = 3  # items that get a button each for yes and no
NOT_AN_AMOUNT = re.compile(r"(?<![\d月.])-\s?\d|\d\.\d{3}|\d[eE][+-]?\d")
BETWEEN = re.compile(r"[\s、，,；;]+")


def state_line(state: Owing) -> str:
    """应交 17 人 · 已交 15 人 · 未交 2 人, with 未核定 where members lack a base."""
    owed, unpaid, missing = len(state.owed), len(state.unpaid), len(state.without_base)
    line = f"应交 {owed} 人 · 已交 {owed - unpaid} 人 · 未交 {unpaid} 人"
    return line + (f" · 未核定 {missing} 人" if missing else "")


def say_state(tx: Tx, ask: Ask) -> Reply:
    """This month's line; in private for collector and secretary also totals and who owes."""
    state = owing(tx, branch_of(ask), month_of(tx.now))
    lines = [state_line(state)]
    if ask.incoming.private and ask.who.roles & {"collector", "secretary", "admin"}:
        lines += _details(tx, ask, state)
    return Reply("\n".join(lines))


def _details(tx: Tx, ask: Ask, state: Owing) -> list[str]:
    due, received = sum(one.due for one in state.owed), sum(one.paid for one in state.everybody)
    lines = [f"{month_word(state.month, tx)}应交 {yuan(due)} 元 · 已收 {yuan(received)} 元"]
    group = scope(tx, ask.who)
    parts = (("未交", state.unpaid), ("未核定", state.without_base), ("免交", state.let_off))
    for label, people in parts:
        mine = [one for one in people if not group or one.party_group == group]
        note_looks(tx, ask.who, (one.member for one in mine), DUES)
        names = [_name(one) for one in mine]
        lines += [f"{label}：{'、'.join(names)}"] if names else []
    past = [one for one in overdue(tx, branch_of(ask)) if not group or one.party_group == group]
    note_looks(tx, ask.who, (one.member for one in past), DUES)
    lines += ["以前月份：", *(one.line for one in past)] if past else []
    again = len(undecided(tx, branch_of(ask)))
    lines += [f"今年还没核定的 {again} 人：基数不变的发 /dues set 全体 不变"] if again else []
    waiting = len(confirming.waiting(tx, branch_of(ask), ask.who))
    return [*lines, f"待确认 {waiting} 笔，发：/dues confirm"] if waiting else lines


def _name(one: Due) -> str:
    return one.name + ("（已报，待确认）" if one.claimed else "")


def say_paid(tx: Tx, ask: Ask) -> Reply:
    """已交 [金额] [月份], for oneself or for a member who is named."""
    if ask.who.member == 0:
        raise Refused("我还不认识您。请先说：我是 姓名")
    refuse_promise(ask)
    home = ask.who.home or ask.who.branch
    persons = [name for name in ask.slots.get("persons", ()) if name != ask.who.name]
    if NOT_AN_AMOUNT.search(normalise(ask.text)):
        raise Refused(NO_AMOUNT)
    member = member_named(tx, home, persons[0]) if persons else None
    of, name = (member.id, member.name) if member else (ask.who.member, ask.who.name)
    amount = amount_said(ask.slots["amount"]) if ask.slots.get("amount") else 0
    months = claimed_months(ask, tx.now)
    again = ask.slots.get("replaces") == "dues_paid"
    how = How(ask.slots.get("channel", ""), bool(ask.slots.get("voluntary_extra")))
    with discreet(tx, ask.who, of, name, months):
        parts = claims.claim(tx, home, of, name, months, amount, ask.who, replaces=again, rule=ask.rule, how=how)
    if not ask.incoming.private:
        return Reply("已登记，待确认")
    items = confirming.waiting(tx, home, ask.who) if "collector" in ask.who.roles else []
    shown = list_card(items) if items else None
    if of != ask.who.member:
        return Reply(proxies.echo(tx, ask.who, of, name, parts, months, amount), shown)
    return Reply(_echo(tx, parts, amount, how.voluntary), shown)


def refuse_promise(ask: Ask) -> None:
    """Raises Refused for what will be paid, or is the clerk's to enter."""
    if ask.slots.get("flag"):
        raise Refused("这一项我办不了，请直接找收党费的同志。")
    if ask.slots.get("promise") or ask.slots.get("tentative"):
        raise Refused("交了再报就行，到时说：党费已交。")


def claimed_months(ask: Ask, now: datetime) -> tuple[str, ...]:
    """The months that a claim names. A quarter may be paid at once (2008, Art. 9); how far ahead is a setting."""
    last = furthest(practice(ask), now)
    named = months_of(ask.text, now) or tuple(_resolve(one, now) for one in ask.slots.get("months", ()))
    if any(month > last for month in named):
        raise Refused("一般不预交党费。确有需要，请先和收党费的同志商量。")
    return tuple(sorted(set(named)))


def furthest(dues: Dues, now: datetime) -> str:
    """The last month that may be paid for now."""
    quarter_end = f"{now.year}-{(now.month + 2) // 3 * 3:02d}"
    return {"none": month_of(now), "quarter": quarter_end, "half-year": following(month_of(now), 6)}[dues.prepay]


def _resolve(month: str, now: datetime) -> str:
    """ "11" as the latest such month, at most two months ahead: what can't be paid yet is then refused."""
    if len(month) == 7:
        return month
    this = month_of(now)
    found = f"{now.year}-{int(month):02d}"
    return found if found <= following(this, 2) else following(found, -12)


def _echo(tx: Tx, parts: tuple[Part, ...], amount: int, more: bool) -> str:
    due = sum(part.due for part in parts)
    fen = amount or (due if all(part.due for part in parts) else 0)
    months = "、".join(month_word(part.month, tx) for part in parts)
    lines = [f"已登记 {months}党费{f' {yuan(fen)} 元' if fen else ''}，待确认"]
    if amount and due and amount != due and not (more and amount > due):
        which = f"{months}应交" if len(parts) == 1 else "这几个月应交合计"
        lines.append(f"{which} {yuan(due)} 元，和报的 {yuan(amount)} 元不同，请核对。报错了就说：党费写错了，是 金额")
    return "\n".join(lines)


def say_confirm(tx: Tx, ask: Ask) -> Reply:
    """/dues confirm [待办编号或姓名 …]: all that is named, or nothing; without any, the only one, else the list.

    The only one too is shown first where another amount was claimed than is due.
    """
    branch = branch_of(ask)
    items = confirming.waiting(tx, branch, ask.who)
    words = [word for word in BETWEEN.split(ask.text) if word]
    if not items:
        raise Refused("现在没有待确认的党费。")
    if not words and len(items) > 1:
        note_looks(tx, ask.who, (row.member_id for row in items), DUES)
        return Reply(_list_text(items), list_card(items), private=True)
    if not words and (unlike := confirming.unlike(tx, items[0].todo)):
        note_looks(tx, ask.who, [items[0].member_id], DUES)
        return Reply(_unlike_text(tx, items[0], unlike), list_card(items), private=True)
    chosen = {_pick(items, word).number for word in words} or {items[0].number}
    done: list[Confirmed] = []
    for number in sorted(chosen):
        row = todos.settle(tx, branch, number, True, ask.who)
        done += confirming.confirm(tx, row, ask.who)
        tell_decided(tx, ask.house, claim_words, row, True, ask.who, "")
    line = state_line(owing(tx, branch, month_of(tx.now)))
    if not ask.incoming.private:
        return Reply(f"已确认 {len(chosen)} 项\n{line}")
    note_looks(tx, ask.who, (one.member for one in done), DUES)
    told = [f"已确认：{one.name} {month_word(one.month, tx)} {yuan(one.fen)} 元{_receipt(one)}" for one in done]
    left = [row for row in items if row.number not in chosen]
    told += [f"还有 {len(left)} 笔待确认"] if left else []
    return Reply("\n".join([*told, line]), list_card(left) if left else None)


def _receipt(one: Confirmed) -> str:
    return f"（收据 {one.receipt} 号）" if one.receipt else ""


def list_card(items: list[Any]) -> Card:
    """What waits for the collector, with a tap each for yes and no on the first of it."""
    buttons = [
        Button(f"{label} {row.number}", f"{command} {row.number}", primary=command == "/dues confirm")
        for row in items[:MOST_BUTTONS]
        for label, command in (("收到", "/dues confirm"), ("退回", "/todo no"))
    ]
    return Card(f"待确认 {len(items)} 笔", tuple(map(_item, items[:MOST_LINES])), tuple(buttons))


def _list_text(items: list[Any]) -> str:
    how = f"收到了回复 /dues confirm {items[0].number}（可写几个编号），没收到回复 /todo no {items[0].number} 原因"
    return "\n".join([f"待确认 {len(items)} 笔：", *map(_item, items), how])


def _unlike_text(tx: Tx, row: Any, unlike: list[Unlike]) -> str:
    lines = [f"{month_word(one.due.month, tx)}报 {yuan(one.fen)} 元，{_expected(one.due)}" for one in unlike]
    how = f"按报的收到了回复 /dues confirm {row.number}，不对的回复 /todo no {row.number} 原因"
    return "\n".join(["待确认 1 笔，报的和应交的不同：", _item(row), *lines, how])


def _expected(due: Due) -> str:
    if not due.due:
        return "已批准免交" if due.waived else "应交额还没核定"
    return f"应交 {yuan(due.due)} 元" + (f"（已交 {yuan(due.paid)} 元）" if due.paid else "")


def _item(row: Any) -> str:
    amount = f"{yuan(row.fen)} 元" if row.fen else "没报金额"
    return f"{row.number} {row.title.removeprefix('党费：')} {amount}"


def _pick(items: list[Any], word: str) -> Any:
    number = word.lstrip("#")
    found = [row for row in items if (number.isdecimal() and row.number == int(number)) or row.name == word]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = "、".join(str(row.number) for row in found)
        raise Refused(f"「{word[:20]}」有 {len(found)} 项待确认，请写编号：{numbers}")
    raise Refused(f"待确认的党费里没有「{word[:20]}」。一项也没有确认。")


def decide_claim(tx: Tx, row: Any, ok: bool, by: Who, why: str) -> str:
    """What the desk says about a settled todo of kind "dues": a line that a group may read. Raises Refused."""
    if not ok:
        confirming.decline(tx, row, by)
        return "党费已退回，请私下告诉本人。"
    done = confirming.confirm(tx, row, by)
    if not done:
        return "这一项已没有要确认的。"
    if not all(due_in(tx, one.member, one.month).settled for one in done):
        return "已确认这一笔党费。"  # a part is paid: no group may read who owes the rest
    return f"已确认：{done[0].name} {'、'.join(month_word(one.month, tx) for one in done)}党费"

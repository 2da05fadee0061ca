"""/member transfer, leave, category, history: what changes with a day, and the past that stays."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.trail import note
from handlers.looks import PAST, note_look
from handlers.people import facts
from handlers.people.branches import branch_named
from handlers.people.meant import day_at_the_end, last, person
from handlers.people.records import LEAVING, leave, rewrite
from handlers.people.succession import keep_a_secretary
from handlers.sheet.columns import KNOWN
from handlers.shifts.seats import Nights, usual
from handlers.tables import branches, memberships

CATEGORIES = KNOWN["党员类别"]
DATES = {facts.FULL: "full_on", facts.PROBATIONARY: "joined_on"}
TITLES = {"category": "类别", "duty": "职务", "party_group": "党小组", "status": "状态", facts.LEFT: "离开"}
WERE = sql(
    select(branches.c.name, memberships.c.from_at, memberships.c.to_at)
    .join(branches, branches.c.id == memberships.c.branch_id)
    .where(memberships.c.member_id == p("member"))
    .order_by(memberships.c.from_at, memberships.c.id)
)

# Operations


def transfer(tx: Tx, person: Any, branch: int, by: Who, on: date | None = None, nights: Nights = usual) -> list[str]:
    """Moves a member to another branch from the day `on` (now); both branches keep what was. The coming shifts that he
    goes from. Raises Refused if he is there, and for a day that can't be."""
    if person.branch_id == branch:
        raise Refused(f"{person.name} 已经在这个支部。")
    return rewrite(tx, person, {}, branch, by, on, nights)


def set_category(tx: Tx, person: Any, category: str, by: Who, on: date | None = None) -> None:
    """Gives a member a 党员类别 from the day `on` (today): the same one on another day corrects the day.

    Raises Refused for a category that the field doesn't know, and where nothing would change.
    """
    if category not in CATEGORIES:
        raise Refused(f"没有「{category[:20]}」这个类别。可以写：{'、'.join(sorted(CATEGORIES))}。")
    day, column = facts.day_said(tx, on), DATES.get(category, "")
    if category == person.category and (on is None or day == getattr(person, column, "")):
        raise Refused(f"{person.name} 已经是{category}。")
    if category != person.category or column:
        dated = {column: day} if column else {}
        rewrite(tx, person, {"category": category, **dated}, person.branch_id, by, on)
    elif facts.correct(tx, person.id, "category", category, day, by) == day:
        raise Refused(f"{person.name} 已经是{category}。")
    note(tx, person.branch_id, by.label, by.member, "member_category", f"member:{person.id}", new=category, on=day)


# Words


def say_transfer(tx: Tx, ask: Ask) -> Reply:
    """transfer NAME [科室] 支部 [日期]."""
    text, on = day_at_the_end(tx, ask.text)
    words, target = last(text, 1, TRANSFER)
    row, branch = person(tx, ask, words, TRANSFER), branch_named(tx, target)
    keep_a_secretary(tx, row, "", ask.who)
    gone = transfer(tx, row, branch.id, ask.who, on, ask.house.quiet_of)
    return Reply(f"已转到{branch.name}：{row.name}。以前的记录留在原支部。{_out_of(gone)}")


def say_leave(tx: Tx, ask: Ask) -> Reply:
    """leave NAME [科室] 转出|去世|出党|其他 [日期]: in a group without the kind."""
    text, on = day_at_the_end(tx, ask.text)
    words, kind = last(text, 1, LEAVE)
    if kind not in LEAVING:
        raise Refused(f"请在姓名后面写：{'、'.join(LEAVING)}。如：{LEAVE}")
    row = person(tx, ask, words, LEAVE)
    keep_a_secretary(tx, row, "", ask.who)
    gone = leave(tx, row, kind, ask.who, on, ask.house.quiet_of)
    return Reply(f"已移出名册：{row.name}。以前的记录都保留，那时的人数也照旧算。{_out_of(gone)}")


def _out_of(gone: list[str]) -> str:
    return f"\n已退出志愿服务：{'；'.join(gone)}" if gone else ""


def say_category(tx: Tx, ask: Ask) -> Reply:
    """category NAME [科室] 类别 [日期]."""
    text, on = day_at_the_end(tx, ask.text)
    words, category = last(text, 1, CATEGORY)
    row = person(tx, ask, words, CATEGORY)
    set_category(tx, row, category, ask.who, on)
    return Reply(f"已记：{row.name} {category}，自 {facts.day_said(tx, on)} 起。")


def say_history(tx: Tx, ask: Ask) -> Reply:
    """history NAME [科室]: where somebody belonged and what he was, with the days."""
    row = person(tx, ask, ask.text, HISTORY)
    note_look(tx, ask.who, row.id, PAST)
    lines = [_span(tx, one) for one in tx.all(WERE, member=row.id)]
    for what, title in TITLES.items():
        changes = facts.facts_of(tx, row.id, what)
        lines += [f"{title}：{'；'.join(_change(one) for one in changes)}"] if changes else []
    return Reply("\n".join([row.name, *lines]), private=True)


def _span(tx: Tx, one: Any) -> str:
    since = f"{tx.moment(one.from_at):%Y-%m-%d}" if one.from_at else "最初"
    until = f"{tx.moment(one.to_at):%Y-%m-%d}" if one.to_at else "现在"
    return f"支部：{one.name}（{since} 至 {until}）"


def _change(one: Any) -> str:
    return f"{one.value or '无'}（{one.from_on or '最初'} 起）"


TRANSFER, LEAVE = "/member transfer 张三 第二党支部", "/member leave 张三 转出 11月20日"
CATEGORY, HISTORY = "/member category 欧阳静 正式党员 11月20日", "/member history 王芳 检验科"
SUBS = (
    Command("transfer", "转", "转到另一个支部，可写日期", TRANSFER, say_transfer),
    Command("leave", "离开", "转出、去世等，可写日期；以前的记录保留", LEAVE, say_leave),
    Command("category", "类别", "改党员类别，可写从哪天起", CATEGORY, say_category),
    Command("history", "经历", "在哪个支部、什么类别和职务，从哪天起", HISTORY, say_history, writes=False, secret=True),
)

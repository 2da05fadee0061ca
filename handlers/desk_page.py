"""工作台: a branch's month on one page, for its secretary: what waits, what is due, and the acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.tables import trail
from handlers import desk_due, desk_meetings, desk_reminders, desk_waiting
from handlers.desk_dues import owed
from handlers.desk_parts import Bench, Do, Given, Look, Section, Sections
from handlers.links import LINK_MINUTES, NOT_YOURS, Pass, offer
from handlers.pages_tables import page_sessions
from handlers.people.who import roles_here
from handlers.phrases import day_and_time
from handlers.tables import branches, members

# The sections in the order in which they stand, by the name in their address.
SECTIONS: Mapping[str, Sections] = {
    "waiting": desk_waiting.waiting,
    "silent": desk_meetings.unanswered,
    "due": desk_due.due,
    "records": desk_meetings.incomplete,
    "dues": owed,
    "reminders": desk_reminders.planned,
}
ACTS: Mapping[str, Do] = {**desk_waiting.ACTS, **desk_meetings.ACTS, **desk_due.ACTS, **desk_reminders.ACTS}
FEW, PAGE = 8, 50  # entries of a section on the desk, and on a page of its own

PERSON = sql(
    select(members.c.id, members.c.name, members.c.duty, members.c.branch_id, branches.c.name.label("branch"))
    .join(branches, branches.c.id == members.c.branch_id)
    .where(members.c.id == p("member"), members.c.left_at == 0)
)
OPENED = sql(
    select(func.max(page_sessions.c.made_at)).where(
        page_sessions.c.member_id == p("member"), page_sessions.c.purpose == "desk"
    )
)
NEWEST = sql(select(func.max(trail.c.id)).where(trail.c.branch_id == p("branch")))


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands on the desk at an instant; `mark` tells it from what stood there before."""

    name: str
    branch: str
    month: str
    sections: tuple[Section, ...]
    mark: int


def clerk(tx: Tx, given: Pass) -> Who:
    """Who a browser's pass stands for, with the roles he has now. Raises Refused where he leads the branch no more."""
    row = tx.one(PERSON, member=given.member)
    if row is None or row.branch_id != given.branch:
        raise Refused(NOT_YOURS)
    roles = roles_here(tx, row.branch_id, row.duty)
    if "secretary" not in roles:
        raise Refused(NOT_YOURS)
    place = {"branch": row.branch_id, "branch_name": row.branch, "home": row.branch_id, "bound": True}
    return Who("", row.id, row.name, roles=roles | {"anyone", "member"}, **place)


def whole(tx: Tx, bench: Bench) -> Desk:
    """Every section, each with its first few entries."""
    return _desk(tx, bench, [one for make in SECTIONS.values() for one in make(tx, bench, Look(most=FEW))])


def part(tx: Tx, bench: Bench, name: str, number: int, page: int) -> Desk:
    """One section (of one meeting, where `number` isn't 0) on a page of its own. Raises Refused where there is none."""
    make = SECTIONS.get(name)
    found = make(tx, bench, Look((page - 1) * PAGE, PAGE, number, alone=True)) if make else []
    if not found:
        raise Refused("这一项不在了，或活动已经结束。请回到工作台。")
    return _desk(tx, bench, found)


def _desk(tx: Tx, bench: Bench, sections: list[Section]) -> Desk:
    month = f"{tx.now.year}年{tx.now.month}月"
    return Desk(bench.who.name, bench.who.branch_name, month, tuple(sections), mark_of(tx, bench.who.branch))


def mark_of(tx: Tx, branch: int) -> int:
    """The newest row of a branch's trail: whatever is done there makes it another."""
    return int(tx.value(NEWEST, branch=branch) or 0)


def act(tx: Tx, bench: Bench, name: str, given: Mapping[str, Any]) -> str:
    """Does one act of the desk; the line to show. Raises Refused, as the chat would, and for an act that is none."""
    do = ACTS.get(name)
    if do is None:
        raise Refused("没有这样的操作。")
    return do(tx, bench, Given(given))


def say_desk(tx: Tx, ask: Ask) -> Reply:
    """/desk: the link, for the secretary's own eyes."""
    if not ask.who.member or "secretary" not in ask.who.roles:
        raise Refused("工作台由本支部的书记、组织委员打开。管理员请发 /todo。")
    opened = tx.value(OPENED, member=ask.who.member)
    before = f"\n上次打开：{day_and_time(tx.moment(opened))}。不是您本人的，现在已经失效。" if opened else ""
    how = f"{LINK_MINUTES} 分钟内打开，只能用一次，请不要转发。再发一次 /desk，以前打开的就失效。"
    return Reply(f"工作台：{offer(tx, ask, 'desk')}\n{how}{before}", private=True)


COMMANDS = (Command("desk", "工作台", "本月的事一页看完、就地处理（私聊）", "/desk", say_desk, secret=True),)

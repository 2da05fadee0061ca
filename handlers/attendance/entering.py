"""/attendance enter (补录): a meeting that was held without the bot, put down with who was there, and closed at once.

It counts as every other meeting. The groups hear nothing, nobody is reminded and nobody owes a 补学 by it; its record
says who put it down and when. Who was due is asked of the register as it stood on that day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from bot.commands import Ask, Command, Who
from bot.db import Tx, micros
from bot.language import find_when
from bot.message import Refused, Reply
from bot.sql import sql
from bot.trail import note
from handlers.activities import Plan, by_id, finish, label, open_past
from handlers.activities.due import due_in_branch
from handlers.activities.kinds import kinds_in
from handlers.activities.templates import template_named
from handlers.attendance import leave
from handlers.attendance.changing import audience_of
from handlers.attendance.correcting import ANSWER, PRESENCE
from handlers.attendance.marking import Mark, marked, reason_kind
from handlers.attendance.record import Record, record_now, write
from handlers.attendance.recording import asked_for
from handlers.attendance.target import ENTER_EXAMPLE, exact
from handlers.people.history import members_of
from handlers.register import branch_of, invited_among, one_named
from handlers.registers.dates import last_such
from handlers.tables import members

HOW = f"补录要写谁到了、谁请假、谁缺席，没写到的可以写“其余 到”。例：{ENTER_EXAMPLE}"
RULE = "补录"
REST = ("其余", "其他", "其余人", "其他人", "全体", "全部")
OPTION = re.compile(r"(?:^|[\s，,；;])(截止|应到|列席|名单)(?=[\s:：]|$)[\s:：]*")

BELONGED = sql(
    select(members.c.id, members.c.name, members.c.aliases, members.c.department)
    .where(members.c.id.in_(due_in_branch()))
    .order_by(members.c.id)
)


class Person(NamedTuple):
    """A member who counted when the meeting began, with the duty and the 党小组 that he had then."""

    id: int
    name: str
    aliases: str
    department: str
    duty: str
    party_group: str


class Stood(NamedTuple):
    """What is entered of one: a mark, and the kind of a leave's reason."""

    what: Mark
    reason: str = ""


# Operations


def enter_meeting(tx: Tx, branch: int, plan: Plan, people: Mapping[int, Stood], by: Who) -> Any:
    """Puts down a meeting that was held, with what was of each member, and closes it; its row.

    Raises Refused as `open_past`, and where nobody was there.
    """
    if not any(one.what.was_there and one.what.state != "absent" for one in people.values()):
        raise Refused(f"名单里没有人到会，没有补录。{HOW}")
    activity = open_past(tx, branch, plan, by)
    for member, one in people.items():
        _put_down(tx, activity, member, one, by)
    finish(tx, activity, by, "closed")
    return by_id(tx, activity.id)


def _put_down(tx: Tx, activity: Any, member: int, one: Stood, by: Who) -> None:
    told = {"activity_id": activity.id, "member_id": member, "state": one.what.state, "at": tx.at}
    told |= {"by_member": by.member, "why": "entered"}
    if one.what.was_there:
        row, action = tx.value(PRESENCE, happened_at=activity.starts_at, **told), f"mark_{one.what.state}"
    else:
        row, action = tx.value(ANSWER, reason=one.reason, late=0, **told), one.what.state
    of = {"member": member, "row": row, "number": activity.number, "rule": RULE}
    note(tx, activity.branch_id, by.label, by.member, action, f"activity:{activity.id}", **of)
    if not one.what.was_there:
        leave.ask_for(tx, activity, member, row, by)


def counted(tx: Tx, branch: int, at: int) -> list[Person]:
    """Who belonged to a branch at an instant (UTC microseconds) and was not 不计入, as they stood then."""
    stood = {one.member: one for one in members_of(tx, branch, tx.moment(at))}
    rows = tx.all(BELONGED, branch=branch, start=at)
    return [
        Person(row.id, row.name, row.aliases, row.department, stood[row.id].duty, stood[row.id].party_group)
        for row in rows
    ]


# Words


def say_enter(tx: Tx, ask: Ask) -> Reply:
    """enter KIND WHEN [地点] [应到 …] [列席 …] 名单 姓名 状态 …: all of it or nothing; one line says what it was."""
    parts = OPTION.split(ask.text)
    options = {parts[i]: parts[i + 1].strip() for i in range(1, len(parts) - 1, 2)}
    plan = _plan(tx, ask, parts[0])
    if not options.get("名单"):
        raise Refused(HOW)
    if "截止" in options:
        raise Refused(f"已经开过的活动没有截止时间。{HOW}")
    there = counted(tx, branch_of(ask), micros(plan.start))
    words = options.get("应到", "") or plan.audience
    words = audience_of(tx, ask, plan.kind, {"应到": words} if words or "应到" in options else {})
    invited = invited_among(there, words) if words else ()
    plan = Plan(plan.kind, plan.start, plan.end, plan.place, None, words, invited, plan.also)
    due = [one for one in there if not words or one.id in invited]
    people = _read(options["名单"], due)
    activity = enter_meeting(tx, branch_of(ask), plan, people, ask.who)
    if options.get("列席"):
        write(tx, activity, {"guests": options["列席"]}, ask.who)
    record = record_now(tx, activity)
    return Reply(f"{_entered(tx, record, len(due) - len(people))}\n{asked_for(record)}")


def _plan(tx: Tx, ask: Ask, head: str) -> Plan:
    """The kind, the time and the place; a day without a year is the last such day. Raises Refused."""
    when = find_when(head, tx.now)
    if when is None:
        raise Refused(f"没看懂时间。例：{ENTER_EXAMPLE}")
    start, end = exact(when)
    shift = start.date() - last_such(start.date(), when.text, tx.now)
    start, end = start - shift, end - shift if end else None
    kind, place = (part.strip(" ，,、") for part in (head[: when.span[0]], head[when.span[1] :]))
    if not kind:
        kind, _, place = place.partition(" ")
    template = template_named(tx, branch_of(ask), kind)
    if template is None:
        kinds = kinds_in(kind, ask.house.config.meetings.kinds)
        return Plan(kinds[0], start, end, place.strip(), also=kinds[1:])
    end = end or (start + timedelta(minutes=template.minutes) if template.minutes else None)
    also = tuple(filter(None, template.also.split("、")))
    return Plan(template.kind, start, end, place.strip() or template.place, None, template.audience, (), also)


def _read(text: str, due: list[Person]) -> dict[int, Stood]:
    """Member -> what is entered of him, each once; 其余 are all who are not named. Raises Refused."""
    found: dict[int, Stood] = {}
    for names, what, reason in marked(text, HOW):
        if what.state in ("attend", "none"):
            raise Refused(f"补录的状态：到、迟到、早退、线上、缺席、请假、值班。例：{ENTER_EXAMPLE}")
        one = Stood(what, "" if what.was_there else what.reason or reason_kind(reason))
        for name in names:
            member = 0 if name in REST else one_named(due, name, "应到名单").id
            if member in found:
                raise Refused(f"「{name[:20]}」写了两次，没有补录。")
            found[member] = one
    rest = found.pop(0, None)
    return ({one.id: rest for one in due} if rest else {}) | found


def _entered(tx: Tx, record: Record, unnamed: int) -> str:
    there, away = len(record.present), sum(one.on_leave for one in record.people)
    absent = len(record.people) - there - away
    more = f"（没写到的 {unnamed} 人算缺席）" if unnamed else ""
    counts = f"应到 {len(record.people)} · 实到 {there} · 请假 {away} · 缺席 {absent}"
    return f"已补录 {label(tx, record.held.row)}：{counts}{more}"


COMMAND = Command(
    "enter", "补录", "补记没在这里开的活动和谁到了，群里不通知（私聊）", ENTER_EXAMPLE, say_enter, secret=True
)

"""补学: what an absent member makes up for, until a day; ended by the clerk, and never counted as having been there.

When a session in which something is taught is closed, everybody who was due and not there owes a 补学. How many days it
may take is local practice ([meetings] makeup_days).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.language import Call
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.activities import label, numbered
from handlers.activities.kinds import STUDY
from handlers.attendance.known import ALWAYS, as_held, stands
from handlers.choosing import choose
from handlers.meetings_tables import makeups
from handlers.phrases import day, names
from handlers.register import member_named
from handlers.tables import activities, members

KIND = "makeup"
MOST_LINES = 40

OPEN = insert_row(
    makeups, "activity_id", "member_id", "due_on", "opened_at", "opened_by", conflict=["activity_id", "member_id"]
)
CLOSE = sql(
    update(makeups)
    .where(makeups.c.id == p("makeup"), makeups.c.closed_at == 0)
    .values(closed_at=p("at"), closed_by=p("who"), outcome=p("new_outcome"))
)
_listed = (
    select(
        makeups.c.id,
        makeups.c.member_id,
        makeups.c.due_on,
        members.c.name,
        activities.c.id.label("activity_id"),
        activities.c.branch_id,
        activities.c.number,
        activities.c.kind,
        activities.c.starts_at,
    )
    .join_from(makeups, activities, activities.c.id == makeups.c.activity_id)
    .join(members, members.c.id == makeups.c.member_id)
    .where(makeups.c.opened_at <= p("known"))
    .where((makeups.c.closed_at == 0) | (makeups.c.closed_at > p("known")))
    .order_by(makeups.c.due_on, makeups.c.id)
)
OF_BRANCH = sql(_listed.where(activities.c.branch_id == p("branch")))
OF_MEMBER = sql(_listed.where(makeups.c.member_id == p("member")))
ONE = sql(_listed.where(makeups.c.id == p("makeup")))
WHOSE = sql(select(makeups.c.member_id).where(makeups.c.id == p("makeup")))

# Operations


def open_makeups(tx: Tx, branch: int, known: int = ALWAYS) -> list[Any]:
    """What is still to be made up for in a branch as known at an instant, the earliest due day first.

    Rows: id, member_id, name, due_on (ISO date), activity_id, number and kind of the meeting, starts_at.
    """
    return tx.all(OF_BRANCH, branch=branch, known=known)


def begin(tx: Tx, activity: Any, by: Who, days: int) -> int:
    """Opens a 补学 for everybody who was due and not there; how many. 0 where nobody's presence was taken at all."""
    people = stands(tx, activity)
    if not any(one.actual for one in people):
        return 0
    return sum(owe(tx, activity, one.member, by, days) for one in people if not one.present)


def owe(tx: Tx, activity: Any, member: int, by: Who, days: int) -> int:
    """Opens the 补学 of one who was not there; 0 where nothing was taught, none is asked for, or he had one already."""
    if days == 0 or not set(as_held(activity).kinds) & set(STUDY):
        return 0
    due_on = (tx.now + timedelta(days=days)).date().isoformat()
    values = {"activity_id": activity.id, "due_on": due_on, "opened_at": tx.at, "opened_by": by.label}
    return tx.run(OPEN, member_id=member, **values)


def end(tx: Tx, row: Any, by: Who, outcome: str = "done") -> None:
    """Ends a 补学 ("done", or "dropped" where it was not owed). Raises Refused where it had ended."""
    if tx.run(CLOSE, makeup=row.id, at=tx.at, who=by.label, new_outcome=outcome) == 0:
        raise Refused(f"{row.name} 的补学之前已经销了。")
    subject = f"activity:{row.activity_id}"
    note(tx, row.branch_id, by.label, by.member, f"makeup_{outcome}", subject, member=row.member_id, number=row.number)


def drop(tx: Tx, activity: int, member: int, by: Who) -> None:
    """Ends the open 补学 of a member who turns out to have been there."""
    for row in tx.all(OF_MEMBER, member=member, known=ALWAYS):
        if row.activity_id == activity:
            end(tx, row, by, "dropped")


def decide_makeup(tx: Tx, row: Any, ok: bool, by: Who, _why: str) -> str:
    """What `/todo` does with 已补学: on yes it is done, on no it stays open."""
    makeup = tx.one(ONE, makeup=json.loads(row.subject)["makeup"], known=ALWAYS)
    if makeup is None:
        raise Refused("这一项补学之前已经销了。")
    if not ok:
        return f"还要补：{row.title}"
    end(tx, makeup, by)
    return f"已销：{row.title}"


def makeup_words(tx: Tx, row: Any, ok: bool, why: str) -> tuple[int, str]:
    """What the member hears of his 已补学, alone."""
    makeup = tx.one(WHOSE, makeup=json.loads(row.subject)["makeup"])
    what = row.title.rpartition(" #")[2]
    reason = f"（{why}）" if why else ""
    return makeup.member_id, f"您的补学已确认：#{what}" if ok else f"您的补学还没有确认{reason}：#{what}"


def mine(tx: Tx, member: int) -> list[str]:
    """A member's own open 补学, for 我的."""
    return [f"待补学 {_title(tx, row)}" for row in tx.all(OF_MEMBER, member=member, known=ALWAYS)]


def _title(tx: Tx, row: Any) -> str:
    return f"#{row.number} {row.kind} {day(tx.moment(row.starts_at))}，{row.due_on} 前"


# Words


def say_makeup(tx: Tx, ask: Ask) -> Reply:
    """已补学: a claim for the clerk; also 张三补学了, by another member."""
    persons = [name for name in ask.slots.get("persons", ()) if name != ask.who.name]
    if len(persons) > 1:
        raise Refused("一次只能代一位报，请一位一位报。")
    branch = ask.who.home or ask.who.branch
    person = member_named(tx, branch, persons[0]) if persons else None
    member, name = (person.id, person.name) if person else (ask.who.member, ask.who.name)
    rows = tx.all(OF_MEMBER, member=member, known=ALWAYS)
    calls = [Call(row.number, row.kind, row.kind, tx.moment(row.starts_at), "makeup") for row in rows]
    again = f"{name}补学" if person else "补学"
    call = choose(tx, ask, calls, again, "没有待补学的活动，没有记录。")
    if isinstance(call, Reply):
        return call
    row = next(row for row in rows if row.number == call.number)
    title = f"补学：{name} #{row.number} {row.kind}"
    todos.add(tx, row.branch_id, KIND, "secretary", title, json.dumps({"makeup": row.id}))
    return Reply(f"已转给书记确认：{title}")


def say_makeups(tx: Tx, ask: Ask) -> Reply:
    """/attendance makeup: who still owes a 补学; `makeup #12 张三` ends it."""
    if ask.text:
        return _ended(tx, ask)
    rows = open_makeups(tx, ask.who.branch)
    if not rows:
        return Reply("没有待补学的。")
    lines = [f"{row.name} {_title(tx, row)}" for row in rows[:MOST_LINES]]
    more = [f"…… 还有 {len(rows) - MOST_LINES} 项"] if len(rows) > MOST_LINES else []
    how = f"补完了发：/attendance makeup #{rows[0].number} {rows[0].name}"
    return Reply("\n".join([f"待补学 {len(rows)} 项：", *lines, *more, how]))


def _ended(tx: Tx, ask: Ask) -> Reply:
    number, _, people = ask.text.lstrip("#＃").partition(" ")
    wanted = people.replace("、", " ").split()
    if not number.isdigit() or len(number) > 6 or not wanted:
        raise Refused("请写活动编号和姓名，例：/attendance makeup #12 张三")
    activity = numbered(tx, ask.who.branch, int(number))
    waiting = {row.member_id: row for row in open_makeups(tx, ask.who.branch) if row.activity_id == activity.id}
    for word in wanted:
        person = member_named(tx, ask.who.branch, word)
        if person.id not in waiting:
            raise Refused(f"{label(tx, activity)} 没有{person.name}的待补学。")
        end(tx, waiting.pop(person.id), ask.who)
    return Reply(f"已销补学：{names(wanted)}\n{label(tx, activity)} 还有 {len(waiting)} 人待补学")


WORDS = (Command("makeup", "补学", "补学完了，书记确认", "补学", say_makeup, role="member", intents=("makeup",)),)
COMMAND = Command("makeup", "补学", "谁还要补学；写姓名是销掉（私聊）", "/attendance makeup", say_makeups, secret=True)

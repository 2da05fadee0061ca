"""代签到: that somebody is there, said by another, is a question to the secretary and never a fact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers import todos
from handlers.activities import label, numbered
from handlers.attendance.operations import mark
from handlers.phrases import names
from handlers.register import member_named
from handlers.tables import members
from handlers.tables import todos as rows

KIND = "presence"
NAME = sql(select(members.c.name).where(members.c.id == p("member")))
WAITING = sql(
    select(rows.c.subject)
    .where(rows.c.branch_id == p("branch"), rows.c.kind == KIND, rows.c.state == "open")
    .order_by(rows.c.number)
)


def ask_clerk(tx: Tx, ask: Ask, activity: Any, others: Sequence[str]) -> str:
    """Puts those who are said to be there before the secretary; the line that says so. Raises Refused."""
    if activity.checkin != 1:
        raise Refused(f"{label(tx, activity)} 现在不在签到，没有记录。")
    for name in others:
        person = member_named(tx, ask.who.branch, name)
        subject = json.dumps({"number": activity.number, "member": person.id, "state": "present"})
        title = f"代签到：{person.name}（{ask.who.name}报）#{activity.number}"
        todos.add(tx, ask.who.branch, KIND, "secretary", title, subject)
    return f"签到要本人来。{names(others)} 已转给书记核实，暂不计到会。"


def decide_presence(tx: Tx, row: Any, ok: bool, by: Who, why: str) -> str:
    """What /todo does with a proxy's check-in: on yes it is marked in the secretary's name.

    Raises Refused once the meeting has ended, with the correction that is needed then.
    """
    if not ok:
        return f"不记到会：{row.title}"
    subject = json.loads(row.subject)
    activity = numbered(tx, row.branch_id, subject["number"])
    if activity.state == "closed":
        how = _corrected_by(tx, activity, subject["member"])
        back = f"这一项请用 /todo no {row.number} 退回。"
        raise Refused(f"#{activity.number} 已经结束，不能直接记到会。{how}\n{back}")
    mark(tx, activity, subject["member"], subject["state"], by, why or "confirmed")
    return f"已记到会：{row.title}"


def unverified(tx: Tx, activity: Any) -> str:
    """Of a meeting that ends: who was said to be there and was not looked into, with what to do; "" for nobody."""
    asked = [json.loads(row.subject) for row in tx.all(WAITING, branch=activity.branch_id)]
    people = [one["member"] for one in asked if one["number"] == activity.number]
    if not people:
        return ""
    listed = names(str(tx.value(NAME, member=member)) for member in people)
    return f"还有代签到没核实：{listed}。{_corrected_by(tx, activity, people[0])}"


def _corrected_by(tx: Tx, activity: Any, member: int) -> str:
    name = tx.value(NAME, member=member)
    return f"到了的请发：/attendance correct #{activity.number} {name} 到 原因 代签到"

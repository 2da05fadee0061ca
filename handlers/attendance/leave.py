"""请假 -> 待批 -> 已批 or 未批: the secretary decides with one tap in `/todo`.

Until then, and when it is approved, the member counts under 请假; a leave that isn't approved counts under 未回, for it
is open what he does. Only the kind of the reason is kept, and the list of todos holds not even that.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.activities.standing import label
from handlers.meetings_tables import leave_decisions
from handlers.tables import members

KIND = "leave"
APPROVE = insert_row(leave_decisions, "answer_id", "at", "by_member", "decided_by", conflict=["answer_id"])
NAME = sql(select(members.c.name).where(members.c.id == p("member")))


def _subject(activity: Any, answer: int, member: int) -> str:
    return json.dumps({"answer": answer, "activity": activity.id, "member": member})


def ask_for(tx: Tx, activity: Any, member: int, answer: int, by: Who) -> None:
    """Puts a leave before the secretary; what the secretary enters himself for another one is approved by that."""
    if member != by.member and by.roles & {"secretary", "admin"}:
        approve(tx, activity, member, answer, by)
        return
    name = by.name if member == by.member else tx.value(NAME, member=member)
    subject = _subject(activity, answer, member)
    todos.append(tx, activity.branch_id, KIND, "secretary", f"请假：{name} {label(tx, activity)}", subject)


def withdraw(tx: Tx, activity: Any, member: int, answer: int, by: Who) -> None:
    """Takes a leave that was thought better of off the secretary's list."""
    todos.withdraw(tx, activity.branch_id, KIND, _subject(activity, answer, member), by)


def approve(tx: Tx, activity: Any, member: int, answer: int, by: Who) -> None:
    """Notes the yes to one leave."""
    tx.run(APPROVE, answer_id=answer, at=tx.at, by_member=by.member, decided_by=by.label)
    subject = f"activity:{activity.id}"
    detail = {"member": member, "row": answer, "number": activity.number}
    note(tx, activity.branch_id, by.label, by.member, "leave_ok", subject, **detail)

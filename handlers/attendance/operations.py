"""考勤: what members say about a meeting, and who really was there. Declared and actual are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from bot.trail import note
from handlers.activities import add_answer, add_presence, label, said, was
from handlers.attendance import leave
from handlers.meetings_tables import record_lines
from handlers.tables import answers, members, presences

DECLARED = {
    "attend": "参加",
    "online": "线上参加",
    "late": "参加（会迟到）",
    "tentative": "待定",
    "leave": "请假",
    "refused": "请假未批",
    "none": "已取消",
}
ACTUAL = {"present": "到会", "late": "迟到", "early": "早退", "online": "线上", "absent": "缺席", "none": "已撤"}
REASONS = {
    "duty": "值班",
    "official": "公务",
    "training": "培训",
    "sick": "病假",
    "family": "家事",
    "leave": "休假",
    "other": "其他",
}
UNDO = "undo"  # why a row was added: somebody took back what he had said

NEWEST_ANSWER = sql(
    select(answers.c.id, answers.c.state, answers.c.reason, answers.c.by_member)
    .where(answers.c.activity_id == p("activity"), answers.c.member_id == p("member"))
    .order_by(answers.c.id.desc())
    .limit(2)
)
_newer = answers.alias("newer")
LISTED = sql(
    select(answers.c.member_id, members.c.name)
    .join_from(answers, members, members.c.id == answers.c.member_id)
    .where(
        answers.c.activity_id == p("activity"),
        answers.c.why == "roster",
        answers.c.state != "none",
        ~exists(
            select(_newer.c.id).where(
                _newer.c.activity_id == answers.c.activity_id,
                _newer.c.member_id == answers.c.member_id,
                _newer.c.id > answers.c.id,
            )
        ),
    )
    .order_by(answers.c.member_id)
)
NEWEST_PRESENCE = sql(
    select(presences.c.id, presences.c.state)
    .where(presences.c.activity_id == p("activity"), presences.c.member_id == p("member"))
    .order_by(presences.c.id.desc())
    .limit(2)
)


GUESTS = sql(
    select(record_lines.c.words)
    .where(record_lines.c.activity_id == p("activity"), record_lines.c.field == "guests")
    .order_by(record_lines.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Done:
    """What an answer changed: the states before and now, and whether it came after the deadline."""

    before: str
    now: str
    late: bool = False
    recorded: bool = True
    """False where the same had been said already, the kind of the reason included."""


def declare(
    tx: Tx, activity: Any, member: int, state: str, by: Who, reason: str = "", why: str = "", rule: str = ""
) -> Done:
    """Records what a member says he will do: a key of DECLARED. A late answer is taken and marked, a leave waits for
    the secretary's yes.

    `reason` is a key of REASONS: the kind, never the story; `rule` is how his words were read, for 为什么.
    Raises Refused where the activity is over or not for him.
    """
    newest = said(tx, activity, member)
    _takes_answers(tx, activity, due=bool(newest.due))
    before = newest.state or "none"
    late = tx.at > (activity.deadline_at or activity.starts_at)
    if before == state and newest.reason in (None, reason):
        return Done(before, state, late, recorded=False)
    told = {"member_id": member, "reason": reason, "late": int(late), "at": tx.at, "by_member": by.member, "why": why}
    row = add_answer(tx, activity, before, state, told)
    _note(tx, activity, by, state, member, row, why, rule)
    if before == "leave":
        leave.withdraw(tx, activity, member, newest.id, by)
    if state == "leave":
        leave.ask_for(tx, activity, member, row, by)
    return Done(before, state, late)


def refuse_leave(tx: Tx, activity: Any, member: int, reason: str, by: Who) -> None:
    """未批: a row of its own, so that the member stands under 未回 and is asked again; the kind of the reason stays."""
    told = {"member_id": member, "reason": reason, "late": 0, "at": tx.at, "by_member": by.member, "why": "secretary"}
    row = add_answer(tx, activity, "leave", "refused", told)
    _note(tx, activity, by, "refused", member, row, "", "")


def said_himself(tx: Tx, activity: Any, member: int, state: str) -> bool:
    """Whether the member's newest answer is his own and says something else: no list of another's undoes it."""
    newest = said(tx, activity, member)
    return newest.by_member == member and newest.state not in (state, "none")


def listed(tx: Tx, activity: Any) -> list[Any]:
    """(member_id, name) of those whose newest answer came from a list."""
    return tx.all(LISTED, activity=activity.id)


def check_in(tx: Tx, activity: Any, member: int, state: str, by: Who, rule: str = "") -> Done:
    """Records that a member is there ("present", "late", "online"), once check-in has begun. Raises Refused."""
    if activity.checkin == 0:
        raise Refused(f"{label(tx, activity)} 还没开始签到，请到场后再发。")
    if activity.checkin != 1:
        raise Refused(f"{label(tx, activity)} 的签到已经结束，需要补记请联系书记。")
    return mark(tx, activity, member, state, by, rule=rule)


def mark(tx: Tx, activity: Any, member: int, state: str, by: Who, why: str = "", rule: str = "") -> Done:
    """Records what really was: a key of ACTUAL. The secretary may do it at any time while the activity is open."""
    newest = was(tx, activity, member)
    if not newest.due and by.member == member and sits_in(tx, activity, by.name):
        raise Refused(f"您是 {label(tx, activity)} 的列席人员，记录里已有，不计实到。")
    _takes_answers(tx, activity, due=bool(newest.due))
    before = newest.state or "none"
    if before == state:
        return Done(before, state, recorded=False)
    told = {"member_id": member, "at": tx.at, "by_member": by.member, "why": why}
    row = add_presence(tx, activity, before, state, told)
    _note(tx, activity, by, f"mark_{state}", member, row, why, rule)
    return Done(before, state)


def sits_in(tx: Tx, activity: Any, name: str) -> bool:
    """Whether a name stands among the guests (列席) of a meeting's record."""
    return bool(name) and name in (tx.value(GUESTS, activity=activity.id) or "")


def _takes_answers(tx: Tx, activity: Any, *, due: bool) -> None:
    if activity.state != "open":
        ended = "已取消" if activity.state == "cancelled" else "已结束"
        raise Refused(f"{label(tx, activity)} {ended}，不再登记。需要更正请联系书记。")
    if not due:
        raise Refused(f"{label(tx, activity)} 的应到名单里没有这位同志，没有登记。")


def _note(tx: Tx, activity: Any, by: Who, action: str, member: int, row: int, why: str, rule: str) -> None:
    told = {"rule": rule} if rule else {}
    if why == UNDO:
        told["undo"] = "yes"
    note(
        tx,
        activity.branch_id,
        by.label,
        by.member,
        action,
        f"activity:{activity.id}",
        member=member,
        row=row,
        number=activity.number,
        **told,
    )


def take_back(tx: Tx, activity: Any, member: int, by: Who, row: int) -> Done:
    """撤销 of the answer `row`: the state before it holds again, as a new row.

    Raises Refused where there is none, and where somebody has entered another one since.
    """
    rows = tx.all(NEWEST_ANSWER, activity=activity.id, member=member)
    if not rows or rows[0].state == "none":
        raise Refused("没有可以撤销的登记。")
    if rows[0].state == "refused":
        raise Refused("这次请假已经处理过，不能撤销。要参加请直接回复：参加")
    _check_newest(rows[0].id, row)
    before = rows[1] if len(rows) > 1 else None
    return declare(
        tx, activity, member, before.state if before else "none", by, before.reason if before else "", why=UNDO
    )


def take_back_presence(tx: Tx, activity: Any, member: int, by: Who, row: int) -> Done:
    """撤销 of a check-in, as `take_back`."""
    rows = tx.all(NEWEST_PRESENCE, activity=activity.id, member=member)
    if not rows or rows[0].state == "none":
        raise Refused("没有可以撤销的签到。")
    _check_newest(rows[0].id, row)
    return mark(tx, activity, member, rows[1].state if len(rows) > 1 else "none", by, why=UNDO)


def _check_newest(newest: int, row: int) -> None:
    if newest != row:
        raise Refused("那以后书记又登记过，不能撤销。要改请直接再说一遍，如：参加，或联系书记。")

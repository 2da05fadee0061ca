"""Who is due at a meeting and where it stands: counted from the rows, never kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal_column, select

from bot.db import Tx
from bot.language import Call
from bot.message import Refused
from bot.sql import p, sql
from handlers.activities.due import audience, due_by_list, due_in_branch
from handlers.phrases import span
from handlers.tables import activities, answers, members, memberships, presences

HOUR = 3600 * 1_000_000
STAYS_OPEN = 36 * HOUR  # after it began, an activity still takes late answers, then only corrections

COMING = ("attend", "online", "late")
PRESENT = ("present", "late", "early", "online")

ONE = sql(select(activities).where(activities.c.branch_id == p("branch"), activities.c.number == p("number")))
BY_ID = sql(select(activities).where(activities.c.id == p("activity")))
OPEN = sql(
    select(activities)
    .where(activities.c.branch_id == p("branch"), activities.c.state == "open", activities.c.starts_at > p("since"))
    .order_by(activities.c.starts_at, activities.c.number)
)


def _newest(table: Any, due: Any, column: str = "state") -> Any:
    """A column of a member's newest row: found by the key (activity, member, id), however long the history."""
    return (
        select(table.c[column])
        .where(table.c.activity_id == p("activity"), table.c.member_id == due.c.member_id)
        .order_by(table.c.id.desc())
        .limit(1)
        .correlate(due)
        .scalar_subquery()
    )


def _counts(people: Select[Any]) -> Any:
    """How many stand where. Grouped, since SQLite would look a state up again for every use of it."""
    due = people.subquery("due")
    declared, actual = _newest(answers, due).label("declared"), _newest(presences, due).label("actual")
    return (
        select(declared, actual, func.count().label("people"))
        .select_from(due)
        .group_by(literal_column("1"), literal_column("2"))
    )


def _roll(people: Select[Any]) -> Any:
    due = people.subquery("due")
    return (
        select(
            members.c.id,
            members.c.name,
            members.c.department,
            _newest(answers, due).label("declared"),
            _newest(answers, due, "reason").label("reason"),
            _newest(presences, due).label("actual"),
        )
        .select_from(due.join(members, members.c.id == due.c.member_id))
        .order_by(members.c.id)
    )


COUNTS = {False: sql(_counts(due_in_branch())), True: sql(_counts(due_by_list()))}
ROLL = {False: sql(_roll(due_in_branch())), True: sql(_roll(due_by_list()))}
IS_DUE = {
    False: sql(due_in_branch().where(memberships.c.member_id == p("member"))),
    True: sql(due_by_list().where(memberships.c.member_id == p("member"))),
}


def found(tx: Tx, branch: int, number: int) -> Any:
    """The activity `#number` of a branch in whatever state, or None."""
    return tx.one(ONE, branch=branch, number=number)


def by_id(tx: Tx, activity: int) -> Any:
    """The row of an activity."""
    return tx.one(BY_ID, activity=activity)


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The activity `#number` of a branch. Raises Refused."""
    row = found(tx, branch, number)
    if row is None:
        raise Refused(f"没有编号 #{number} 的活动。发 /attendance 看现在有哪些。")
    return row


def open_now(tx: Tx, branch: int) -> list[Any]:
    """The activities that still take answers, soonest first."""
    return tx.all(OPEN, branch=branch, since=tx.at - STAYS_OPEN)


def as_call(tx: Tx, row: Any) -> Call:
    """An activity as the language's `which` wants it."""
    return Call(row.number, row.kind, row.kind, tx.moment(row.starts_at), "activity")


def is_due(tx: Tx, activity: Any, member: int) -> bool:
    """Whether the activity is for this member."""
    listed, values = audience(activity)
    return tx.one(IS_DUE[listed], member=member, **values) is not None


def roll(tx: Tx, activity: Any) -> list[Any]:
    """Everybody who is due: (id, name, department, declared, reason, actual); None where nothing was said."""
    listed, values = audience(activity)
    return tx.all(ROLL[listed], **values)


def silent(tx: Tx, activity: Any) -> list[Any]:
    """未回: who is due and has said neither yes nor no; who takes back or wavers is still asked."""
    return [row for row in roll(tx, activity) if row.declared in (None, "none", "tentative", "refused")]


def state_line(tx: Tx, activity: Any) -> str:
    """`应到 20 · 参加 12 · 请假 3 · 未回 5`, with ` · 实到 11` once check-in has begun. Counted from the rows."""
    listed, values = audience(activity)
    stands = tx.all(COUNTS[listed], **values)
    due = sum(row.people for row in stands)
    coming = sum(row.people for row in stands if row.declared in COMING)
    leave = sum(row.people for row in stands if row.declared == "leave")
    present = sum(row.people for row in stands if row.actual in PRESENT)
    line = f"应到 {due} · 参加 {coming} · 请假 {leave} · 未回 {due - coming - leave}"
    return f"{line} · 实到 {present}" if activity.checkin or present else line


def label(tx: Tx, activity: Any) -> str:
    """`#12 主题党日 12月4日(周五)15:00`"""
    end = tx.moment(activity.ends_at) if activity.ends_at else None
    return f"#{activity.number} {activity.kind} {span(tx.moment(activity.starts_at), end)}"

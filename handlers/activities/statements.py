"""What is asked about a meeting: the meeting itself, who is due and what each has said, in one statement each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, func, literal, literal_column, select, true

from bot.sql import Statement, insert_row, p, sql
from handlers.activities.due import due_by_list, due_in_branch
from handlers.tables import activities, answers, members, memberships, presences

SILENT = ("none", "tentative", "refused")  # who says so is asked again

ONE = sql(select(activities).where(activities.c.branch_id == p("branch"), activities.c.number == p("number")))
BY_ID = sql(select(activities).where(activities.c.id == p("activity")))
OPEN = sql(
    select(activities)
    .where(activities.c.branch_id == p("branch"), activities.c.state == "open", activities.c.starts_at > p("since"))
    .order_by(activities.c.starts_at, activities.c.number)
)


ANSWER = insert_row(
    answers, "activity_id", "member_id", "state", "reason", "late", "at", "by_member", "why", returning=answers.c.id
)
PRESENCE = insert_row(
    presences, "activity_id", "member_id", "state", "at", "by_member", "why", returning=presences.c.id
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


def _silent(people: Select[Any]) -> Any:
    due = people.subquery("due")
    declared = func.coalesce(_newest(answers, due), "none")
    return (
        select(members.c.id, members.c.name, members.c.department)
        .select_from(due.join(members, members.c.id == due.c.member_id))
        .where(declared.in_(SILENT))
        .order_by(members.c.id)
        .limit(p("most"))
        .offset(p("passed"))
    )


COUNTS = {False: sql(_counts(due_in_branch())), True: sql(_counts(due_by_list()))}
ROLL = {False: sql(_roll(due_in_branch())), True: sql(_roll(due_by_list()))}
SILENT_ROWS = {False: sql(_silent(due_in_branch())), True: sql(_silent(due_by_list()))}
_WHETHER_DUE = {
    False: due_in_branch().where(memberships.c.member_id == p("member")),
    True: due_by_list().where(memberships.c.member_id == p("member")),
}
IS_DUE = {listed: sql(clause) for listed, clause in _WHETHER_DUE.items()}
_nothing = select(literal(1).label("one")).subquery()


def _said(people: Select[Any], table: Any, *columns: str) -> Any:
    """Whether somebody is due, and his newest row: one question, since every answer asks both."""
    mine = (table.c.activity_id == p("activity"), table.c.member_id == p("member"))
    newest = select(*(table.c[name] for name in columns)).where(*mine).order_by(table.c.id.desc()).limit(1).subquery()
    return select(exists(people).label("due"), *newest.c).select_from(_nothing.outerjoin(newest, true()))


def _both(table: Any, *columns: str) -> dict[bool, Statement]:
    return {listed: sql(_said(due, table, *columns)) for listed, due in _WHETHER_DUE.items()}


SAID = _both(answers, "id", "state", "reason", "by_member")
WAS = _both(presences, "id", "state")

"""Who is due at a meeting and where it stands: counted from the rows, never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, exists, func, literal, literal_column, select, true

from bot.db import Tx
from bot.language import Call
from bot.message import Refused
from bot.sql import Statement, insert_row, p, sql
from bot.tx import instant
from handlers.activities.due import audience, due_by_list, due_in_branch
from handlers.phrases import span
from handlers.tables import activities, answers, members, memberships, presences

MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE
STAYS_OPEN = 36 * HOUR  # after it began, an activity still takes late answers, then only corrections

COMING = ("attend", "online", "late")
PRESENT = ("present", "late", "early", "online")
SILENT = ("none", "tentative", "refused")  # who says so is asked again
ENTERED = "entered"  # the origin of a meeting that was put down after it was held (补录)

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
    since = tx.at - STAYS_OPEN
    # Counted by the minute, so that all who answer at once ask the same question.
    return [row for row in tx.same(OPEN, branch=branch, since=since - since % MINUTE) if row.starts_at > since]


def as_call(tx: Tx, row: Any) -> Call:
    """An activity as the language's `which` wants it."""
    return Call(row.number, row.kind, title(row), tx.moment(row.starts_at), "activity")


def is_due(tx: Tx, activity: Any, member: int) -> bool:
    """Whether the activity is for this member."""
    listed, keys = audience(activity)
    return tx.one(IS_DUE[listed], member=member, **keys) is not None


def said(tx: Tx, activity: Any, member: int) -> Any:
    """(due, id, state, reason, by_member): whether the activity is for him, and his newest answer (else None)."""
    listed, keys = audience(activity)
    return tx.one(SAID[listed], member=member, **keys)


def was(tx: Tx, activity: Any, member: int) -> Any:
    """(due, id, state): whether the activity is for him, and his newest presence (else None)."""
    listed, keys = audience(activity)
    return tx.one(WAS[listed], member=member, **keys)


def roll(tx: Tx, activity: Any) -> list[Any]:
    """Everybody who is due: (id, name, department, declared, reason, actual); None where nothing was said."""
    listed, keys = audience(activity)
    return tx.all(ROLL[listed], **keys)


def silent(tx: Tx, activity: Any) -> list[Any]:
    """未回: who is due and has said neither yes nor no; who takes back or wavers is still asked."""
    return [row for row in roll(tx, activity) if row.declared is None or row.declared in SILENT]


def silent_page(tx: Tx, activity: Any, start: int, most: int) -> list[Any]:
    """The same from a place on, some at a time: (id, name, department)."""
    listed, keys = audience(activity)
    return tx.all(SILENT_ROWS[listed], passed=start, most=most, **keys)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many are due, said they come, asked for leave, and were there."""

    due: int
    coming: int
    leave: int
    present: int

    @property
    def silent(self) -> int:
        """未回: how many have said neither."""
        return self.due - self.coming - self.leave


def standing(tx: Tx, activity: Any) -> Standing:
    """Where an activity stands: counted from the rows, once for all who answer in one transaction."""
    kept: Standing | None = tx.memo.kept(*_key(activity))
    return kept or _keep(tx, activity, _counted(tx, activity))


def _key(activity: Any) -> tuple[Any, Any]:
    return ("standing", activity.id), (activity.starts_at, activity.audience)


def _counted(tx: Tx, activity: Any) -> Standing:
    listed, keys = audience(activity)
    stands = tx.all(COUNTS[listed], **keys)
    return Standing(
        sum(row.people for row in stands),
        sum(row.people for row in stands if row.declared in COMING),
        sum(row.people for row in stands if row.declared == "leave"),
        sum(row.people for row in stands if row.actual in PRESENT),
    )


def _keep(tx: Tx, activity: Any, value: Standing) -> Standing:
    mine = (("answers", activity.id), ("presences", activity.id), ("invited", activity.id))
    tx.memo.keep(*_key(activity), value, (*mine, ("memberships", None), ("exclusions", None)))
    return value


def add_answer(tx: Tx, activity: Any, before: str, now: str, row: dict[str, Any]) -> int:
    """Writes the newest answer of somebody who is due, and keeps the count true without counting again."""
    kept: Standing | None = tx.memo.kept(*_key(activity))
    made = tx.made(ANSWER, activity_id=activity.id, state=now, **row)
    if kept:
        coming = kept.coming + (now in COMING) - (before in COMING)
        leave = kept.leave + (now == "leave") - (before == "leave")
        _keep(tx, activity, Standing(kept.due, coming, leave, kept.present))
    return made


def add_presence(tx: Tx, activity: Any, before: str, now: str, row: dict[str, Any]) -> int:
    """Writes the newest presence of somebody who is due, and keeps the count true without counting again."""
    kept: Standing | None = tx.memo.kept(*_key(activity))
    made = tx.made(PRESENCE, activity_id=activity.id, state=now, **row)
    if kept:
        present = kept.present + (now in PRESENT) - (before in PRESENT)
        _keep(tx, activity, Standing(kept.due, kept.coming, kept.leave, present))
    return made


def state_line(tx: Tx, activity: Any) -> str:
    """`应到 20 · 参加 12 · 请假 3 · 未回 5`, with ` · 实到 11` once check-in has begun."""
    stands = standing(tx, activity)
    due, coming, leave, present = stands.due, stands.coming, stands.leave, stands.present
    line = f"应到 {due} · 参加 {coming} · 请假 {leave} · 未回 {due - coming - leave}"
    return f"{line} · 实到 {present}" if activity.checkin or present else line


def label(tx: Tx, activity: Any) -> str:
    """`#12 主题党日 12月4日(周五)15:00`"""
    return f"#{activity.number} {title(activity)} {_when(activity.starts_at, activity.ends_at, tx.now.tzinfo)}"


@lru_cache(maxsize=512)
def _when(start: int, end: int, zone: tzinfo | None) -> str:
    """The span of a meeting in words; every answer to it says the same."""
    return span(instant(start, zone), instant(end, zone) if end else None)


def entered(activity: Any) -> str:
    """`（补录）` behind what was put down after it was held, "" behind all else."""
    return "（补录）" if activity.origin == ENTERED else ""


def entered_by(tx: Tx, activity: Any) -> str:
    """`周敏 2026-11-22 15:11`: who put a meeting down after it was held, and when; "" of every other one."""
    return f"{activity.opened_by} {tx.moment(activity.opened_at):%Y-%m-%d %H:%M}" if entered(activity) else ""


def title(activity: Any) -> str:
    """`主题党日`, or `主题党日+党课` where one session is both."""
    return f"{activity.kind}+{activity.also.replace('、', '+')}" if activity.also else str(activity.kind)

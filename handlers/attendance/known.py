"""Who was due, said what and was there, as known at an instant: what every later figure of meetings is made of.

All is read from rows that carry the instant at which they were recorded, so a figure as known at a date comes out the
same for ever. `known` is in UTC microseconds everywhere; what was recorded at that very instant is known.

A meeting that was moved stands under its newest time; it can only be moved while it is open, and only meetings that
ended count in figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from bot.db import Tx
from bot.sql import p, sql
from handlers.activities.due import audience, due_by_list, due_in_branch
from handlers.activities.kinds import all_kinds
from handlers.activities.standing import COMING, PRESENT
from handlers.meetings_tables import leave_decisions
from handlers.tables import activities, answers, members, memberships, presences

ALWAYS = 1 << 62  # UTC microseconds: later than anything is recorded

HELD = sql(
    select(activities)
    .where(activities.c.branch_id == p("branch"), activities.c.opened_at <= p("known"))
    .where(activities.c.starts_at >= p("first"), activities.c.starts_at < p("last"))
    .order_by(activities.c.starts_at, activities.c.number)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting as known at an instant: `state` is "open", "closed" or "cancelled"; `row` is its row of `activities`.

    `kinds` are all kinds of the session, the first one being its name; times are UTC microseconds, `ends_at` 0 where
    nobody said when it ends.
    """

    id: int
    number: int
    kinds: tuple[str, ...]
    starts_at: int
    ends_at: int
    place: str
    state: str
    row: Any


@dataclass(frozen=True, slots=True)
class Stand:
    """One member who was due: what he declared, whether his leave was approved, and what really was.

    `declared` and `actual` are keys of DECLARED and ACTUAL, "" where nothing is known; `reason` is a key of REASONS.
    `presence_row` is the row behind it, 0 for none.
    """

    member: int
    name: str
    department: str
    declared: str
    reason: str
    approved: bool
    actual: str
    presence_row: int

    @property
    def coming(self) -> bool:
        """参加, also 线上 and 迟到."""
        return self.declared in COMING

    @property
    def present(self) -> bool:
        """实到: 到会, 迟到, 早退, 线上. 补学 is none of them."""
        return self.actual in PRESENT

    @property
    def on_leave(self) -> bool:
        """请假, 待批 or 已批, and not there after all."""
        return self.declared == "leave" and not self.present

    @property
    def outcome(self) -> str:
        """到会, 迟到, 早退, 线上, 缺席(已请假) or 缺席(未请假), as the record writes it."""
        if self.present:
            return {"present": "到会", "late": "迟到", "early": "早退", "online": "线上"}[self.actual]
        return "缺席(已请假)" if self.declared == "leave" else "缺席(未请假)"


def held(tx: Tx, branch: int, first: int, last: int, known: int = ALWAYS) -> list[Held]:
    """The meetings of a branch that began in [first, last), soonest first, cancelled ones included as such."""
    return [as_held(row, known) for row in tx.all(HELD, branch=branch, first=first, last=last, known=known)]


def as_held(row: Any, known: int = ALWAYS) -> Held:
    """A row of `activities` as it stood at an instant."""
    state = row.state if row.ended_at <= known else "open"
    return Held(row.id, row.number, all_kinds(row), row.starts_at, row.ends_at, row.place, state, row)


def _newest(table: Any, due: Any) -> Any:
    """The number of a member's newest row that was recorded by then."""
    return (
        select(table.c.id)
        .where(table.c.activity_id == p("activity"), table.c.member_id == due.c.member_id, table.c.at <= p("known"))
        .order_by(table.c.id.desc())
        .limit(1)
        .correlate(due)
        .scalar_subquery()
    )


def _stands(people: Select[Any]) -> Any:
    due = people.subquery("due")
    newest = select(
        due.c.member_id, _newest(answers, due).label("answer"), _newest(presences, due).label("presence")
    ).subquery("newest")
    return (
        select(
            members.c.id,
            members.c.name,
            members.c.department,
            answers.c.state.label("declared"),
            answers.c.reason,
            leave_decisions.c.at.label("approved_at"),
            presences.c.id.label("presence"),
            presences.c.state.label("actual"),
        )
        .select_from(newest.join(members, members.c.id == newest.c.member_id))
        .outerjoin(answers, answers.c.id == newest.c.answer)
        .outerjoin(presences, presences.c.id == newest.c.presence)
        .outerjoin(
            leave_decisions,
            (leave_decisions.c.answer_id == newest.c.answer) & (leave_decisions.c.at <= p("known")),
        )
        .order_by(members.c.id)
    )


_people = {False: due_in_branch(as_known=True), True: due_by_list(as_known=True)}
STANDS = {listed: sql(_stands(people)) for listed, people in _people.items()}
OF_ONE = {
    listed: sql(_stands(people.where(memberships.c.member_id == p("member")))) for listed, people in _people.items()
}


EXPECTED = {
    listed: sql(
        select(members.c.id, members.c.name, members.c.aliases, members.c.department)
        .where(members.c.id.in_(people))
        .order_by(members.c.id)
    )
    for listed, people in {False: due_in_branch(), True: due_by_list()}.items()
}


def expected(tx: Tx, activity: Any) -> list[Any]:
    """(id, name, aliases, department) of everybody who was due at a meeting, whoever has left or moved since."""
    listed, values = audience(activity)
    return tx.all(EXPECTED[listed], **values)


def stands(tx: Tx, activity: Any, known: int = ALWAYS) -> list[Stand]:
    """Everybody who was due at a meeting (its row, or the `row` of a Held), in the register's order."""
    listed, values = audience(activity)
    return [_stand(row) for row in tx.all(STANDS[listed], known=known, **values)]


def stand_of(tx: Tx, activity: Any, member: int, known: int = ALWAYS) -> Stand | None:
    """One member's stand; None for who is not due."""
    listed, values = audience(activity)
    row = tx.one(OF_ONE[listed], known=known, member=member, **values)
    return _stand(row) if row else None


def _stand(row: Any) -> Stand:
    declared = row.declared if row.declared not in (None, "none") else ""
    actual = row.actual if row.actual not in (None, "none") else ""
    return Stand(
        row.id,
        row.name,
        row.department,
        declared,
        row.reason or "" if declared else "",
        row.approved_at is not None,
        actual,
        row.presence or 0,
    )

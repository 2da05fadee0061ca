"""学时 from the meetings one was at, so that nobody types twice what the attendance knows already.

A meeting counts by its length, in halves of a 学时 rounded down, where its end is known. Which kinds count and how
many 学时 an hour and a day give is local practice: [registers] of the configuration.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, select

from bot.config import Registers
from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.activities import PRESENT
from handlers.activities.kinds import all_kinds
from handlers.registers.fields import STEP_MINUTES
from handlers.tables import activities, memberships, presences

_newer = presences.alias("newer")


class Sat(NamedTuple):
    """Minutes of study (60 = 1 学时) of a member on a day."""

    member: int
    kind: str
    on: str
    minutes: int


def _at_meetings(*who: Any) -> Select[Any]:
    changed = exists(
        select(_newer.c.id).where(
            _newer.c.activity_id == presences.c.activity_id,
            _newer.c.member_id == presences.c.member_id,
            _newer.c.id > presences.c.id,
            _newer.c.at <= p("at"),
        )
    )
    return (
        select(
            *(presences.c.member_id, activities.c.kind, activities.c.also),
            *(activities.c.starts_at, activities.c.ends_at),
        )
        .join(activities, activities.c.id == presences.c.activity_id)
        .where(activities.c.state != "cancelled", activities.c.ends_at > 0)
        .where(activities.c.starts_at >= p("first"), activities.c.starts_at < p("last"))
        .where(presences.c.state.in_(PRESENT), presences.c.at <= p("at"), ~changed, *who)
    )


_theirs = select(memberships.c.branch_id).where(memberships.c.member_id == p("member"))
OF_MEMBER = sql(_at_meetings(presences.c.member_id == p("member"), activities.c.branch_id.in_(_theirs)))
_ever = select(memberships.c.member_id).where(memberships.c.branch_id == p("branch"))
_other = memberships.alias("other")
_where_they_were = select(_other.c.branch_id).where(_other.c.member_id.in_(_ever))
OF_BRANCH = sql(_at_meetings(presences.c.member_id.in_(_ever), activities.c.branch_id.in_(_where_they_were)))


def of_member(tx: Tx, member: int, year: int, at: int, rules: Registers) -> list[Sat]:
    """The meetings of a year at which a member was, as known at an instant (UTC microseconds)."""
    return _sat(tx, tx.all(OF_MEMBER, member=member, at=at, **_year(tx, year)), rules)


def of_branch(tx: Tx, branch: int, year: int, at: int, rules: Registers) -> list[Sat]:
    """The same for everybody who belongs, or once belonged, to a branch."""
    return _sat(tx, tx.all(OF_BRANCH, branch=branch, at=at, **_year(tx, year)), rules)


def _year(tx: Tx, year: int) -> dict[str, int]:
    first, last = (micros(datetime(one, 1, 1, tzinfo=tx.now.tzinfo)) for one in (year, year + 1))
    return {"first": first, "last": last}


def _sat(tx: Tx, rows: list[Any], rules: Registers) -> list[Sat]:
    """A session that is of several kinds counts once, under the first of them that gives hours."""
    found = []
    for row in rows:
        kind = next((one for one in all_kinds(row) if one in rules.study_kinds), "")
        start, end = tx.moment(row.starts_at), tx.moment(row.ends_at)
        found += [Sat(row.member_id, kind, start.date().isoformat(), length(start, end, rules))] if kind else []
    return found


def length(start: datetime, end: datetime, rules: Registers) -> int:
    """The minutes of study that a meeting gives (60 = 1 学时): halves, rounded down, at most a full day a day."""
    hours = (end - start) / timedelta(hours=1)
    minutes = int(hours * rules.study_hour * 60)
    days = (end.date() - start.date()).days + 1
    return min(minutes // STEP_MINUTES * STEP_MINUTES, round(rules.study_full_day * 60) * days)


def without_typed(sat: list[Sat], typed: list[Sat]) -> list[Sat]:
    """Both together: where the clerk typed the same member, day and kind, his entry stands and the meeting doesn't."""
    known = {(one.member, one.on, one.kind) for one in typed}
    return [*typed, *(one for one in sat if (one.member, one.on, one.kind) not in known)]


def within(year: int) -> dict[str, str]:
    """First and last day of a year, as rows write them."""
    return {"first": date(year, 1, 1).isoformat(), "last": date(year, 12, 31).isoformat()}

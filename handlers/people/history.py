"""The register at any instant, for every figure that has a denominator: who belonged where, and what he was.

All of it takes an aware instant `at`; `known` asks what was recorded by another instant (None = by now), so that a
figure of a past report can be made again. Who belongs is a matter of instants, what he is one of days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from bot.commands import Role
from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.people.facts import FULL, IN_THE_PARTY
from handlers.people.who import duties, roles_of
from handlers.people_tables import member_facts
from handlers.register import ACTIVE
from handlers.tables import members, memberships

_was_known = memberships.c.recorded_at <= p("known")
# An end that was recorded later than `known` was not known then.
_open = (memberships.c.to_at == 0) | (memberships.c.ended_at > p("known"))
_holds = (_was_known, memberships.c.from_at <= p("at"), _open | (memberships.c.to_at > p("at")))
BELONGED = sql(
    select(memberships.c.member_id, members.c.name)
    .join(members, members.c.id == memberships.c.member_id)
    .where(memberships.c.branch_id == p("branch"), *_holds)
    .order_by(memberships.c.member_id)
)
WHERE = sql(select(memberships.c.branch_id).where(memberships.c.member_id == p("member"), *_holds))
SPANS = sql(
    select(memberships.c.member_id, members.c.name, memberships.c.from_at, memberships.c.to_at, memberships.c.ended_at)
    .join(members, members.c.id == memberships.c.member_id)
    .where(memberships.c.branch_id == p("branch"), _was_known)
    .where(memberships.c.from_at < p("until"), _open | (memberships.c.to_at > p("since")))
    .order_by(memberships.c.from_at, memberships.c.member_id)
)
_later = member_facts.alias("later")


def _facts() -> Select[Any]:
    """The rows that count on a day as known at an instant, the newest last."""
    replaced = exists(
        select(_later.c.id).where(_later.c.replaces == member_facts.c.id, _later.c.recorded_at <= p("known"))
    )
    return (
        select(member_facts.c.member_id, member_facts.c.what, member_facts.c.value)
        .where(member_facts.c.recorded_at <= p("known"), member_facts.c.from_on <= p("day"), ~replaced)
        .order_by(member_facts.c.from_on, member_facts.c.id)
    )


FACTS_OF_BRANCH = sql(
    _facts().where(
        member_facts.c.member_id.in_(
            select(memberships.c.member_id).where(memberships.c.branch_id == p("branch"), *_holds)
        )
    )
)
FACTS_OF_MEMBER = sql(_facts().where(member_facts.c.member_id == p("member")))


@dataclass(frozen=True, slots=True)
class Standing:
    """A member as he stood at an instant; "" where the register doesn't say."""

    member: int
    name: str
    category: str = ""
    status: str = ""
    duty: str = ""
    party_group: str = ""

    @property
    def counts(self) -> bool:
        """Whether he is counted as 党员: who has no category is, since only members are entered without one."""
        return self.category == "" or self.category in IN_THE_PARTY

    @property
    def votes(self) -> bool:
        """Whether he has the right to vote: 正式党员 alone (党章 Art. 7; 支部工作条例 Art. 11)."""
        return self.category == FULL


@dataclass(frozen=True, slots=True)
class Belonging:
    """A time that a member belonged to a branch; `from_at` and `to_at` are UTC microseconds (0 = always, still)."""

    member: int
    name: str
    from_at: int
    to_at: int


def members_of(tx: Tx, branch: int, at: datetime, known: datetime | None = None) -> list[Standing]:
    """Everybody who belonged to a branch at an instant, as he stood then, in the register's order; leavers too.

    A denominator takes those whose `counts` holds.
    """
    moment = _moment(at, known or tx.now)
    facts = _by_member(tx.all(FACTS_OF_BRANCH, branch=branch, **moment, day=_day(tx, at)))
    people = tx.all(BELONGED, branch=branch, **moment)
    return [_standing(row.member_id, row.name, facts.get(row.member_id, {})) for row in people]


def register_at(tx: Tx, branch: int, known: int) -> list[Standing]:
    """The register of a branch as it was known at an instant (UTC microseconds); from now on it is today's."""
    if known < tx.at:
        moment = tx.moment(known)
        return members_of(tx, branch, moment, moment)
    people = tx.all(ACTIVE, branch=branch)
    return [Standing(row.id, row.name, duty=row.duty, party_group=row.party_group) for row in people]


def belongings(tx: Tx, branch: int, since: datetime, until: datetime, known: datetime | None = None) -> list[Belonging]:
    """Who belonged to a branch in [since, until), and from when to when: what splits a year's denominator."""
    seen = micros(known or tx.now)
    rows = tx.all(SPANS, branch=branch, since=micros(since), until=micros(until), known=seen)
    return [Belonging(row.member_id, row.name, row.from_at, 0 if row.ended_at > seen else row.to_at) for row in rows]


def branch_at(tx: Tx, member: int, at: datetime, known: datetime | None = None) -> int:
    """The branch that a member belonged to at an instant, 0 = none."""
    return int(tx.value(WHERE, member=member, **_moment(at, known or tx.now)) or 0)


def category_at(tx: Tx, member: int, at: datetime, known: datetime | None = None) -> str:
    """The 党员类别 on the day of an instant, 未入党 before the day of joining, "" where the register doesn't say."""
    return _facts_at(tx, member, at, known).get("category", "")


def status_at(tx: Tx, member: int, at: datetime, known: datetime | None = None) -> str:
    """在职, 退休, … on the day of an instant, "" where the register doesn't say."""
    return _facts_at(tx, member, at, known).get("status", "")


def duty_at(tx: Tx, member: int, at: datetime, known: datetime | None = None) -> str:
    """The 党内职务 on the day of an instant, "" for none."""
    return _facts_at(tx, member, at, known).get("duty", "")


def roles_at(tx: Tx, member: int, at: datetime, known: datetime | None = None) -> frozenset[Role]:
    """The roles that a member's 党内职务 gave him in his branch then; a 书记 collects where nobody is 组织委员."""
    duty = duty_at(tx, member, at, known)
    roles = roles_of(duty)
    if "书记" not in duties(duty) or "collector" in roles:
        return roles
    others = members_of(tx, branch_at(tx, member, at, known), at, known)
    held = {one for other in others for one in duties(other.duty)}
    return roles if "组织委员" in held else roles | {"collector"}


def _facts_at(tx: Tx, member: int, at: datetime, known: datetime | None) -> dict[str, str]:
    rows = tx.all(FACTS_OF_MEMBER, member=member, day=_day(tx, at), known=micros(known or tx.now))
    return _by_member(rows).get(member, {})


def _moment(at: datetime, known: datetime) -> dict[str, int]:
    return {"at": micros(at), "known": micros(known)}


def _day(tx: Tx, at: datetime) -> str:
    return at.astimezone(tx.now.tzinfo).date().isoformat()


def _by_member(rows: Iterable[Any]) -> dict[int, dict[str, str]]:
    """Member -> what holds of him: the last row of each kind wins."""
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.member_id, {})[row.what] = row.value
    return found


def _standing(member: int, name: str, facts: dict[str, str]) -> Standing:
    kept = {what: value for what, value in facts.items() if what in ("category", "status", "duty", "party_group")}
    return Standing(member, name, **kept)

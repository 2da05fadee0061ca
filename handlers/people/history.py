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

from bot.db import Tx, micros
from bot.sql import p, sql
from handlers.people.facts import FULL, IN_THE_PARTY
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

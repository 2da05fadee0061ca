"""Which branches had a committee (支委会) or Party groups (党小组) on a day, as known at an instant: two readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import case, exists, select

from bot.db import Tx
from bot.sql import p, sql
from handlers.activities.kinds import COMMITTEE_MEETING, GROUP_MEETING
from handlers.people.who import roles_of
from handlers.people_tables import member_facts
from handlers.tables import memberships

# Three make one: 书记, 组织委员 and one more at the least (支部工作条例 ch. 6); fewer are a 书记 and his deputy.
LEAST = 3
COMMITTEE_ROLES = frozenset({"secretary", "committee"})

_m, _f = memberships, member_facts
_later = member_facts.alias("later")
_here = (_m.c.branch_id.between(p("low"), p("high")), _m.c.recorded_at <= p("known"))
BELONGED = sql(
    select(
        *(_m.c.branch_id, _m.c.member_id, _m.c.from_at),
        case((_m.c.ended_at > p("known"), 0), else_=_m.c.to_at).label("to_at"),
    ).where(*_here)
)
_replaced = exists(select(_later.c.id).where(_later.c.replaces == _f.c.id, _later.c.recorded_at <= p("known")))
HELD = sql(
    select(_f.c.member_id, _f.c.what, _f.c.value, _f.c.from_on)
    .where(_f.c.what.in_(("duty", "party_group")), _f.c.recorded_at <= p("known"), ~_replaced)
    .where(_f.c.member_id.in_(select(_m.c.member_id).where(*_here)))
    .order_by(_f.c.from_on, _f.c.id)
)


class Stay(NamedTuple):
    """A member's time in a branch (UTC microseconds, `to_at` 0 = still), and what he was: (from that ISO day, what)."""

    from_at: int
    to_at: int
    duties: list[tuple[str, str]]
    groups: list[tuple[str, str]]


def stays(tx: Tx, low: int, high: int, known: int) -> Mapping[int, list[Stay]]:
    """Branch -> everybody who ever had a duty or a 党小组 and belonged to it, of the branches from `low` to `high`."""
    held: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    asked = {"low": low, "high": high, "known": known}
    for row in tx.all(HELD, **asked):
        held[row.member_id, row.what].append((row.from_on, row.value))
    found: dict[int, list[Stay]] = defaultdict(list)
    for row in tx.all(BELONGED, **asked):
        duties, groups = (held.get((row.member_id, what), []) for what in ("duty", "party_group"))
        if duties or groups:
            found[row.branch_id].append(Stay(row.from_at, row.to_at, duties, groups))
    return found


def does_not_apply(people: Iterable[Stay], kind: str, at: int, day: str) -> str:
    """支委会 needs a committee, 党小组会 needs groups (支部工作条例 ch. 6, Art. 13); "" where it applied.

    `at` is the instant that is asked about (UTC microseconds), `day` the day it lies in.
    """
    if kind not in (COMMITTEE_MEETING, GROUP_MEETING):
        return ""
    here = [one for one in people if one.from_at <= at and (not one.to_at or one.to_at > at)]
    if kind == COMMITTEE_MEETING:
        return "" if makes_a_committee(roles_of(_then(one.duties, day)) for one in here) else "没有支委会"
    return "" if any(_then(one.groups, day) for one in here) else "没有党小组"


def makes_a_committee(people: Iterable[Collection[str]]) -> bool:
    """Whether people with these roles are enough for a committee."""
    return sum(not COMMITTEE_ROLES.isdisjoint(roles) for roles in people) >= LEAST


def _then(values: list[tuple[str, str]], day: str) -> str:
    """What held on a day: the last value that began by then, "" before the first."""
    return next((value for since, value in reversed(values) if since <= day), "")

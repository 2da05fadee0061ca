"""Sessions (次), attendances (人次) and people (人) of meetings: who really was there, not who said he would come.

A session counts once per kind; one that was held without a complete record isn't sound. 人次 are the people in its
record as it was known then; 补学 is none.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, or_, select

from bot.sql import p
from handlers.activities import PRESENT
from handlers.figures.rows import ONE, ZERO, Rows, columns, in_scope
from handlers.tables import activities, invited, memberships, presences

_a, _p = activities, presences
_newer = presences.alias("newer")
_m = memberships


def held(kinds: tuple[str, ...], since: str = "start") -> Any:
    """Activities of these kinds (() = of any) that began within the period, and weren't called off."""
    of_kind = [_a.c.kind.in_(kinds)] if kinds else []
    return and_(
        _a.c.starts_at >= p(since),
        _a.c.starts_at < p("end"),
        _a.c.opened_at <= p("at"),
        _a.c.state != "cancelled",
        in_scope(_a.c.branch_id),
        *of_kind,
    )


def _newest() -> Any:
    """Nothing recorded by then says otherwise of this person."""
    later = exists(
        select(_newer.c.id).where(
            _newer.c.activity_id == _p.c.activity_id,
            _newer.c.member_id == _p.c.member_id,
            _newer.c.id > _p.c.id,
            _newer.c.at <= p("at"),
        )
    )
    return and_(_p.c.at <= p("at"), _p.c.state.in_(PRESENT), ~later)


def _recorded() -> Any:
    """Where it was and who was there is known."""
    somebody = exists(select(_p.c.id).where(_p.c.activity_id == _a.c.id, _newest()))
    return case((and_(_a.c.place != "", somebody), 1), else_=0)


def sessions(*kinds: str) -> Rows:
    """Meetings of these kinds, each once."""
    return Rows(
        select(*columns(_a.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, sound=_recorded())).where(
            held(kinds)
        )
    )


def attended(*kinds: str) -> Rows:
    """Who was at meetings of these kinds: a row for each person and session."""
    return Rows(
        select(
            *columns(
                _p.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=_p.c.member_id
            )
        )
        .join_from(_a, _p, _p.c.activity_id == _a.c.id)
        .where(held(kinds), _newest()),
        "presence",
    )


def due(*kinds: str) -> Rows:
    """Who was due (应到) at the sessions of these kinds that have a complete record."""
    belongs = and_(
        _a.c.audience == "",
        _m.c.branch_id == _a.c.branch_id,
        _m.c.from_at <= _a.c.starts_at,
        or_(_m.c.to_at == ZERO, _m.c.to_at > _a.c.starts_at),
    )
    whole = (
        select(*columns(_a.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=_m.c.member_id))
        .join_from(_a, _m, belongs)
        .where(held(kinds), _recorded() == ONE)
    )
    listed = (
        select(*columns(_a.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=invited.c.member_id))
        .join_from(_a, invited, invited.c.activity_id == _a.c.id)
        .where(held(kinds), _a.c.audience != "", _recorded() == ONE)
    )
    return Rows(select(whole.union_all(listed).subquery("due")))


def present(*kinds: str) -> Rows:
    """Who was there (实到) at the sessions that `due` counts."""
    return Rows(
        select(
            *columns(
                _p.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=_p.c.member_id
            )
        )
        .join_from(_a, _p, _p.c.activity_id == _a.c.id)
        .where(held(kinds), _newest(), _a.c.place != ""),
        "presence",
    )

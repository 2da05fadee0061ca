"""Sessions (次), attendances (人次) and people (人) of meetings: who really was there, not who said he would come.

A session counts once per kind, as soon as it has ended and its record is complete; one that isn't is listed as not
sound. 人次 are the people who were there as it was known then; 补学 is none.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, literal, or_, select

from bot.sql import p
from handlers.activities import PRESENT
from handlers.activities.kinds import DECIDING, LESSON
from handlers.attendance.record import NEEDED
from handlers.figures.rows import ZERO, Rows, columns, in_scope
from handlers.meetings_tables import exclusions, record_lines
from handlers.tables import activities, invited, memberships, presences

_a, _p, _m, _x = activities, presences, memberships, exclusions
_newer, _someone = presences.alias("newer"), presences.alias("someone")
_l, _newer_line = record_lines, record_lines.alias("newer_line")
_newer_exclusion = exclusions.alias("newer_exclusion")


def held(kinds: tuple[str, ...], since: str = "start") -> Any:
    """Activities of these kinds (() = of any) that began within the period, and weren't called off."""
    tests = [
        _a.c.starts_at >= p(since),
        _a.c.starts_at < p("end"),
        _a.c.opened_at <= p("at"),
        or_(_a.c.state != "cancelled", _a.c.ended_at > p("at")),
        in_scope(_a.c.branch_id),
    ]
    return and_(*tests, _of_kind(kinds)) if kinds else and_(*tests)


def _of_kind(kinds: tuple[str, ...]) -> Any:
    also = literal("、") + _a.c.also + literal("、")
    return or_(_a.c.kind.in_(kinds), and_(_a.c.also != "", or_(*(also.contains(f"、{kind}、") for kind in kinds))))


def there(said: Any = presences) -> Any:
    """The newest row of `presences` that was recorded of this person by then says that he was there."""
    later = exists(
        select(_newer.c.id).where(
            _newer.c.activity_id == said.c.activity_id,
            _newer.c.member_id == said.c.member_id,
            _newer.c.id > said.c.id,
            _newer.c.at <= p("at"),
        )
    )
    return and_(said.c.at <= p("at"), said.c.state.in_(PRESENT), ~later)


def _typed(field: str) -> Any:
    """The newest line of a field that was typed by then isn't empty."""
    newer = exists(
        select(_newer_line.c.id).where(
            _newer_line.c.activity_id == _l.c.activity_id,
            _newer_line.c.field == _l.c.field,
            _newer_line.c.id > _l.c.id,
            _newer_line.c.at <= p("at"),
        )
    )
    return exists(
        select(_l.c.id).where(
            _l.c.activity_id == _a.c.id, _l.c.field == field, _l.c.at <= p("at"), _l.c.words != "", ~newer
        )
    )


def ended() -> Any:
    """Closed, as far as was known."""
    return and_(_a.c.state == "closed", _a.c.ended_at <= p("at"))


def written() -> Any:
    """The session has ended, and its record has all that it must have but for who was there (see attendance/record)."""
    return and_(
        ended(),
        or_(_a.c.place != "", _typed("place")),
        *(_typed(field) for field in NEEDED),
        or_(~_of_kind((LESSON,)), _typed("lecturer")),
        or_(~_of_kind(DECIDING), _typed("resolution")),
    )


def recorded() -> Any:
    """The record is complete: it also says who was there."""
    somebody = exists(select(_someone.c.id).where(_someone.c.activity_id == _a.c.id, there(_someone)))
    return and_(written(), somebody)


def sessions(*kinds: str) -> Rows:
    """Meetings of these kinds, each once."""
    sound = case((recorded(), 1), else_=0)
    shown = columns(_a.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, sound=sound)
    return Rows(select(*shown).where(held(kinds)), "session")


def attended(*kinds: str) -> Rows:
    """Who was at the sessions of these kinds that count: a row for each person and session."""
    shown = columns(_p.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=_p.c.member_id)
    joined = select(*shown).join_from(_a, _p, _p.c.activity_id == _a.c.id)
    return Rows(joined.where(held(kinds), written(), there()), "presence")


def due(*kinds: str) -> Rows:
    """应到: who belonged to the branch when a session that counts began, or was named for it, less who is 不计入."""
    shown = columns(_a.c.id, _a.c.branch_id, moment=_a.c.starts_at, what=_a.c.kind, member=_m.c.member_id)
    belonged = and_(
        _m.c.branch_id == _a.c.branch_id,
        _m.c.from_at <= _a.c.starts_at,
        or_(_m.c.to_at == ZERO, _m.c.to_at > _a.c.starts_at),
    )
    named = exists(
        select(invited.c.member_id).where(invited.c.activity_id == _a.c.id, invited.c.member_id == _m.c.member_id)
    )
    joined = select(*shown).join_from(_a, _m, belonged)
    return Rows(joined.where(held(kinds), recorded(), or_(_a.c.audience == "", named), ~_excluded()))


def _excluded() -> Any:
    """不计入应到 at the time of the session, as far as was known."""
    replaced = exists(
        select(_newer_exclusion.c.id).where(
            _newer_exclusion.c.replaces == _x.c.id, _newer_exclusion.c.recorded_at <= p("at")
        )
    )
    return exists(
        select(_x.c.id).where(
            _x.c.branch_id == _a.c.branch_id,
            _x.c.member_id == _m.c.member_id,
            _x.c.from_at <= _a.c.starts_at,
            or_(_x.c.to_at == ZERO, _x.c.to_at > _a.c.starts_at),
            _x.c.recorded_at <= p("at"),
            ~replaced,
        )
    )

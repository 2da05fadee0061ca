"""学时 per member in the year of the cut-off: typed entries, and meetings for which nothing was typed.

The same rule as in `registers.meetings`, for all members in one statement: halves of an hour, rounded down, a full day
at most for each day; where the clerk typed the same member, day and kind, his entry stands and the meeting doesn't.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, case, cast, exists, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.sql import Number, p
from handlers.figures.meetings import held, there
from handlers.figures.people import belongs as _b
from handlers.figures.people import counted, m
from handlers.figures.rows import ZERO, Rows, columns
from handlers.registers.meetings import COUNTED
from handlers.registers.rows import known
from handlers.registers_tables import register_rows
from handlers.tables import activities, presences

MEMBER_MINUTES = 32 * 60
LEADER_MINUTES = 56 * 60
FULL_DAY = 480  # minutes: 8 学时
STUDY, TRAINING = "study", "集中培训"
_DAY = literal_column("86400000000", Number)
_HALF_HOUR = literal_column("1800000000", Number)
_r, _a, _p = register_rows, activities, presences
_typed_too = register_rows.alias("typed_too")
_later_too = register_rows.alias("later_too")


class DayOf(FunctionElement[str]):
    """The ISO day of an instant (UTC microseconds) to which the zone's offset was added."""

    type = Text()
    inherit_cache = True


@compiles(DayOf, "sqlite")
def _day_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m-%d', {compiler.process(element.clauses, **options)} / 1000000, 'unixepoch')"


@compiles(DayOf, "postgresql")
def _day_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"to_char(to_timestamp({inner} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


def _of_meetings() -> Any:
    """(member_id, minutes) of the meetings of the year that give 学时."""
    halves = (_a.c.ends_at - _a.c.starts_at) // _HALF_HOUR * 30
    local_start, local_end = _a.c.starts_at + p("offset"), _a.c.ends_at + p("offset")
    most = (local_end // _DAY - local_start // _DAY + 1) * FULL_DAY
    typed_too = exists(
        select(_typed_too.c.id).where(
            _typed_too.c.register == STUDY,
            _typed_too.c.member_id == _p.c.member_id,
            _typed_too.c.kind == _a.c.kind,
            _typed_too.c.on_date == DayOf(local_start),
            _typed_too.c.recorded_at <= p("at"),
            _typed_too.c.action != "void",
            ~exists(
                select(_later_too.c.id).where(
                    _later_too.c.replaces == _typed_too.c.id, _later_too.c.recorded_at <= p("at")
                )
            ),
        )
    )
    return (
        select(_p.c.member_id, case((halves > most, most), else_=halves).label("minutes"))
        .join_from(_a, _p, _p.c.activity_id == _a.c.id)
        .where(held(COUNTED, "year_start"), _a.c.state == "closed", _a.c.ended_at <= p("at"))
        .where(_a.c.ends_at > ZERO, there(), ~typed_too)
    )


def _typed() -> Any:
    return select(_r.c.member_id, _r.c.quantity.label("minutes")).where(
        _r.c.register == STUDY, _r.c.on_date.between(p("year"), p("last")), _r.c.member_id > ZERO, *known(p("at"))
    )


def studied() -> Rows:
    """Members who studied in the year; `quantity` is their minutes, `what` their 党内职务."""
    each = _of_meetings().union_all(_typed()).subquery("each")
    total = cast(func.sum(each.c.minutes), Number).label("minutes")
    have = select(each.c.member_id, total).group_by(each.c.member_id).subquery("have")
    shown = columns(m.c.id, _b.c.branch_id, what=m.c.duty, member=m.c.id, quantity=have.c.minutes)
    joined = select(*shown).join_from(m, _b, _b.c.member_id == m.c.id).join(have, have.c.member_id == m.c.id)
    return Rows(joined.where(counted()), "study")


def trained() -> Rows:
    """Members who took part in a concentrated training (集中培训) of the year: by the study book, or at the meeting."""
    entered = exists(
        select(_r.c.id).where(
            _r.c.register == STUDY,
            _r.c.member_id == m.c.id,
            _r.c.kind == TRAINING,
            _r.c.on_date.between(p("year"), p("last")),
            *known(p("at")),
        )
    )
    was_there = m.c.id.in_(
        select(_p.c.member_id)
        .join_from(_a, _p, _p.c.activity_id == _a.c.id)
        .where(held((TRAINING,), "year_start"), _a.c.state == "closed", _a.c.ended_at <= p("at"), there())
    )
    shown = columns(m.c.id, _b.c.branch_id, what=m.c.category, member=m.c.id)
    joined = select(*shown).join_from(m, _b, _b.c.member_id == m.c.id)
    return Rows(joined.where(counted(), or_(entered, was_there)), "study")

"""Volunteering, wishes, talks and the other small books, each as rows."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Select, and_, case, exists, func, literal_column, or_, select

from bot.sql import p
from handlers.figures.rows import NOTHING, ONE, ZERO, Rows, columns, counted, in_scope
from handlers.registers_tables import register_rows, wish_events, wishes
from handlers.shifts_tables import service_hours
from handlers.tables import shifts, signups
from handlers.wishes.store import HOLDS, LETS_GO

_r, _s, _u, _w, _e, _h = register_rows, shifts, signups, wishes, wish_events, service_hours
_after = wish_events.alias("after")
PRIMARY = ("乡镇卫生院", "社区卫生服务中心")
When = Literal["within", "year", "standing", "done", "due"]


# 志愿服务


def _served() -> Any:
    """A shift of the period that took place, and who had a seat in it to the end."""
    return and_(
        _s.c.starts_at >= p("start"),
        _s.c.starts_at < p("end"),
        _s.c.opened_at <= p("at"),
        _s.c.state != "cancelled",
        in_scope(_s.c.branch_id),
    )


def _seated() -> Any:
    return and_(_u.c.seated_at > ZERO, _u.c.seated_at <= p("at"), or_(_u.c.left_at == ZERO, _u.c.left_at > p("at")))


def events() -> Rows:
    """Events to which somebody came: several shifts of one event are one, and one that nobody had a seat in is none."""
    somebody = exists(select(_u.c.id).where(_u.c.shift_id == _s.c.id, _seated()))
    number = case((_s.c.event > ZERO, _s.c.event), else_=_s.c.number)
    held = select(_s.c.id, _s.c.branch_id, _s.c.starts_at, _s.c.name, number.label("event")).where(_served(), somebody)
    found = held.subquery("held")
    first = select(func.min(found.c.id)).group_by(found.c.branch_id, found.c.event)
    shown = columns(found.c.id, found.c.branch_id, moment=found.c.starts_at, what=found.c.name)
    return Rows(select(*shown).where(found.c.id.in_(first)))


def service() -> Rows:
    """志愿时长 that the secretary said yes to, in minutes; also service outside the branch's shifts."""
    shown = columns(
        _h.c.id, _h.c.branch_id, day=_h.c.on_date, what=_h.c.what, member=_h.c.member_id, quantity=_h.c.minutes
    )
    days = _h.c.on_date.between(p("first"), p("last"))
    return Rows(select(*shown).where(days, _h.c.state == "ok", in_scope(_h.c.branch_id), counted(_h)))


def volunteers() -> Rows:
    """A row for each person and shift."""
    return Rows(
        select(*columns(_u.c.id, _s.c.branch_id, moment=_s.c.starts_at, what=_s.c.name, member=_u.c.member_id))
        .join_from(_s, _u, _u.c.shift_id == _s.c.id)
        .where(_served(), _seated())
    )


# 微心愿


def _of_wish(test: Any, key: Any = None) -> Select[Any]:
    return (
        select(
            *columns(
                _w.c.id if key is None else key,
                _w.c.branch_id,
                day=_e.c.on_date,
                what=_w.c.title,
                member=_e.c.member_id,
            )
        )
        .join_from(_e, _w, _w.c.id == _e.c.wish_id)
        .where(_e.c.on_date.between(p("first"), p("last")), _e.c.recorded_at <= p("at"), in_scope(_w.c.branch_id), test)
    )


def _kept() -> Any:
    """Claimed, and not let go since, as far as was known."""
    undone = exists(
        select(_after.c.id).where(
            _after.c.wish_id == _e.c.wish_id,
            _after.c.member_id == _e.c.member_id,
            _after.c.id > _e.c.id,
            _after.c.action.in_(LETS_GO),
            _after.c.recorded_at <= p("at"),
        )
    )
    return and_(_e.c.action.in_(HOLDS), ~undone)


def _first_of_each(test: Any) -> Rows:
    """A row per wish: the first event that counts, with who it was about."""
    found = _of_wish(test, _e.c.id).add_columns(_e.c.wish_id).subquery("found")
    first = select(func.min(found.c.key)).group_by(found.c.wish_id)
    kept = [found.c[name] for name in ("branch_id", "moment", "day", "what", "member_id", "quantity", "sound")]
    return Rows(select(found.c.wish_id.label("key"), *kept).where(found.c.key.in_(first)), "wish")


def wishes_claimed() -> Rows:
    """Wishes that somebody took and kept, each once: the row of who took it first."""
    return _first_of_each(_kept())


def wishes_with(action: str) -> Rows:
    """Wishes to which something happened (taken in: "add", fulfilled: "done"), each once."""
    return _first_of_each(_e.c.action == action)


def book(register: str, *kinds: str, when: When = "within", more: Any = None) -> Rows:
    """The entries of a small book, of some kinds (() = all), that fall into the period by their day.

    "year": of the cut-off's year; "due": to be done in it; "standing": entered by the cut-off and not ended; "done":
    ended in the period.
    """
    return Rows(_entries(register, kinds, when, more, _r.c.quantity), "register")


def _entries(register: str, kinds: tuple[str, ...], when: When, more: Any, quantity: Any) -> Select[Any]:
    days = {
        "within": _r.c.on_date.between(p("first"), p("last")),
        "year": _r.c.on_date.between(p("year"), p("last")),
        "standing": and_(_r.c.on_date <= p("last"), or_(_r.c.done_on == NOTHING, _r.c.done_on > p("last"))),
        "due": _r.c.due_on.between(p("year"), p("year_end")),
        "done": _r.c.done_on.between(p("first"), p("last")),
    }
    tests = [days[when], in_scope(_r.c.branch_id), counted(_r)]
    tests += [_r.c.kind.in_(kinds)] if kinds else []
    tests += [more] if more is not None else []
    what = case((_r.c.title != NOTHING, _r.c.title), else_=_r.c.kind)
    return select(
        *columns(_r.c.id, _r.c.branch_id, day=_r.c.on_date, what=what, member=_r.c.member_id, quantity=quantity)
    ).where(_r.c.register == literal_column(f"'{register}'"), *tests)


def units(test: Any) -> Rows:
    """医疗卫生单位 of the list that stand at the cut-off."""
    return Rows(_entries("unit", ("医疗卫生单位",), "standing", test, _r.c.quantity), "register")


def branches_of(*types: str) -> Rows:
    """党支部 of the list of units, of some types."""
    return Rows(_entries("unit", ("党支部",), "standing", _r.c.level.in_(types), _r.c.quantity), "register")


def joined_branches() -> Rows:
    """党支部 of primary medical institutions that the system took over in the year."""
    test = and_(_r.c.level.in_(PRIMARY), _r.c.place == "划入")
    return Rows(_entries("unit", ("党支部",), "year", test, _r.c.quantity), "register")


def founded_branches() -> Rows:
    """党支部 that were founded in the year."""
    return Rows(_entries("unit", ("党支部",), "year", _r.c.place == "新成立", _r.c.quantity), "register")


def talks() -> Rows:
    """Talks, with the number of those who took part (two) as quantity. Who and when, never what about."""
    both = case((_r.c.other_member_id > ZERO, 2), else_=1)
    return Rows(_entries("talk", (), "within", None, both), "register")


# 我为群众办实事


def doers() -> Rows:
    """Who took part: in a shift, with a wish, with a project. One person may have several rows."""
    served = (
        select(*columns(_u.c.id, _s.c.branch_id, moment=_s.c.starts_at, what=_s.c.name, member=_u.c.member_id))
        .join_from(_s, _u, _u.c.shift_id == _s.c.id)
        .where(_served(), _seated())
    )
    wished = _of_wish(and_(_kept(), _e.c.member_id > ZERO), _e.c.id)
    led = _entries("project", (), "within", _r.c.member_id > ZERO, ONE)
    return Rows(select(served.union_all(wished, led).subquery("doers")))

"""签到 and 签退 of a shift: when somebody came and went, said by himself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.shifts.store import mine
from handlers.shifts_tables import service_marks
from handlers.tables import members, shifts, signups

HOUR = 3_600_000_000
EARLY = HOUR  # before the start one may check in
LONGEST = 12 * HOUR  # a shift, and what counts of it (facts: cap 12 h)
HALF = 30  # minutes; service is rounded down to halves of an hour
FORGOTTEN_AFTER = HOUR  # past the end nobody believes that the shift still runs
IN, OUT = "in", "out"

MARK = insert_row(service_marks, "shift_id", "member_id", "kind", "at", "recorded_at", "recorded_by", "by_member")
NEWEST = sql(
    select(service_marks.c.at)
    .where(service_marks.c.shift_id == p("shift"), service_marks.c.member_id == p("member"))
    .where(service_marks.c.kind == p("kind"))
    .order_by(service_marks.c.id.desc())
    .limit(1)
)
_newer = service_marks.alias("newer")
_out = service_marks.alias("out")
_newest_in = ~exists(
    select(_newer.c.id).where(
        _newer.c.shift_id == service_marks.c.shift_id,
        _newer.c.member_id == service_marks.c.member_id,
        _newer.c.kind == IN,
        _newer.c.id > service_marks.c.id,
    )
)
_no_out = ~exists(
    select(_out.c.id).where(
        _out.c.shift_id == service_marks.c.shift_id,
        _out.c.member_id == service_marks.c.member_id,
        _out.c.kind == OUT,
        _out.c.id > service_marks.c.id,
    )
)
_staying = (
    select(shifts, service_marks.c.member_id, members.c.name.label("who"), service_marks.c.at.label("came"))
    .join_from(service_marks, shifts, shifts.c.id == service_marks.c.shift_id)
    .join(members, members.c.id == service_marks.c.member_id)
    .where(service_marks.c.kind == IN, service_marks.c.at > 0, _newest_in, _no_out)
)
STAYING = sql(
    _staying.where(service_marks.c.recorded_at > p("since")).order_by(service_marks.c.shift_id, service_marks.c.id)
)
STAYING_OF_MEMBER = sql(_staying.where(service_marks.c.member_id == p("member")).order_by(service_marks.c.id))
SEATED_SINCE = sql(
    select(shifts)
    .join(signups, signups.c.shift_id == shifts.c.id)
    .where(signups.c.member_id == p("member"), signups.c.left_at == 0, signups.c.seated_at > 0)
    .where(shifts.c.state != "cancelled", shifts.c.starts_at > p("since"), shifts.c.starts_at <= p("until"))
    .order_by(shifts.c.starts_at, shifts.c.id)
)


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody came and went (microseconds); `minutes` is what counts of it, in halves of an hour."""

    came: int
    went: int
    minutes: int


def end_of(shift: Any) -> int:
    """When a shift ends at the latest, in microseconds."""
    return int(shift.ends_at or shift.starts_at + LONGEST)


def running(tx: Tx, member: int) -> list[Any]:
    """The shifts that a member has a seat in and may check in to now."""
    rows = tx.all(SEATED_SINCE, member=member, since=tx.at - LONGEST, until=tx.at + EARLY)
    return [row for row in rows if end_of(row) > tx.at]


def staying(tx: Tx, since: int = 0) -> list[Any]:
    """Who has checked in (recorded after `since`) and not out: the shift's columns, `member_id`, `who`, `came`."""
    return tx.all(STAYING, since=since)


def staying_of(tx: Tx, member: int) -> list[Any]:
    """The shifts that a member has checked in to and not out of."""
    return tx.all(STAYING_OF_MEMBER, member=member)


def served_lately(tx: Tx, member: int) -> list[Any]:
    """The shifts of the last two days, begun, in which a member had a seat."""
    return tx.all(SEATED_SINCE, member=member, since=tx.at - 48 * HOUR, until=tx.at)


def mark_of(tx: Tx, shift: int, member: int, kind: str) -> int:
    """When a member came ("in") or went ("out"), in microseconds; 0 where that isn't recorded."""
    return int(tx.value(NEWEST, shift=shift, member=member, kind=kind) or 0)


def check_in(tx: Tx, shift: Any, member: int, by: Who, rule: str = "") -> bool:
    """Notes that a member is there; False where that is known. Raises Refused before and after, and for who has no
    seat: he asks the secretary, who can enter his hours."""
    what = f"#{shift.number} {shift.name}"
    if shift.state == "cancelled":
        raise Refused(f"{what} 已取消。")
    if tx.at < shift.starts_at - EARLY:
        raise Refused(f"{what} 还没到时间，开始前 1 小时内可以签到。")
    if tx.at >= end_of(shift):
        raise Refused(f"{what} 已经结束，时长请告诉书记登记。")
    known = mine(tx, shift.id, member)
    if known is None or not known.seated_at:
        raise Refused(f"{what} 的名单里没有您。已经到了的请告诉书记，时长可以补记。")
    if mark_of(tx, shift.id, member, IN):
        return False
    _mark(tx, shift, member, IN, tx.at, by, rule)
    return True


def check_out(tx: Tx, shift: Any, member: int, went: int, by: Who, rule: str = "") -> Stay:
    """Notes when a member went (microseconds) and what counts of it. Raises Refused for a time that can't be, for who
    has not checked in, and for a second time."""
    what = f"#{shift.number} {shift.name}"
    came = mark_of(tx, shift.id, member, IN)
    if not came:
        raise Refused(f"{what} 没有您的签到。请写起止时间，如：签退 #{shift.number} 9:00-11:00")
    if mark_of(tx, shift.id, member, OUT):
        raise Refused(f"{what} 已经签退过了。要改时长请告诉书记。")
    if not came < went <= tx.at:
        raise Refused(f"{what} 的结束时间要在签到以后、现在以前，请核对。")
    _mark(tx, shift, member, OUT, went, by, rule)
    return Stay(came, went, counted(max(came, shift.starts_at), went))


def take_back(tx: Tx, shift: Any, member: int, kind: str, by: Who) -> None:
    """撤销: the mark no longer counts. Raises Refused where there is none."""
    if not mark_of(tx, shift.id, member, kind):
        raise Refused("没有可以撤销的签到。")
    _mark(tx, shift, member, kind, 0, by, "", undo="yes")


def counted(start: int, end: int) -> int:
    """Minutes of service between two instants: down to half hours, twelve hours at most (local rule, facts §4)."""
    minutes = min(max(0, end - start), LONGEST) // 60_000_000
    return int(minutes) // HALF * HALF


def _mark(tx: Tx, shift: Any, member: int, kind: str, at: int, by: Who, rule: str, **told: str) -> None:
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    tx.run(MARK, shift_id=shift.id, member_id=member, kind=kind, at=at, **who)
    told |= {"rule": rule} if rule else {}
    note(tx, shift.branch_id, by.label, by.member, f"service_{kind}", f"shift:{shift.id}", member=member, **told)

"""志愿时长: what is asked for counts once the secretary has said yes; a correction is a new row with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.shifts.marks import FORGOTTEN_AFTER, HALF, LONGEST, end_of
from handlers.shifts_tables import service_hours
from handlers.tables import members
from handlers.tables import todos as table

MOST_MINUTES = LONGEST // 60_000_000
ASKED, OK, NO = "asked", "ok", "no"
TODO = "hours"
KEPT = ("branch_id", "member_id", "shift_id", "on_date", "what", "minutes")  # of what was asked, whatever is decided

ADD = insert_row(
    service_hours,
    *("branch_id", "member_id", "shift_id", "on_date", "what", "minutes", "state", "replaces", "reason"),
    *("recorded_at", "recorded_by", "by_member"),
    returning=service_hours.c.id,
)
_later = service_hours.alias("later")


def _valid() -> Select[Any]:
    """The rows that count as known at an instant, with whose they are."""
    replaced = exists(
        select(_later.c.id).where(_later.c.replaces == service_hours.c.id, _later.c.recorded_at <= p("known"))
    )
    return (
        select(service_hours, members.c.name)
        .join(members, members.c.id == service_hours.c.member_id)
        .where(service_hours.c.recorded_at <= p("known"), ~replaced)
        .order_by(service_hours.c.on_date, service_hours.c.id)
    )


_within = (service_hours.c.on_date >= p("first"), service_hours.c.on_date <= p("last"))
OF_BRANCH = sql(_valid().where(service_hours.c.branch_id == p("branch"), *_within))
OF_MEMBER = sql(_valid().where(service_hours.c.member_id == p("member"), *_within))
OF_SHIFT = sql(_valid().where(service_hours.c.shift_id == p("shift"), service_hours.c.member_id == p("member")))
ALL_OF_SHIFT = sql(
    select(service_hours)
    .where(service_hours.c.shift_id == p("shift"), service_hours.c.member_id == p("member"))
    .order_by(service_hours.c.id)
)
OPEN_TODO = sql(
    select(table.c.id).where(table.c.kind == p("kind"), table.c.subject == p("subject"), table.c.state == "open")
)
ONE = sql(_valid().where(service_hours.c.id == p("row")))
ASKED_ROW = sql(select(service_hours).where(service_hours.c.id == p("row")))


@dataclass(frozen=True, slots=True)
class Served:
    """Service that counts: whose, on which day, minutes; `shift` 0 = outside the branch's shifts."""

    member: int
    name: str
    on: str
    minutes: int
    shift: int
    what: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What the secretary entered: its row, and the minutes that were confirmed before, None where none were."""

    row: int
    before: int | None


def served(tx: Tx, branch: int, first: date, last: date, known: datetime | None = None) -> list[Served]:
    """The service of a branch's members in [first, last] that the secretary has said yes to, for every figure."""
    rows = tx.all(OF_BRANCH, branch=branch, **_days(tx, first, last, known))
    return [_served(row) for row in rows if row.state == OK]


def served_by(tx: Tx, member: int, first: date, last: date, known: datetime | None = None) -> list[Served]:
    """The same of one member, in whatever branch it was."""
    rows = tx.all(OF_MEMBER, member=member, **_days(tx, first, last, known))
    return [_served(row) for row in rows if row.state == OK]


def waiting(tx: Tx, member: int, first: date, last: date) -> int:
    """The minutes of a member that wait for the secretary's yes."""
    rows = tx.all(OF_MEMBER, member=member, **_days(tx, first, last, None))
    return sum(row.minutes for row in rows if row.state == ASKED)


def _days(tx: Tx, first: date, last: date, known: datetime | None) -> dict[str, Any]:
    return {"first": first.isoformat(), "last": last.isoformat(), "known": micros(known or tx.now)}


def _served(row: Any) -> Served:
    return Served(row.member_id, row.name, row.on_date, row.minutes, row.shift_id, row.what)


def of_shift(tx: Tx, shift: int, member: int) -> Any:
    """The row that counts of a member's hours in a shift, or None."""
    rows = tx.all(OF_SHIFT, shift=shift, member=member, known=tx.at)
    return rows[-1] if rows else None


def ask(tx: Tx, shift: Any, member: int, name: str, minutes: int, by: Who) -> int:
    """Asks the secretary for a member's hours in a shift; the todo's number. Raises Refused for minutes that can't be,
    and where something is recorded already."""
    _check(minutes)
    known = of_shift(tx, shift.id, member)
    if known is not None and known.state != NO:
        state = "等书记确认" if known.state == ASKED else "已确认"
        raise Refused(f"#{shift.number} {shift.name} 的时长已报过（{words(known.minutes)}，{state}）。要改请告诉书记。")
    row = _add(tx, shift, member, minutes, ASKED, by, {"replaces": known.id if known else 0, "reason": ""})
    planned = f"，计划 {words((shift.ends_at - shift.starts_at) // 60_000_000)}" if shift.ends_at else ""
    title = f"志愿时长：{name} {words(minutes)}（#{shift.number} {shift.name}{planned}）"
    return todos.add(tx, shift.branch_id, TODO, "secretary", title, json.dumps({"row": row}))


def decide(tx: Tx, row: int, ok: bool, by: Who, why: str) -> Any:
    """Says yes or no to hours that were asked for; their row. Raises Refused where something else counts by now."""
    asked = tx.one(ONE, row=row, known=tx.at)
    if asked is None or asked.state != ASKED:
        raise Refused("这项时长已经另行登记过了，不用再确认。")
    kept = {name: getattr(asked, name) for name in KEPT}
    _write(tx, {**kept, "state": OK if ok else NO, "replaces": row, "reason": why}, by)
    return asked


def asked(tx: Tx, row: int) -> Any:
    """The row of hours that were asked for, whatever was decided since."""
    return tx.one(ASKED_ROW, row=row)


def take_back(tx: Tx, row: int, by: Who) -> Any:
    """撤销 of hours that wait for a yes: their row. Raises Refused where they were decided."""
    subject = json.dumps({"row": row})
    asked = tx.one(ONE, row=row, known=tx.at)
    todo = tx.value(OPEN_TODO, kind=TODO, subject=subject)
    if asked is None or asked.state != ASKED or todo is None or not todos.take_back(tx, int(todo), by):
        raise Refused("这项时长已经处理过了，要改请告诉书记。")
    kept = {name: getattr(asked, name) for name in KEPT}
    _write(tx, {**kept, "state": NO, "replaces": row, "reason": "撤销"}, by, undo="yes")
    return asked


def enter(tx: Tx, shift: Any, member: int, minutes: int, by: Who, reason: str = "") -> Entered:
    """What the secretary enters counts at once and replaces what was there; 0 takes it back. Raises Refused for minutes
    that can't be, before the shift, where nothing would change, and for confirmed hours without a reason."""
    if minutes:
        _check(minutes)
    if shift.starts_at > tx.at:
        raise Refused(f"#{shift.number} {shift.name} 还没开始，不能记时长。")
    known = of_shift(tx, shift.id, member)
    now = (known.state, known.minutes) if known is not None else (OK, 0)
    if now == (OK, minutes):
        raise Refused(f"#{shift.number} {shift.name} 的时长没有变化。")
    before = known.minutes if known is not None and known.state == OK else None
    if before is not None and not reason:
        typed = f"/volunteer hours {shift.number} {known.name} {minutes / 60:g}小时 原因 记错"
        raise Refused(f"{known.name} 的时长已确认过（{words(before)}），要改请写原因：{typed}", private=True)
    kept = {"replaces": known.id if known else 0, "reason": reason}
    row = _add(tx, shift, member, minutes, OK, by, kept, **({} if before is None else {"was": before}))
    return Entered(row, before)


def history(tx: Tx, shift: int, member: int) -> list[Any]:
    """All that was ever asked, decided and entered of a member's hours in a shift, oldest first."""
    return tx.all(ALL_OF_SHIFT, shift=shift, member=member)


def enter_outside(tx: Tx, branch: int, member: int, on: date, minutes: int, what: str, by: Who) -> None:
    """Service outside the branch's shifts (双报到 …), entered by the secretary. Raises Refused for minutes or a day
    that can't be, and for the same once more."""
    _check(minutes)
    if on > tx.now.date():
        raise Refused(f"{on} 还没到，只登记已经发生的。")
    same = tx.all(OF_MEMBER, member=member, **_days(tx, on, on, None))
    if any((row.what, row.state) == (what, OK) and not row.shift_id for row in same):
        raise Refused(f"{on} 的“{what}”已经记过了。")
    values = {"branch_id": branch, "member_id": member, "shift_id": 0, "on_date": on.isoformat(), "what": what}
    _write(tx, {**values, "minutes": minutes, "state": OK, "replaces": 0, "reason": ""}, by)


def _add(tx: Tx, shift: Any, member: int, minutes: int, state: str, by: Who, kept: dict[str, Any], **more: int) -> int:
    day = tx.moment(shift.starts_at).date().isoformat()
    what = {"branch_id": shift.branch_id, "shift_id": shift.id, "on_date": day, "what": shift.name}
    return _write(tx, {**what, **kept, "member_id": member, "minutes": minutes, "state": state}, by, **more)


def _write(tx: Tx, values: dict[str, Any], by: Who, **more: str | int) -> int:
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    row = int(tx.value(ADD, **values, **who))
    told = {"member": values["member_id"], "minutes": values["minutes"], "row": row, **more}
    action = f"hours_{values['state']}"
    note(tx, values["branch_id"], by.label, by.member, action, f"hours:{row}", **told)
    return row


def _check(minutes: int) -> None:
    if not HALF <= minutes <= MOST_MINUTES or minutes % HALF:
        raise Refused("时长要在 0.5 到 12 小时之间，按半小时记，如：2.5小时")


def forgotten(tx: Tx, rows: Iterable[Any]) -> list[Any]:
    """Those of `marks.staying` whose shift has been over for an hour and of whom no hours are known."""
    late = [row for row in rows if tx.at >= end_of(row) + FORGOTTEN_AFTER]
    return [row for row in late if of_shift(tx, row.id, row.member_id) is None]


def words(minutes: int) -> str:
    """2.5 小时"""
    return f"{minutes / 60:g} 小时"

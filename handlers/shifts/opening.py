"""Opening, changing and ending a shift: every rule about its time and its seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.shifts.seats import Nights, Promoted, fill, is_over, lock, usual
from handlers.shifts.store import counts, numbered, of_event, there
from handlers.tables import branches, shifts

MOST_SEATS = 1000
LONGEST_SHIFT = timedelta(hours=12)
CLAIM_MINUTES = 12 * 60  # within which a seat that was passed on is to be confirmed, unless `候补确认` says otherwise
LONGEST_CLAIM = 7 * 24 * 60

NEXT_NUMBER = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number + 1)
    .returning(branches.c.last_number)
)
OPEN = insert_row(
    shifts,
    *("branch_id", "number", "name", "starts_at", "ends_at", "place", "capacity", "taken", "state", "opened_by"),
    *("opened_at", "event", "at_least", "leave_by", "claim_minutes", "skills"),
    returning=shifts.c.id,
)
CHANGE = sql(
    update(shifts)
    .where(shifts.c.id == p("shift"))
    .values(
        starts_at=p("new_start"),
        ends_at=p("new_end"),
        place=p("new_place"),
        capacity=p("new_capacity"),
        at_least=p("new_at_least"),
        leave_by=p("new_leave_by"),
        claim_minutes=p("new_claim"),
        skills=p("new_skills"),
    )
)
SET_STATE = sql(update(shifts).where(shifts.c.id == p("shift")).values(state=p("new_state")))


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for when a shift is opened or changed."""

    name: str
    start: datetime
    end: datetime | None
    place: str
    capacity: int
    at_least: int = 0
    leave_by: datetime | None = None
    claim_minutes: int = CLAIM_MINUTES
    skills: tuple[str, ...] = ()


def open_shift(tx: Tx, branch: int, terms: Terms, by: Who, event: int = 0) -> Any:
    """Opens a shift under the branch's next number; its row. Raises Refused for a time or capacity that can't be."""
    _check(tx, terms)
    number = int(tx.value(NEXT_NUMBER, branch=branch))
    shift = tx.value(
        OPEN,
        branch_id=branch,
        number=number,
        name=terms.name,
        starts_at=micros(terms.start),
        ends_at=micros(terms.end) if terms.end else 0,
        place=terms.place,
        capacity=terms.capacity,
        taken=0,
        state="open",
        opened_by=by.label,
        opened_at=tx.at,
        event=event,
        at_least=terms.at_least,
        leave_by=micros(terms.leave_by) if terms.leave_by else 0,
        claim_minutes=terms.claim_minutes,
        skills="、".join(terms.skills),
    )
    note(tx, branch, by.label, by.member, "shift_open", f"shift:{shift}", number=number, capacity=terms.capacity)
    return numbered(tx, branch, number)


def open_event(tx: Tx, branch: int, several: Sequence[Terms], by: Who) -> list[Any]:
    """Opens the shifts of one event, all or none, each under a number of its own; their rows. Raises Refused."""
    first = open_shift(tx, branch, several[0], by)
    rest = [open_shift(tx, branch, terms, by, event=first.number) for terms in several[1:]]
    return [first, *rest]


def terms_of(tx: Tx, shift: Any) -> Terms:
    """What holds of a shift now."""
    return Terms(
        shift.name,
        tx.moment(shift.starts_at),
        tx.moment(shift.ends_at) if shift.ends_at else None,
        shift.place,
        shift.capacity,
        shift.at_least,
        tx.moment(shift.leave_by) if shift.leave_by else None,
        shift.claim_minutes,
        tuple(filter(None, shift.skills.split("、"))),
    )


def change(tx: Tx, shift: int, terms: Terms, by: Who, nights: Nights = usual) -> list[Promoted]:
    """Changes a shift that has not begun; who gets a seat by that, in order. The name stays.

    Raises Refused for a time that can't be and for fewer seats than are taken: those are not sent away by a number.
    """
    row = lock(tx, shift, clerk=True)
    _check(tx, terms)
    seated, _ = counts(tx, shift)
    if terms.capacity < seated:
        raise Refused(
            f"#{row.number} 已报 {seated} 人，名额不能更少。要减少请先移出：/volunteer remove {row.number} 姓名"
        )
    tx.run(
        CHANGE,
        shift=shift,
        new_start=micros(terms.start),
        new_end=micros(terms.end) if terms.end else 0,
        new_place=terms.place,
        new_capacity=terms.capacity,
        new_at_least=terms.at_least,
        new_leave_by=micros(terms.leave_by) if terms.leave_by else 0,
        new_claim=terms.claim_minutes,
        new_skills="、".join(terms.skills),
    )
    note(tx, row.branch_id, by.label, by.member, "shift_edit", f"shift:{shift}", number=row.number)
    return fill(tx, shift, nights)


def _check(tx: Tx, terms: Terms) -> None:
    if terms.end is not None and terms.end - terms.start > LONGEST_SHIFT:
        raise Refused("一次志愿服务最多 12 小时，请核对起止时间。")
    if not 1 <= terms.capacity <= MOST_SEATS:
        raise Refused(f"人数要在 1 到 {MOST_SEATS} 之间。")
    if terms.at_least > terms.capacity:
        raise Refused(f"至少 {terms.at_least} 人，比名额 {terms.capacity} 还多，请核对。")
    if terms.start <= tx.now:
        raise Refused("这个时间已经过了，请写以后的时间。")
    if (terms.start - tx.now).days > 366:
        raise Refused("时间太远了（一年以后），请核对。")
    if terms.leave_by is not None and not tx.now < terms.leave_by <= terms.start:
        raise Refused("退出截止要在现在和开始之间，请核对。")
    if not 0 <= terms.claim_minutes <= LONGEST_CLAIM:
        raise Refused("候补确认的时间最多 7 天；写 0 就不用确认。")


def close(tx: Tx, shift: int, by: Who) -> None:
    """Ends the signing up. Raises Refused where it is ended already."""
    row = lock(tx, shift, clerk=True)
    if row.state == "closed":
        raise Refused(f"#{row.number} {row.name} 报名早已截止。")
    tx.run(SET_STATE, shift=shift, new_state="closed")
    note(tx, row.branch_id, by.label, by.member, "shift_close", f"shift:{shift}")


def cancel_event(tx: Tx, shift: Any, by: Who) -> tuple[list[Any], list[Any]]:
    """Calls off all shifts of a shift's event that are not over: (they, those who were signed up, each once).

    Raises Refused where none is left.
    """
    rows = [row for row in of_event(tx, shift) if not is_over(tx, row)]
    if not rows:
        raise Refused(f"#{shift.number} {shift.name} 的各班都已结束或取消。")
    people = {one.member_id: one for row in rows for one in cancel(tx, row.id, by)}
    return rows, list(people.values())


def cancel(tx: Tx, shift: int, by: Who) -> list[Any]:
    """Calls a shift off, also one that runs, keeping its rows and its hours; those who were signed up (as `there`).

    Raises Refused if it is over.
    """
    row = lock(tx, shift, clerk=True, running=True)
    tx.run(SET_STATE, shift=shift, new_state="cancelled")
    note(tx, row.branch_id, by.label, by.member, "shift_cancel", f"shift:{shift}")
    return there(tx, shift)

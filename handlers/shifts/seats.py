"""The seats of a shift: never one too many, and who waits is seated in the order he came.

Every change first locks the shift's row, so that joining, leaving and promoting stand in a line on both engines.
`taken` is only the lock's count; what is said comes from the rows of `signups`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.tables import branches, members, shifts, signups

MOST_SEATS = 1000
LONGEST_SHIFT = timedelta(hours=12)

NEXT_NUMBER = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number + 1)
    .returning(branches.c.last_number)
)
OPEN = insert_row(
    shifts,
    "branch_id",
    "number",
    "name",
    "starts_at",
    "ends_at",
    "place",
    "capacity",
    "taken",
    "state",
    "opened_by",
    "opened_at",
    returning=shifts.c.id,
)
ONE = sql(select(shifts).where(shifts.c.branch_id == p("branch"), shifts.c.number == p("number")))
LATER = sql(
    select(shifts)
    .where(shifts.c.branch_id == p("branch"), shifts.c.state != "cancelled", shifts.c.starts_at >= p("since"))
    .order_by(shifts.c.starts_at, shifts.c.number)
)
LOCK = sql(update(shifts).where(shifts.c.id == p("shift")).values(taken=shifts.c.taken).returning(shifts))
TAKE = sql(
    update(shifts).where(shifts.c.id == p("shift"), shifts.c.taken < shifts.c.capacity).values(taken=shifts.c.taken + 1)
)
GIVE_BACK = sql(update(shifts).where(shifts.c.id == p("shift")).values(taken=shifts.c.taken - 1))
SET_STATE = sql(update(shifts).where(shifts.c.id == p("shift")).values(state=p("new_state")))
JOIN = insert_row(signups, "shift_id", "member_id", "at", "seated_at", "left_at", "by_member")
LEAVE = sql(update(signups).where(signups.c.id == p("signup")).values(left_at=p("at")))
SEAT = sql(update(signups).where(signups.c.id == p("signup")).values(seated_at=p("at")))
_here = (signups.c.shift_id == p("shift"), signups.c.left_at == 0)
THERE = sql(
    select(signups.c.id, signups.c.member_id, signups.c.seated_at, signups.c.by_member, members.c.name)
    .join(members, members.c.id == signups.c.member_id)
    .where(*_here)
    .order_by(signups.c.id)
)
MINE = sql(select(signups).where(*_here, signups.c.member_id == p("member")))
AHEAD = sql(
    select(func.count()).select_from(signups).where(*_here, signups.c.seated_at == 0, signups.c.id <= p("mine"))
)
FIRST_WAITING = sql(
    select(signups.c.id, signups.c.member_id, members.c.name)
    .join(members, members.c.id == signups.c.member_id)
    .where(*_here, signups.c.seated_at == 0)
    .order_by(signups.c.id)
    .limit(1)
)
COUNTS = sql(
    select(
        func.coalesce(func.sum(case((signups.c.seated_at > 0, 1), else_=0)), 0).label("seated"),
        func.coalesce(func.sum(case((signups.c.seated_at == 0, 1), else_=0)), 0).label("waiting"),
    ).where(*_here)
)
OF_MEMBER = sql(
    select(shifts)
    .join(signups, signups.c.shift_id == shifts.c.id)
    .where(signups.c.member_id == p("member"), signups.c.left_at == 0)
    .where(shifts.c.branch_id == p("branch"), shifts.c.state != "cancelled", shifts.c.starts_at > p("since"))
    .order_by(shifts.c.starts_at, shifts.c.number)
)
_seated = (
    select(func.count())
    .select_from(signups)
    .where(signups.c.shift_id == shifts.c.id, signups.c.left_at == 0, signups.c.seated_at > 0)
    .correlate(shifts)
    .scalar_subquery()
)
WRONG = sql(
    select(shifts.c.id, shifts.c.taken, shifts.c.capacity, _seated.label("seated"))
    .where((shifts.c.taken != _seated) | (shifts.c.taken > shifts.c.capacity))
    .order_by(shifts.c.id)
)


class NoShift(Refused):
    """No shift is meant by what was said; something else that is open may be."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """Who got a seat that was left; `signup` names the promotion once and for all."""

    signup: int
    member: int
    name: str


def open_shift(
    tx: Tx, branch: int, name: str, starts: datetime, ends: datetime | None, place: str, capacity: int, by: Who
) -> Any:
    """Opens a shift under the branch's next number; its row. Raises Refused for a time or capacity that can't be."""
    if ends is not None and ends - starts > LONGEST_SHIFT:
        raise Refused("一次志愿服务最多 12 小时，请核对起止时间。")
    if not 1 <= capacity <= MOST_SEATS:
        raise Refused(f"人数要在 1 到 {MOST_SEATS} 之间。")
    if starts <= tx.now:
        raise Refused("这个时间已经过了，请写以后的时间。")
    if (starts - tx.now).days > 366:
        raise Refused("时间太远了（一年以后），请核对。")
    number = int(tx.value(NEXT_NUMBER, branch=branch))
    shift = tx.value(
        OPEN,
        branch_id=branch,
        number=number,
        name=name,
        starts_at=micros(starts),
        ends_at=micros(ends) if ends else 0,
        place=place,
        capacity=capacity,
        taken=0,
        state="open",
        opened_by=by.label,
        opened_at=tx.at,
    )
    note(tx, branch, by.label, by.member, "shift_open", f"shift:{shift}", number=number, capacity=capacity)
    return numbered(tx, branch, number)


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The branch's shift of that number. Raises NoShift."""
    row = tx.one(ONE, branch=branch, number=number)
    if row is None:
        raise NoShift(f"没有 #{number} 这个志愿服务。发 /volunteer 看现在有哪些。")
    return row


def coming(tx: Tx, branch: int) -> list[Any]:
    """The shifts of today and later, closed ones among them, in order of time."""
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return tx.all(LATER, branch=branch, since=micros(midnight))


def joinable(tx: Tx, branch: int) -> list[Any]:
    """The shifts that can still be joined, in order of time."""
    return [row for row in tx.all(LATER, branch=branch, since=tx.at + 1) if row.state == "open"]


def joined(tx: Tx, branch: int, member: int) -> list[Any]:
    """The coming shifts that a member has a seat in or waits for."""
    return tx.all(OF_MEMBER, branch=branch, member=member, since=tx.at)


def counts(tx: Tx, shift: int) -> tuple[int, int]:
    """(seated, waiting), counted from the rows."""
    row = tx.one(COUNTS, shift=shift)
    return int(row.seated), int(row.waiting)


def there(tx: Tx, shift: int) -> list[Any]:
    """Who is signed up (id, member_id, name, seated_at = 0 while waiting, by_member), first come first."""
    return tx.all(THERE, shift=shift)


def signup(tx: Tx, shift: int, member: int, by: Who, *, clerk: bool = False, **told: str) -> int:
    """Signs a member up: 0 with a seat, else the place in the waiting list, from 1.

    A `clerk` may still do so once the list is closed; `told` goes to the trail. Raises
    Refused for a shift that is over, closed or cancelled
    and for who is in already.
    """
    row = _lock(tx, shift, clerk)
    known = tx.one(MINE, shift=shift, member=member)
    if known is not None:
        state = "已有名额" if known.seated_at else f"在候补第 {_place(tx, shift, known.id)} 位"
        raise Refused(f"已报过 #{row.number} {row.name}，{state}，不用再报。")
    seated = tx.run(TAKE, shift=shift) == 1
    at = tx.at if seated else 0
    tx.run(JOIN, shift_id=shift, member_id=member, at=tx.at, seated_at=at, left_at=0, by_member=by.member)
    mine = tx.one(MINE, shift=shift, member=member)
    note(tx, row.branch_id, by.label, by.member, "signup", f"shift:{shift}", member=member, seated=seated, **told)
    return 0 if seated else _place(tx, shift, mine.id)


def withdraw(tx: Tx, shift: int, member: int, by: Who, *, clerk: bool = False, **told: str) -> Promoted | None:
    """Takes a member out; a seat that gets free goes to the first who waits, who is returned.

    Raises Refused for a shift that is over, closed or cancelled, for who is not in, and where somebody else than the
    member, who signed him up or a `clerk` asks.
    """
    row = _lock(tx, shift, clerk)
    known = tx.one(MINE, shift=shift, member=member)
    if known is None:
        raise Refused(f"#{row.number} {row.name} 里没有报名记录，不用退出。")
    if not clerk and by.member not in (member, known.by_member):
        raise Refused("退出要本人来说，或请书记处理。")
    tx.run(LEAVE, signup=known.id, at=tx.at)
    note(tx, row.branch_id, by.label, by.member, "withdraw", f"shift:{shift}", member=member, **told)
    if not known.seated_at:
        return None
    first = tx.one(FIRST_WAITING, shift=shift)
    if first is None:
        tx.run(GIVE_BACK, shift=shift)
        return None
    tx.run(SEAT, signup=first.id, at=tx.at)
    return Promoted(first.id, first.member_id, first.name)


def close(tx: Tx, shift: int, by: Who) -> None:
    """Ends the signing up. Raises Refused where it is ended already."""
    row = _lock(tx, shift, clerk=True)
    if row.state == "closed":
        raise Refused(f"#{row.number} {row.name} 报名早已截止。")
    tx.run(SET_STATE, shift=shift, new_state="closed")
    note(tx, row.branch_id, by.label, by.member, "shift_close", f"shift:{shift}")


def cancel(tx: Tx, shift: int, by: Who) -> list[Any]:
    """Calls a shift off, keeping its rows; those who were signed up (as `there`). Raises Refused if it is over."""
    row = _lock(tx, shift, clerk=True)
    tx.run(SET_STATE, shift=shift, new_state="cancelled")
    note(tx, row.branch_id, by.label, by.member, "shift_cancel", f"shift:{shift}")
    return there(tx, shift)


def check(tx: Tx) -> list[str]:
    """One line per shift whose count of seats is not what its rows say; [] when all is right."""
    return [
        f"shift {row.id}: {row.taken} of {row.capacity} seats are counted, {row.seated} people are seated"
        for row in tx.all(WRONG)
    ]


def _lock(tx: Tx, shift: int, clerk: bool) -> Any:
    row = tx.one(LOCK, shift=shift)
    what = f"#{row.number} {row.name}"
    if row.state == "cancelled":
        raise Refused(f"{what} 已取消。")
    if row.starts_at <= tx.at:
        raise Refused(f"{what} 已经开始，名单不能再改。")
    if row.state == "closed" and not clerk:
        raise Refused(f"{what} 报名已截止，要改请找书记。")
    return row


def _place(tx: Tx, shift: int, signup: int) -> int:
    return int(tx.value(AHEAD, shift=shift, mine=signup))

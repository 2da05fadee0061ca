"""The shifts and their people as they stand in the rows; nothing is changed here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select

from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import p, sql
from handlers.tables import members, shifts, signups

ONE = sql(select(shifts).where(shifts.c.branch_id == p("branch"), shifts.c.number == p("number")))
BY_ID = sql(select(shifts).where(shifts.c.id == p("shift")))
LATER = sql(
    select(shifts)
    .where(shifts.c.branch_id == p("branch"), shifts.c.state != "cancelled", shifts.c.starts_at >= p("since"))
    .order_by(shifts.c.starts_at, shifts.c.number)
)
OF_EVENT = sql(
    select(shifts)
    .where(shifts.c.branch_id == p("branch"), (shifts.c.number == p("first")) | (shifts.c.event == p("first")))
    .where(shifts.c.state != "cancelled")
    .order_by(shifts.c.starts_at, shifts.c.number)
)
_here = (signups.c.shift_id == p("shift"), signups.c.left_at == 0)
THERE = sql(
    select(signups, members.c.name)
    .join(members, members.c.id == signups.c.member_id)
    .where(*_here)
    .order_by(signups.c.id)
)
MINE = sql(select(signups).where(*_here, signups.c.member_id == p("member")))
AHEAD = sql(
    select(func.count()).select_from(signups).where(*_here, signups.c.seated_at == 0, signups.c.id <= p("mine"))
)
COUNTS = sql(
    select(
        func.coalesce(func.sum(case((signups.c.seated_at > 0, 1), else_=0)), 0).label("seated"),
        func.coalesce(func.sum(case((signups.c.seated_at == 0, 1), else_=0)), 0).label("waiting"),
        func.coalesce(func.sum(case((signups.c.seated_at > 0, signups.c.guests), else_=0)), 0).label("guests"),
    ).where(*_here)
)
_of_member = (
    select(shifts)
    .join(signups, signups.c.shift_id == shifts.c.id)
    .where(signups.c.member_id == p("member"), signups.c.left_at == 0)
)
OF_MEMBER = sql(
    _of_member.where(
        shifts.c.branch_id == p("branch"), shifts.c.state != "cancelled", shifts.c.starts_at > p("since")
    ).order_by(shifts.c.starts_at, shifts.c.number)
)
COMING_OF_MEMBER = sql(
    _of_member.where(shifts.c.state != "cancelled", shifts.c.starts_at > p("since")).order_by(shifts.c.id)
)
SEATED_BETWEEN = sql(
    _of_member.where(
        signups.c.seated_at > 0,
        shifts.c.state != "cancelled",
        shifts.c.starts_at > p("since"),
        shifts.c.starts_at < p("until"),
    ).order_by(shifts.c.starts_at, shifts.c.id)
)


class NoShift(Refused):
    """No shift is meant by what was said; something else that is open may be."""


def found(tx: Tx, branch: int, number: int) -> Any:
    """The branch's shift of that number, or None."""
    return tx.one(ONE, branch=branch, number=number)


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The branch's shift of that number. Raises NoShift."""
    row = found(tx, branch, number)
    if row is None:
        raise NoShift(f"没有 #{number} 这个志愿服务。发 /volunteer 看现在有哪些。")
    return row


def by_id(tx: Tx, shift: int) -> Any:
    """The row of a shift."""
    return tx.one(BY_ID, shift=shift)


def of_event(tx: Tx, shift: Any) -> list[Any]:
    """The shifts of the event that a shift belongs to, itself among them, in order of time; cancelled ones left out."""
    return tx.all(OF_EVENT, branch=shift.branch_id, first=shift.event or shift.number)


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


def joined_anywhere(tx: Tx, member: int) -> list[Any]:
    """The coming shifts of every branch that a member has a seat in or waits for."""
    return tx.all(COMING_OF_MEMBER, member=member, since=tx.at)


def seated_between(tx: Tx, member: int, since: int, until: int) -> list[Any]:
    """The shifts that begin between two instants (microseconds, both excluded) in which a member has a seat."""
    return tx.all(SEATED_BETWEEN, member=member, since=since, until=until)


def counts(tx: Tx, shift: int) -> tuple[int, int]:
    """(seated, waiting), counted from the rows."""
    row = tx.one(COUNTS, shift=shift)
    return int(row.seated), int(row.waiting)


def guests(tx: Tx, shift: int) -> int:
    """How many come along with those who are seated."""
    return int(tx.one(COUNTS, shift=shift).guests)


def there(tx: Tx, shift: int) -> list[Any]:
    """The sign-ups with names, in order; who waits has `seated_at` 0, who has yet to say yes `confirm_by`."""
    return tx.all(THERE, shift=shift)


def mine(tx: Tx, shift: int, member: int) -> Any:
    """A member's sign-up of a shift, or None."""
    return tx.one(MINE, shift=shift, member=member)


def place(tx: Tx, shift: int, signup: int) -> int:
    """The place of a sign-up in the waiting list, from 1."""
    return int(tx.value(AHEAD, shift=shift, mine=signup))

"""The seats of a shift: never one too many, and who waits is seated in the order he came.

Every change first locks the shift's row, so that joining, leaving and passing on stand in a line on both engines.
`taken` is only the lock's count; what is said comes from the rows of `signups`. A seat that is left goes to the first
who waits. He has some hours to confirm it (`confirm_by`); after that it goes to the next who waits or comes, and is
his as long as nobody else wants it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.rules import Quiet
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.shifts.store import by_id, joined_anywhere, mine, place
from handlers.tables import members, shifts, signups
from scheduler.calendar import after_quiet

MOST_GUESTS = 9
NIGHT = Quiet(time(21), time(8))  # where nothing else is known: nobody is asked then, and no time runs out
LIE_IN = timedelta(hours=1)  # what would run out at night does so this long after it
BEFORE_START = timedelta(hours=1)  # a seat is confirmed this long before the shift at the latest
SHORTEST_WINDOW = timedelta(minutes=30)  # with less time left there is nothing to ask: the seat is his
LONGEST_SHIFT = 12 * 3_600_000_000
LAPSED = "lapsed"

LOCK = sql(update(shifts).where(shifts.c.id == p("shift")).values(taken=shifts.c.taken).returning(shifts))
TAKE = sql(
    update(shifts).where(shifts.c.id == p("shift"), shifts.c.taken < shifts.c.capacity).values(taken=shifts.c.taken + 1)
)
GIVE_BACK = sql(update(shifts).where(shifts.c.id == p("shift")).values(taken=shifts.c.taken - 1))
JOIN = insert_row(signups, "shift_id", "member_id", "at", "seated_at", "left_at", "by_member", "guests")
LEAVE = sql(update(signups).where(signups.c.id == p("signup")).values(left_at=p("at"), why_left=p("why")))
SEAT = sql(update(signups).where(signups.c.id == p("signup")).values(seated_at=p("at"), confirm_by=p("until")))
CONFIRM = sql(update(signups).where(signups.c.id == p("signup"), signups.c.confirm_by > 0).values(confirm_by=0))
BRING = sql(update(signups).where(signups.c.id == p("signup")).values(guests=p("new_guests")))
_here = (signups.c.shift_id == p("shift"), signups.c.left_at == 0)
_named = select(signups.c.id, signups.c.member_id, members.c.name).join(members, members.c.id == signups.c.member_id)
FIRST_WAITING = sql(_named.where(*_here, signups.c.seated_at == 0).order_by(signups.c.id).limit(1))
FIRST_OVERDUE = sql(
    _named.where(*_here, signups.c.confirm_by > 0, signups.c.confirm_by <= p("at"))
    .order_by(signups.c.confirm_by, signups.c.id)
    .limit(1)
)
_waits = signups.alias("waits")
OVERDUE = sql(
    select(signups.c.shift_id)
    .join(shifts, shifts.c.id == signups.c.shift_id)
    .where(signups.c.confirm_by > 0, signups.c.confirm_by <= p("at"), signups.c.left_at == 0)
    .where(shifts.c.starts_at > p("at"), shifts.c.state != "cancelled")
    .where(
        exists(
            select(_waits.c.id).where(
                _waits.c.shift_id == signups.c.shift_id, _waits.c.left_at == 0, _waits.c.seated_at == 0
            )
        )
    )
    .group_by(signups.c.shift_id)
    .order_by(signups.c.shift_id)
)
_seated = (
    select(func.count())
    .select_from(signups)
    .where(signups.c.shift_id == shifts.c.id, signups.c.left_at == 0, signups.c.seated_at > 0)
    .correlate(shifts)
    .scalar_subquery()
)
WRONG = sql(
    select(shifts.c.number, shifts.c.branch_id, shifts.c.taken, shifts.c.capacity, _seated.label("seated"))
    .where((shifts.c.taken != _seated) | (shifts.c.taken > shifts.c.capacity))
    .order_by(shifts.c.id)
)


# The quiet hours of a branch, by its id.
Nights = Callable[[Tx, int], Quiet | None]


def usual(_tx: Tx, _branch: int) -> Quiet | None:
    """The night where nobody knows the branch's own."""
    return NIGHT


@dataclass(frozen=True, slots=True)
class Promoted:
    """Who got a seat that was left; `signup` names the promotion once and for all, `confirm_by` (microseconds) until
    when he has to say yes (0 = he needn't), `ask_at` (microseconds) is when he may be told."""

    signup: int
    member: int
    name: str
    confirm_by: int = 0
    ask_at: int = 0


def signup(tx: Tx, shift: int, member: int, by: Who, *, clerk: bool = False, guests: int = 0, **told: str) -> int:
    """Signs a member up: 0 with a seat, else the place in the waiting list, from 1.

    A `clerk` may still do so once the list is closed; `told` goes to the trail; `guests` take no seats. Raises
    Refused for a shift that is over, closed or cancelled and for who is in already.
    """
    row = lock(tx, shift, clerk)
    known = mine(tx, shift, member)
    if known is not None:
        state = "已有名额" if known.seated_at else f"在候补第 {place(tx, shift, known.id)} 位"
        raise Refused(f"已报过 #{row.number} {row.name}，{state}，不用再报。")
    seated = tx.run(TAKE, shift=shift) == 1 or _take_over(tx, row)
    values = {"seated_at": tx.at if seated else 0, "by_member": by.member, "guests": _checked(guests)}
    tx.run(JOIN, shift_id=shift, member_id=member, at=tx.at, left_at=0, **values)
    note(tx, row.branch_id, by.label, by.member, "signup", f"shift:{shift}", member=member, seated=seated, **told)
    return 0 if seated else place(tx, shift, mine(tx, shift, member).id)


def _checked(guests: int) -> int:
    if not 0 <= guests <= MOST_GUESTS:
        raise Refused(f"随行最多 {MOST_GUESTS} 人，请核对。")
    return guests


def _take_over(tx: Tx, row: Any) -> bool:
    """Whether a full shift has a seat that somebody let lapse and nobody waits for: it goes to who comes now."""
    if tx.one(FIRST_WAITING, shift=row.id) is not None:
        return False
    overdue = tx.one(FIRST_OVERDUE, shift=row.id, at=tx.at)
    if overdue is None:
        return False
    _let_lapse(tx, row, overdue)
    return True


def _let_lapse(tx: Tx, row: Any, overdue: Any) -> None:
    tx.run(LEAVE, signup=overdue.id, at=tx.at, why=LAPSED)
    note(tx, row.branch_id, "clock", 0, "seat_lapsed", f"shift:{row.id}", member=overdue.member_id)


def withdraw(
    tx: Tx, shift: int, member: int, by: Who, nights: Nights = usual, *, clerk: bool = False, **told: str
) -> Promoted | None:
    """Takes a member out; a seat that gets free goes to the first who waits, who is returned.

    Raises Refused for a shift that is over, closed or cancelled, past its `leave_by`, for who is not in, and where
    somebody else than the member, who signed him up or a `clerk` asks. Who waits or was offered a seat may always go.
    """
    known = mine(tx, shift, member)
    free = known is not None and bool(known.confirm_by or not known.seated_at)
    row = lock(tx, shift, clerk or free)
    if known is None:
        raise Refused(f"#{row.number} {row.name} 里没有报名记录，不用退出。")
    if not clerk and by.member not in (member, known.by_member):
        raise Refused("退出要本人来说，或请书记处理。")
    if not (clerk or free) and row.leave_by and tx.at >= row.leave_by:
        raise Refused(f"#{row.number} {row.name} 退出已截止，来不了请告诉书记。")
    tx.run(LEAVE, signup=known.id, at=tx.at, why="")
    note(tx, row.branch_id, by.label, by.member, "withdraw", f"shift:{shift}", member=member, **told)
    if not known.seated_at:
        return None
    promoted = _promote(tx, row, nights)
    if promoted is None:
        tx.run(GIVE_BACK, shift=shift)
    return promoted


def _promote(tx: Tx, row: Any, nights: Nights) -> Promoted | None:
    """Gives a free seat, that is counted as taken, to the first who waits; None where nobody does."""
    first = tx.one(FIRST_WAITING, shift=row.id)
    if first is None:
        return None
    night = nights(tx, row.branch_id)
    until = window(tx, row, night)
    tx.run(SEAT, signup=first.id, at=tx.at, until=until)
    return Promoted(first.id, first.member_id, first.name, until, micros(after_quiet(tx.now, night)))


def window(tx: Tx, row: Any, night: Quiet | None = NIGHT) -> int:
    """Until when (microseconds) a seat that is passed on now is to be confirmed; 0 = it needn't be.

    The night doesn't count: nobody is asked in it, and what would run out in it does so an hour after it. It ends an
    hour before the shift at the latest.
    """
    if row.claim_minutes == 0:
        return 0
    begins = after_quiet(tx.now, night)
    until = begins + timedelta(minutes=row.claim_minutes)
    if after_quiet(until, night) != until:
        until = after_quiet(until, night) + LIE_IN
    until = min(until, tx.moment(row.starts_at) - BEFORE_START)
    return micros(until) if until - begins >= SHORTEST_WINDOW else 0


def confirm(tx: Tx, shift: int, member: int, by: Who, **told: str) -> bool:
    """Says yes to a seat that was passed on; False where nothing waits for a yes. Raises Refused as `signup`."""
    known = mine(tx, shift, member)
    if known is None or not known.confirm_by:
        return False
    row = lock(tx, shift, clerk=True)
    if tx.run(CONFIRM, signup=known.id) == 1:
        note(tx, row.branch_id, by.label, by.member, "seat_confirmed", f"shift:{shift}", member=member, **told)
    return True


def bring(tx: Tx, shift: int, member: int, guests: int, by: Who) -> bool:
    """Sets how many come along with a member who is in; False where nothing changes. Raises Refused."""
    row, known = lock(tx, shift, clerk=False), mine(tx, shift, member)
    if known is None or known.guests == _checked(guests):
        return False
    tx.run(BRING, signup=known.id, new_guests=guests)
    note(tx, row.branch_id, by.label, by.member, "guests", f"shift:{shift}", member=member, guests=guests)
    return True


def fill(tx: Tx, shift: int, nights: Nights = usual) -> list[Promoted]:
    """Gives seats that have become free to those who wait, in their order; who got one."""
    row, found = by_id(tx, shift), []
    while tx.one(FIRST_WAITING, shift=shift) is not None and tx.run(TAKE, shift=shift) == 1:
        promoted = _promote(tx, row, nights)
        assert promoted is not None
        found.append(promoted)
    return found


def pass_on(tx: Tx, nights: Nights = usual) -> list[tuple[Any, Promoted]]:
    """Takes the seats whose window is over to the next who wait: (shift, who got one), in order.

    Where nobody waits the seat stays with who has it; in a branch's night nothing is passed on.
    """
    found = []
    for overdue in tx.all(OVERDUE, at=tx.at):
        row = tx.one(LOCK, shift=overdue.shift_id)
        if after_quiet(tx.now, nights(tx, row.branch_id)) != tx.now:
            continue
        while tx.one(FIRST_WAITING, shift=row.id) is not None:
            late = tx.one(FIRST_OVERDUE, shift=row.id, at=tx.at)
            if late is None:
                break
            _let_lapse(tx, row, late)
            promoted = _promote(tx, row, nights)
            assert promoted is not None
            found.append((row, promoted))
    return found


def release(tx: Tx, member: int, by: Who, nights: Nights = usual) -> list[tuple[Any, Promoted | None]]:
    """Takes a member who goes out of every coming shift: (shift, who got his seat)."""
    coming = joined_anywhere(tx, member)
    return [(row, withdraw(tx, row.id, member, by, nights, clerk=True, rule="离开名册")) for row in coming]


def check(tx: Tx) -> list[str]:
    """One line per shift whose count of seats is not what its rows say; [] when all is right."""
    return [
        f"shift #{row.number} of branch {row.branch_id}: {row.taken} of {row.capacity} seats taken"
        f" but {row.seated} people seated"
        for row in tx.all(WRONG)
    ]


def is_over(tx: Tx, row: Any) -> bool:
    """Whether a shift has ended; one whose end nobody said lasts as long as a shift may."""
    end: int = row.ends_at or row.starts_at + LONGEST_SHIFT
    return end <= tx.at


def lock(tx: Tx, shift: int, clerk: bool, *, running: bool = False) -> Any:
    """The shift's row, which nobody else changes meanwhile. Raises Refused where it can't be changed (any more).

    A `clerk` changes closed lists too; `running` allows it until the shift's end.
    """
    row = tx.one(LOCK, shift=shift)
    what = f"#{row.number} {row.name}"
    if row.state == "cancelled":
        raise Refused(f"{what} 已取消。")
    if is_over(tx, row) if running else row.starts_at <= tx.at:
        raise Refused(f"{what} 已经{'结束' if running else '开始'}，名单不能再改。")
    if row.state == "closed" and not clerk:
        raise Refused(f"{what} 报名已截止，要改请找书记。")
    return row

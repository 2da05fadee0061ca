"""The rows of wishes: the statements, and what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func, select, update

from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from handlers.registers_tables import wish_events, wishes
from handlers.tables import branches, members

HOLDS = ("claim", "join")
LETS_GO = ("give_back", "release", "lapse")

_e = wish_events
_after = wish_events.alias("after")
NEXT_NUMBER = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number + 1)
    .returning(branches.c.last_number)
)
ADD = insert_row(
    wishes,
    *("branch_id", "number", "title", "kind", "resident", "state", "due_on", "recorded_at", "recorded_by"),
    returning=wishes.c.id,
)
EVENT = insert_row(
    wish_events, "wish_id", "action", "member_id", "on_date", "recorded_at", "recorded_by", "by_member", "why"
)
ONE = sql(select(wishes).where(wishes.c.branch_id == p("branch"), wishes.c.number == p("number")))
BY_ID = sql(select(wishes).where(wishes.c.id == p("wish")))
LOCK = sql(update(wishes).where(wishes.c.id == p("wish")).values(state=wishes.c.state).returning(wishes))
MOVE = sql(
    update(wishes)
    .where(wishes.c.id == p("wish"), wishes.c.state == p("old_state"))
    .values(state=p("new_state"), due_on=p("new_due"))
)
RETITLE = sql(
    update(wishes)
    .where(wishes.c.id == p("wish"), wishes.c.state.in_(("collected", "open")))
    .values(title=p("new_title"), kind=p("new_kind"), resident=p("new_resident"))
)
IN_STATE = sql(
    select(wishes).where(wishes.c.branch_id == p("branch"), wishes.c.state == p("state")).order_by(wishes.c.number)
)
ALIVE = sql(
    select(wishes)
    .where(wishes.c.branch_id == p("branch"), wishes.c.state.in_(("collected", "open", "claimed", "said")))
    .order_by(wishes.c.number)
)
OVERDUE = sql(
    select(wishes)
    .where(wishes.c.branch_id == p("branch"), wishes.c.state == "claimed", wishes.c.due_on < p("day"))
    .order_by(wishes.c.due_on, wishes.c.number)
)
_let_go = exists(
    select(_after.c.id).where(
        _after.c.wish_id == _e.c.wish_id,
        _after.c.member_id == _e.c.member_id,
        _after.c.id > _e.c.id,
        _after.c.action.in_((*HOLDS, *LETS_GO)),
    )
)
HOLDERS = sql(
    select(_e.c.member_id, members.c.name)
    .join(members, members.c.id == _e.c.member_id)
    .where(_e.c.wish_id == p("wish"), _e.c.action.in_(HOLDS), ~_let_go)
    .order_by(_e.c.id)
)
HELD_BY = sql(
    select(wishes)
    .join(_e, _e.c.wish_id == wishes.c.id)
    .where(
        and_(wishes.c.branch_id == p("branch"), wishes.c.state.in_(("claimed", "said"))),
        and_(_e.c.member_id == p("member"), _e.c.action.in_(HOLDS), ~_let_go),
    )
    .order_by(wishes.c.number)
)
EVENTS = sql(select(_e).where(_e.c.wish_id == p("wish")).order_by(_e.c.id))
# Distinct wishes that were claimed in a period and not let go since, as known at an instant.
_undone = exists(
    select(_after.c.id).where(
        _after.c.wish_id == _e.c.wish_id,
        _after.c.member_id == _e.c.member_id,
        _after.c.id > _e.c.id,
        _after.c.action.in_(LETS_GO),
        _after.c.recorded_at <= p("at"),
    )
)
CLAIMED = sql(
    select(func.count(_e.c.wish_id.distinct()))
    .join(wishes, wishes.c.id == _e.c.wish_id)
    .where(
        wishes.c.branch_id == p("branch"),
        _e.c.action.in_(HOLDS),
        _e.c.on_date.between(p("first"), p("last")),
        _e.c.recorded_at <= p("at"),
        ~_undone,
    )
)
# Distinct wishes to which something happened in a period, as known at an instant (taken in: "add", fulfilled: "done").
COUNT = sql(
    select(func.count(_e.c.wish_id.distinct()))
    .join(wishes, wishes.c.id == _e.c.wish_id)
    .where(
        wishes.c.branch_id == p("branch"),
        _e.c.action == p("action"),
        _e.c.on_date.between(p("first"), p("last")),
        _e.c.recorded_at <= p("at"),
    )
)


def numbered(tx: Tx, branch: int, number: int) -> Any:
    """The branch's wish of that number. Raises Refused."""
    row = tx.one(ONE, branch=branch, number=number)
    if row is None:
        raise Refused(f"没有编号 #{number} 的微心愿。发 /wish 看现在有哪些。")
    return row


def holders(tx: Tx, wish: int) -> list[Any]:
    """Who has a wish now: (member_id, name), the first claimant first."""
    return tx.all(HOLDERS, wish=wish)


def open_wishes(tx: Tx, branch: int) -> list[Any]:
    """The wishes that can be claimed."""
    return tx.all(IN_STATE, branch=branch, state="open")


def alive(tx: Tx, branch: int) -> list[Any]:
    """The wishes that are neither fulfilled nor closed."""
    return tx.all(ALIVE, branch=branch)


def held_by(tx: Tx, branch: int, member: int) -> list[Any]:
    """The wishes that a member has and that are not fulfilled."""
    return tx.all(HELD_BY, branch=branch, member=member)


def overdue(tx: Tx, branch: int, day: date | None = None) -> list[Any]:
    """The claimed wishes whose window is over on a day (default today): they may be released. Oldest first."""
    return tx.all(OVERDUE, branch=branch, day=(day or tx.now.date()).isoformat())


def counted(tx: Tx, branch: int, action: str, first: date, last: date, at: int) -> int:
    """Distinct wishes of a branch that were taken in ("add"), claimed ("claim") or fulfilled ("done") in a period.

    As known at an instant (UTC microseconds); what was claimed and given back is not claimed.
    """
    days = {"first": first.isoformat(), "last": last.isoformat()}
    if action == "claim":
        return int(tx.value(CLAIMED, branch=branch, at=at, **days))
    return int(tx.value(COUNT, branch=branch, action=action, at=at, **days))


def events(tx: Tx, wish: int) -> Sequence[Any]:
    """All that happened to a wish, in order."""
    return tx.all(EVENTS, wish=wish)

"""What became of somebody's own request is said to him alone, once, where a platform can speak to him first.

No group ever hears it, so it costs nothing of a group's day; at night it waits until the quiet hours are over. Where no
platform can speak first nothing is promised: he reads it in 我的, as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.commands import Who
from bot.db import Tx, micros
from bot.dispatch import House
from bot.message import Reply
from bot.sql import p, sql
from handlers.tables import accounts, members
from scheduler.calendar import after_quiet

# What to say of a decided todo: (tx, its row, yes or no, why) -> (member, text), None where nobody is to hear it.
Words = Callable[[Tx, Any, bool, str], tuple[int, str] | None]

ACCOUNTS = sql(
    select(accounts.c.platform, accounts.c.account)
    .join(members, members.c.id == accounts.c.member_id)
    .where(accounts.c.member_id == p("member"), members.c.left_at == 0)
    .order_by(accounts.c.platform, accounts.c.account)
)


def tell_decided(tx: Tx, house: House, words: Words | None, row: Any, ok: bool, by: Who, why: str) -> bool:
    """Promises what became of a decided todo to the member who asked; False where there is nobody to tell.

    Who decides on his own request has the answer before him. The same todo is told once.
    """
    told = words(tx, row, ok, why) if words else None
    return told is not None and tell_alone(tx, house, row.branch_id, *told, by, key=f"decided:{row.id}")


def tell_alone(tx: Tx, house: House, branch: int, member: int, text: str, by: Who, *, key: str) -> bool:
    """Promises a text to a member for what `by` did about him; False for his own act and where he can't be told.

    The same `key` is said once.
    """
    if member == by.member:
        return False
    way = _way(tx, member, house.private_via)
    if way is None:
        return False
    due = micros(after_quiet(tx.now, house.quiet_of(tx, branch)))
    reply = Reply(text, private=True)
    return outbox.put(tx, *way, reply, key=key, purpose="notice", branch=branch, private=True, due=due)


def _way(tx: Tx, member: int, via: Mapping[str, str]) -> tuple[str, str] | None:
    """(platform that speaks, account): the first of a member's accounts that can be spoken to alone."""
    return next(
        ((via[row.platform], row.account) for row in tx.all(ACCOUNTS, member=member) if row.platform in via), None
    )

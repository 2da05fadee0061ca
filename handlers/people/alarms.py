"""What the secretaries are told of the machine itself: in private, once, in words that say what to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot import outbox
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from bot.tables import groups
from handlers.people.who import roles_of
from handlers.tables import accounts, members

# Everybody with a duty and an account in the branches that have a group on the platform.
HOLDERS = sql(
    select(members.c.branch_id, members.c.duty, accounts.c.account)
    .join_from(members, accounts, accounts.c.member_id == members.c.id)
    .where(
        accounts.c.platform == p("platform"),
        members.c.left_at == 0,
        members.c.duty != "",
        members.c.branch_id.in_(select(groups.c.branch_id).where(groups.c.platform == p("platform"))),
    )
)


def tell_gap(tx: Tx, *, platform: str, via: str, window: tuple[datetime, datetime]) -> int:
    """Promises each secretary one line about a time in which nothing was heard; how many are told."""
    since, until = window
    text = f"{since:%H:%M}–{until:%H:%M} 与平台断线，可能漏收。请核对谁的回复没记上：/attendance who"
    told = [row for row in tx.all(HOLDERS, platform=platform) if "secretary" in roles_of(row.duty)]
    for row in told:
        key = f"gap:{platform}:{since:%Y%m%d%H%M%S}:{row.account}"
        outbox.put(tx, via, row.account, Reply(text), key=key, purpose="notice", branch=row.branch_id, private=True)
    return len(told)

"""What the secretaries are told of the machine itself: in private, once, in words that say what to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from bot import outbox
from bot.db import Tx
from bot.message import Reply
from bot.sql import insert_row, p, sql
from bot.tables import groups, heard
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


HEARD = sql(select(heard.c.at).where(heard.c.platform == p("platform")))
FIRST_HEARD = insert_row(heard, "platform", "at", conflict=["platform"])
STILL_HEARD = sql(update(heard).where(heard.c.platform == p("key"), heard.c.at < p("new_at")).values(at=p("new_at")))


def heard_until(tx: Tx, platform: str, at: int) -> int:
    """Notes until when a platform was heard (UTC microseconds); what was noted before, 0 = nothing."""
    before = int(tx.value(HEARD, platform=platform) or 0)
    if tx.run(FIRST_HEARD, platform=platform, at=at) == 0 and at > before:
        tx.run(STILL_HEARD, key=platform, new_at=at)
    return before


def tell_gap(tx: Tx, *, platform: str, via: str, window: tuple[datetime, datetime]) -> int:
    """Promises each secretary one line about a time in which nothing was heard; how many are told."""
    since, until = window
    days = (f"{one.month}月{one.day}日" if since.date() != until.date() else "" for one in window)
    span = "–".join(f"{day}{one:%H:%M}" for day, one in zip(days, window, strict=True))
    text = f"{span} 与平台断线，可能漏收。请核对谁的回复没记上：/attendance who"
    told = [row for row in tx.all(HOLDERS, platform=platform) if "secretary" in roles_of(row.duty)]
    for row in told:
        key = f"gap:{platform}:{since:%Y%m%d%H%M%S}:{row.account}"
        outbox.put(tx, via, row.account, Reply(text), key=key, purpose="notice", branch=row.branch_id, private=True)
    return len(told)

"""What the secretaries are told of the machine itself: in private, once, in words that say what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot import outbox
from bot.db import Tx
from bot.message import Reply, unpack
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


ACCOUNTS = sql(
    select(members.c.id, members.c.duty, accounts.c.platform, accounts.c.account)
    .join_from(members, accounts, accounts.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, members.c.duty != "")
    .order_by(accounts.c.platform, accounts.c.account)
)
NAME_OF = sql(
    select(members.c.name)
    .join_from(members, accounts, accounts.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), accounts.c.account == p("account"))
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


def tell_lost(tx: Tx, row: Any, told: str, *, private_via: Mapping[str, str], admins: Collection[str]) -> int:
    """Promises one private line about a promise that came to nothing, to the branch's secretaries and the admins.

    Each hears once a month of the same cause at the same target; `told` is the cause in Chinese, where the platform
    knows it. Who asked in private and gets no answer sees it himself. How many lines were promised.
    """
    if row.key.startswith("lost:") or (row.private and row.purpose == "answer"):
        return 0
    cause = hashlib.sha256(f"{row.target}\n{row.error.partition(':')[0]}".encode()).hexdigest()[:16]
    reply = Reply(f"{_what_was_lost(tx, row)}：{told or f'平台不接受（{row.error[:80]}）。'}")
    ways = {*_ways(tx, row, private_via), *_ways_of_admins(admins, private_via)}
    return sum(
        outbox.put(
            tx,
            via,
            account,
            reply,
            key=f"lost:{row.platform}:{cause}:{tx.now:%Y-%m}:{via}:{account}",
            purpose="notice",
            branch=row.branch_id,
            private=True,
        )
        for via, account in sorted(ways)
    )


def _what_was_lost(tx: Tx, row: Any) -> str:
    if not row.private:
        words = " ".join(unpack(row.reply).text.split())
        return f"有一条没有发到群里（{row.platform}）“{words[:20]}{'…' if words[20:] else ''}”"
    name = tx.value(NAME_OF, branch=row.branch_id, account=row.target)
    return f"发给{name or '一位党员'}的私信没有送到（{row.platform}）"


def _ways(tx: Tx, row: Any, private_via: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(platform that speaks, account) for each secretary: rather not through the one that just failed."""
    found: dict[int, tuple[str, str]] = {}
    for one in tx.all(ACCOUNTS, branch=row.branch_id):
        via = private_via.get(one.platform)
        if via and "secretary" in roles_of(one.duty) and found.get(one.id, (row.platform,))[0] == row.platform:
            found[one.id] = via, one.account
    yield from found.values()


def _ways_of_admins(admins: Collection[str], private_via: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for admin in admins:
        platform, _, account = admin.partition(":")
        if platform in private_via:
            yield private_via[platform], account.casefold()


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

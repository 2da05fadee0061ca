"""What the clock does about shifts. Each may be called at every beat: it does what is due, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.shifts import hours, marks, store
from handlers.shifts.lines import announce, heading, tell_branch
from handlers.shifts.marks import end_of
from handlers.shifts.seats import pass_on
from handlers.tables import accounts, shifts

DAY = 24 * marks.HOUR
LOOK_BACK = 14 * DAY  # a check-out that was forgotten longer ago is the secretary's to settle
MORNING, EVENING = 9, 20  # nobody is asked at another hour
SHORT = sql(
    select(shifts)
    .where(shifts.c.state == "open", shifts.c.at_least > 0)
    .where(shifts.c.starts_at > p("at"), shifts.c.starts_at <= p("until"))
    .order_by(shifts.c.id)
)
ACCOUNTS = sql(
    select(accounts.c.platform, accounts.c.account)
    .where(accounts.c.member_id == p("member"))
    .order_by(accounts.c.platform, accounts.c.account)
)


def expire_offers(tx: Tx) -> int:
    """Takes the seats that nobody confirmed in time to the next who wait, and announces that; how many."""
    passed = pass_on(tx)
    for shift, promoted in passed:
        announce(tx, shift, promoted)
    return len(passed)


def ask_forgotten(tx: Tx, private_via: Mapping[str, str]) -> int:
    """Asks those who checked in and not out, in private and once, when they really went; how many. By day only.

    `private_via` names for each platform the one that can speak to a person alone. Who can't be reached so sees it in
    我的, and the secretary in `/volunteer hours`; a group hears nothing of it.
    """
    if not MORNING <= tx.now.hour < EVENING:
        return 0
    late = hours.forgotten(tx, marks.staying(tx, tx.at - LOOK_BACK))
    return sum(_ask(tx, row, private_via) for row in late)


def _ask(tx: Tx, row: Any, private_via: Mapping[str, str]) -> bool:
    reached = [one for one in tx.all(ACCOUNTS, member=row.member_id) if one.platform in private_via]
    if not reached:
        return False
    text = (
        f"{heading(tx, row)}：您签到了，还没有签退。实际几点结束？"
        f"请发：签退 #{row.number} {tx.moment(end_of(row)):%H:%M}"
    )
    key = f"checkout:{row.id}:{row.member_id}"
    via, account = private_via[reached[0].platform], reached[0].account
    options = {"purpose": "reminder", "branch": row.branch_id, "private": True}
    return outbox.put(tx, via, account, Reply(text), key=key, **options)


def call_for_more(tx: Tx) -> int:
    """Says once, a day before a shift and by day, how many are missing to its least number; to how many groups."""
    if not MORNING <= tx.now.hour < EVENING:
        return 0
    return sum(_call(tx, row) for row in tx.all(SHORT, at=tx.at, until=tx.at + DAY))


def _call(tx: Tx, row: Any) -> int:
    seated, _ = store.counts(tx, row.id)
    if seated >= row.at_least:
        return 0
    text = (
        f"{heading(tx, row)} 至少要 {row.at_least} 人，还差 {row.at_least - seated} 人，能来的请发：报名 #{row.number}"
    )
    return tell_branch(tx, row, text, f"short:{row.id}", purpose="reminder", expires=row.starts_at)

"""What the clock does about shifts. Each may be called at every beat: it does what is due, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from bot.tables import outbox as promises
from handlers.shifts import hours, marks
from handlers.shifts.lines import announce, heading
from handlers.shifts.marks import end_of
from handlers.shifts.seats import OVERDUE, Nights, pass_on, usual
from handlers.tables import accounts

DAY = 24 * marks.HOUR
LOOK_BACK = 14 * DAY  # a check-out that was forgotten longer ago is the secretary's to settle
MORNING, EVENING = 9, 20  # nobody is asked at another hour
SAID = sql(select(promises.c.id).where(promises.c.key == p("key")))
ACCOUNTS = sql(
    select(accounts.c.platform, accounts.c.account)
    .where(accounts.c.member_id == p("member"))
    .order_by(accounts.c.platform, accounts.c.account)
)


def offers_due(tx: Tx) -> bool:
    """Whether a seat is to be passed on now: a look, to spare a beat that has nothing to do."""
    return tx.one(OVERDUE, at=tx.at) is not None


def expire_offers(tx: Tx, nights: Nights = usual) -> int:
    """Takes the seats that nobody confirmed in time to the next who wait, and announces that; how many."""
    passed = pass_on(tx, nights)
    for shift, promoted in passed:
        announce(tx, shift, promoted)
    return len(passed)


def forgotten_due(tx: Tx, private_via: Mapping[str, str]) -> bool:
    """Whether somebody is to be asked now when he really went: a look, as above."""
    return bool(_to_ask(tx, private_via))


def ask_forgotten(tx: Tx, private_via: Mapping[str, str]) -> int:
    """Asks those who checked in and not out, in private and once, when they really went; how many. By day only.

    `private_via` names for each platform the one that can speak to a person alone. Who can't be reached so sees it in
    我的, and the secretary in `/volunteer hours`; a group hears nothing of it.
    """
    found = _to_ask(tx, private_via)
    for row, via, account in found:
        text = (
            f"{heading(tx, row)}：您签到了，还没有签退。实际几点结束？"
            f"请发：签退 #{row.number} {tx.moment(end_of(row)):%H:%M}"
        )
        options = {"purpose": "reminder", "branch": row.branch_id, "private": True}
        outbox.put(tx, via, account, Reply(text), key=_key(row), **options)
    return len(found)


def _to_ask(tx: Tx, private_via: Mapping[str, str]) -> list[tuple[Any, str, str]]:
    """(the stay, by which platform, to which account) of everybody who is still to be asked."""
    if not MORNING <= tx.now.hour < EVENING:
        return []
    found = []
    for row in hours.forgotten(tx, marks.staying(tx, tx.at - LOOK_BACK)):
        reached = [one for one in tx.all(ACCOUNTS, member=row.member_id) if one.platform in private_via]
        if reached and tx.one(SAID, key=_key(row)) is None:
            found.append((row, private_via[reached[0].platform], reached[0].account))
    return found


def _key(row: Any) -> str:
    return f"checkout:{row.id}:{row.member_id}"

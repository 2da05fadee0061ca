"""Reminders are said together before any is dropped: where a month's quota runs short, a group hears one a day.

A promise that was taken into another is `merged`: its words stand in that one, and its row says in which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select, update

from bot.db import Tx, micros
from bot.message import Reply, pack, unpack
from bot.sql import p, sql
from bot.tables import outbox

PUSHES = ("reminder", "once")
WAIT_SECONDS = 30  # for those that fall due at the same moment

_pushes = (outbox.c.state == "planned", outbox.c.private == 0, outbox.c.purpose.in_(PUSHES))
HOLD = sql(
    update(outbox)
    .where(outbox.c.platform == p("speaker"), outbox.c.planned_at == p("at"), outbox.c.due_at <= p("at"), *_pushes)
    .values(not_before=p("again"))
)
TODAY = sql(
    select(outbox.c.id, outbox.c.target, outbox.c.due_at, outbox.c.expires_at, outbox.c.reply)
    .where(outbox.c.platform == p("speaker"), outbox.c.due_at < p("until"), *_pushes)
    .order_by(outbox.c.target, outbox.c.due_at, outbox.c.id)
)
JOIN = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "planned")
    .values(reply=p("said"), expires_at=p("latest"))
)
MERGED = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "planned")
    .values(state="merged", error=p("why"), settled_at=p("at"))
)


def hold(tx: Tx, platforms: Iterable[str]) -> None:
    """Lets the pushes that this unit has promised wait a moment for those of the same minute."""
    for platform in platforms:
        tx.run(HOLD, speaker=platform, at=tx.at, again=tx.at + WAIT_SECONDS * 1_000_000)


def merge(tx: Tx, platforms: Iterable[str]) -> int:
    """Makes one promise of all that a group would still hear today, in the order of their times; how many it spared."""
    end = tx.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    spared = 0
    for platform in platforms:
        rows = tx.all(TODAY, speaker=platform, until=micros(end))
        for _, group in groupby(rows, key=lambda row: row.target):
            spared += _join(tx, list(group))
    return spared


def _join(tx: Tx, rows: list[Any]) -> int:
    first, *others = rows
    if not others:
        return 0
    said = together([(f"{tx.moment(row.due_at):%H:%M}", unpack(row.reply)) for row in rows])
    tx.run(JOIN, key_id=first.id, said=pack(said), latest=max(row.expires_at for row in rows))
    for row in others:
        tx.run(MERGED, key_id=row.id, why=f"said with promise {first.id}: the month's quota is short", at=tx.at)
    return len(others)


def together(said: list[tuple[str, Reply]]) -> Reply:
    """Several replies ((HH:MM, reply)) as one, each under its time where the times differ; everybody called is called.

    Buttons stay where one reply alone has them: of several cards nobody could tell which meeting a button means.
    """
    times = {time for time, _ in said}
    texts = [f"{time} {reply.text}" if len(times) > 1 else reply.text for time, reply in said]
    cards = [reply.card for _, reply in said if reply.card]
    called = tuple(dict.fromkeys(account for _, reply in said for account in reply.mention))
    files = tuple(one for _, reply in said for one in reply.attachments)
    whole = replace(said[0][1], text="\n\n".join(texts), mention=called, attachments=files)
    return replace(whole, card=cards[0] if len(cards) == 1 else None)

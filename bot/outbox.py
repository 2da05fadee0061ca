"""Promises to speak: written with what they speak of, kept after the commit, never kept twice.

A promise is planned -> claimed -> sent | failed | unknown. It is claimed by a conditional UPDATE with a lease, so
any number of processes may deliver. What was claimed when its process died is unknown: an answer is then said
again, a reminder is not (nobody wants it twice). One target hears its promises in the order they fell due.
"""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import exists, func, select, tuple_, update

from bot.db import Database, DatabaseDown, Tx
from bot.message import Platform, Promise, Reply, Retry, Undeliverable, Unknown, pack, unpack
from bot.sql import insert_row, p, sql
from bot.tables import groups, outbox

log = logging.getLogger(__name__)

SECOND = 1_000_000
LEASE_SECONDS = 60
BACK_OFF_SECONDS = (2, 5, 15, 60, 300, 900, 3600)
EXPIRES_SECONDS = 24 * 3600
AT_ONCE = 32
SAY_AGAIN = ("answer",)  # purposes that are said again when it is not known whether they arrived

PUT = insert_row(
    outbox,
    *(column.name for column in outbox.columns if column.name != "id"),
    conflict=["key"],
)
GROUPS = sql(
    select(groups.c.platform, groups.c.chat, groups.c.push_platform, groups.c.push_target)
    .where(groups.c.branch_id == p("branch_id"))
    .order_by(groups.c.platform, groups.c.chat)
)
_earlier = outbox.alias("earlier")
DUE = sql(
    select(outbox)
    .where(outbox.c.state == "planned", outbox.c.not_before <= p("at"))
    .where(
        ~exists(
            select(_earlier.c.id).where(
                _earlier.c.platform == outbox.c.platform,
                _earlier.c.target == outbox.c.target,
                _earlier.c.state.in_(("planned", "claimed")),
                _earlier.c.due_at <= p("at"),
                tuple_(_earlier.c.due_at, _earlier.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
            )
        )
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(AT_ONCE)
)
CLAIM = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "planned")
    .values(state="claimed", lease=p("new_lease"), lease_until=p("until"), attempts=outbox.c.attempts + 1)
)
SETTLE = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "claimed", outbox.c.lease == p("old_lease"))
    .values(state=p("new_state"), error=p("new_error"), settled_at=p("at"), not_before=p("again"), lease="")
)
LAPSED = sql(
    select(outbox.c.id, outbox.c.purpose, outbox.c.lease).where(
        outbox.c.state == "claimed", outbox.c.lease_until < p("at")
    )
)
EXPIRED = sql(
    update(outbox)
    .where(outbox.c.state == "planned", outbox.c.expires_at < p("at"))
    .values(state="failed", error="older than its purpose", settled_at=p("at"))
)
NEXT = sql(select(func.min(outbox.c.not_before)).where(outbox.c.state == "planned"))
STATES = sql(select(outbox.c.state, func.count().label("count")).group_by(outbox.c.state))

Pass = Callable[[str, int, float], Awaitable[float]]


def put(
    tx: Tx,
    platform: str,
    target: str,
    reply: Reply,
    *,
    key: str,
    purpose: str,
    branch: int = 0,
    private: bool = False,
    due: int = 0,
    expires: int = 0,
    reply_url: str = "",
    reply_until: int = 0,
) -> bool:
    """Promises to say `reply`; False where the same `key` was promised before (and nothing is added).

    `due` and `expires` are UTC microseconds (default: now, and a day after). `purpose` is "answer", "reminder" or
    "notice": it decides what is done when it is not known whether it arrived.
    """
    due = due or tx.at
    added = tx.run(
        PUT,
        key=key,
        platform=platform,
        target=target,
        private=int(private),
        branch_id=branch,
        purpose=purpose,
        reply=pack(reply),
        reply_url=reply_url,
        reply_until=reply_until,
        state="planned",
        planned_at=tx.at,
        due_at=due,
        expires_at=expires or due + EXPIRES_SECONDS * SECOND,
        not_before=due,
        lease_until=0,
        lease="",
        attempts=0,
        error="",
        settled_at=0,
    )
    tx.tell("outbox")
    return added == 1


def put_to_branch(
    tx: Tx,
    branch: int,
    reply: Callable[[str, str], Reply],
    *,
    key: str,
    besides: tuple[str, str] = ("", ""),
    **options: Any,
) -> int:
    """Promises a push to every group of a branch, but for the group `besides` (platform, chat); how many.

    `reply(platform of the group, platform that speaks)` words it, so that a real @ uses the right accounts.
    """
    bound = [group for group in tx.all(GROUPS, branch_id=branch) if (group.platform, group.chat) != besides]
    for group in bound:
        speaker = group.push_platform or group.platform
        target = group.push_target or group.chat
        words = reply(group.platform, speaker)
        put(tx, speaker, target, words, key=f"{key}:{group.platform}:{group.chat}", branch=branch, **options)
    return len(bound)


def claim(tx: Tx) -> list[Any]:
    """Takes what is due: one promise per target, at most AT_ONCE. Only the claimant may settle it."""
    tx.run(EXPIRED, at=tx.at)
    for row in tx.all(LAPSED, at=tx.at):
        _settle_lapsed(tx, row)
    lease = uuid.uuid4().hex
    until = tx.at + LEASE_SECONDS * SECOND
    taken, targets = [], set()
    for row in tx.all(DUE, at=tx.at):
        target = (row.platform, row.target)
        if target not in targets and tx.run(CLAIM, key_id=row.id, new_lease=lease, until=until) == 1:
            targets.add(target)
            taken.append(row._replace(lease=lease, attempts=row.attempts + 1))
    return taken


def _settle_lapsed(tx: Tx, row: Any) -> None:
    state = "planned" if row.purpose in SAY_AGAIN else "unknown"
    tx.run(
        SETTLE,
        key_id=row.id,
        old_lease=row.lease,
        new_state=state,
        new_error="the process died between sending and noting it",
        at=tx.at,
        again=tx.at,
    )


def settle(tx: Tx, row: Any, state: str, error: str = "", again: int = 0) -> None:
    """Notes how a claimed promise ended; `planned` with `again` (UTC microseconds) means another attempt."""
    tx.run(
        SETTLE,
        key_id=row.id,
        old_lease=row.lease,
        new_state=state,
        new_error=error[:500],
        at=tx.at,
        again=again or tx.at,
    )
    tx.tell("outbox" if state == "planned" else "settled")


async def attempt(platform: Platform, row: Any, wait: Pass) -> tuple[str, str, float]:
    """Says one promise: (state, error, seconds until the next attempt)."""
    promise = Promise(row.key, row.target, unpack(row.reply), bool(row.private), row.reply_url, row.reply_until)
    try:
        seconds = await wait(f"{row.platform}:{row.target}", *platform.window)
        if seconds > 0:
            return "planned", "waits for the platform's minute", seconds
        await platform.send(promise)
    except Retry as error:
        return "planned", str(error), max(error.after, _back_off(row.attempts))
    except Undeliverable as error:
        return "failed", str(error), 0
    except Unknown as error:
        again = row.purpose in SAY_AGAIN
        return "planned" if again else "unknown", str(error), _back_off(row.attempts)
    return "sent", "", 0


def _back_off(attempts: int) -> float:
    """Seconds before the next attempt, spread by a fifth so that replicas don't knock together."""
    seconds = BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1]
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311


async def deliver(database: Database, platforms: Mapping[str, Platform], wait: Pass) -> int:
    """Keeps every promise that is due now; how many were tried."""
    rows = await database.write(claim, "outbox")
    await asyncio.gather(*(_deliver_one(database, platforms, row, wait) for row in rows))
    return len(rows)


async def _deliver_one(database: Database, platforms: Mapping[str, Platform], row: Any, wait: Pass) -> None:
    platform = platforms.get(row.platform)
    if platform is None:
        state, error, seconds = "failed", f"no platform named {row.platform} is configured", 0.0
    else:
        try:
            state, error, seconds = await attempt(platform, row, wait)
        except Exception:
            log.exception("promise %s met a bug in %s", row.id, row.platform)
            state, error, seconds = "failed", "a bug: see the log", 0.0
    if state == "failed":
        log.warning("promise %s on %s can't be kept: %s", row.id, row.platform, error)

    def note(tx: Tx) -> None:
        settle(tx, row, state, error, tx.at + round(seconds * SECOND))

    await database.write(note, "outbox")


async def run(database: Database, platforms: Mapping[str, Platform], wait: Pass, pause: float = 1.0) -> None:
    """Delivers for ever: at once when something was promised, else every `pause` seconds."""
    woken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear(told: set[str]) -> None:
        if "outbox" in told:
            loop.call_soon_threadsafe(woken.set)

    database.listeners.append(hear)
    while True:
        woken.clear()
        try:
            while await deliver(database, platforms, wait):
                pass
        except DatabaseDown as error:
            log.warning("promises wait: %s", error)
        try:
            await asyncio.wait_for(woken.wait(), pause)
        except TimeoutError:
            continue

"""Promises to speak: rows written with what they speak of, claimed with a lease, settled by who claimed them.

A promise is planned -> claimed -> sent | failed | unknown. It is claimed by a conditional UPDATE, so any number of
processes may deliver (see bot/delivery.py). What was claimed when its process died is unknown: an answer is then said
again, a reminder is not (nobody wants it twice). One target hears its promises in the order they fell due.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import case, exists, func, select, tuple_, update

from bot.db import Tx
from bot.message import Reply, pack
from bot.sql import insert_row, p, sql
from bot.tables import groups, outbox

log = logging.getLogger(__name__)

SECOND = 1_000_000
LEASE_SECONDS = 60
EXPIRES_SECONDS = 24 * 3600
AT_ONCE = 8  # promises of one platform on their way; more would knock at its limits
ALIKE_AT_ONCE = 20  # people in one call, where a platform can say one text to many
SAY_AGAIN = ("answer",)  # purposes that are said again when it is not known whether they arrived

# What is done about a promise that came to nothing, in the transaction that notes it: (tx, its row, why in Chinese).
Lost = Callable[[Tx, Any, str], object]

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
_due = (outbox.c.state == "planned", outbox.c.not_before <= p("at"))
SPEAKERS = sql(select(outbox.c.platform).where(*_due).group_by(outbox.c.platform).order_by(outbox.c.platform))
_first = (  # of its target
    ~exists(
        select(_earlier.c.id).where(
            _earlier.c.platform == outbox.c.platform,
            _earlier.c.target == outbox.c.target,
            _earlier.c.state.in_(("planned", "claimed")),
            _earlier.c.due_at <= p("at"),
            tuple_(_earlier.c.due_at, _earlier.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
        )
    ),
)
DUE = sql(
    select(outbox)
    .where(outbox.c.platform == p("speaker"), *_due, *_first)
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(p("room"))
)
ALIKE = sql(
    select(outbox)
    .where(
        outbox.c.platform == p("speaker"),
        outbox.c.private == 1,
        outbox.c.purpose == p("same_purpose"),
        outbox.c.reply == p("same_reply"),
        *_due,
        *_first,
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(p("room"))
)
CLAIM = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "planned")
    .values(state="claimed", lease=p("new_lease"), lease_until=p("until"), attempts=outbox.c.attempts + 1)
)
SETTLE = sql(
    update(outbox)
    .where(outbox.c.id == p("key_id"), outbox.c.state == "claimed", outbox.c.lease == p("old_lease"))
    .values(
        state=p("new_state"),
        error=p("new_error"),
        settled_at=p("at"),
        not_before=p("again"),
        attempts=p("tried"),
        lease="",
    )
)
LAPSED = sql(
    select(outbox.c.id, outbox.c.purpose, outbox.c.lease, outbox.c.attempts).where(
        outbox.c.state == "claimed", outbox.c.lease_until < p("at")
    )
)
EXPIRED = sql(
    update(outbox)
    .where(outbox.c.state == "planned", outbox.c.expires_at < p("at"))
    .values(state="failed", error=func.rtrim("older than its purpose. " + outbox.c.error), settled_at=p("at"))
    .returning(
        *(outbox.c[name] for name in ("id", "key", "platform", "target", "private", "branch_id", "purpose", "reply")),
        outbox.c.error,
    )
)
NEXT = sql(select(func.min(outbox.c.not_before)).where(outbox.c.state == "planned", outbox.c.not_before > p("at")))
# What was tried and put off waits since it fell due; what was never tried waits for its own time.
_waits_since = case((outbox.c.attempts > 0, outbox.c.due_at), else_=outbox.c.not_before)
OLDEST_DUE = sql(select(func.min(_waits_since)).where(outbox.c.state == "planned", _waits_since <= p("at")))
STATES = sql(select(outbox.c.state, func.count().label("count")).group_by(outbox.c.state))


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

    `due` and `expires` are UTC microseconds (default: now, and a day after). `purpose` is "answer", "reminder",
    "notice" or "once" (a secretary's own reminder): it decides what is done when it is not known whether it arrived.
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


def claim(tx: Tx, busy: Mapping[str, int], lost: Lost | None = None, many: Collection[str] = ()) -> list[Any]:
    """Takes what is due: the first promise of each target, at most AT_ONCE of a platform, less those `busy` already.

    Of `many`, the platforms that say one text to many people in a call, it takes with a notice to somebody up to
    ALIKE_AT_ONCE of the same words to others. Only the claimant may settle them. `lost` hears of those whose time is
    over.
    """
    for row in tx.all(EXPIRED, at=tx.at):
        log.warning("promise %s on %s can't be kept: %s", row.id, row.platform, row.error)
        if lost:
            lost(tx, row, "")
    for row in tx.all(LAPSED, at=tx.at):
        state = "planned" if row.purpose in SAY_AGAIN else "unknown"
        settle(tx, row, state, "the process died between sending and noting it")
    lease = uuid.uuid4().hex
    until = tx.at + LEASE_SECONDS * SECOND
    taken = []
    for speaker in tx.all(SPEAKERS, at=tx.at):
        room = max(0, AT_ONCE - busy.get(speaker.platform, 0))
        for row in tx.all(DUE, at=tx.at, speaker=speaker.platform, room=room):
            alike = _alike(tx, row) if row.platform in many else []
            for one in (row, *alike):
                if tx.run(CLAIM, key_id=one.id, new_lease=lease, until=until) == 1:
                    taken.append(one._replace(lease=lease, attempts=one.attempts + 1))
    return taken


def _alike(tx: Tx, row: Any) -> list[Any]:
    """The same words to other people, due now too; none for what is not a notice to one person."""
    if not row.private or row.purpose in SAY_AGAIN:
        return []
    same = {"speaker": row.platform, "same_purpose": row.purpose, "same_reply": row.reply}
    return [one for one in tx.all(ALIKE, at=tx.at, room=ALIKE_AT_ONCE, **same) if one.id != row.id]


def next_due(tx: Tx) -> float:
    """Seconds until a promise falls due that is not due now; infinite where none is planned."""
    at = tx.value(NEXT, at=tx.at)
    return float("inf") if at is None else (at - tx.at) / SECOND


def settle(tx: Tx, row: Any, state: str, error: str = "", *, seconds: float = 0, tried: bool = True) -> None:
    """Notes how a claimed promise ended; `planned` means another attempt in so many seconds.

    `tried` is false where it was never sent: then the attempt does not count.
    """
    tx.run(
        SETTLE,
        key_id=row.id,
        old_lease=row.lease,
        new_state=state,
        new_error=error[:500],
        at=tx.at,
        again=tx.at + round(seconds * SECOND),
        tried=row.attempts if tried else row.attempts - 1,
    )
    tx.tell("outbox" if state == "planned" else "settled")

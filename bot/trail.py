"""Who did what, in the order it was done: one chain of hashes per branch, so that a changed row is found."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import insert_row, p, sql
from bot.tables import trail
from bot.tx import Asked

# Made once: json.dumps makes an encoder at every call.
_detail = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
_row = json.JSONEncoder(ensure_ascii=False).encode

LAST = sql(
    select(trail.c.number, trail.c.hash)
    .where(trail.c.branch_id == p("branch_id"))
    .order_by(trail.c.number.desc())
    .limit(1)
)
ADD = insert_row(trail, "branch_id", "number", "at", "actor", "member_id", "action", "subject", "detail", "hash")
LATEST_OF = sql(
    select(trail.c.id, trail.c.branch_id, trail.c.at, trail.c.action, trail.c.subject, trail.c.detail)
    .where(trail.c.member_id == p("member_id"))
    .order_by(trail.c.id.desc())
    .limit(p("limit"))
)
NEWEST = sql(select(func.max(trail.c.id)))
CHAIN = sql(select(trail).order_by(trail.c.branch_id, trail.c.number))


def note(tx: Tx, branch_id: int, actor: str, member_id: int, action: str, subject: str, **detail: Any) -> None:
    """Appends one row to the branch's chain (0 = the house itself). `member_id` is who did it, 0 for the clock.

    `detail` must hold no leave reason, no amount of a named person and no words of chatter.
    """
    number, before = tx.memo.kept(("trail", branch_id), None) or _head(tx, branch_id)
    text = _detail(detail)
    values = (branch_id, number, tx.at, actor, member_id, action, subject, text)
    row = link(before, values)
    tx.adds(
        ADD,
        branch_id=branch_id,
        number=number,
        at=tx.at,
        actor=actor,
        member_id=member_id,
        action=action,
        subject=subject,
        detail=text,
        hash=row,
    )
    tx.memo.keep(("trail", branch_id), None, (number + 1, row), (("trail", branch_id),))


def asks_last(branch_id: int) -> Asked:
    """What the first note of a transaction asks."""
    return Asked(LAST, {"branch_id": branch_id}, ("last", branch_id), (("trail", branch_id),))


def _head(tx: Tx, branch_id: int) -> tuple[int, str]:
    """The number of the next row and the hash of the last one."""
    last = tx.foreseen(LAST, ("last", branch_id), branch_id=branch_id)
    return (last[0].number + 1, last[0].hash) if last else (1, "")


def link(before: str, values: tuple[Any, ...]) -> str:
    """The hash of a row: of the row before it and of all that stands in it."""
    return hashlib.sha256(_row([before, *values]).encode()).hexdigest()


def newest(tx: Tx) -> int:
    """The place in the trail from which changes are looked for: all rows after it are new."""
    return int(tx.value(NEWEST) or 0)


def verify(tx: Tx) -> list[str]:
    """One line per row that was changed, taken out or put in; [] when every chain is whole."""
    faults, before, branch_id, expected = [], "", None, 1
    for row in tx.all(CHAIN):
        if row.branch_id != branch_id:
            branch_id, before, expected = row.branch_id, "", 1
        values = (row.branch_id, row.number, row.at, row.actor, row.member_id, row.action, row.subject, row.detail)
        if row.number != expected or row.hash != link(before, values):
            faults.append(f"trail of branch {row.branch_id}: row {row.number} does not fit the row before it")
        before, expected = row.hash, row.number + 1
    return faults

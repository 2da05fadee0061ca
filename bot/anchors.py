"""The ends of the trail's chains, and the trail as a file that can be checked without this program.

A chain can't tell that its last rows are gone. So once a day the ends of all chains that grew are noted in the house's
own chain (branch 0), and the file of a year holds them too: kept elsewhere, it vouches for what stood there by then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select, tuple_

from bot.db import Tx, micros
from bot.sql import p, sql
from bot.tables import trail
from bot.trail import link, note

ACTION = "heads"
FORM = "zhibu-trail-1"
HOUSE = 0
CELLS = ("branch_id", "number", "at", "actor", "member_id", "action", "subject", "detail")

_last = select(trail.c.branch_id, func.max(trail.c.number)).group_by(trail.c.branch_id)
_ends = _last.where(trail.c.branch_id != HOUSE)
GROWN = sql(
    select(trail.c.branch_id, trail.c.number, trail.c.hash)
    .where(tuple_(trail.c.branch_id, trail.c.number).in_(_ends), trail.c.at > p("since"))
    .order_by(trail.c.branch_id)
)
ANCHORED = sql(
    select(func.coalesce(func.max(trail.c.at), 0)).where(trail.c.branch_id == HOUSE, trail.c.action == ACTION)
)
ANCHORS = sql(
    select(trail.c.at, trail.c.detail)
    .where(trail.c.branch_id == HOUSE, trail.c.action == ACTION)
    .order_by(trail.c.number)
)
_numbered = (trail.c.branch_id, trail.c.number)
HASHES = sql(select(*_numbered, trail.c.hash, trail.c.id).order_by(*_numbered))
_early = _last.where(trail.c.at < p("at"))
BEFORE = sql(
    select(trail.c.branch_id, trail.c.number, trail.c.hash)
    .where(tuple_(trail.c.branch_id, trail.c.number).in_(_early))
    .order_by(trail.c.branch_id)
)
PART = sql(
    select(trail)
    .where(trail.c.branch_id == p("branch"), trail.c.number > p("after"), trail.c.number <= p("last"))
    .order_by(trail.c.number)
)


def anchor(tx: Tx) -> int:
    """Once a day notes the ends of the chains that grew; how many."""
    last = int(tx.value(ANCHORED))
    if last and tx.moment(last).date() == tx.now.date():
        return 0
    grown = {str(row.branch_id): [row.number, row.hash] for row in tx.all(GROWN, since=last)}
    if grown:
        note(tx, HOUSE, "clock", 0, ACTION, "trail", heads=grown)
    return len(grown)


def check(tx: Tx) -> list[str]:
    """One line per end that was noted and isn't there any more, and per row whose id is out of order; [] for none."""
    rows = tx.all(HASHES)
    there = {(row.branch_id, row.number): row.hash for row in rows}
    faults = [
        f"trail of branch {row.branch_id}: row {row.number} was put in later than the row after it"
        for row, after in pairwise(rows)
        if row.branch_id == after.branch_id and row.id >= after.id
    ]
    for one in tx.all(ANCHORS):
        for branch, number, digest in _noted(one.detail):
            if there.get((branch, number)) != digest:
                faults.append(
                    f"trail of branch {branch}: row {number}, its last on {tx.moment(one.at):%Y-%m-%d}, is gone"
                )
    return faults


def _noted(detail: str) -> list[tuple[int, int, str]]:
    """What an anchor says; nothing where it can't be read, which the chain itself finds."""
    try:
        return [(int(branch), number, digest) for branch, (number, digest) in json.loads(detail)["heads"].items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def written(tx: Tx, since: datetime, until: datetime) -> Iterator[str]:
    """The trail of a span as lines of JSON: first what it is and the hash that each chain goes on from, then the rows.

    A row is [hash, branch_id, number, at, actor, member_id, action, subject, detail]; docs/trail.md says how to check.
    """
    before = {row.branch_id: row for row in tx.all(BEFORE, at=micros(since))}
    ends = tx.all(BEFORE, at=micros(until))
    parts = {end.branch_id: _part(tx, end, before.get(end.branch_id)) for end in ends}
    head = {
        **{"form": FORM, "from": since.isoformat(), "until": until.isoformat(), "made_at": tx.now.isoformat()},
        "before": {str(row.branch_id): row.hash for row in before.values()},
        "ends": {str(branch): [part[-1].number, part[-1].hash] for branch, part in parts.items() if part},
        "rows": sum(map(len, parts.values())),
    }
    yield json.dumps(head, ensure_ascii=False)
    for part in parts.values():
        yield from (json.dumps([row.hash, *(getattr(row, name) for name in CELLS)], ensure_ascii=False) for row in part)


def _part(tx: Tx, end: Any, before: Any) -> list[Any]:
    return tx.all(PART, branch=end.branch_id, after=before.number if before else 0, last=end.number)


def checked(lines: Iterator[str]) -> list[str]:
    """What is wrong with such a file, a line each; [] where it is whole. Raises ValueError for another kind of file."""
    head = json.loads(next(lines, "{}"))
    if not isinstance(head, dict) or head.get("form") != FORM:
        raise ValueError("not a trail that was exported")
    last: dict[str, Any] = dict(head["before"])
    ends: dict[str, Any] = {}
    faults, count = [], 0
    for line in lines:
        digest, *values = json.loads(line)
        branch, count = str(values[0]), count + 1
        if digest != link(last.get(branch, ""), tuple(values)):
            faults.append(f"trail of branch {branch}: row {values[1]} does not fit the row before it")
        last[branch], ends[branch] = digest, [values[1], digest]
    if count != head["rows"] or ends != head["ends"]:
        faults.append(f"{count} rows of {head['rows']}: the last of a chain are gone")
    return faults

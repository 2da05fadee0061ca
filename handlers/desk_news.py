"""What an open desk asks every moment: in which branches was anything recorded."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import p, sql
from bot.tables import trail

CHANGED = sql(
    select(trail.c.branch_id, func.max(trail.c.id).label("newest"))
    .where(trail.c.id > p("after"))
    .group_by(trail.c.branch_id)
)


def changed(tx: Tx, after: int) -> dict[int, int]:
    """branch -> its newest row, of the branches where anything was recorded after a place, by whichever replica."""
    return {row.branch_id: int(row.newest) for row in tx.all(CHANGED, after=after)}

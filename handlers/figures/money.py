"""党费 as the ledger has it: what the collector has confirmed, by the day it was received, reversals taken off."""

from __future__ import annotations

from sqlalchemy import select

from bot.sql import p
from handlers.figures.rows import ZERO, Rows, columns, in_scope
from handlers.tables import entries, postings


def received() -> Rows:
    """A row for each member and month of an entry; `quantity` is fen, negative for a reversal."""
    return Rows(
        select(
            *columns(
                postings.c.id,
                entries.c.branch_id,
                moment=entries.c.happened_at,
                what=postings.c.month,
                member=postings.c.member_id,
                quantity=-postings.c.fen,
            )
        )
        .join_from(entries, postings, postings.c.entry_id == entries.c.id)
        .where(
            postings.c.member_id != ZERO,
            entries.c.recorded_at <= p("at"),
            entries.c.happened_at >= p("start"),
            entries.c.happened_at < p("end"),
            in_scope(entries.c.branch_id),
        ),
        "dues",
    )

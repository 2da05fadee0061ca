"""党费 as the ledger has it: what the collector has confirmed, by the day it was received, reversals taken off."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from bot.sql import p
from handlers.figures.rows import ZERO, Rows, columns, in_scope
from handlers.tables import entries, postings


def _of_period() -> Any:
    return and_(
        postings.c.member_id != ZERO,
        entries.c.recorded_at <= p("at"),
        entries.c.happened_at >= p("start"),
        entries.c.happened_at < p("end"),
        in_scope(entries.c.branch_id),
    )


def received() -> Rows:
    """A row for each member and month of an entry; `quantity` is fen, negative for a reversal."""
    shown = columns(
        postings.c.id,
        entries.c.branch_id,
        moment=entries.c.happened_at,
        what=postings.c.month,
        member=postings.c.member_id,
        quantity=-postings.c.fen,
    )
    return Rows(select(*shown).join_from(entries, postings, postings.c.entry_id == entries.c.id).where(_of_period()))


def payers() -> Rows:
    """A row for each member from whom something was received that was not taken back."""
    who, branch = postings.c.member_id, entries.c.branch_id
    shown = columns(who, branch, member=who, quantity=-func.sum(postings.c.fen))
    joined = select(*shown).join_from(entries, postings, postings.c.entry_id == entries.c.id).where(_of_period())
    return Rows(joined.group_by(who, branch).having(func.sum(postings.c.fen) < ZERO))

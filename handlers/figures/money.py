"""党费 as the ledger has it: what the collector has confirmed, by the month's book in which it stands, less reversals.

The books are what slips and receipts are checked against (账账相符), so figures go by them, not by the day of a claim.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from bot.sql import p
from handlers.figures.rows import ZERO, Rows, columns, in_scope
from handlers.tables import entries, postings

DUES = ("dues", "extra")  # 党费 and 自愿多交; 大额党费 ("large") goes its own way


def _booked(accounts: tuple[str, ...]) -> Any:
    return and_(
        postings.c.account.in_(accounts),
        postings.c.member_id != ZERO,
        entries.c.recorded_at <= p("at"),
        entries.c.period.between(p("first_month"), p("last_month")),
        in_scope(entries.c.branch_id),
    )


def received(*accounts: str) -> Rows:
    """A row for each member and month of an entry; `quantity` is fen, negative for a reversal."""
    shown = columns(
        postings.c.id,
        entries.c.branch_id,
        moment=entries.c.happened_at,
        what=postings.c.month,
        member=postings.c.member_id,
        quantity=-postings.c.fen,
    )
    joined = select(*shown).join_from(entries, postings, postings.c.entry_id == entries.c.id)
    return Rows(joined.where(_booked(accounts or DUES)))


def payers() -> Rows:
    """A row for each member from whom something was received that was not taken back."""
    who, branch = postings.c.member_id, entries.c.branch_id
    shown = columns(who, branch, member=who, quantity=-func.sum(postings.c.fen))
    joined = select(*shown).join_from(entries, postings, postings.c.entry_id == entries.c.id).where(_booked(DUES))
    return Rows(joined.group_by(who, branch).having(func.sum(postings.c.fen) < ZERO))

"""The only place that writes money: double entry in fen, appended and never edited.

An entry has one cause, so a rerun adds nothing; its postings sum to 0. What a member hands in stands in
`cash:<branch>` and, with the other sign, in `member:<id>` with the month it is for. A mistake is undone by an entry
of the opposite sign that names why.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import cast, func, select

from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, insert_row, p, sql
from handlers.tables import entries, postings

ENTER = insert_row(
    entries,
    "branch_id",
    "cause",
    "kind",
    "happened_at",
    "recorded_at",
    "recorded_by",
    "note",
    conflict=["cause"],
    returning=entries.c.id,
)
POST = insert_row(postings, "entry_id", "account", "member_id", "month", "fen")
ENTRY = sql(select(entries).where(entries.c.cause == p("cause")))
POSTINGS = sql(
    select(postings.c.account, postings.c.member_id, postings.c.month, postings.c.fen)
    .where(postings.c.entry_id == p("entry"))
    .order_by(postings.c.id)
)
_sum = cast(-func.coalesce(func.sum(postings.c.fen), 0), Number).label("fen")
PAID = sql(select(_sum).where(postings.c.member_id == p("member"), postings.c.month == p("month")))
PAID_BY_MONTH = sql(
    select(postings.c.month, _sum)
    .select_from(postings.join(entries, entries.c.id == postings.c.entry_id))
    .where(entries.c.branch_id == p("branch"), postings.c.member_id != 0)
    .where(postings.c.month >= p("first"), postings.c.month <= p("last"))
    .group_by(postings.c.month)
)
UNEVEN = sql(
    select(
        entries.c.cause, func.coalesce(func.sum(postings.c.fen), 0).label("fen"), func.count(postings.c.id).label("n")
    )
    .select_from(entries.outerjoin(postings, postings.c.entry_id == entries.c.id))
    .group_by(entries.c.id, entries.c.cause)
    .having((func.coalesce(func.sum(postings.c.fen), 0) != 0) | (func.count(postings.c.id) < 2))
    .order_by(entries.c.id)
)
TOTAL = sql(select(func.coalesce(func.sum(postings.c.fen), 0).label("fen")))

Posting = tuple[str, int, str, int]  # account, member (0 = nobody's), month ("" = none), fen


def pay(tx: Tx, branch: int, member: int, month: str, fen: int, by: str, cause: str, happened_at: int) -> bool:
    """Records that the branch received `fen` from a member for a month ("YYYY-MM"); False where `cause` is known.

    `by` is who recorded it, `happened_at` (UTC microseconds) when it was paid. Raises ValueError for fen below 1.
    """
    if fen < 1:
        raise ValueError("a payment is at least one fen")
    lines: list[Posting] = [(f"cash:{branch}", 0, "", fen), (f"member:{member}", member, month, -fen)]
    return _enter(tx, branch, cause, "pay", lines, by, happened_at)


def reverse(tx: Tx, cause: str, by: str, reason: str) -> bool:
    """Takes an entry back by one of the opposite sign; False where that was done before.

    Raises Refused for an unknown cause, a missing reason and for a reversal.
    """
    entry = tx.one(ENTRY, cause=cause)
    if entry is None:
        raise Refused("没有这一笔。")
    if entry.kind == "reverse":
        raise Refused("这一笔本身是冲正，不能再冲正；请重新登记。")
    if not reason.strip():
        raise Refused("冲正要写明原因。")
    lines = [(row.account, row.member_id, row.month, -row.fen) for row in tx.all(POSTINGS, entry=entry.id)]
    return _enter(tx, entry.branch_id, f"reverse:{cause}", "reverse", lines, by, tx.at, reason.strip())


def paid(tx: Tx, member: int, month: str) -> int:
    """Fen that are recorded as paid by a member for a month, reversals taken off."""
    return int(tx.value(PAID, member=member, month=month))


def paid_by_month(tx: Tx, branch: int, months: Iterable[str]) -> dict[str, int]:
    """Fen that a branch received for each of the months ("YYYY-MM"), 0 where none."""
    wanted = sorted(set(months))
    if not wanted:
        return {}
    rows = {row.month: row.fen for row in tx.all(PAID_BY_MONTH, branch=branch, first=wanted[0], last=wanted[-1])}
    return {month: int(rows.get(month, 0)) for month in wanted}


def check(tx: Tx) -> list[str]:
    """One line per entry that does not balance, and one if the whole does not; [] when the books are right."""
    faults = [f"ledger: entry {row.cause} has {row.n} postings that sum to {row.fen} fen" for row in tx.all(UNEVEN)]
    total = tx.value(TOTAL)
    return faults + ([f"ledger: all postings sum to {total} fen"] if total else [])


def _enter(
    tx: Tx, branch: int, cause: str, kind: str, lines: list[Posting], by: str, happened_at: int, why: str = ""
) -> bool:
    if sum(fen for *_, fen in lines) != 0:
        raise ValueError(f"the postings of {cause} do not sum to 0")
    entry = tx.value(
        ENTER,
        branch_id=branch,
        cause=cause,
        kind=kind,
        happened_at=happened_at,
        recorded_at=tx.at,
        recorded_by=by,
        note=why,
    )
    if entry is None:
        return False
    for account, member, month, fen in lines:
        tx.run(POST, entry_id=entry, account=account, member_id=member, month=month, fen=fen)
    return True

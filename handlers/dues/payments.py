"""What was paid, receipt by receipt: for the payer's own eyes, the collector's papers, and for taking one back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from bot.trail import note
from handlers import ledger
from handlers.dues.keepers import scope
from handlers.tables import entries, members, postings

_reversal = entries.alias("reversal")
_payer = members.alias("payer")
_undone = select(_reversal.c.id).where(_reversal.c.reverses == entries.c.id).correlate(entries).exists()
_lines = (
    select(
        *(entries.c.id, entries.c.cause, entries.c.kind, entries.c.period, entries.c.receipt, entries.c.happened_at),
        *(entries.c.recorded_at, entries.c.recorded_by, entries.c.note, entries.c.method, entries.c.reverses),
        _undone.label("undone"),
        *(postings.c.account, postings.c.member_id, postings.c.month, (-postings.c.fen).label("fen")),
        *(members.c.name, members.c.party_group, _payer.c.name.label("payer")),
    )
    .select_from(
        entries.join(postings, postings.c.entry_id == entries.c.id)
        .join(members, members.c.id == postings.c.member_id)
        .outerjoin(_payer, _payer.c.id == entries.c.payer_id)
    )
    .where(postings.c.account.in_(("dues", "extra", "large")))
    .order_by(entries.c.id, postings.c.id)
)
OF_MEMBER = sql(_lines.where(postings.c.member_id == p("member")))
OF_BOOKS = sql(
    _lines.where(entries.c.branch_id == p("branch"), entries.c.period >= p("first"), entries.c.period <= p("last"))
)
BY_RECEIPT = sql(
    _lines.where(
        entries.c.branch_id == p("branch"),
        entries.c.receipt == p("receipt"),
        or_(entries.c.kind == "pay", entries.c.kind == "large"),
        entries.c.period >= p("first"),
        entries.c.period <= p("last"),
    )
)


# A slip of 大额党费 takes all that the branch holds, so what was given before it went up with it.
LARGE_SLIP_SINCE = sql(
    select(entries.c.id)
    .join(postings, postings.c.entry_id == entries.c.id)
    .where(entries.c.branch_id == p("branch"), entries.c.kind == "slip", postings.c.account == "large_cash")
    .where(entries.c.id > p("entry"), ~_undone)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Payment:
    """One entry of money from a member: `fen` in all, `extra` of it voluntary, < 0 where it takes another back.

    `kind` is pay, large or reverse; `month` is the one it is for ("" for large), `period` the book it stands in.
    """

    entry: int
    cause: str
    kind: str
    member: int
    name: str
    party_group: str
    month: str
    period: str
    fen: int
    extra: int
    large: bool
    receipt: int
    paid_at: int
    recorded_at: int
    recorded_by: str
    payer: str
    method: str
    note: str
    undone: bool
    reverses: int

    @property
    def number(self) -> str:
        """The receipt's number as people write it: 2026-3."""
        return f"{self.period[:4]}-{self.receipt}" if self.receipt else ""


def of_member(tx: Tx, member: int) -> list[Payment]:
    """Everything a member ever paid, oldest first, with what was taken back."""
    return _payments(tx.all(OF_MEMBER, member=member))


def of_books(tx: Tx, branch: int, first: str, last: str) -> list[Payment]:
    """What stands in a branch's books from month to month ("YYYY-MM"), in the order it was recorded."""
    return _payments(tx.all(OF_BOOKS, branch=branch, first=first, last=last))


def by_receipt(tx: Tx, branch: int, year: str, number: int) -> list[Payment]:
    """The payments of one receipt: several where it is for several months."""
    return _payments(tx.all(BY_RECEIPT, branch=branch, receipt=number, first=f"{year}-01", last=f"{year}-12"))


def reverse_receipt(tx: Tx, branch: int, year: str, number: int, reason: str, by: Who) -> list[Payment]:
    """Takes back what a receipt stands for, by entries of the opposite sign in this month's book.

    Raises Refused where there is none, it was taken back before, it is not of the collector's group, or it was 大额党费
    that went up already; and as `ledger.reverse` does.
    """
    found = by_receipt(tx, branch, year, number)
    if not found:
        raise Refused(f"没有 {year}-{number} 号收据。")
    group = scope(tx, by)
    if group and any(one.party_group != group for one in found):
        raise Refused("这一笔不归您处理。")
    standing = [one for one in found if not one.undone]
    if not standing:
        raise Refused(f"{year}-{number} 号收据已冲正，不能再冲正。交了的请重新登记。")
    for one in standing:
        if one.large and tx.one(LARGE_SLIP_SINCE, branch=branch, entry=one.entry) is not None:
            raise Refused("这笔大额党费已上缴，请先冲正缴款单。")
        ledger.reverse(tx, one.cause, by.label, reason)
    months = sorted({one.month for one in standing if one.month})
    member = standing[0].member
    note(tx, branch, by.label, by.member, "dues_reversed", f"receipt:{number}", member=member, months=months)
    return standing


def _payments(rows: Iterable[Any]) -> list[Payment]:
    """One payment per entry and month; an entry has one line for what is due and one for what is more."""
    found: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.id, row.month), []).append(row)
    return [_payment(lines) for lines in found.values()]


def _payment(lines: list[Any]) -> Payment:
    row = lines[0]
    extra = sum(line.fen for line in lines if line.account == "extra")
    fen = sum(line.fen for line in lines)
    return Payment(
        *(row.id, row.cause, row.kind, row.member_id, row.name, row.party_group, row.month, row.period),
        *(int(fen), int(extra), row.account == "large", row.receipt, row.happened_at, row.recorded_at),
        *(row.recorded_by, row.payer or "", row.method, row.note, bool(row.undone), row.reverses),
    )

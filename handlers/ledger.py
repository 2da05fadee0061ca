"""The only place that writes money: double entry in fen, appended and never edited.

An entry has one cause, so a rerun adds nothing; its postings sum to 0. A mistake is undone by an entry of the opposite
sign that names why. What came in stands with +, where it came from with -:

    cash        what the branch holds and has not handed up      large_cash  the same of 大额党费
    dues        党费 of a member for a month                      extra       自愿多交, of a member for a month
    large       大额党费 of a member, wholly for the Centre       kept        what stays with the branch, by the share
    slip        handed up on a slip, no receipt yet               bank        what the bank's receipt says

Payments stand in the book (台账) of the month in which they were recorded, whatever month they are for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import cast, func, select

from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, insert_row, p, sql
from handlers.ledger_tables import dues_closings
from handlers.tables import entries, postings

MOST_FEN = 9_999_999_999  # 99999999.99 yuan, as for a base

ENTER = insert_row(
    entries,
    *("branch_id", "cause", "kind", "happened_at", "recorded_at", "recorded_by", "note"),
    *("period", "receipt", "payer_id", "method", "reverses", "slip_id"),
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
_of = postings.join(entries, entries.c.id == postings.c.entry_id)
PAID = sql(
    select(_sum).where(
        postings.c.member_id == p("member"), postings.c.month == p("month"), postings.c.account == "dues"
    )
)
CLOSED = sql(
    select(dues_closings.c.id).where(dues_closings.c.branch_id == p("branch"), dues_closings.c.month == p("month"))
)
LAST_RECEIPT = sql(
    select(func.coalesce(func.max(entries.c.receipt), 0)).where(
        entries.c.branch_id == p("branch"), func.substr(entries.c.period, 1, 4) == p("year")
    )
)
BALANCE = sql(
    select(cast(func.coalesce(func.sum(postings.c.fen), 0), Number))
    .select_from(_of)
    .where(entries.c.branch_id == p("branch"), postings.c.account == p("account"))
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


def pay(
    tx: Tx,
    branch: int,
    member: int,
    month: str,
    fen: int,
    by: str,
    cause: str,
    happened_at: int,
    *,
    extra: int = 0,
    payer: int = 0,
    method: str = "",
    receipt: int = 0,
) -> bool:
    """Records that the branch received `fen` from a member for a month ("YYYY-MM"); False where `cause` is known.

    `by` is who recorded it, `happened_at` (UTC microseconds) when it was paid; `extra` fen of it are 自愿多交; `payer`
    is who paid for the member (0 = himself); `receipt` the number on the receipt, 0 = the next.
    Raises ValueError for fen below 1 or above 99999999.99 yuan, Refused where this month's book is closed.
    """
    _in_range(fen)
    if not 0 <= extra <= fen:
        raise ValueError("what is voluntary is part of the payment")
    if tx.one(ENTRY, cause=cause) is not None:
        return False
    period = open_book(tx, branch)
    parts = [("dues", member, month, extra - fen), ("extra", member, month, -extra)]
    lines: list[Posting] = [("cash", 0, "", fen), *(part for part in parts if part[3])]
    more = {"period": period, "payer_id": payer, "method": method, "receipt": receipt or next_receipt(tx, branch)}
    return _enter(tx, branch, cause, "pay", lines, by, happened_at, **more)


def give(tx: Tx, branch: int, member: int, fen: int, by: str, cause: str, why: str) -> bool:
    """Records 大额党费 of a member, apart from the dues of any month (2008, Art. 11); False where `cause` is known.

    It stands in no month's book, so none that is closed stops it. Raises ValueError as `pay` does.
    """
    _in_range(fen)
    if tx.one(ENTRY, cause=cause) is not None:
        return False
    lines: list[Posting] = [("large_cash", 0, "", fen), ("large", member, "", -fen)]
    more = {"period": f"{tx.now:%Y-%m}", "receipt": next_receipt(tx, branch), "note": why}
    return _enter(tx, branch, cause, "large", lines, by, tx.at, **more)


def hand_up(tx: Tx, branch: int, slip: int, fen: int, kept: int, by: str, *, large: bool = False) -> bool:
    """Records that a slip takes `fen` out of what the branch holds, and that `kept` of it stay; False if it did."""
    held = "large_cash" if large else "cash"
    lines: list[Posting] = [("slip", 0, "", fen), ("kept", 0, "", kept), (held, 0, "", -fen - kept)]
    lines = [line for line in lines if line[3]]
    return _enter(tx, branch, f"slip:{slip}", "slip", lines, by, tx.at, slip_id=slip)


def receive_receipt(tx: Tx, branch: int, slip: int, fen: int, by: str, cause: str, reference: str) -> bool:
    """Records what the bank's receipt of a slip says, right or not: a difference stays in `slip` and is shown."""
    _in_range(fen)
    lines: list[Posting] = [("bank", 0, "", fen), ("slip", 0, "", -fen)]
    return _enter(tx, branch, cause, "bank", lines, by, tx.at, slip_id=slip, note=reference)


def reverse(tx: Tx, cause: str, by: str, reason: str) -> bool:
    """Takes an entry back by one of the opposite sign; False where that was done before.

    A payment is taken back in this month's book, so a closed one stays as it was. Raises Refused for an unknown cause,
    a missing reason, a reversal, and where this month's book is closed.
    """
    entry = tx.one(ENTRY, cause=cause)
    if entry is None:
        raise Refused("没有这一笔。")
    if entry.kind == "reverse":
        raise Refused("这一笔本身是冲正，不能再冲正；请重新登记。")
    if not reason.strip():
        raise Refused("冲正要写明原因。")
    if tx.one(ENTRY, cause=f"reverse:{cause}") is not None:
        return False
    lines = [(row.account, row.member_id, row.month, -row.fen) for row in tx.all(POSTINGS, entry=entry.id)]
    period = open_book(tx, entry.branch_id) if entry.kind == "pay" else entry.period and f"{tx.now:%Y-%m}"
    more = {"period": period, "reverses": entry.id, "slip_id": entry.slip_id, "note": reason.strip()}
    return _enter(tx, entry.branch_id, f"reverse:{cause}", "reverse", lines, by, tx.at, **more)


def open_book(tx: Tx, branch: int) -> str:
    """The month in whose book a payment is recorded now. Raises Refused where that book is closed already."""
    month = f"{tx.now:%Y-%m}"
    if tx.one(CLOSED, branch=branch, month=month) is not None:
        after = f"{tx.now.month % 12 + 1}月1日"
        raise Refused(f"{tx.now.month}月台账已封账，不能再记。这一笔先留着，{after}起再办，记入下个月的台账。")
    return month


def next_receipt(tx: Tx, branch: int) -> int:
    """The number of the next receipt (收据号) of a branch in this year."""
    return int(tx.value(LAST_RECEIPT, branch=branch, year=f"{tx.now:%Y}")) + 1


def paid(tx: Tx, member: int, month: str) -> int:
    """Fen that are recorded as paid by a member for a month, reversals taken off."""
    return int(tx.value(PAID, member=member, month=month))


def balance(tx: Tx, branch: int, account: str) -> int:
    """Fen that stand in an account of a branch."""
    return int(tx.value(BALANCE, branch=branch, account=account))


def check(tx: Tx) -> list[str]:
    """One line per entry that does not balance, and one if the whole does not; [] when the books are right."""
    faults = [f"ledger: entry {row.cause} has {row.n} postings that sum to {row.fen} fen" for row in tx.all(UNEVEN)]
    total = int(tx.value(TOTAL))
    return faults + ([f"ledger: all postings sum to {total} fen"] if total else [])


def _in_range(fen: int) -> None:
    if not 1 <= fen <= MOST_FEN:
        raise ValueError("a payment is at least one fen and at most 99999999.99 yuan")


def _enter(
    tx: Tx, branch: int, cause: str, kind: str, lines: list[Posting], by: str, happened_at: int, **more: Any
) -> bool:
    """Writes an entry with its postings; False, and nothing, where its cause is known."""
    if sum(fen for *_, fen in lines) != 0:
        raise ValueError(f"the postings of {cause} do not sum to 0")
    values: dict[str, Any] = {"note": "", "period": "", "receipt": 0, "payer_id": 0}
    values |= {"method": "", "reverses": 0, "slip_id": 0} | more
    known = {"branch_id": branch, "cause": cause, "kind": kind, "happened_at": happened_at}
    entry = tx.value(ENTER, **known, recorded_at=tx.at, recorded_by=by, **values)
    if entry is None:
        return False
    for account, member, month, fen in lines:
        tx.run(POST, entry_id=entry, account=account, member_id=member, month=month, fen=fen)
    return True

"""缴款单: what closed months brought in goes up on a slip, and the bank's receipt must say the same sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast, func, select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, insert_row, p, sql
from bot.trail import note
from handlers import ledger
from handlers.ledger_tables import dues_closings, dues_slips
from handlers.tables import entries, postings

WHOLE = 10_000  # a share in hundredths of a per cent
ADD = insert_row(
    dues_slips,
    *("branch_id", "number", "kind", "months", "total_fen", "share", "fen", "made_by", "made_at"),
    returning=dues_slips.c.id,
)
NEXT = sql(select(func.coalesce(func.max(dues_slips.c.number), 0) + 1).where(dues_slips.c.branch_id == p("branch")))
NOT_HANDED_UP = sql(
    select(dues_closings.c.month, dues_closings.c.received_fen)
    .where(dues_closings.c.branch_id == p("branch"), dues_closings.c.slip_id == 0, dues_closings.c.month <= p("last"))
    .order_by(dues_closings.c.month)
)
TAKE = sql(
    update(dues_closings)
    .where(dues_closings.c.branch_id == p("branch"), dues_closings.c.month == p("month"), dues_closings.c.slip_id == 0)
    .values(slip_id=p("slip"))
)
GIVE_BACK = sql(update(dues_closings).where(dues_closings.c.slip_id == p("old_slip")).values(slip_id=0))
_reversal = entries.alias("reversal")
_undone = select(_reversal.c.id).where(_reversal.c.reverses == entries.c.id).correlate(entries).exists()
_receipts = (
    select(cast(func.coalesce(func.sum(postings.c.fen), 0), Number))
    .select_from(postings.join(entries, entries.c.id == postings.c.entry_id))
    .where(entries.c.slip_id == dues_slips.c.id, postings.c.account == "bank")
    .correlate(dues_slips)
    .scalar_subquery()
)
_counted = (
    select(func.count())
    .select_from(entries)
    .where(entries.c.slip_id == dues_slips.c.id, entries.c.kind == "bank", ~_undone)
    .correlate(dues_slips)
    .scalar_subquery()
)
_void = (
    select(func.count())
    .select_from(entries)
    .where(entries.c.slip_id == dues_slips.c.id, entries.c.kind == "slip", _undone)
    .correlate(dues_slips)
    .scalar_subquery()
)
SLIPS = sql(
    select(
        dues_slips,
        _receipts.label("banked"),
        _counted.label("receipts"),
        _void.label("void"),
    )
    .where(dues_slips.c.branch_id == p("branch"))
    .order_by(dues_slips.c.number)
)
RECEIPTS = sql(
    select(entries.c.cause, entries.c.kind, entries.c.note, entries.c.recorded_at, _undone.label("undone"))
    .where(entries.c.slip_id == p("slip"), entries.c.kind == "bank")
    .order_by(entries.c.id)
)


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip and what became of it: `banked` fen by the bank's receipts (`receipts` of them), void when reversed."""

    id: int
    number: int
    kind: str
    months: tuple[str, ...]
    total: int
    share: int
    fen: int
    made_by: str
    made_at: int
    banked: int
    receipts: int
    void: bool

    @property
    def difference(self) -> int:
        """Fen by which slip and receipt differ; 0 while there is no receipt."""
        return self.fen - self.banked if self.receipts else 0


def slips(tx: Tx, branch: int) -> list[Slip]:
    """Every slip of a branch, oldest first."""
    return [_slip(row) for row in tx.all(SLIPS, branch=branch)]


def slip_numbered(tx: Tx, branch: int, number: int) -> Slip:
    """The slip of a number. Raises Refused for none."""
    found = next((one for one in slips(tx, branch) if one.number == number), None)
    if found is None:
        raise Refused(f"没有 {number} 号缴款单。发 /dues remit 看有哪些。")
    return found


def due_up(tx: Tx, branch: int, last: str) -> list[Any]:
    """Closed months up to `last` (month, received_fen) that no slip has taken yet, oldest first."""
    return tx.all(NOT_HANDED_UP, branch=branch, last=last)


def hand_up(tx: Tx, branch: int, last: str, share: int, by: Who) -> Slip:
    """Makes one slip of all closed months up to `last` that are on none yet.

    `share` of them in hundredths of a per cent. Raises Refused where there is no such month, and
    where nothing came in.
    """
    waiting = due_up(tx, branch, last)
    if not waiting:
        raise Refused("没有已封账、还没上缴的月份。请先封账：/dues close 月份")
    total = sum(row.received_fen for row in waiting)
    if total < 1:
        raise Refused("这几个月没有收到党费，不用上缴。")
    months = [row.month for row in waiting]
    slip = _make(tx, branch, "dues", months, total, share, by)
    for month in months:
        tx.run(TAKE, branch=branch, month=month, slip=slip.id)
    return slip


def hand_up_large(tx: Tx, branch: int, by: Who) -> Slip:
    """Makes a slip of all 大额党费 that the branch holds, for the Centre (2008, Art. 11). Raises Refused for none."""
    held = ledger.balance(tx, branch, "large_cash")
    if held < 1:
        raise Refused("没有还没上缴的大额党费。")
    return _make(tx, branch, "large", [], held, WHOLE, by)


def by_share(total: int, share: int) -> int:
    """Fen that go up of a total, by a share in hundredths of a per cent; half a fen goes up."""
    return (total * share + WHOLE // 2) // WHOLE


def _make(tx: Tx, branch: int, kind: str, months: list[str], total: int, share: int, by: Who) -> Slip:
    fen = by_share(total, share)
    number = int(tx.value(NEXT, branch=branch))
    values = {"number": number, "kind": kind, "months": " ".join(months), "total_fen": total, "share": share}
    slip = int(tx.value(ADD, branch_id=branch, **values, fen=fen, made_by=by.label, made_at=tx.at))
    ledger.hand_up(tx, branch, slip, fen, total - fen, by.label, large=kind == "large")
    note(tx, branch, by.label, by.member, "dues_slip", f"slip:{number}", months=months)
    return slip_numbered(tx, branch, number)


def receive_receipt(tx: Tx, branch: int, number: int, fen: int, reference: str, by: Who) -> Slip:
    """Notes the bank's receipt of a slip; a sum that differs is kept and shown.

    Raises Refused where there is no such slip, it is void or has its receipt.
    """
    slip = slip_numbered(tx, branch, number)
    if slip.void:
        raise Refused(f"{number} 号缴款单已冲正。")
    if slip.receipts:
        raise Refused(f"{number} 号缴款单已有回单。登记错了请先冲正：/dues reverse 回单 {number} 原因")
    count = len(tx.all(RECEIPTS, slip=slip.id))
    ledger.receive_receipt(tx, branch, slip.id, fen, by.label, f"bank:{slip.id}:{count + 1}", reference)
    note(tx, branch, by.label, by.member, "dues_bank_receipt", f"slip:{number}")
    return slip_numbered(tx, branch, number)


def reverse_receipt(tx: Tx, branch: int, number: int, reason: str, by: Who) -> None:
    """Takes the bank's receipt of a slip back. Raises Refused where there is none."""
    slip = slip_numbered(tx, branch, number)
    row = next((row for row in tx.all(RECEIPTS, slip=slip.id) if not row.undone), None)
    if row is None:
        raise Refused(f"{number} 号缴款单没有回单可冲正。")
    ledger.reverse(tx, row.cause, by.label, reason)
    note(tx, branch, by.label, by.member, "dues_reversed", f"slip:{number}", what="receipt")


def reverse_slip(tx: Tx, branch: int, number: int, reason: str, by: Who) -> None:
    """Takes a slip back: its months wait for another one. Raises Refused where it has a receipt or is void."""
    slip = slip_numbered(tx, branch, number)
    if slip.void:
        raise Refused(f"{number} 号缴款单已冲正，不能再冲正。")
    if slip.receipts:
        raise Refused(f"{number} 号缴款单已有回单，请先冲正回单：/dues reverse 回单 {number} 原因")
    ledger.reverse(tx, f"slip:{slip.id}", by.label, reason)
    tx.run(GIVE_BACK, old_slip=slip.id)
    note(tx, branch, by.label, by.member, "dues_reversed", f"slip:{number}", what="slip")


def _slip(row: Any) -> Slip:
    months = tuple(row.months.split())
    return Slip(
        *(row.id, row.number, row.kind, months, row.total_fen, row.share, row.fen, row.made_by, row.made_at),
        *(int(row.banked), int(row.receipts), bool(row.void)),
    )

"""账账相符、账款相符: three sums that must be equal, asked of the rows every night and whenever somebody wants to know.

1. What the members' rows of a month's book add up to is what the cash took in, and what stood there when it was closed.
2. That is what the slip hands up (by its share).   3. The slip is what the bank's receipt says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, literal, select

from bot.db import Tx
from bot.message import Reply
from bot.sql import Number, p, sql
from handlers import ledger
from handlers.dues.closing import received
from handlers.dues.remitting import Slip, by_share, slips
from handlers.dues.telling import NOTHING, tell
from handlers.ledger_tables import dues_closings
from handlers.rates import yuan
from handlers.tables import branches, dues_claims, entries, postings

CASH_IN = sql(
    select(entries.c.period.label("month"), cast(func.sum(postings.c.fen), Number).label("fen"))
    .select_from(postings.join(entries, entries.c.id == postings.c.entry_id))
    .where(entries.c.branch_id == p("branch"), entries.c.period != "", postings.c.account == "cash")
    .group_by(entries.c.period)
)
CLOSINGS = sql(
    select(dues_closings.c.month, dues_closings.c.received_fen, dues_closings.c.slip_id)
    .where(dues_closings.c.branch_id == p("branch"))
    .order_by(dues_closings.c.month)
)
HANDED_UP = sql(
    select(cast(func.coalesce(func.sum(postings.c.fen), 0), Number))
    .select_from(postings.join(entries, entries.c.id == postings.c.entry_id))
    .where(entries.c.slip_id == p("slip"), entries.c.kind == "slip", postings.c.account == "slip")
)
BRANCHES = sql(select(branches.c.id, branches.c.name).order_by(branches.c.id))
# A confirmed claim of a sum is in the books exactly when there is an entry with its name.
_cause = literal("claim:") + cast(dues_claims.c.id, Text)
UNBOOKED = sql(
    select(func.count())
    .select_from(dues_claims)
    .where(dues_claims.c.state == "ok", dues_claims.c.fen > 0)
    .where(~select(entries.c.id).where(entries.c.cause == _cause).exists())
)


# What a sum is called, to people and on the command line.
NAMES = {
    "rows": ("各人合计", "members' rows"),
    "cash": ("收款合计", "cash received"),
    "closed": ("封账合计", "closed with"),
    "total": ("单上合计", "slip's total"),
    "share": ("按比例应缴", "by its share"),
    "slip": ("单上应缴", "slip"),
    "booked": ("台账上缴", "handed up in the ledger"),
    "bank": ("银行回单", "bank's receipt"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sums in fen that should be one: of a month ("YYYY-MM") or of a slip (its number); each called as in NAMES."""

    of: str | int
    left: str
    left_fen: int
    right: str
    right_fen: int

    @property
    def line(self) -> str:
        """As a person reads it, to the fen."""
        of = f"{self.of} 号缴款单" if isinstance(self.of, int) else self.of
        sums = (f"{NAMES[self.left][0]} {yuan(self.left_fen)} 元", f"{NAMES[self.right][0]} {yuan(self.right_fen)} 元")
        return f"{of}：{'，'.join(sums)}，相差 {yuan(abs(self.left_fen - self.right_fen))} 元"

    @property
    def report(self) -> str:
        """As `verify` prints it, to the fen."""
        of = f"slip {self.of}" if isinstance(self.of, int) else self.of
        sums = (f"{NAMES[self.left][1]} {yuan(self.left_fen)}", f"{NAMES[self.right][1]} {yuan(self.right_fen)}")
        return f"{of}: {', '.join(sums)}, difference {yuan(abs(self.left_fen - self.right_fen))} yuan"


def differences(tx: Tx, branch: int) -> list[Difference]:
    """Where the three sums of a branch are not equal, months first; [] when the books are right."""
    rows, cash = received(tx, branch), {row.month: int(row.fen) for row in tx.all(CASH_IN, branch=branch)}
    closings = tx.all(CLOSINGS, branch=branch)
    found = [
        Difference(month, "rows", rows.get(month, 0), "cash", cash.get(month, 0))
        for month in sorted(rows.keys() | cash.keys())
    ]
    found += [Difference(row.month, "rows", rows.get(row.month, 0), "closed", row.received_fen) for row in closings]
    for slip in slips(tx, branch):
        found += _of_slip(tx, slip, sum(row.received_fen for row in closings if row.slip_id == slip.id))
    return [one for one in found if one.left_fen != one.right_fen]


def _of_slip(tx: Tx, slip: Slip, closed_fen: int) -> list[Difference]:
    booked = int(tx.value(HANDED_UP, slip=slip.id))
    if slip.void:
        return []
    found = [Difference(slip.number, "closed", closed_fen, "total", slip.total)] if slip.kind == "dues" else []
    found.append(Difference(slip.number, "share", by_share(slip.total, slip.share), "slip", slip.fen))
    found.append(Difference(slip.number, "slip", slip.fen, "booked", booked))
    return [*found, Difference(slip.number, "slip", slip.fen, "bank", slip.banked)] if slip.receipts else found


def check(tx: Tx) -> list[str]:
    """All of it for all branches, a line each, as `verify` prints it; [] when the books are right."""
    lines = ledger.check(tx)
    for branch in tx.all(BRANCHES):
        lines += [f"dues of branch {branch.id}, {one.report}" for one in differences(tx, branch.id)]
    missing = int(tx.value(UNBOOKED))
    return [*lines, f"dues: {missing} confirmed claims have no entry in the ledger"] if missing else lines


def tell_differences(tx: Tx, branch: int, via: Mapping[str, str]) -> int:
    """The nightly check of a branch: those who keep its whole book hear of a difference in private, once a day.

    `via` names for each platform the one that can speak to a person alone. How many are told, 0 when all is equal.
    """
    found = differences(tx, branch)
    if not found:
        return 0
    text = "\n".join(["党费账有不相等的地方，请核对：", *(one.line for one in found[:10]), "详情私聊发：/dues check"])
    key = f"dues_check:{branch}:{tx.now:%Y-%m-%d}"
    return tell(tx, branch, ("secretary", "collector"), lambda who: NOTHING if who.group else Reply(text), via, key=key)

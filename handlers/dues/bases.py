"""Who owes what in a month: the bases that were decided, the members of that time and what the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import rates
from handlers.tables import branches, dues_bases, dues_claims, members, memberships, postings

BOUND = sql(select(branches.c.bound_at).where(branches.c.id == p("branch")))
BASES = sql(select(dues_bases).where(dues_bases.c.member_id == p("member")).order_by(dues_bases.c.id.desc()))
ADD_BASE = insert_row(
    dues_bases,
    "member_id",
    "kind",
    "base_fen",
    "month_fen",
    "valid_from",
    "valid_to",
    "decided_by",
    "decided_at",
    "reason",
)
PEOPLE = sql(
    select(members.c.id, members.c.name, members.c.aliases, members.c.department)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(members.c.id)
)
_valid = (
    (dues_bases.c.member_id == members.c.id)
    & (dues_bases.c.valid_from <= p("month"))
    & ((dues_bases.c.valid_to == "") | (dues_bases.c.valid_to >= p("month")))
)
_base = select(func.max(dues_bases.c.id)).where(_valid).correlate(members).scalar_subquery()
_newest = dues_bases.alias("newest")
_paid = (
    select(-func.coalesce(func.sum(postings.c.fen), 0))
    .where(postings.c.member_id == members.c.id, postings.c.month == p("month"))
    .correlate(members)
    .scalar_subquery()
)
_claimed = exists(
    select(dues_claims.c.id)
    .where(dues_claims.c.member_id == members.c.id, dues_claims.c.month == p("month"))
    .where(dues_claims.c.state == "open")
)
_belongs = exists(
    select(memberships.c.id)
    .where(memberships.c.member_id == members.c.id, memberships.c.branch_id == p("branch"))
    .where(memberships.c.from_at <= p("at"), (memberships.c.to_at == 0) | (memberships.c.to_at > p("at")))
)
OWING = sql(
    select(
        members.c.id,
        members.c.name,
        members.c.party_group,
        func.coalesce(_newest.c.month_fen, 0).label("due"),
        _paid.label("paid"),
        _claimed.label("claimed"),
    )
    .select_from(members.outerjoin(_newest, _newest.c.id == _base))
    .where(_belongs, (members.c.left_at == 0) | (members.c.left_at > p("at")))
    .order_by(members.c.id)
)
HISTORY = sql(
    select(postings.c.month, (-func.sum(postings.c.fen)).label("fen"))
    .where(postings.c.member_id == p("member"))
    .where(postings.c.month >= p("first"), postings.c.month <= p("last"))
    .group_by(postings.c.month)
)


@dataclass(frozen=True, slots=True)
class Due:
    """What one member owes for one month, in fen; `due` 0 = no base was decided (未核定).

    `claimed` says that the member says it is paid and nobody has confirmed it yet.
    """

    member: int
    name: str
    month: str
    due: int
    paid: int
    claimed: bool = False
    party_group: str = ""

    @property
    def rest(self) -> int:
        """Fen that are still to be paid."""
        return max(self.due - self.paid, 0)

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected: all that is due, or anything at all where no base was decided."""
        return self.rest == 0 if self.due else self.paid > 0


@dataclass(frozen=True, slots=True)
class Owing:
    """A branch's month: everybody who belonged to it, with and without a base."""

    month: str
    everybody: tuple[Due, ...]

    @property
    def owed(self) -> tuple[Due, ...]:
        """应交: those with a base valid in the month."""
        return tuple(one for one in self.everybody if one.due)

    @property
    def unpaid(self) -> tuple[Due, ...]:
        """未交: those of them who have not paid all of it, confirmed by the collector."""
        return tuple(one for one in self.owed if one.rest)

    @property
    def without_base(self) -> tuple[Due, ...]:
        """未核定."""
        return tuple(one for one in self.everybody if not one.due)


def month_of(moment: datetime) -> str:
    """ "YYYY-MM" of an instant in the house's zone."""
    return f"{moment:%Y-%m}"


def following(month: str, by: int = 1) -> str:
    """The month `by` months later ("YYYY-MM")."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def owing(tx: Tx, branch: int, month: str) -> Owing:
    """What the members of a branch owe for a month: those who belonged to it at the month's end, or do now."""
    after = datetime.strptime(following(month) + "-01", "%Y-%m-%d").replace(tzinfo=tx.now.tzinfo)
    at = min(micros(after - timedelta(microseconds=1)), tx.at)
    rows = tx.all(OWING, branch=branch, month=month, at=at)
    dues = (Due(row.id, row.name, month, row.due, int(row.paid), bool(row.claimed), row.party_group) for row in rows)
    return Owing(month, tuple(dues))


def unpaid_members(tx: Tx, branch: int, month: str) -> tuple[Due, ...]:
    """Those who owe for a month, claims not yet confirmed among them (`claimed`): remind only while there are any.

    Nobody owes for a month before the branch was bound.
    """
    return owing(tx, branch, month).unpaid if month >= bound_month(tx, branch) else ()


def bound_month(tx: Tx, branch: int) -> str:
    """The month in which the branch's first group was bound, now where none is: nothing is owed before."""
    bound = tx.value(BOUND, branch=branch)
    return month_of(tx.moment(bound)) if bound else month_of(tx.now)


def base_in(rows: list[Any], month: str) -> Any:
    """The base valid in a month among a member's rows (newest first), or None: the newest decision wins."""
    return next(
        (row for row in rows if row.valid_from <= month and (not row.valid_to or row.valid_to >= month)),
        None,
    )


def history(tx: Tx, branch: int, member: int) -> list[Due]:
    """One member's months from the first that can be owed to the current one, oldest first."""
    rows, last = tx.all(BASES, member=member), month_of(tx.now)
    if not rows:
        return []
    month = max(min(row.valid_from for row in rows), bound_month(tx, branch))
    paid = {row.month: int(row.fen) for row in tx.all(HISTORY, member=member, first=month, last=last)}
    months = []
    while month <= last:
        base = base_in(rows, month)
        months.append(Due(member, "", month, base.month_fen if base else 0, paid.get(month, 0)))
        month = following(month)
    return months


def set_base(tx: Tx, branch: int, member: int, kind: str, base_fen: int, reason: str, by: Who) -> int:
    """Decides a member's base from the current month on; the monthly dues in fen.

    The amount normally stays for the year (组电明字〔2017〕5号), so a second decision within one needs a reason.
    Raises Refused for that and when nothing would change, ValueError as `rates.monthly_fen` does.
    """
    month = month_of(tx.now)
    month_fen = rates.monthly_fen(kind, base_fen)
    before = base_in(tx.all(BASES, member=member), month)
    if before and (before.kind, before.base_fen, before.month_fen) == (kind, base_fen, month_fen):
        raise Refused("和现在的核定一样，没有改。")
    if before and before.valid_from[:4] == month[:4] and not reason:
        raise Refused("今年已核定过，年内一般不变；确要改，请在最后写明原因，如：退休、转入、更正。")
    tx.run(
        ADD_BASE,
        member_id=member,
        kind=kind,
        base_fen=base_fen,
        month_fen=month_fen,
        valid_from=month,
        valid_to="",
        decided_by=by.label,
        decided_at=tx.at,
        reason=reason,
    )
    note(tx, branch, by.label, by.member, "dues_set", f"member:{member}", month=month)
    return month_fen

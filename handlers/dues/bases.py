"""Who owes what in a month: the bases that were decided, the members of that time and what the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, select

from bot.db import Tx, micros
from bot.sql import Statement, p, sql
from handlers.ledger_tables import dues_waivers
from handlers.people.history import Standing, members_of
from handlers.tables import branches, dues_bases, dues_claims, entries, members, memberships, postings

# Not members yet, or set aside: they pay no dues (党章 Art. 5-7; 党员教育管理工作条例 Art. 24).
NOT_PAYING = frozenset({"入党申请人", "入党积极分子", "发展对象", "停止党籍", "未入党"})
BOUND = sql(select(branches.c.bound_at).where(branches.c.id == p("branch")))
_valid = (
    (dues_bases.c.member_id == members.c.id)
    & (dues_bases.c.valid_from <= p("month"))
    & ((dues_bases.c.valid_to == "") | (dues_bases.c.valid_to >= p("month")))
)
_newest = dues_bases.alias("newest")
_lets_off = (
    (dues_waivers.c.member_id == members.c.id)
    & (dues_waivers.c.valid_from <= p("month"))
    & ((dues_waivers.c.valid_to == "") | (dues_waivers.c.valid_to >= p("month")))
)
_waiver = dues_waivers.alias("waiver")
_approved = (_waiver.c.id > 0) & (_waiver.c.ends == 0) & (_waiver.c.month_fen < _newest.c.month_fen)
_paid = select(-func.coalesce(func.sum(postings.c.fen), 0)).where(
    postings.c.member_id == members.c.id, postings.c.month == p("month"), postings.c.account == "dues"
)
_claimed = exists(
    select(dues_claims.c.id)
    .where(dues_claims.c.member_id == members.c.id, dues_claims.c.month == p("month"))
    .where(dues_claims.c.state == "open")
)
_belongs = (
    select(memberships.c.member_id)
    .where(memberships.c.branch_id == p("branch"))
    .where(memberships.c.from_at <= p("at"))
)
_still = (memberships.c.to_at == 0) | (memberships.c.to_at > p("at"))


def _of_member(found: Any) -> Any:
    return found.correlate(members).scalar_subquery()


# What only the book tells; the base is sealed, and to open one costs as much as a statement.
_decision = (
    func.coalesce(_newest.c.kind, "").label("kind"),
    _newest.c.base_fen.label("base"),
    func.coalesce(_newest.c.rate, 0).label("rate"),
    func.coalesce(_newest.c.valid_from, "").label("since"),
)


def _owing(base: Any, waived: Any, paid: Any, *belonged: Any, decision: Any = ()) -> Statement:
    """Each member with what he owes: by which base, by which waiver, what he paid, and whether he belonged."""
    return sql(
        select(
            members.c.id,
            members.c.name,
            members.c.party_group,
            func.coalesce(case((_approved, _waiver.c.month_fen), else_=_newest.c.month_fen), 0).label("due"),
            case((_approved, 1), else_=0).label("waived"),
            _newest.c.id.label("decision"),
            _of_member(paid).label("paid"),
            _claimed.label("claimed"),
            *decision,
        )
        .select_from(
            members.outerjoin(_newest, _newest.c.id == _of_member(base)).outerjoin(
                _waiver, (_waiver.c.id == _of_member(waived)) & (_waiver.c.member_id == members.c.id)
            )
        )
        .where(*belonged)
        .where((members.c.joined_on == "") | (func.substr(members.c.joined_on, 1, 7) <= p("month")))
        .order_by(members.c.id)
    )


_base = select(func.max(dues_bases.c.id)).where(_valid)
_waived = select(func.max(dues_waivers.c.id)).where(_lets_off)
_now = (members.c.id.in_(_belongs.where(_still)), (members.c.left_at == 0) | (members.c.left_at > p("at")))
OWING = _owing(_base, _waived, _paid, *_now)
OWING_BY = _owing(_base, _waived, _paid, *_now, decision=_decision)
BASE = sql(select(dues_bases.c.base_fen).where(dues_bases.c.id == p("decision")))
# The same as known at an instant: decided, let off, received, moved by then.
OWING_THEN = _owing(
    _base.where(dues_bases.c.decided_at <= p("known")),
    _waived.where(dues_waivers.c.recorded_at <= p("known")),
    _paid.join_from(postings, entries, entries.c.id == postings.c.entry_id).where(entries.c.recorded_at <= p("known")),
    members.c.id.in_(
        _belongs.where(memberships.c.recorded_at <= p("known"), _still | (memberships.c.ended_at > p("known")))
    ),
)


@dataclass(frozen=True, slots=True)
class Due:
    """What one member owes for one month, in fen; `due` 0 = no base was decided (未核定), or `waived` (免交).

    `waived` says that less than the base gives was approved. `claimed` says that the member says it is paid and nobody
    has confirmed it yet. `base`, `rate` and `since` (the month it was decided for) are for the book, never for a group.
    """

    member: int
    name: str
    month: str
    due: int
    paid: int
    claimed: bool = False
    party_group: str = ""
    waived: bool = False
    kind: str = ""
    base: int = 0
    rate: int = 0
    since: str = ""

    @property
    def rest(self) -> int:
        """Fen that are still to be paid."""
        return max(self.due - self.paid, 0)

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected: all that is due, or anything at all where no base was decided."""
        return self.rest == 0 if self.due else self.waived or self.paid > 0

    @property
    def over(self) -> int:
        """Fen that were paid beyond what is due (多交), where it is known what is due."""
        return max(self.paid - self.due, 0) if self.due or self.waived else 0


@dataclass(frozen=True, slots=True)
class Owing:
    """A branch's month: everybody who belonged to it, with and without a base."""

    month: str
    everybody: tuple[Due, ...]

    @property
    def owed(self) -> tuple[Due, ...]:
        """应交: those with a base valid in the month, less those who are let off (免交)."""
        return tuple(one for one in self.everybody if one.due)

    @property
    def unpaid(self) -> tuple[Due, ...]:
        """未交: those of them who have not paid all of it, confirmed by the collector."""
        return tuple(one for one in self.owed if one.rest)

    @property
    def without_base(self) -> tuple[Due, ...]:
        """未核定."""
        return tuple(one for one in self.everybody if not one.due and not one.waived)

    @property
    def let_off(self) -> tuple[Due, ...]:
        """免交."""
        return tuple(one for one in self.everybody if not one.due and one.waived)


def month_of(moment: datetime) -> str:
    """ "YYYY-MM" of an instant in the house's zone."""
    return f"{moment:%Y-%m}"


def following(month: str, by: int = 1) -> str:
    """The month `by` months later ("YYYY-MM")."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def owing(tx: Tx, branch: int, month: str, known: int | None = None) -> Owing:
    """What the members of a branch owe for a month: those who belonged to it at the month's end, or do now.

    Who was no Party member then is left out, unless a base was decided for him and nothing says that he doesn't pay.
    `known` asks what was recorded by another instant (UTC microseconds; None = by now). `base`, `rate`, `kind` and
    `since` are left out.
    """
    seen = tx.now if known is None else tx.moment(known)
    if known is None:
        return _state(tx, OWING, branch, month, seen)
    return _state(tx, OWING_THEN, branch, month, seen, known=known)


def owing_by(tx: Tx, branch: int, month: str) -> Owing:
    """The same with the bases it follows from, for the book: the only one whose business they are."""
    return _state(tx, OWING_BY, branch, month, tx.now)


def _state(tx: Tx, statement: Statement, branch: int, month: str, seen: datetime, **known: int) -> Owing:
    at = at_its_end(month, seen)
    standing = {one.member: one for one in members_of(tx, branch, at, seen)}
    rows = tx.all(statement, branch=branch, month=month, at=micros(at), **known)
    return Owing(month, tuple(_due(row, month) for row in rows if _pays(tx, standing.get(row.id), row.decision)))


def at_its_end(month: str, seen: datetime) -> datetime:
    """The last instant of a month, or `seen` where that is earlier: who belongs then owes for it."""
    after = datetime.fromisoformat(f"{following(month)}-01").replace(tzinfo=seen.tzinfo)
    return min(after - timedelta(microseconds=1), seen)


def _pays(tx: Tx, standing: Standing | None, decision: int | None) -> bool:
    if standing is None or standing.counts:
        return True
    return standing.category not in NOT_PAYING and bool(decision and tx.value(BASE, decision=decision))


def _due(row: Any, month: str) -> Due:
    decision = (row.kind, row.base or 0, row.rate, row.since) if hasattr(row, "base") else ()
    claimed, waived = bool(row.claimed), bool(row.waived)
    return Due(row.id, row.name, month, int(row.due), int(row.paid), claimed, row.party_group, waived, *decision)


def bound_month(tx: Tx, branch: int) -> str:
    """The month in which the branch's first group was bound, now where none is: nothing is owed before."""
    bound = tx.value(BOUND, branch=branch)
    return month_of(tx.moment(bound)) if bound else month_of(tx.now)

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
BASES = sql(select(dues_bases).where(dues_bases.c.member_id == p("member")).order_by(dues_bases.c.id.desc()))
WAIVERS = sql(select(dues_waivers).where(dues_waivers.c.member_id == p("member")).order_by(dues_waivers.c.id.desc()))
JOINED = sql(select(members.c.joined_on, members.c.category).where(members.c.id == p("member")))
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


def _owing(base: Any, waived: Any, paid: Any, *belonged: Any) -> Statement:
    """Each member with what he owes: by which base, by which waiver, what he paid, and whether he belonged."""
    return sql(
        select(
            members.c.id,
            members.c.name,
            members.c.party_group,
            func.coalesce(case((_approved, _waiver.c.month_fen), else_=_newest.c.month_fen), 0).label("due"),
            case((_approved, 1), else_=0).label("waived"),
            func.coalesce(_newest.c.kind, "").label("kind"),
            _newest.c.base_fen.label("base"),
            func.coalesce(_newest.c.rate, 0).label("rate"),
            func.coalesce(_newest.c.valid_from, "").label("since"),
            _of_member(paid).label("paid"),
            _claimed.label("claimed"),
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
OWING = _owing(
    _base,
    _waived,
    _paid,
    members.c.id.in_(_belongs.where(_still)),
    (members.c.left_at == 0) | (members.c.left_at > p("at")),
)
# The same as known at an instant: decided, let off, received, moved by then.
OWING_THEN = _owing(
    _base.where(dues_bases.c.decided_at <= p("known")),
    _waived.where(dues_waivers.c.recorded_at <= p("known")),
    _paid.join_from(postings, entries, entries.c.id == postings.c.entry_id).where(entries.c.recorded_at <= p("known")),
    members.c.id.in_(
        _belongs.where(memberships.c.recorded_at <= p("known"), _still | (memberships.c.ended_at > p("known")))
    ),
)
HISTORY = sql(
    select(postings.c.month, (-func.sum(postings.c.fen)).label("fen"))
    .where(postings.c.member_id == p("member"), postings.c.account == "dues")
    .where(postings.c.month >= p("first"), postings.c.month <= p("last"))
    .group_by(postings.c.month)
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
    `known` asks what was recorded by another instant (UTC microseconds; None = by now).
    """
    after = datetime.strptime(following(month) + "-01", "%Y-%m-%d").replace(tzinfo=tx.now.tzinfo)
    seen = tx.now if known is None else tx.moment(known)
    at = min(after - timedelta(microseconds=1), seen)
    standing = {one.member: one for one in members_of(tx, branch, at, seen)}
    values = {"branch": branch, "month": month, "at": micros(at)}
    rows = tx.all(OWING, **values) if known is None else tx.all(OWING_THEN, **values, known=known)
    return Owing(month, tuple(_due(row, month) for row in rows if _pays(standing.get(row.id), row.base or 0)))


def _pays(standing: Standing | None, base: int) -> bool:
    if standing is None or standing.counts:
        return True
    return base > 0 and standing.category not in NOT_PAYING


def _due(row: Any, month: str) -> Due:
    paid, rest = int(row.paid), (row.party_group, bool(row.waived), row.kind, row.base or 0, row.rate, row.since)
    return Due(row.id, row.name, month, int(row.due), paid, bool(row.claimed), *rest)


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


def due_of(bases: list[Any], waivers: list[Any], month: str) -> tuple[int, bool]:
    """(fen that are due in a month, whether that is less than the base gives), of a member's rows, newest first."""
    base, waiver = base_in(bases, month), base_in(waivers, month)
    if base is None:
        return 0, False
    if waiver is None or waiver.ends or waiver.month_fen >= base.month_fen:
        return int(base.month_fen), False
    return int(waiver.month_fen), True


def joined_month(tx: Tx, member: int) -> str:
    """The month in which the branch voted a member in ("" = not known): dues begin with it (2008, Art. 8)."""
    row = tx.one(JOINED, member=member)
    return str(row.joined_on)[:7] if row else ""


def history(tx: Tx, branch: int, member: int) -> list[Due]:
    """One member's months from the first that can be owed to the current one, oldest first."""
    rows, waivers, last = tx.all(BASES, member=member), tx.all(WAIVERS, member=member), month_of(tx.now)
    if not rows:
        return []
    month = max(min(row.valid_from for row in rows), bound_month(tx, branch), joined_month(tx, member))
    paid = {row.month: int(row.fen) for row in tx.all(HISTORY, member=member, first=month, last=last)}
    months = []
    while month <= last:
        due, waived = due_of(rows, waivers, month)
        months.append(Due(member, "", month, due, paid.get(month, 0), waived=waived))
        month = following(month)
    return months

"""Month by month, what a member's rows say: the amount that was decided, what he was let off, what he paid.

Of one member, or of everybody who ever belonged to a branch in as many statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import func, select

from bot.db import Tx, micros
from bot.sql import Statement, p, sql
from handlers import ledger
from handlers.dues.bases import Due, at_its_end, bound_month, following, month_of
from handlers.ledger_tables import dues_waivers
from handlers.tables import dues_bases, members, memberships, postings

_belonged = select(memberships.c.member_id).where(memberships.c.branch_id == p("branch"))


def _about(whose: Callable[[Any], Any]) -> tuple[Statement, ...]:
    """The amounts, what was let off (both the newest first), what was paid, since when each is a member of the Party,
    and from when to when of a branch.
    """
    base, waiver, paid, belonged = dues_bases.c, dues_waivers.c, postings.c, memberships.c
    return (
        sql(
            select(base.member_id, base.valid_from, base.valid_to, base.month_fen)
            .where(whose(base.member_id))
            .order_by(base.id.desc())
        ),
        sql(
            select(waiver.member_id, waiver.valid_from, waiver.valid_to, waiver.month_fen, waiver.ends)
            .where(whose(waiver.member_id))
            .order_by(waiver.id.desc())
        ),
        sql(
            select(paid.member_id, paid.month, (-func.sum(paid.fen)).label("fen"))
            .where(whose(paid.member_id), paid.account == "dues")
            .group_by(paid.member_id, paid.month)
        ),
        sql(select(members.c.id.label("member_id"), members.c.joined_on).where(whose(members.c.id))),
        sql(select(belonged.member_id, belonged.from_at, belonged.to_at).where(whose(belonged.member_id))),
    )


OF_MEMBER = _about(lambda column: column == p("member"))
OF_BRANCH = _about(lambda column: column.in_(_belonged))
AMOUNTS, WAIVERS, _, JOINED, _ = OF_MEMBER


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
    return _joined(tx.all(JOINED, member=member))


def _joined(rows: list[Any]) -> str:
    return str(rows[0].joined_on)[:7] if rows else ""


def due_in(tx: Tx, member: int, month: str) -> Due:
    """What a member owes for any month, in fen."""
    due, waived = due_of(tx.all(AMOUNTS, member=member), tx.all(WAIVERS, member=member), month)
    if month < joined_month(tx, member):
        due, waived = 0, False
    return Due(member, "", month, due, ledger.paid(tx, member, month), waived=waived)


def history(tx: Tx, branch: int, member: int) -> list[Due]:
    """One member's months from the first that can be owed to the current one, oldest first.

    Those at whose end he was gone are left out, as `owing` does: elsewhere he paid elsewhere.
    """
    return _histories(tx, branch, OF_MEMBER, {"member": member}).get(member, [])


def histories(tx: Tx, branch: int) -> dict[int, list[Due]]:
    """The same of everybody who ever belonged to a branch and for whom a base was decided, by member."""
    return _histories(tx, branch, OF_BRANCH, {"branch": branch})


def _histories(tx: Tx, branch: int, about: tuple[Statement, ...], whose: dict[str, int]) -> dict[int, list[Due]]:
    decided = _by_member(tx.all(about[0], **whose))
    if not decided:
        return {}
    waivers, paid, joined, belonged = (_by_member(tx.all(one, **whose)) for one in about[1:])
    bound, last = bound_month(tx, branch), month_of(tx.now)
    found = {}
    for member, rows in decided.items():
        month, months = max(min(row.valid_from for row in rows), bound, _joined(joined[member])), []
        received = {row.month: int(row.fen) for row in paid[member]}
        while month <= last:
            if month in received or not _gone(belonged[member], micros(at_its_end(month, tx.now))):
                due, waived = due_of(rows, waivers[member], month)
                months.append(Due(member, "", month, due, received.get(month, 0), waived=waived))
            month = following(month)
        found[member] = months
    return found


def _gone(belonged: list[Any], at: int) -> bool:
    """Whether a member had left by an instant and not come back; who was never entered before it had not."""
    here = any(one.from_at <= at and (not one.to_at or one.to_at > at) for one in belonged)
    return not here and any(one.to_at and one.to_at <= at for one in belonged)


def _by_member(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.member_id].append(row)
    return found

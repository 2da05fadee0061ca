"""A claim counts once the collector, who holds the money, says so too: what waits for him, his yes and his no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast, func, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, p, sql
from bot.trail import note
from handlers import ledger
from handlers.dues.amounts import due_in
from handlers.dues.bases import Due
from handlers.dues.claims import CLOSE
from handlers.dues.keepers import scope
from handlers.tables import dues_claims, members
from handlers.tables import todos as todo_rows

OF_TODO = sql(
    select(dues_claims, members.c.name, members.c.party_group)
    .join(members, members.c.id == dues_claims.c.member_id)
    .where(dues_claims.c.todo_id == p("todo"), dues_claims.c.state == "open")
    .order_by(dues_claims.c.month)
)
DECIDED = sql(select(dues_claims).where(dues_claims.c.todo_id == p("todo")).order_by(dues_claims.c.month))
WAITING = sql(
    select(
        *(todo_rows.c.number, todo_rows.c.title, todo_rows.c.id.label("todo")),
        *(members.c.name, members.c.aliases, members.c.party_group),
        members.c.id.label("member_id"),
        cast(func.sum(dues_claims.c.fen), Number).label("fen"),
    )
    .select_from(
        todo_rows.join(dues_claims, dues_claims.c.todo_id == todo_rows.c.id).join(
            members, members.c.id == dues_claims.c.member_id
        )
    )
    .where(todo_rows.c.branch_id == p("branch"), todo_rows.c.kind == "dues", todo_rows.c.state == "open")
    .where(dues_claims.c.state == "open")
    .group_by(todo_rows.c.id, members.c.id)
    .order_by(todo_rows.c.number)
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A claim that has become a payment, in fen; `receipt` is its number in this year, 0 where nothing was to pay."""

    member: int
    name: str
    month: str
    fen: int
    receipt: int = 0


@dataclass(frozen=True, slots=True)
class Unlike:
    """A month for which another amount (`fen`) is claimed than is still due."""

    due: Due
    fen: int


def unlike(tx: Tx, todo: int) -> list[Unlike]:
    """The months of an open todo whose claimed amount isn't what is still due; none where no amount was named."""
    claimed = ((due_in(tx, one.member_id, one.month), one.fen) for one in tx.all(OF_TODO, todo=todo))
    return [Unlike(due, fen) for due, fen in claimed if fen not in (0, due.rest)]


def waiting(tx: Tx, branch: int, who: Who) -> list[Any]:
    """Open dues todos (number, title, name, aliases) that `who` may decide, oldest first."""
    group = scope(tx, who)
    return [row for row in tx.all(WAITING, branch=branch) if not group or row.party_group == group]


def confirm(tx: Tx, row: Any, by: Who) -> list[Confirmed]:
    """Makes payments of a settled todo's claims, each exactly once: the amount claimed, else what is still due.

    Raises Refused where neither is known, and where the member is not of the collector's group.
    """
    done = []
    receipt = ledger.next_receipt(tx, row.branch_id)
    for one in _decide(tx, row, "ok", by):
        due = due_in(tx, one.member_id, one.month)
        fen = one.fen or due.rest
        if fen == 0 and due.paid == 0:
            raise Refused(_no_sum(due))
        if fen:
            _book(tx, row.branch_id, one, due, fen, receipt, by)
        done.append(Confirmed(one.member_id, one.name, one.month, fen, receipt if fen else 0))
    return done


def _no_sum(due: Due) -> str:
    if due.waived:
        return "这一笔没有写金额，这个月已批准免交：请退回，自愿交的请本人补报金额。"
    return "这一笔没有写金额，也没有核定应交额：请先核定（/dues set），或请本人补报金额。"


def _book(tx: Tx, branch: int, claim: Any, due: Due, fen: int, receipt: int, by: Who) -> None:
    extra = max(fen - due.rest, 0) if claim.voluntary and (due.due or due.waived) else 0
    payer = claim.by_member if claim.by_member != claim.member_id else 0
    how: dict[str, Any] = {"extra": extra, "payer": payer, "method": claim.method, "receipt": receipt}
    cause = f"claim:{claim.id}"
    ledger.pay(tx, branch, claim.member_id, claim.month, fen, by.label, cause, claim.at, **how)


def decline(tx: Tx, row: Any, by: Who) -> None:
    """Ends a settled todo's claims without a payment."""
    _decide(tx, row, "no", by)


def _decide(tx: Tx, row: Any, state: str, by: Who) -> list[Any]:
    group = scope(tx, by)
    claims = tx.all(OF_TODO, todo=row.id)
    if group and any(one.party_group != group for one in claims):
        raise Refused("这一项不归您处理。")
    claims = [one for one in claims if tx.run(CLOSE, claim=one.id, new_state=state)]
    for one in claims:
        note(
            tx,
            row.branch_id,
            by.label,
            by.member,
            f"dues_{state}",
            f"claim:{one.id}",
            member=one.member_id,
            months=[one.month],
        )
    return claims

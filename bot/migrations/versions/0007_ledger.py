"""Dues as a real ledger: accounts by name, the month of the book, receipts, waivers, closed months and slips.

What was recorded before is carried over: the branch's cash and the members' dues keep every fen, each payment gets a
receipt number in the order it was recorded, and the book it belongs to is the month in which it was recorded.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ZONE = ZoneInfo("Asia/Shanghai")
BANDS = {
    "salaried": ((300_000, 50), (500_000, 100), (1_000_000, 150)),
    "selfemployed": ((300_000, 50), (500_000, 100), (1_000_000, 150)),
    "retired": ((500_000, 50),),
}
TOP = {"salaried": 200, "selfemployed": 200, "retired": 100}


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, NUMBER, server_default="0", nullable=False)


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _key() -> sa.Column[Any]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def upgrade() -> None:
    op.create_table(
        "dues_waivers",
        _key(),
        sa.Column("member_id", sa.Integer(), nullable=False),
        _number("month_fen"),
        *map(_words, ("valid_from", "valid_to", "document")),
        _number("ends"),
        _words("recorded_by"),
        _number("recorded_at"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dues_waivers_member", "dues_waivers", ["member_id", "valid_from"])
    op.create_table(
        "dues_closings",
        _key(),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        _words("month"),
        *map(_number, ("due_fen", "received_fen", "owed", "settled", "asked_by_member")),
        _words("asked_by"),
        _number("closed_by_member"),
        _words("closed_by"),
        *map(_number, ("closed_at", "slip_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "month"),
    )
    op.create_index("dues_closings_slip", "dues_closings", ["slip_id"])
    op.create_table(
        "dues_slips",
        _key(),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        _number("number"),
        *map(_words, ("kind", "months")),
        *map(_number, ("total_fen", "share", "fen")),
        _words("made_by"),
        _number("made_at"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "number"),
    )
    for column in (_words("period"), _number("receipt"), _number("payer_id"), _words("method"), _number("reverses")):
        op.add_column("entries", column)
    op.add_column("entries", _number("slip_id"))
    op.create_index("entries_period", "entries", ["branch_id", "period"])
    op.create_index("entries_slip", "entries", ["slip_id"])
    op.add_column("dues_claims", _words("method"))
    op.add_column("dues_claims", _number("voluntary"))
    op.add_column("dues_bases", _number("rate"))
    op.add_column("dues_bases", _words("rule"))
    _carry_postings()
    _carry_entries()
    _carry_rates()


def _carry_postings() -> None:
    """`cash:7` and `member:12` said again what the entry and the posting say; the account is now the kind alone."""
    postings = sa.table("postings", sa.column("account"))
    connection = op.get_bind()
    for before, account in (("cash:%", "cash"), ("member:%", "dues")):
        connection.execute(sa.update(postings).where(postings.c.account.like(before)).values(account=account))


def _carry_entries() -> None:
    names = ("id", "branch_id", "cause", "kind", "recorded_at", "period", "receipt", "payer_id", "reverses")
    entries = sa.table("entries", *map(sa.column, names))
    claims = sa.table("dues_claims", *map(sa.column, ("id", "member_id", "by_member")))
    connection = op.get_bind()
    payers = {
        f"claim:{row.id}": row.by_member
        for row in connection.execute(sa.select(claims).where(claims.c.by_member != claims.c.member_id))
    }
    rows = connection.execute(sa.select(entries).order_by(entries.c.id)).all()
    ids = {row.cause: row.id for row in rows}
    last: Counter[tuple[int, str]] = Counter()
    for row in rows:
        period = f"{datetime.fromtimestamp(row.recorded_at / 1_000_000, UTC).astimezone(ZONE):%Y-%m}"
        values = {"period": period, "payer_id": payers.get(row.cause, 0)}
        if row.kind == "pay":
            last[row.branch_id, period[:4]] += 1
            values["receipt"] = last[row.branch_id, period[:4]]
        if row.kind == "reverse":
            values["reverses"] = ids[row.cause.removeprefix("reverse:")]
        connection.execute(sa.update(entries).where(entries.c.id == row.id).values(values))


def _carry_rates() -> None:
    bases = sa.table("dues_bases", *map(sa.column, ("id", "kind", "base_fen", "rate")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(bases).where(bases.c.kind.in_(list(TOP)))).all():
        rate = next((rate for highest, rate in BANDS[row.kind] if row.base_fen <= highest), TOP[row.kind])
        connection.execute(sa.update(bases).where(bases.c.id == row.id).values(rate=rate))

"""Members over time; shifts with terms and a window to confirm, service and its hours, 双报到."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MEMBERS = sa.table("members", *(sa.column(name) for name in ("id", "status", "party_group", "duty", "duty_since")))
CATEGORY: sa.ColumnElement[str] = sa.column("category", sa.Text())
JOINED: sa.ColumnElement[str] = sa.column("joined_on", sa.Text())
FULL: sa.ColumnElement[str] = sa.column("full_on", sa.Text())
FACTS = sa.table("member_facts", *(sa.column(name) for name in ("member_id", "what", "value", "from_on")))


def upgrade() -> None:
    op.add_column("memberships", sa.Column("recorded_at", NUMBER, server_default="0", nullable=False))
    op.add_column("memberships", sa.Column("ended_at", NUMBER, server_default="0", nullable=False))
    op.create_table(
        "member_facts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("from_on", sa.Text(), server_default="", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("member_facts_member", "member_facts", ["member_id", "what", "from_on"], unique=False)
    op.create_index("member_facts_replaces", "member_facts", ["replaces"], unique=False)
    _carry_over()
    _shifts()
    _service()


def _carry_over() -> None:
    """What the register says holds always, or from the days that it names (see handlers/people/facts.py)."""
    for name, since in (("status", sa.literal("")), ("party_group", sa.literal("")), ("duty", MEMBERS.c.duty_since)):
        _fact(name, MEMBERS.c[name], since, MEMBERS.c[name] != "")
    dated = CATEGORY.in_(("正式党员", "预备党员", "留党察看")) & (JOINED != "")
    full_since = sa.case((FULL == "", JOINED), else_=FULL)
    _fact("category", CATEGORY, sa.case((CATEGORY == "正式党员", FULL), else_=""), (CATEGORY != "") & ~dated)
    _fact("category", sa.literal("未入党"), sa.literal(""), dated)
    _fact("category", sa.literal("预备党员"), JOINED, dated & ((CATEGORY == "预备党员") | (FULL > JOINED)))
    _fact("category", sa.literal("正式党员"), full_since, dated & (CATEGORY != "预备党员"))
    _fact("category", sa.literal("留党察看"), full_since, dated & (CATEGORY == "留党察看"))


def _fact(what: str, value: sa.ColumnElement[str], since: sa.ColumnElement[str], which: sa.ColumnElement[bool]) -> None:
    rows = sa.select(MEMBERS.c.id, sa.literal(what), value, since).select_from(MEMBERS).where(which)
    op.execute(sa.insert(FACTS).from_select(["member_id", "what", "value", "from_on"], rows.order_by(MEMBERS.c.id)))


def _shifts() -> None:
    for column in ("event", "at_least", "leave_by", "claim_minutes"):
        op.add_column("shifts", sa.Column(column, NUMBER, server_default="0", nullable=False))
    op.add_column("shifts", sa.Column("skills", sa.Text(), server_default="", nullable=False))
    for column in ("confirm_by", "guests"):
        op.add_column("signups", sa.Column(column, NUMBER, server_default="0", nullable=False))
    op.add_column("signups", sa.Column("why_left", sa.Text(), server_default="", nullable=False))
    op.create_index("signups_confirm", "signups", ["confirm_by"], unique=False)


def _service() -> None:
    op.create_table(
        "member_skills",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.Text(), server_default="", nullable=False),
        sa.Column("held", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("member_skills_member", "member_skills", ["member_id", "skill", "id"], unique=False)
    op.create_table(
        "service_marks",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("service_marks_shift", "service_marks", ["shift_id", "member_id", "kind", "id"], unique=False)
    op.create_index("service_marks_member", "service_marks", ["member_id", "id"], unique=False)
    op.create_table(
        "service_hours",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", NUMBER, server_default="0", nullable=False),
        sa.Column("on_date", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", NUMBER, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("service_hours_branch", "service_hours", ["branch_id", "on_date"], unique=False)
    op.create_index("service_hours_member", "service_hours", ["member_id", "on_date"], unique=False)
    op.create_index("service_hours_shift", "service_hours", ["shift_id", "member_id"], unique=False)
    op.create_index("service_hours_replaces", "service_hours", ["replaces"], unique=False)
    op.create_table(
        "community_reports",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community", sa.Text(), server_default="", nullable=False),
        sa.Column("reported_on", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("community_reports_member", "community_reports", ["member_id", "id"], unique=False)

"""What a meeting leaves behind: leave decided, 补学, the record, votes, corrections, templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("activities", sa.Column("also", sa.Text(), server_default="", nullable=False))
    op.add_column("activities", sa.Column("code", NUMBER, server_default="0", nullable=False))
    op.add_column("activities", sa.Column("ended_at", NUMBER, server_default="0", nullable=False))
    op.add_column("presences", sa.Column("happened_at", NUMBER, server_default="0", nullable=False))
    op.create_table(
        "exclusions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("superior_on", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_on", sa.Text(), server_default="", nullable=False),
        sa.Column("from_at", NUMBER, server_default="0", nullable=False),
        sa.Column("to_at", NUMBER, server_default="0", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("exclusions_branch", "exclusions", ["branch_id", "member_id"], unique=False)
    op.create_index("exclusions_replaces", "exclusions", ["replaces"], unique=False)
    op.create_table(
        "leave_decisions",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("at", NUMBER, server_default="0", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"]),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_table(
        "makeups",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", NUMBER, server_default="0", nullable=False),
        sa.Column("opened_by", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", NUMBER, server_default="0", nullable=False),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("activity_id", "member_id"),
    )
    op.create_index("makeups_member", "makeups", ["member_id", "closed_at"], unique=False)
    op.create_table(
        "record_lines",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("record_lines_newest", "record_lines", ["activity_id", "field", "id"], unique=False)
    op.create_table(
        "ballots",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("matter", sa.Text(), server_default="", nullable=False),
        sa.Column("due", NUMBER, server_default="0", nullable=False),
        sa.Column("present", NUMBER, server_default="0", nullable=False),
        sa.Column("written", NUMBER, server_default="0", nullable=False),
        sa.Column("yes", NUMBER, server_default="0", nullable=False),
        sa.Column("no", NUMBER, server_default="0", nullable=False),
        sa.Column("abstain", NUMBER, server_default="0", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ballots_activity", "ballots", ["activity_id", "id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("happened_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.Column("decided_at", NUMBER, server_default="0", nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("presence_id", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("corrections_activity", "corrections", ["activity_id", "member_id"], unique=False)
    op.create_table(
        "sheet_rows",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("activity_id", "number"),
        sa.UniqueConstraint("activity_id", "member_id"),
    )
    op.create_table(
        "code_tries",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("code_tries_member", "code_tries", ["activity_id", "member_id"], unique=False)
    op.create_table(
        "templates",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("also", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", NUMBER, server_default="0", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("clock", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", NUMBER, server_default="0", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("templates_branch", "templates", ["branch_id", "ended_at"], unique=False)

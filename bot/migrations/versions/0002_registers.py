"""The small books: wishes, registers and the way into the Party."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("number", NUMBER, server_default="0", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "number"),
    )
    op.create_table(
        "register_rows",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("register", sa.Text(), server_default="", nullable=False),
        sa.Column("number", NUMBER, server_default="0", nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column("on_date", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("member_id", NUMBER, server_default="0", nullable=False),
        sa.Column("other_member_id", NUMBER, server_default="0", nullable=False),
        sa.Column("quantity", NUMBER, server_default="0", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("level", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Text(), server_default="", nullable=False),
        sa.Column("done_on", sa.Text(), server_default="", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "register", "number", "replaces"),
    )
    op.create_index("register_rows_date", "register_rows", ["branch_id", "register", "on_date"], unique=False)
    op.create_index("register_rows_member", "register_rows", ["member_id", "register", "on_date"], unique=False)
    op.create_index("register_rows_replaces", "register_rows", ["replaces"], unique=False)
    op.create_table(
        "wishes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("number", NUMBER, server_default="0", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("resident", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "number"),
    )
    op.create_index("wishes_state", "wishes", ["branch_id", "state"], unique=False)
    op.create_table(
        "candidate_steps",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("step", NUMBER, server_default="0", nullable=False),
        sa.Column("on_date", sa.Text(), server_default="", nullable=False),
        sa.Column("replaces", NUMBER, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("candidate_steps_of", "candidate_steps", ["candidate_id", "step", "id"], unique=False)
    op.create_index("candidate_steps_replaces", "candidate_steps", ["replaces"], unique=False)
    op.create_table(
        "wish_events",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column("member_id", NUMBER, server_default="0", nullable=False),
        sa.Column("on_date", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", NUMBER, server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("by_member", NUMBER, server_default="0", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["wish_id"],
            ["wishes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("wish_events_action", "wish_events", ["action", "on_date"], unique=False)
    op.create_index("wish_events_wish", "wish_events", ["wish_id", "member_id", "id"], unique=False)

"""Who looked at whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *(
            sa.Column(one, NUMBER, server_default="0", nullable=False)
            for one in ("at", "member_id", "branch_id", "looker_id")
        ),
        *(sa.Column(one, sa.Text(), server_default="", nullable=False) for one in ("looker", "what")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("looks_member", "looks", ["member_id", "at"], unique=False)
    op.create_index("looks_at", "looks", ["at"], unique=False)

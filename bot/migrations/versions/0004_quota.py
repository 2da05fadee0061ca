"""How much of a platform's monthly quota was used, by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "platform_usage",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("platform", "day", "kind"),
    )

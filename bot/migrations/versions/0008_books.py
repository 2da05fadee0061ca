"""Evidence of an entry, and the entry it belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("register_rows", sa.Column("evidence", sa.Text(), server_default="", nullable=False))
    op.add_column("register_rows", sa.Column("of_number", NUMBER, server_default="0", nullable=False))

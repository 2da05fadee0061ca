"""Sealed columns: the base of dues becomes text, since a number can't be sealed; who looked at whom.

The values are sealed at the next start, which has the key.
"""

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
    op.create_table(
        "vault_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
        *(sa.Column(one, NUMBER, server_default="0", nullable=False) for one in ("sealed_at", "retired_at")),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("dues_bases", sa.Column("base", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE dues_bases SET base = CAST(base_fen AS TEXT) WHERE base_fen > 0")
    op.drop_column("dues_bases", "base_fen")
    op.execute("ALTER TABLE dues_bases RENAME COLUMN base TO base_fen")

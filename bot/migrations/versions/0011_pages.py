"""Pages: links that open once, the browsers that opened them, screens that wait for a meeting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHOSE = ("member_id", "branch_id", "activity_id")


def upgrade() -> None:
    _table("page_links", "nonce", ("purpose",), (*WHOSE, "made_at", "until_at", "used_at"))
    op.create_index("page_links_member", "page_links", ["member_id"], unique=False)
    _table("page_sessions", "hash", ("purpose",), (*WHOSE, "made_at", "until_at"))
    op.create_index("page_sessions_member", "page_sessions", ["member_id"], unique=False)
    _table("page_screens", "hash", ("code",), ("until_at", "activity_id"))
    op.create_index("page_screens_code", "page_screens", ["code", "until_at"], unique=False)


def _table(name: str, unique: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column(unique, sa.Text(), nullable=False),
        *(sa.Column(one, sa.Text(), server_default="", nullable=False) for one in words),
        *(sa.Column(one, NUMBER, server_default="0", nullable=False) for one in numbers),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(unique),
    )

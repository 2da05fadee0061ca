"""Orders of papers; indices by which the figures of a year find the rows of that year alone; what the register says.

What of a member may be filled in later is kept as facts from now on, so that figures as known on a day stay the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = ("scope", "kind", "template", "period", "platform", "account", "asked_by", "state", "error")
NUMBERS = ("branch_id", "amounts", "asked_at", "lease_until", "attempts")

COLUMNS = ("gender", "ethnicity", "born_on", "education", "post", "joined_on", "duty_since")
MEMBERS = sa.table("members", sa.column("id", sa.Integer()), *(sa.column(name, sa.Text()) for name in COLUMNS))
FACTS = sa.table("member_facts", *(sa.column(name) for name in ("member_id", "what", "value")))


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in WORDS),
        *(sa.Column(name, NUMBER, server_default="0", nullable=False) for name in NUMBERS),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("orders_open", "orders", ["state", "id"], unique=False)
    op.create_index("activities_when", "activities", ["starts_at", "kind"], unique=False)
    op.create_index("shifts_when", "shifts", ["starts_at"], unique=False)
    op.create_index("entries_when", "entries", ["period"], unique=False)
    op.create_index("register_rows_when", "register_rows", ["register", "on_date"], unique=False)
    op.drop_index("presences_newest", "presences")
    op.create_index("presences_newest", "presences", ["activity_id", "member_id", "id", "state", "at"], unique=False)
    for name in COLUMNS:
        rows = sa.select(MEMBERS.c.id, sa.literal(name), MEMBERS.c[name]).where(MEMBERS.c[name] != "")
        op.execute(sa.insert(FACTS).from_select(["member_id", "what", "value"], rows.order_by(MEMBERS.c.id)))

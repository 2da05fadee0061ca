"""Which keys have sealed this database: their names only."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.sql import Number, metadata

# A key by the name that sealed values give it. `sealed_at` is when nothing was left that another key had sealed (0 =
# under way), `retired_at` when nothing was left of its own.
vault_keys = Table(
    "vault_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("made_at", Number, nullable=False),
    Column("sealed_at", Number, nullable=False, server_default="0"),
    Column("retired_at", Number, nullable=False, server_default="0"),
)

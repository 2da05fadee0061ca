"""What the organisation has used of a platform's month, added up by every process that uses it."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.sql import Number, metadata

# A row per platform section, day (YYYY-MM-DD) and kind of use.
platform_usage = Table(
    "platform_usage",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("used", Number, nullable=False),
)

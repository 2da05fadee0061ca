"""The register over time: what held of a member and from which day on, beside `memberships`, which says where."""

from __future__ import annotations

from sqlalchemy import Index, Table

from bot.sql import metadata
from handlers.columns import key, number, of, words

# One row per change. `what` is category, status, duty, party_group or left; `from_on` is a day ("" = always). A
# correction names the row that no longer counts (`replaces`), so what was known on a day is found by `recorded_at`.
member_facts = Table(
    "member_facts",
    metadata,
    key(),
    of("member_id", "members"),
    words("what"),
    words("value"),
    words("from_on"),
    number("replaces"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("member_facts_member", "member_id", "what", "from_on"),
    Index("member_facts_replaces", "replaces"),
)

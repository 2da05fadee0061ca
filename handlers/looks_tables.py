"""The rows of who looked at whom: told to the one who was looked at, and to nobody else."""

from __future__ import annotations

from sqlalchemy import Index, Table

from bot.sql import metadata
from handlers.columns import key, number, words

# A look at another's personal rows. `member_id` is whose they are; 0 where it was everybody of the branch `branch_id`
# (0 = of every branch). `looker_id` is who looked; 0 where no member did, and then `looker` is the account or the
# command line. `what` names the rows as people call them.
looks = Table(
    "looks",
    metadata,
    key(),
    number("at"),
    number("member_id"),
    number("branch_id"),
    number("looker_id"),
    words("looker"),
    words("what"),
    Index("looks_member", "member_id", "at"),
    Index("looks_at", "at"),
)

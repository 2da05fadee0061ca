"""Papers that somebody asked for and that are made beside the answering."""

from __future__ import annotations

from sqlalchemy import Index, Table

from bot.sql import metadata
from handlers.columns import key, number, words

# An order is waiting -> making -> done | failed; who makes it holds it until `lease_until`, and where its maker died it
# is made again. `branch_id` 0 is the whole system; `period` is the period's code, `amounts` whether what each paid may
# stand in it. The paper goes to `account` through `platform`, alone.
orders = Table(
    "orders",
    metadata,
    key(),
    number("branch_id"),
    words("scope"),
    words("kind"),
    words("template"),
    words("period"),
    number("amounts"),
    words("platform"),
    words("account"),
    number("asked_at"),
    words("asked_by"),
    words("state"),
    number("lease_until"),
    number("attempts"),
    words("error"),
    Index("orders_open", "state", "id"),
)

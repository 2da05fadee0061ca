"""The tables beside the ledger's entries: approved exceptions, closed months, slips. Bases, claims and entries
themselves stand in handlers/tables.py.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from bot.sql import metadata
from handlers.columns import key, number, of, words

# 少交/免交 as approved: `month_fen` a month instead of what the base gives (0 = 免交), from month to month. The newest
# row of a month counts; `ends` 1 = from `valid_from` on nothing is waived any more.
dues_waivers = Table(
    "dues_waivers",
    metadata,
    key(),
    of("member_id", "members"),
    number("month_fen"),
    words("valid_from"),
    words("valid_to"),
    words("document"),
    number("ends"),
    words("recorded_by"),
    number("recorded_at"),
    Index("dues_waivers_member", "member_id", "valid_from"),
)

# A month's book that two people have closed (封账): what stood in it then. `slip_id` is a lock, 0 = not handed up.
dues_closings = Table(
    "dues_closings",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("month"),
    number("due_fen"),
    number("received_fen"),
    number("owed"),
    number("settled"),
    number("asked_by_member"),
    words("asked_by"),
    number("closed_by_member"),
    words("closed_by"),
    number("closed_at"),
    number("slip_id"),
    UniqueConstraint("branch_id", "month"),
    Index("dues_closings_slip", "slip_id"),
)

# 缴款单: what is handed up to the committee above. `kind` is "dues" or "large" (大额党费, apart); `share` in hundredths
# of a per cent of `total_fen` gives `fen`. The money itself stands in the entries that name the slip.
dues_slips = Table(
    "dues_slips",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    words("kind"),
    words("months"),
    number("total_fen"),
    number("share"),
    number("fen"),
    words("made_by"),
    number("made_at"),
    UniqueConstraint("branch_id", "number"),
)

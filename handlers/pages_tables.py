"""The rows of the pages: links that were sent, the browsers that opened them, the screens that wait for a meeting.

They are rows, not memory, so that replicas share them. No secret stands in them: of a browser's cookie only its hash.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.sql import metadata
from handlers.columns import key, number, words

# A link that was sent: `purpose` is the page (`PURPOSES` of links.py); it opens once (`used_at`) and until
# `until_at`. `member_id` is 0 where an admin asked, `activity_id` 0 where the page is none of a meeting.
page_links = Table(
    "page_links",
    metadata,
    key(),
    Column("nonce", Text, nullable=False, unique=True),
    words("purpose"),
    number("member_id"),
    number("branch_id"),
    number("activity_id"),
    number("made_at"),
    number("until_at"),
    number("used_at"),
    Index("page_links_member", "member_id"),
)

# A browser that may see one page until an instant; what it was opened with is forgotten.
page_sessions = Table(
    "page_sessions",
    metadata,
    key(),
    Column("hash", Text, nullable=False, unique=True),
    words("purpose"),
    number("member_id"),
    number("branch_id"),
    number("activity_id"),
    number("made_at"),
    number("until_at"),
    Index("page_sessions_member", "member_id"),
)

# A projector's browser that shows a code; `activity_id` is the meeting that a secretary gave it, 0 while it waits.
page_screens = Table(
    "page_screens",
    metadata,
    key(),
    Column("hash", Text, nullable=False, unique=True),
    words("code"),
    number("until_at"),
    number("activity_id"),
    Index("page_screens_code", "code", "until_at"),
)

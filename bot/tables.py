"""The machine's own rows: what was heard, asked, promised, done by the clock, and the trail of who did what."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from bot.sql import Number, Sealed, metadata

# A message is known by (platform, message id); `answer` is the packed first reply, NULL where there was none.
seen = Table(
    "seen",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("at", Number, nullable=False, index=True),
    Column("answer", Text),
)

# A group has one branch, a branch any number of groups. `push_*` is the way for reminders where the group's own
# platform can't push; the push target may be a secret (a robot's key).
groups = Table(
    "groups",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("branch_id", Integer, ForeignKey("branches.id"), nullable=False, index=True),
    Column("push_platform", Text, nullable=False, server_default=""),
    Column("push_target", Text, nullable=False, server_default=""),
    Column("bound_at", Number, nullable=False),
)

# What the bot asked back: `options` is a JSON list of commands, answered by their place in the list.
questions = Table(
    "questions",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("until", Number, nullable=False),
    Column("options", Text, nullable=False),
)

# Promises to speak. planned -> claimed -> sent | failed | unknown, or planned -> merged into another.
# `key` is unique: a cause speaks once.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("platform", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("private", Integer, nullable=False),
    Column("branch_id", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reply", Sealed("outbox.reply", later=True), nullable=False),
    Column("reply_url", Text, nullable=False),
    Column("reply_until", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("planned_at", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("not_before", Number, nullable=False),
    Column("lease_until", Number, nullable=False),
    Column("lease", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("settled_at", Number, nullable=False),
    Index("outbox_open", "state", "not_before"),
    Index("outbox_order", "platform", "target", "state"),
)

# Files that were promised, until they are handed over.
files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("at", Number, nullable=False, index=True),
)

# Until when a platform with a connection of its own was heard, so that a gap is known after any kind of end.
heard = Table(
    "heard",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("at", Number, nullable=False),
)

# What the clock has done, for whom: the row is the truth, the scheduler only wakes.
jobs = Table(
    "jobs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("audience", Text, primary_key=True, server_default="branch"),
    Column("at", Number, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("jobs_at", "at"),
)

# Append-only; one hash chain per branch, extended in the transaction of what it tells of.
trail = Table(
    "trail",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("branch_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Number, nullable=False),
    Column("actor", Text, nullable=False),
    Column("member_id", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("branch_id", "number"),
    Index("trail_actor", "member_id", "id"),
)

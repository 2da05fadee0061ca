"""The rows of the calendar: what was said to whom and by which rule, what people set, paused or sent again, who is on
duty, and the notices of the State Council."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from bot.sql import Number, metadata
from handlers.columns import key, number, of, words

# What the clock has said: a row for each group (`member_id` 0, `target` is platform:chat) or person that heard of one
# (job, period). `promise` is the key in the outbox, shared where several were said in one message, "" where the person
# can't be reached. `until_at` is the end of its purpose; `asked` are the ids of those who owed an answer.
reminders = Table(
    "reminders",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("job"),
    words("period"),
    words("audience"),
    number("member_id"),
    words("target"),
    words("promise"),
    number("said_at"),
    number("until_at"),
    words("rule"),
    words("dates"),
    words("subject"),
    words("asked"),
    words("text"),
    Index("reminders_branch", "branch_id", "member_id", "said_at"),
    Index("reminders_promise", "promise"),
)

# What a branch set by /remind set: the newest row of a key counts, value "" gives it back to the configuration.
reminder_settings = Table(
    "reminder_settings",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("name"),
    words("value"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("reminder_settings_branch", "branch_id", "name", "id"),
)

# A pause of one job (`job` "" = all) from now until an instant (0 = until somebody resumes).
reminder_pauses = Table(
    "reminder_pauses",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("job"),
    number("from_at"),
    number("until_at"),
    words("reason"),
    words("recorded_by"),
    number("by_member"),
    number("ended_at"),
    words("ended_by"),
    Index("reminder_pauses_branch", "branch_id", "ended_at"),
)

# A promise that was said again by /remind resend: once, by whom.
reminder_resends = Table(
    "reminder_resends",
    metadata,
    Column("promise_id", Number, primary_key=True),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
)

# 值班: the hours in which a member is on night or 24-hour duty. A later roster of the month replaces (`replaced_at`).
duties = Table(
    "duties",
    metadata,
    key(),
    of("member_id", "members"),
    words("month"),
    words("kind"),
    number("starts_at"),
    number("ends_at"),
    number("recorded_at"),
    words("recorded_by"),
    number("replaced_at"),
    Index("duties_member", "member_id", "ends_at"),
)

# A notice of the year's holidays, in the schema of holiday-cn; the newest of a branch and year counts, branch 0 = all.
year_notices = Table(
    "year_notices",
    metadata,
    key(),
    Column("branch_id", Integer, nullable=False),
    number("year"),
    Column("body", Text, nullable=False),
    number("recorded_at"),
    words("recorded_by"),
    UniqueConstraint("branch_id", "year", "id"),
)

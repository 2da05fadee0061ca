"""The tables of what a meeting leaves behind: leave decided, 补学, the record, votes, corrections, templates.

Rows are added and never edited; what ends (a 补学, a template) is closed once, with its instant, so that what was known
on a day is found by the instants alone.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from bot.sql import metadata
from handlers.columns import key, number, of, sealed, words

# 不计入应到: whom the superior organisation (`superior_on`) and the members' meeting (`meeting_on`) agreed not to
# count, from an instant to an instant (0 = open end). `kind` is a key of EXCLUDED, never the story. A newer row that
# `replaces` another one is what holds.
exclusions = Table(
    "exclusions",
    metadata,
    key(),
    of("branch_id", "branches"),
    of("member_id", "members"),
    sealed("exclusions", "kind"),
    words("superior_on"),
    words("meeting_on"),
    number("from_at"),
    number("to_at"),
    number("replaces"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("exclusions_branch", "branch_id", "member_id"),
    Index("exclusions_replaces", "replaces"),
)

# 已批: the yes to one 请假 of `answers`; another answer needs another yes. A no is an answer of its own ("refused").
leave_decisions = Table(
    "leave_decisions",
    metadata,
    Column("answer_id", Integer, ForeignKey("answers.id"), primary_key=True),
    number("at"),
    number("by_member"),
    words("decided_by"),
)

# 补学: what an absent member makes up for, until a day. It ends once: `outcome` is "done" (the clerk saw it) or
# "dropped" (it was not owed after all). Never a presence.
makeups = Table(
    "makeups",
    metadata,
    key(),
    of("activity_id", "activities"),
    of("member_id", "members"),
    words("due_on"),
    number("opened_at"),
    words("opened_by"),
    number("closed_at"),
    words("closed_by"),
    words("outcome"),
    UniqueConstraint("activity_id", "member_id"),
    Index("makeups_member", "member_id", "closed_at"),
)

# 会议记录: one field of a meeting's record as it was typed; the newest row of a field counts.
record_lines = Table(
    "record_lines",
    metadata,
    key(),
    of("activity_id", "activities"),
    words("field"),
    words("words"),
    number("at"),
    words("recorded_by"),
    number("by_member"),
    Index("record_lines_newest", "activity_id", "field", "id"),
)

# 表决: what a meeting voted on. `due` and `present` are members with the right to vote, counted when it was recorded;
# `written` are opinions handed in before (发展党员工作细则). A row that `replaces` another one corrects it.
ballots = Table(
    "ballots",
    metadata,
    key(),
    of("activity_id", "activities"),
    words("kind"),
    words("matter"),
    number("due"),
    number("present"),
    number("written"),
    number("yes"),
    number("no"),
    number("abstain"),
    number("replaces"),
    number("at"),
    words("recorded_by"),
    number("by_member"),
    Index("ballots_activity", "activity_id", "id"),
)

# 更正: why a row of a closed meeting was added, when it happened and when it was recorded. One that changes 实到 waits
# for a second person: `decided_at` 0; `outcome` is "ok" or "no". `presence_id` is the row that it became.
corrections = Table(
    "corrections",
    metadata,
    key(),
    of("activity_id", "activities"),
    of("member_id", "members"),
    sealed("corrections", "state"),
    words("reason"),
    number("happened_at"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    number("decided_at"),
    words("decided_by"),
    words("outcome"),
    number("presence_id"),
    Index("corrections_activity", "activity_id", "member_id"),
)

# The numbered rows of a 签到表 on paper: a number never means another member later.
sheet_rows = Table(
    "sheet_rows",
    metadata,
    Column("activity_id", Integer, ForeignKey("activities.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), nullable=False),
    UniqueConstraint("activity_id", "member_id"),
)

# Wrong check-in codes, so that nobody tries them all.
code_tries = Table(
    "code_tries",
    metadata,
    key(),
    of("activity_id", "activities"),
    of("member_id", "members"),
    number("at"),
    Index("code_tries_member", "activity_id", "member_id"),
)

# 模板: a meeting of the branch to be opened again by its name; one with a `rule` (nth:1,Fri) repeats every month at
# `clock`. `ended_at` ends it.
templates = Table(
    "templates",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("name"),
    words("kind"),
    words("also"),
    words("place"),
    words("audience"),
    number("minutes"),
    words("rule"),
    words("clock"),
    number("made_at"),
    words("made_by"),
    number("ended_at"),
    Index("templates_branch", "branch_id", "ended_at"),
)

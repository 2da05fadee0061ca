"""The tables of the small books (wishes, registers, 发展党员): everything that happens is a row of its own.

A correction is a row that names the row it replaces, so what was known on a day is found by `recorded_at` alone.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from bot.sql import metadata
from handlers.columns import key, number, of, sealed, words

# 微心愿. `state` (collected, open, claimed, said, done, closed) is a lock, what counts are the rows of `wish_events`;
# `resident` is a code, never a name. `due_on` ends the claim window. Numbered with the branch's activities.
wishes = Table(
    "wishes",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    words("title"),
    words("kind"),
    sealed("wishes", "resident"),
    words("state"),
    words("due_on"),
    number("recorded_at"),
    words("recorded_by"),
    UniqueConstraint("branch_id", "number"),
    Index("wishes_state", "branch_id", "state"),
)

# What happened to a wish: add, verify, correct, claim, join, give_back, release, lapse, say_done, not_done, done or
# close. `member_id` is who it is about (0 = nobody), `by_member` who said it; `on_date` is the day it happened.
wish_events = Table(
    "wish_events",
    metadata,
    key(),
    of("wish_id", "wishes"),
    words("action"),
    number("member_id"),
    words("on_date"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    words("why"),
    Index("wish_events_wish", "wish_id", "member_id", "id"),
    Index("wish_events_action", "action", "on_date"),
)

# The small books: study, talk, article, award, issue, project, care, plan, unit, record. Numbers run per branch and
# register; a correction keeps the number. `action` is add, correct, begin, done or void; `replaces` is the id of the
# row that no longer counts (0 = none). `quantity` is minutes for study (60 = 1 学时), else a count. `evidence` says
# where it can be looked up, `of_number` is the entry of the same book that this one belongs to (a measure's problem).
# No column holds what was said or why.
register_rows = Table(
    "register_rows",
    metadata,
    key(),
    of("branch_id", "branches"),
    words("register"),
    number("number"),
    words("action"),
    words("on_date"),
    words("kind"),
    words("title"),
    number("member_id"),
    number("other_member_id"),
    number("quantity"),
    words("place"),
    words("level"),
    words("state"),
    words("due_on"),
    words("done_on"),
    words("evidence"),
    number("of_number"),
    number("replaces"),
    words("reason"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    UniqueConstraint("branch_id", "register", "number", "replaces"),
    Index("register_rows_date", "branch_id", "register", "on_date"),
    Index("register_rows_when", "register", "on_date"),
    Index("register_rows_member", "member_id", "register", "on_date"),
    Index("register_rows_replaces", "replaces"),
)

# 发展党员: people on their way into the Party. They stand outside the member register: a name and dates, nothing else.
candidates = Table(
    "candidates",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    words("name"),
    number("recorded_at"),
    words("recorded_by"),
    UniqueConstraint("branch_id", "number"),
)

# The day of one of the 25 steps; step 0 = the way has ended. `replaces` as above; `on_date` "" takes a date back.
candidate_steps = Table(
    "candidate_steps",
    metadata,
    key(),
    of("candidate_id", "candidates"),
    number("step"),
    words("on_date"),
    number("replaces"),
    words("reason"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("candidate_steps_of", "candidate_id", "step", "id"),
    Index("candidate_steps_replaces", "replaces"),
)

"""The tables of the small books (wishes, registers, 发展党员): everything that happens is a row of its own.

A correction is a row that names the row it replaces, so what was known on a day is found by `recorded_at` alone.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.sql import Number, metadata


def _key() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


def _of(name: str, table: str) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Number, nullable=False, server_default="0")


# 微心愿. `state` (collected, open, claimed, said, done, closed) is a lock, what counts are the rows of `wish_events`;
# `resident` is a code, never a name. `due_on` ends the claim window. Numbered with the branch's activities.
wishes = Table(
    "wishes",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _number("number"),
    _text("title"),
    _text("kind"),
    _text("resident"),
    _text("state"),
    _text("due_on"),
    _number("recorded_at"),
    _text("recorded_by"),
    UniqueConstraint("branch_id", "number"),
    Index("wishes_state", "branch_id", "state"),
)

# What happened to a wish: add, verify, claim, join, give_back, release, say_done, not_done, done, close. `member_id` is
# who it is about (0 = nobody), `by_member` who said it; `on_date` is the day it happened.
wish_events = Table(
    "wish_events",
    metadata,
    _key(),
    _of("wish_id", "wishes"),
    _text("action"),
    _number("member_id"),
    _text("on_date"),
    _number("recorded_at"),
    _text("recorded_by"),
    _number("by_member"),
    _text("why"),
    Index("wish_events_wish", "wish_id", "member_id", "id"),
    Index("wish_events_action", "action", "on_date"),
)

# The small books: study, talk, article, award, issue, project, care. Numbers run per branch and register; a correction
# keeps the number. `action` is add, correct, done or void; `replaces` is the id of the row that no longer counts (0 =
# none). `quantity` is minutes for study (60 = 1 学时), else a count. No column holds what was said or why.
register_rows = Table(
    "register_rows",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _text("register"),
    _number("number"),
    _text("action"),
    _text("on_date"),
    _text("kind"),
    _text("title"),
    _number("member_id"),
    _number("other_member_id"),
    _number("quantity"),
    _text("place"),
    _text("level"),
    _text("state"),
    _text("due_on"),
    _text("done_on"),
    _number("replaces"),
    _text("reason"),
    _number("recorded_at"),
    _text("recorded_by"),
    _number("by_member"),
    UniqueConstraint("branch_id", "register", "number", "replaces"),
    Index("register_rows_date", "branch_id", "register", "on_date"),
    Index("register_rows_member", "member_id", "register", "on_date"),
    Index("register_rows_replaces", "replaces"),
)

# 发展党员: people on their way into the Party. They stand outside the member register: a name and dates, nothing else.
candidates = Table(
    "candidates",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _number("number"),
    _text("name"),
    _number("recorded_at"),
    _text("recorded_by"),
    UniqueConstraint("branch_id", "number"),
)

# The day of one of the 25 steps; step 0 = the way has ended. `replaces` as above; `on_date` "" takes a date back.
candidate_steps = Table(
    "candidate_steps",
    metadata,
    _key(),
    _of("candidate_id", "candidates"),
    _number("step"),
    _text("on_date"),
    _number("replaces"),
    _text("reason"),
    _number("recorded_at"),
    _text("recorded_by"),
    _number("by_member"),
    Index("candidate_steps_of", "candidate_id", "step", "id"),
    Index("candidate_steps_replaces", "replaces"),
)

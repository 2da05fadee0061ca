"""Every table of the books in one sitting. What counts is added, never edited: corrections are new rows."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from bot.sql import Number, metadata


def _key() -> Column[int]:
    return Column("id", Number, primary_key=True, autoincrement=True)


def _of(name: str, table: str) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Number, nullable=False, server_default="0")


# 党支部. `bound_at` is when its first group was bound: nothing is owed for the time before. `last_number` numbers
# activities, shifts and wishes together, `last_todo` what waits for the secretary.
branches = Table(
    "branches",
    metadata,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    _number("bound_at"),
    _number("last_number"),
    _number("last_todo"),
)

# 党员. The branch here is today's; `memberships` says where somebody belonged at a time.
members = Table(
    "members",
    metadata,
    _key(),
    Column("name", Text, nullable=False, index=True),
    _text("aliases"),
    _text("gender"),
    _text("ethnicity"),
    _text("born_on"),
    _text("education"),
    _text("category"),
    _text("joined_on"),
    _text("full_on"),
    _text("status"),
    Column("branch_id", Integer, ForeignKey("branches.id"), nullable=False, index=True),
    _text("party_group"),
    _text("department"),
    _text("duty"),
    _text("duty_since"),
    _text("post"),
    _text("phone"),
    _number("left_at"),
)

# Where a member belonged, from an instant to an instant (0 = always, still).
memberships = Table(
    "memberships",
    metadata,
    _key(),
    _of("member_id", "members"),
    _of("branch_id", "branches"),
    _number("from_at"),
    _number("to_at"),
    Index("memberships_branch", "branch_id", "member_id"),
)

# A member's accounts; one member may have several, an account has one member. Stored casefolded.
accounts = Table(
    "accounts",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), nullable=False, index=True),
    _number("linked_at"),
    _text("linked_by"),
)

# 待办: what waits for a person's yes or no. `role` is who sees it ("secretary", "collector").
todos = Table(
    "todos",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _number("number"),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    _text("title"),
    _text("subject"),
    _number("asked_at"),
    _text("state"),
    _text("decided_by"),
    _number("decided_at"),
    _text("why"),
    UniqueConstraint("branch_id", "number"),
    Index("todos_open", "branch_id", "state"),
)

# 活动. `origin` is "chat" or "clock" (opened by the first notice); `audience` is "" for the whole branch, else what
# was typed, and then `invited` holds the people.
activities = Table(
    "activities",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _number("number"),
    _text("kind"),
    _number("starts_at"),
    _number("ends_at"),
    _text("place"),
    _number("deadline_at"),
    _text("audience"),
    _text("state"),
    _number("checkin"),
    _text("origin"),
    _text("opened_by"),
    _number("opened_at"),
    UniqueConstraint("branch_id", "number"),
    Index("activities_open", "branch_id", "state", "starts_at"),
)

invited = Table(
    "invited",
    metadata,
    Column("activity_id", Integer, ForeignKey("activities.id"), primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), primary_key=True),
)

# What a member declared (参加, 请假, …): the newest row of a member counts. `reason` is a kind, never the story.
# `late` marks an answer after the deadline; `by_member` is who said it.
answers = Table(
    "answers",
    metadata,
    _key(),
    _of("activity_id", "activities"),
    _of("member_id", "members"),
    _text("state"),
    _text("reason"),
    _number("late"),
    _number("at"),
    _number("by_member"),
    _text("why"),
    Index("answers_newest", "activity_id", "member_id", "id", "state"),
)

# What really was (到会, 迟到, 早退, 线上, 缺席): kept apart from what was declared; the newest row counts.
presences = Table(
    "presences",
    metadata,
    _key(),
    _of("activity_id", "activities"),
    _of("member_id", "members"),
    _text("state"),
    _number("at"),
    _number("by_member"),
    _text("why"),
    Index("presences_newest", "activity_id", "member_id", "id", "state"),
)

# 志愿服务的班次. `taken` is a lock for the seats, not a figure: the seats are the rows of `signups`.
shifts = Table(
    "shifts",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    _number("number"),
    _text("name"),
    _number("starts_at"),
    _number("ends_at"),
    _text("place"),
    _number("capacity"),
    _number("taken"),
    _text("state"),
    _text("opened_by"),
    _number("opened_at"),
    UniqueConstraint("branch_id", "number"),
    Index("shifts_open", "branch_id", "state", "starts_at"),
)

# A sign-up waits until it has a seat (`seated_at`) and ends when it is left (`left_at`); first come, first seated.
signups = Table(
    "signups",
    metadata,
    _key(),
    _of("shift_id", "shifts"),
    _of("member_id", "members"),
    _number("at"),
    _number("seated_at"),
    _number("left_at"),
    _number("by_member"),
    Index("signups_shift", "shift_id", "left_at", "id"),
    Index("signups_member", "member_id", "id"),
)

# 党费核定: the base and the monthly amount in fen, valid from one month to another ("YYYY-MM", "" = open).
dues_bases = Table(
    "dues_bases",
    metadata,
    _key(),
    _of("member_id", "members"),
    _text("kind"),
    _number("base_fen"),
    _number("month_fen"),
    _text("valid_from"),
    _text("valid_to"),
    _text("decided_by"),
    _number("decided_at"),
    _text("reason"),
    Index("dues_bases_member", "member_id", "valid_from"),
)

# 已交 as said by a member: a claim until the collector confirms it. `fen` 0 = no amount was named; `state` is "open",
# "ok", "no", "replaced" or "withdrawn". A month has one open claim. One todo may stand for several months.
dues_claims = Table(
    "dues_claims",
    metadata,
    _key(),
    _of("member_id", "members"),
    _text("month"),
    _number("fen"),
    _number("at"),
    _number("by_member"),
    _text("state"),
    _number("todo_id"),
    Index("dues_claims_member", "member_id", "month"),
    Index("dues_claims_todo", "todo_id"),
    Index(
        "dues_claims_open",
        "member_id",
        "month",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# The ledger: an entry has one cause (unique: a rerun adds nothing) and postings whose sum is 0.
entries = Table(
    "entries",
    metadata,
    _key(),
    _of("branch_id", "branches"),
    Column("cause", Text, nullable=False, unique=True),
    _text("kind"),
    _number("happened_at"),
    _number("recorded_at"),
    _text("recorded_by"),
    _text("note"),
)

postings = Table(
    "postings",
    metadata,
    _key(),
    _of("entry_id", "entries"),
    _text("account"),
    _number("member_id"),
    _text("month"),
    _number("fen"),
    Index("postings_member", "member_id", "month"),
    Index("postings_entry", "entry_id"),
)

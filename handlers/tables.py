"""Every table of the books in one sitting. What counts is added, never edited: corrections are new rows."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from bot.sql import metadata
from handlers.columns import key, number, of, sealed, sealed_number, words

# 党支部. `bound_at` is when its first group was bound: nothing is owed for the time before. `last_number` numbers
# activities, shifts and wishes together, `last_todo` what waits for the secretary.
branches = Table(
    "branches",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True),
    number("bound_at"),
    number("last_number"),
    number("last_todo"),
)

# 党员. The branch here is today's; `memberships` says where somebody belonged at a time.
members = Table(
    "members",
    metadata,
    key(),
    Column("name", Text, nullable=False, index=True),
    words("aliases"),
    words("gender"),
    words("ethnicity"),
    words("born_on"),
    words("education"),
    words("category"),
    words("joined_on"),
    words("full_on"),
    words("status"),
    Column("branch_id", Integer, ForeignKey("branches.id"), nullable=False, index=True),
    words("party_group"),
    words("department"),
    words("duty"),
    words("duty_since"),
    words("post"),
    sealed("members", "phone"),
    number("left_at"),
)

# Where a member belonged, from an instant to an instant (0 = always, still); `recorded_at` and `ended_at` are when each
# of the two was recorded (0 = from the start, not ended).
memberships = Table(
    "memberships",
    metadata,
    key(),
    of("member_id", "members"),
    of("branch_id", "branches"),
    number("from_at"),
    number("to_at"),
    number("recorded_at"),
    number("ended_at"),
    Index("memberships_branch", "branch_id", "member_id"),
)

# A member's accounts; one member may have several, an account has one member. Stored casefolded.
accounts = Table(
    "accounts",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), nullable=False, index=True),
    number("linked_at"),
    words("linked_by"),
)

# 待办: what waits for a person's yes or no. `role` is who sees it ("secretary", "collector").
todos = Table(
    "todos",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    words("title"),
    words("subject"),
    number("asked_at"),
    words("state"),
    words("decided_by"),
    number("decided_at"),
    words("why"),
    UniqueConstraint("branch_id", "number"),
    Index("todos_open", "branch_id", "state"),
)

# 活动. `origin` is "chat", "clock" (opened by the first notice) or "entered" (补录, after it was held); `audience` is
# "" for the whole branch, else what was typed, and then `invited` holds the people. `also` are further kinds (党课、
# 集中学习) of the same session, `code` is 1 where check-in asks for the code on the screen, `ended_at` is when it was
# closed or called off.
activities = Table(
    "activities",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    words("kind"),
    number("starts_at"),
    number("ends_at"),
    words("place"),
    number("deadline_at"),
    words("audience"),
    words("state"),
    number("checkin"),
    words("origin"),
    words("opened_by"),
    number("opened_at"),
    words("also"),
    number("code"),
    number("ended_at"),
    UniqueConstraint("branch_id", "number"),
    Index("activities_open", "branch_id", "state", "starts_at"),
    Index("activities_when", "starts_at", "kind"),
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
    key(),
    of("activity_id", "activities"),
    of("member_id", "members"),
    words("state"),
    sealed("answers", "reason"),
    number("late"),
    number("at"),
    number("by_member"),
    words("why"),
    Index("answers_newest", "activity_id", "member_id", "id", "state"),
)

# What really was (到会, 迟到, 早退, 线上, 缺席): kept apart from what was declared; the newest row counts. `at` is
# when it was recorded, `happened_at` when it happened where that was another time.
presences = Table(
    "presences",
    metadata,
    key(),
    of("activity_id", "activities"),
    of("member_id", "members"),
    words("state"),
    number("at"),
    number("by_member"),
    words("why"),
    number("happened_at"),
    Index("presences_newest", "activity_id", "member_id", "id", "state", "at"),
)

# 志愿服务的班次. `taken` is a lock for the seats, not a figure: the seats are the rows of `signups`. `event` is the
# number of the first of several shifts that are one event, 0 for that one and for one alone; a seat that is passed on
# is to be confirmed within `claim_minutes` (0 = it needn't); until `leave_by` one may leave (0 = the start). 、 parts
# the `skills`.
shifts = Table(
    "shifts",
    metadata,
    key(),
    of("branch_id", "branches"),
    number("number"),
    words("name"),
    number("starts_at"),
    number("ends_at"),
    words("place"),
    number("capacity"),
    number("taken"),
    words("state"),
    words("opened_by"),
    number("opened_at"),
    number("event"),
    number("at_least"),
    number("leave_by"),
    number("claim_minutes"),
    words("skills"),
    UniqueConstraint("branch_id", "number"),
    Index("shifts_open", "branch_id", "state", "starts_at"),
    Index("shifts_when", "starts_at"),
)

# A sign-up waits until it has a seat (`seated_at`) and ends when it is left (`left_at`); first come, first seated. A
# seat that was passed on is to be confirmed until `confirm_by` (0 = it is); `why_left` is "" or "lapsed". `guests` come
# along and take no seats.
signups = Table(
    "signups",
    metadata,
    key(),
    of("shift_id", "shifts"),
    of("member_id", "members"),
    number("at"),
    number("seated_at"),
    number("left_at"),
    number("by_member"),
    number("confirm_by"),
    number("guests"),
    words("why_left"),
    Index("signups_shift", "shift_id", "left_at", "id"),
    Index("signups_member", "member_id", "id"),
    Index("signups_confirm", "confirm_by"),
)

# 党费核定: the base and the monthly amount in fen, valid from one month to another ("YYYY-MM", "" = open). `rate` is in
# hundredths of a per cent (0 = an amount that is set), `rule` the text and the rounding it was reckoned by.
dues_bases = Table(
    "dues_bases",
    metadata,
    key(),
    of("member_id", "members"),
    words("kind"),
    sealed_number("dues_bases", "base_fen"),
    number("month_fen"),
    words("valid_from"),
    words("valid_to"),
    words("decided_by"),
    number("decided_at"),
    words("reason"),
    number("rate"),
    words("rule"),
    Index("dues_bases_member", "member_id", "valid_from"),
)

# 已交 as said by a member: a claim until the collector confirms it. `fen` 0 = no amount was named; `state` is "open",
# "ok", "no", "replaced" or "withdrawn". A month has one open claim. One todo may stand for several months. `method` is
# 现金, 微信转账, …; `voluntary` 1 = what is more than due is meant.
dues_claims = Table(
    "dues_claims",
    metadata,
    key(),
    of("member_id", "members"),
    words("month"),
    number("fen"),
    number("at"),
    number("by_member"),
    words("state"),
    number("todo_id"),
    words("method"),
    number("voluntary"),
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

# The ledger: an entry has one cause (unique: a rerun adds nothing) and postings whose sum is 0. `period` is the book
# (台账) it stands in, "" for what stands in none; `receipt` counts per branch and year; `payer_id` is who paid for
# somebody else; `reverses` is the entry it takes back, `slip_id` the slip it belongs to.
entries = Table(
    "entries",
    metadata,
    key(),
    of("branch_id", "branches"),
    Column("cause", Text, nullable=False, unique=True),
    words("kind"),
    number("happened_at"),
    number("recorded_at"),
    words("recorded_by"),
    words("note"),
    words("period"),
    number("receipt"),
    number("payer_id"),
    words("method"),
    number("reverses"),
    number("slip_id"),
    Index("entries_period", "branch_id", "period"),
    Index("entries_slip", "slip_id"),
    Index("entries_when", "period"),
)

# `account` is cash, dues, extra, large_cash, large, slip, bank or kept: what each is stands in handlers/ledger.py.
postings = Table(
    "postings",
    metadata,
    key(),
    of("entry_id", "entries"),
    words("account"),
    number("member_id"),
    words("month"),
    number("fen"),
    Index("postings_member", "member_id", "month"),
    Index("postings_entry", "entry_id"),
)

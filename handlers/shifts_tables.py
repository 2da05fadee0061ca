"""What volunteers can, when they came and went, and the hours that count: every change is a row of its own."""

from __future__ import annotations

from sqlalchemy import Index, Table

from bot.sql import metadata
from handlers.columns import key, number, of, sealed, words

# What a member says he can (测血压, 中医 …): the newest row of a skill counts; `held` 0 = no longer.
member_skills = Table(
    "member_skills",
    metadata,
    key(),
    of("member_id", "members"),
    words("skill"),
    number("held"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("member_skills_member", "member_id", "skill", "id"),
)

# 签到 ("in") and 签退 ("out") of a shift: the newest row of each counts; `at` is when it was (0 = taken back).
service_marks = Table(
    "service_marks",
    metadata,
    key(),
    of("shift_id", "shifts"),
    of("member_id", "members"),
    words("kind"),
    number("at"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("service_marks_shift", "shift_id", "member_id", "kind", "id"),
    Index("service_marks_member", "member_id", "id"),
)

# 志愿时长 in minutes. `state` is asked, ok or no; a decision and a correction are rows that name the row that no longer
# counts (`replaces`). `shift_id` 0 = service outside the branch's shifts, which `what` names.
service_hours = Table(
    "service_hours",
    metadata,
    key(),
    of("branch_id", "branches"),
    of("member_id", "members"),
    number("shift_id"),
    words("on_date"),
    words("what"),
    number("minutes"),
    words("state"),
    number("replaces"),
    words("reason"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("service_hours_branch", "branch_id", "on_date"),
    Index("service_hours_member", "member_id", "on_date"),
    Index("service_hours_shift", "shift_id", "member_id"),
    Index("service_hours_replaces", "replaces"),
)

# 双报到: in which community a member living there reported, and on which day; the newest row counts.
community_reports = Table(
    "community_reports",
    metadata,
    key(),
    of("member_id", "members"),
    sealed("community_reports", "community"),
    words("reported_on"),
    number("recorded_at"),
    words("recorded_by"),
    number("by_member"),
    Index("community_reports_member", "member_id", "id"),
)

"""What the clock says: to whom and by which rule, settings, pauses, duties, notices; jobs know their audience."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _jobs()
    op.create_table(
        "reminders",
        _key(),
        _branch(),
        _words("job"),
        _words("period"),
        _words("audience"),
        _number("member_id"),
        _words("target"),
        _words("promise"),
        _number("said_at"),
        _number("until_at"),
        _words("rule"),
        _words("dates"),
        _words("subject"),
        _words("asked"),
        _words("text"),
        *_keys("branch_id", "branches"),
    )
    op.create_index("reminders_branch", "reminders", ["branch_id", "member_id", "said_at"], unique=False)
    op.create_index("reminders_promise", "reminders", ["promise"], unique=False)
    op.create_table(
        "reminder_settings",
        _key(),
        _branch(),
        _words("name"),
        _words("value"),
        _number("recorded_at"),
        _words("recorded_by"),
        _number("by_member"),
        *_keys("branch_id", "branches"),
    )
    op.create_index("reminder_settings_branch", "reminder_settings", ["branch_id", "name", "id"], unique=False)
    op.create_table(
        "reminder_pauses",
        _key(),
        _branch(),
        _words("job"),
        _number("from_at"),
        _number("until_at"),
        _words("reason"),
        _words("recorded_by"),
        _number("by_member"),
        _number("ended_at"),
        _words("ended_by"),
        *_keys("branch_id", "branches"),
    )
    op.create_index("reminder_pauses_branch", "reminder_pauses", ["branch_id", "ended_at"], unique=False)
    op.create_table(
        "reminder_resends",
        sa.Column("promise_id", NUMBER, nullable=False),
        _number("recorded_at"),
        _words("recorded_by"),
        _number("by_member"),
        sa.PrimaryKeyConstraint("promise_id"),
    )
    op.create_table(
        "duties",
        _key(),
        sa.Column("member_id", sa.Integer(), nullable=False),
        _words("month"),
        _words("kind"),
        _number("starts_at"),
        _number("ends_at"),
        _number("recorded_at"),
        _words("recorded_by"),
        _number("replaced_at"),
        *_keys("member_id", "members"),
    )
    op.create_index("duties_member", "duties", ["member_id", "ends_at"], unique=False)
    op.create_table(
        "year_notices",
        _key(),
        _branch(),
        _number("year"),
        sa.Column("body", sa.Text(), nullable=False),
        _number("recorded_at"),
        _words("recorded_by"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch_id", "year", "id"),
    )


def _jobs() -> None:
    """A key can't be widened in SQLite: the table is written anew; what was done so far was said to the branch."""
    op.rename_table("jobs", "jobs_before")
    op.create_table(
        "jobs",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default="branch", nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "period", "audience", name="jobs_key"),
    )
    op.execute(
        "INSERT INTO jobs (job, period, audience, at, outcome) "
        "SELECT job, period, 'branch', at, outcome FROM jobs_before"
    )
    op.drop_table("jobs_before")
    op.create_index("jobs_at", "jobs", ["at"], unique=False)


def _key() -> sa.Column[int]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def _branch() -> sa.Column[int]:
    return sa.Column("branch_id", sa.Integer(), nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, server_default="0", nullable=False)


def _keys(column: str, table: str) -> tuple[sa.Constraint, sa.Constraint]:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"]), sa.PrimaryKeyConstraint("id")

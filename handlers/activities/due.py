"""应到: whom a meeting is for, less those who are 不计入; the one place where that is said in SQL.

The parameters are `branch`, `start` (the meeting's instant) and, by list, `activity`; as known at an instant, `known`.
Within a statement about many meetings their columns stand in the parameters' place (`of`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, exists, or_, select

from bot.sql import p
from handlers.meetings_tables import exclusions
from handlers.tables import invited, memberships

_newer = exclusions.alias("newer_exclusion")


class Of(NamedTuple):
    """Where a statement finds the meeting: its branch, its instant, its number."""

    branch: Any
    start: Any
    activity: Any


ASKED = Of(p("branch"), p("start"), p("activity"))


def not_counted(*, as_known: bool = False, of: Of = ASKED) -> Select[Any]:
    """The members of a branch whom the superior and the members' meeting agreed not to count at that instant."""
    replaced = select(_newer.c.id).where(_newer.c.replaces == exclusions.c.id)
    found = select(exclusions.c.member_id).where(
        exclusions.c.branch_id == of.branch,
        exclusions.c.from_at <= of.start,
        or_(exclusions.c.to_at == 0, exclusions.c.to_at > of.start),
    )
    if as_known:
        replaced = replaced.where(_newer.c.recorded_at <= p("known"))
        found = found.where(exclusions.c.recorded_at <= p("known"))
    return found.where(~exists(replaced)).correlate_except(exclusions)


def due_in_branch(*, as_known: bool = False, of: Of = ASKED) -> Select[Any]:
    """Who belonged to the branch when the meeting began, less those who are not counted."""
    still = or_(memberships.c.to_at == 0, memberships.c.to_at > of.start)
    if as_known:  # an end that was recorded later was not known then
        still = or_(still, memberships.c.ended_at > p("known")) & (memberships.c.recorded_at <= p("known"))
    return select(memberships.c.member_id).where(
        memberships.c.branch_id == of.branch,
        memberships.c.from_at <= of.start,
        still,
        ~exists(not_counted(as_known=as_known, of=of).where(exclusions.c.member_id == memberships.c.member_id)),
    )


def due_by_list(*, as_known: bool = False, of: Of = ASKED) -> Select[Any]:
    """Who was named for the meeting and still belonged to the branch when it began."""
    listed = select(invited.c.member_id).where(invited.c.activity_id == of.activity).correlate_except(invited)
    return due_in_branch(as_known=as_known, of=of).where(memberships.c.member_id.in_(listed))


def audience(activity: Any) -> tuple[bool, dict[str, int]]:
    """(whether the meeting is by list, the parameters of its statement)."""
    return bool(activity.audience), {
        "branch": activity.branch_id,
        "start": activity.starts_at,
        "activity": activity.id,
    }

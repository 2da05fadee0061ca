"""活动: the meetings of a branch. Operations only; what is said about them in chat is in `handlers/attendance/`."""

from __future__ import annotations

from handlers.activities.kinds import THEME_DAY, kind_of
from handlers.activities.opening import (
    FARTHEST_DAYS,
    Plan,
    change,
    finish,
    of_month,
    open_activity,
    switch_checkin,
    was_cancelled,
)
from handlers.activities.standing import (
    PRESENT,
    add_answer,
    add_presence,
    as_call,
    by_id,
    found,
    is_due,
    label,
    numbered,
    open_now,
    roll,
    said,
    silent,
    standing,
    state_line,
    title,
    was,
)

__all__ = [
    "FARTHEST_DAYS",
    "PRESENT",
    "THEME_DAY",
    "Plan",
    "add_answer",
    "add_presence",
    "as_call",
    "by_id",
    "change",
    "finish",
    "found",
    "is_due",
    "kind_of",
    "label",
    "numbered",
    "of_month",
    "open_activity",
    "open_now",
    "roll",
    "said",
    "silent",
    "standing",
    "state_line",
    "switch_checkin",
    "title",
    "was",
    "was_cancelled",
]

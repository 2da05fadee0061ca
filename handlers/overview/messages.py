"""What the bot sent unasked, branch by branch: the burden is a figure like any other, in the register's order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import p, sql
from bot.tables import outbox

SENT = sql(
    select(outbox.c.branch_id, outbox.c.private, func.count().label("count"))
    .where(outbox.c.purpose.in_(("reminder", "notice")), outbox.c.state.in_(("sent", "unknown")))
    .where(outbox.c.due_at >= p("since"), outbox.c.due_at < p("until"))
    .group_by(outbox.c.branch_id, outbox.c.private)
)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages of a branch went to groups, and how many to people alone."""

    group: int = 0
    private: int = 0


def sent(tx: Tx, since: int, until: int) -> Mapping[int, Sent]:
    """Branch -> what was sent in [since, until) (UTC microseconds); answers are not counted, they were asked for."""
    found: dict[int, dict[bool, int]] = {}
    for row in tx.all(SENT, since=since, until=until):
        found.setdefault(row.branch_id, {})[bool(row.private)] = int(row.count)
    return {branch: Sent(counts.get(False, 0), counts.get(True, 0)) for branch, counts in found.items()}

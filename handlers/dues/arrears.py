"""Who has not paid for how long. The calendar tells the collector, then the secretary; the bot never decides anything.

中组发〔2008〕3号 Art. 13 asks to educate first; what six months without a reason mean is for the meeting to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.db import Tx
from bot.sql import p, sql
from handlers.dues.amounts import histories
from handlers.dues.bases import Due, following, month_of, owing
from handlers.tables import dues_claims, memberships

# Months in a row: from when the secretary is shown it, it is marked, it is to be looked into.
SECRETARY, FLAG, VERIFY = 3, 5, 6
CLAIMED = sql(
    select(dues_claims.c.member_id, dues_claims.c.month)
    .join(memberships, memberships.c.member_id == dues_claims.c.member_id)
    .where(memberships.c.branch_id == p("branch"), dues_claims.c.state == "open")
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Somebody who owes for past months, `in_a_row` up to the last of them; `claimed` says that he says he paid."""

    member: int
    name: str
    party_group: str
    months: tuple[str, ...]
    in_a_row: int
    fen: int
    claimed: bool

    @property
    def line(self) -> str:
        """For the keepers' eyes: name and months, no sum."""
        mark = "，已报待确认" if self.claimed else ""
        if self.in_a_row >= VERIFY:
            return f"{self.name}：连续 {self.in_a_row} 个月未交{mark}，请支部核实是否有正当理由"
        if self.in_a_row >= FLAG:
            return f"⚑ {self.name}：连续 {self.in_a_row} 个月未交{mark}"
        return f"{self.name}：{len(self.months)} 个月未交{mark}"


def overdue(tx: Tx, branch: int) -> list[Overdue]:
    """Members who owe for months before this one, in the order of the register: nobody is ranked."""
    last = following(month_of(tx.now), -1)
    months, claims = histories(tx, branch), _claims(tx, branch)
    return [
        _behind(one, owed, last, claims.get(one.member, set()))
        for one in owing(tx, branch, month_of(tx.now)).everybody
        if (owed := [due for due in months.get(one.member, ()) if due.month <= last and due.rest])
    ]


def _claims(tx: Tx, branch: int) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in tx.all(CLAIMED, branch=branch):
        found.setdefault(row.member_id, set()).add(row.month)
    return found


def _behind(person: Due, owed: list[Due], last: str, claims: set[str]) -> Overdue:
    months = tuple(one.month for one in owed)
    run, rest = in_a_row(months, last), sum(one.rest for one in owed)
    return Overdue(person.member, person.name, person.party_group, months, run, rest, bool(claims & set(months)))


def in_a_row(months: tuple[str, ...], last: str) -> int:
    """How many months up to `last` stand in `months` without a gap."""
    count = 0
    while following(last, -count) in months:
        count += 1
    return count

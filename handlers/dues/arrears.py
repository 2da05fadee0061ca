"""Who has not paid for how long, and who is told: the collector, then the secretary. The bot never decides anything.

中组发〔2008〕3号 Art. 13 asks to educate first; what six months without a reason mean is for the meeting to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.dues.bases import Due, following, history, month_of, owing
from handlers.dues.telling import NOTHING, Holder, tell
from handlers.tables import dues_claims

SECRETARY, FLAG, VERIFY = (
    3,
    5,
    6,
)  # months in a row: whom it is shown to, when it is marked, when it is to be looked into
CLAIMED = sql(select(dues_claims.c.month).where(dues_claims.c.member_id == p("member"), dues_claims.c.state == "open"))


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
    found = (_behind(tx, branch, one, last) for one in owing(tx, branch, month_of(tx.now)).everybody)
    return [one for one in found if one]


def _behind(tx: Tx, branch: int, person: Due, last: str) -> Overdue | None:
    owed = [one for one in history(tx, branch, person.member) if one.month <= last and one.rest]
    if not owed:
        return None
    months = tuple(one.month for one in owed)
    claims = {claim.month for claim in tx.all(CLAIMED, member=person.member)}
    run, rest = in_a_row(months, last), sum(one.rest for one in owed)
    return Overdue(person.member, person.name, person.party_group, months, run, rest, bool(claims & set(months)))


def in_a_row(months: tuple[str, ...], last: str) -> int:
    """How many months up to `last` stand in `months` without a gap."""
    count = 0
    while following(last, -count) in months:
        count += 1
    return count


def tell_arrears(tx: Tx, branch: int, via: Mapping[str, str]) -> int:
    """Once a month: collectors hear of their people's past months, secretaries of three months in a row and more.

    In private, by name and months, without sums; `via` as in `tell`. How many people were told.
    """
    people = overdue(tx, branch)
    if not people:
        return 0
    key = f"dues_arrears:{branch}:{month_of(tx.now)}"
    return tell(tx, branch, ("collector", "secretary"), lambda holder: _words(people, holder), via, key=key)


def _words(people: list[Overdue], holder: Holder) -> Reply:
    collects = "collector" in holder.roles
    shown = [
        one
        for one in people
        if (collects and holder.group in ("", one.party_group))
        or ("secretary" in holder.roles and one.in_a_row >= SECRETARY)
    ]
    return Reply("\n".join(["党费未交（不含本月）：", *(one.line for one in shown)])) if shown else NOTHING

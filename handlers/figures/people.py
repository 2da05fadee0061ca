"""党员 at the cut-off: who belongs to which branch, and what was known of each by then.

Counted are 正式党员, 预备党员 and 留党察看; who only applies, and whose membership rests (停止党籍), is not. Where a
figure asks for something that the register doesn't say of a member, he isn't guessed to be one or the other: not sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select

from bot.sql import p, sql
from handlers.figures.rows import ZERO, Chosen, Reading, Rows, Tally, counted, in_scope, tally_of
from handlers.people.facts import FACTS, IN_THE_PARTY, KNOWN_FACTS
from handlers.people.who import duties, roles_of
from handlers.people_tables import member_facts
from handlers.sheet.columns import FIELDS
from handlers.shifts_tables import community_reports
from handlers.tables import memberships

HIGHER = ("大专", "大学专科", "本科", "大学本科", "研究生", "硕士", "博士")
RETIRED = ("退休", "离休", "离退休")
MANAGERS = ("事业管理", "事业专业技术")
WORKERS = ("公有制工人", "工勤")
HAN = ("汉", "汉族")

_b, _f, _c = memberships, member_facts, community_reports
_CALLED = {column: name for name, column in FIELDS.items()}
BELONG = sql(
    select(_b.c.member_id, _b.c.branch_id)
    .where(
        _b.c.recorded_at <= p("at"),
        _b.c.from_at < p("end"),
        or_(_b.c.to_at == ZERO, _b.c.ended_at > p("at"), _b.c.to_at >= p("end")),
        in_scope(_b.c.branch_id),
    )
    .order_by(_b.c.branch_id, _b.c.member_id)
)
KNOWN = sql(
    select(_f.c.member_id, _f.c.what, _f.c.value)
    .where(_f.c.what.in_((*FACTS, *KNOWN_FACTS)), _f.c.from_on <= p("last"), counted(_f))
    .order_by(_f.c.from_on, _f.c.id)
)


REPORTED = sql(
    select(_c.c.member_id, _c.c.community)
    .where(_c.c.recorded_at <= p("at"), _c.c.reported_on <= p("last"))
    .order_by(_c.c.id)
)


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the register at the cut-off; `facts` are its columns, absent where the register says nothing."""

    key: int
    branch_id: int
    facts: dict[str, str]
    what: str = ""
    quantity: int = 1
    sound: int = 1
    moment: int = 0

    @property
    def member_id(self) -> int:
        """The member himself."""
        return self.key

    @property
    def day(self) -> str:
        """The day he joined."""
        return self.facts.get("joined_on", "")


class People(Rows):
    """Everybody who counts as 党员; read once for all figures about people."""

    __slots__ = ()

    def __init__(self) -> None:
        self.trace = ""

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of the branches and the register."""
        values = reading.asked.values()
        facts: dict[int, dict[str, str]] = {}
        for row in reading.tx.all(KNOWN, **values):
            facts.setdefault(row.member_id, {})[row.what] = row.value
        found = [
            Person(row.member_id, row.branch_id, facts.get(row.member_id, {}))
            for row in reading.tx.all(BELONG, **values)
        ]
        return [_named(one) for one in found if one.facts.get("category", "") in ("", *IN_THE_PARTY)]

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        return tally_of(reading.shared(self))


def _named(one: Person) -> Person:
    return Person(one.key, one.branch_id, one.facts, one.facts.get("category", "党员"))


PEOPLE = People()


class Reported(Rows):
    """双报到: members who reported to the community where they live; `what` is the community."""

    __slots__ = ()

    def __init__(self) -> None:
        self.trace = ""

    def listed(self, reading: Reading) -> Sequence[Any]:
        """In the order of the branches and the register."""
        where = {row.member_id: row.community for row in reading.tx.all(REPORTED, **reading.asked.values())}
        return [replace(one, what=where[one.key]) for one in reading.shared(PEOPLE) if one.key in where]

    def tally(self, reading: Reading) -> Tally:
        """How many there are."""
        return tally_of(self.listed(reading))


ALL = Chosen(PEOPLE, lambda _one, _asked: True)
Test = Callable[[str, Any], bool]


def who(column: str, test: Test, *, within: Callable[[Any, Any], bool] | None = None) -> Rows:
    """The members for whose `column` the test holds (given the question's parameters); unknown is not sound.

    `within` says whom the question is about at all.
    """

    def chosen(one: Any, asked: Any) -> bool | str:
        if within is not None and not within(one, asked):
            return False
        value = one.facts.get(column, "")
        return f"名册缺：{_CALLED[column]}" if not value else test(value, asked)

    return Chosen(PEOPLE, chosen)


def admitted(one: Any, asked: Any) -> bool:
    """Joined within the period: 入党日期 is the day of the vote."""
    return bool(asked["first"] <= one.facts.get("joined_on", "") <= asked["last"])


def appointed(one: Any, asked: Any) -> bool:
    """Became secretary of a branch within the period."""
    since = one.facts.get("duty_since", "")
    return "书记" in duties(one.facts.get("duty", "")) and bool(asked["first"] <= since <= asked["last"])


def leads(one: Any) -> bool:
    """Whether his 党内职务 makes him a member of the branch's committee."""
    return bool(roles_of(one.facts.get("duty", "")) & {"secretary", "committee"})

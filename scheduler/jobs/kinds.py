"""The words of the calendar: a branch, what comes up, what is said about it, and a job, which is data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.commands import Who
from bot.config import Reminders, Retention
from bot.config.sections import STANDARDS
from bot.db import Tx
from bot.message import Ability, Reply
from bot.meter import Meter
from handlers.reminders.names import NAMES
from scheduler.calendar import Years

Audience = Literal["branch", "members", "secretary", "collector", "committee"]
CatchUp = Literal["last", "each", "never"]
CLOCK = Who(account="clock", name="定时提醒")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the jobs are handed: the reminders of each branch, the year files, what the platforms can do.

    `private_via` names for each platform the one that can speak to a person alone; `standards` is how often each kind
    of meeting is asked for, `wish_release` whether a claim whose window is over goes back by itself, `retention` when
    what was said is let go of. `meters` are the platforms with a monthly quota, `alarms` gives what keeps one from
    hearing people (name, Chinese line), `admins` are told of both: (platform that reaches them, account).
    """

    reminders_for: Callable[[str], Reminders]
    years: Years
    abilities: Mapping[str, frozenset[Ability]]
    private_via: Mapping[str, str] = field(default_factory=dict)
    standards: Mapping[str, str] = field(default_factory=lambda: STANDARDS)
    wish_release: bool = False
    retention: Retention = field(default_factory=Retention)
    meters: tuple[Meter, ...] = ()
    admins: tuple[tuple[str, str], ...] = ()
    alarms: Callable[[], list[tuple[str, str]]] = list


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as the calendar sees it."""

    id: int
    name: str
    bound_at: int


@dataclass(frozen=True, slots=True)
class Coming:
    """One reminder for one audience. `period` names it for ever: a moved date makes it no other.

    After `until` it is useless. Of several that were missed in one `series` only the last may be of use. `rule` and
    `dates` say why it comes, `subject` what it is about ("activity:12", "month:2026-12").
    """

    job: str
    period: str
    at: datetime
    until: datetime
    text: str
    certain: bool = True
    meeting: datetime | None = None
    audience: Audience = "branch"
    series: str = ""
    rule: str = ""
    dates: str = ""
    subject: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What its row is known by."""
        return self.job, self.period, self.audience


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told in private, with the roles he holds in the branch."""

    id: int
    name: str
    party_group: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Say:
    """What a job has to say: to the groups (worded for the group's platform and the one that speaks), or to persons.

    `person` gives "" where it has nothing for somebody. `asked` are the ids of those who owe an answer, `subject` what
    it is about where that became known only now.
    """

    group: Callable[[str, str], Reply] | None = None
    person: Callable[[Person], str] | None = None
    asked: tuple[int, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """`falls` lists what comes up for a branch in [start, end); `run` does it: what is to be said, None for nothing.

    `catch_up` says what is done about several that were missed: "last" of a series, "each", or "never" (a missed one
    is of no use). `early` ones may be said earlier on their day, together with others. `why` is the rule in words.
    """

    name: str
    why: str
    falls: Callable[[Any, Branch, datetime, datetime], Iterator[Coming]]
    run: Callable[[Tx, Any, Branch, Coming], Say | None]
    audiences: tuple[Audience, ...] = ("branch",)
    catch_up: CatchUp = "last"
    early: bool = True

    @property
    def chinese(self) -> str:
        """What it is called in chat."""
        return NAMES[self.name]

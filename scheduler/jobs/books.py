"""What the calendar reads of the rows, once per look, for one branch or for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from bot.config import Reminders
from bot.db import Tx, micros
from bot.rules import parse_theme_day
from bot.sql import Statement, p, sql
from bot.tables import jobs
from handlers import dues
from handlers.clock_tables import reminder_pauses, reminder_settings, year_notices
from handlers.dues.arrears import Overdue
from handlers.meetings_tables import makeups, templates
from handlers.reminders.rows import in_force
from handlers.tables import activities, branches, shifts
from scheduler.calendar import Planned, Years, theme_day
from scheduler.calendar.years import years_of
from scheduler.jobs.kinds import Branch, Setting

MARGIN = timedelta(days=45)  # a meeting is spoken of before and after its day
EARLIER = timedelta(days=2)  # what was said early has its row before its time

BRANCHES = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).order_by(branches.c.id))
ONE_BRANCH = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).where(branches.c.id == p("branch")))


def _here(table: Any) -> Any:
    return or_(p("branch") == 0, table.c.branch_id == p("branch"))


def _between(table: Any) -> Statement:
    return sql(
        select(table)
        .where(_here(table), table.c.starts_at >= p("first"), table.c.starts_at < p("last"))
        .order_by(table.c.starts_at, table.c.number)
    )


MAKEUPS = sql(
    select(makeups.c.id, makeups.c.due_on, activities.c.branch_id, activities.c.number, activities.c.kind)
    .join(activities, activities.c.id == makeups.c.activity_id)
    .where(_here(activities), makeups.c.closed_at == 0)
    .order_by(makeups.c.due_on, makeups.c.id)
)
TEMPLATES = sql(
    select(templates)
    .where(_here(templates), templates.c.rule != "", templates.c.ended_at == 0)
    .order_by(templates.c.id)
)
MEETINGS, SHIFTS = _between(activities), _between(shifts)
_newest = (
    select(func.max(reminder_settings.c.id)).group_by(reminder_settings.c.branch_id, reminder_settings.c.name)
).scalar_subquery()
SETTINGS = sql(select(reminder_settings).where(_here(reminder_settings), reminder_settings.c.id.in_(_newest)))
PAUSES = sql(select(reminder_pauses).where(_here(reminder_pauses), reminder_pauses.c.ended_at == 0))
NOTICES = sql(select(year_notices).order_by(year_notices.c.id))
DONE = sql(select(jobs.c.job, jobs.c.period, jobs.c.audience).where(jobs.c.at >= p("since")))


class Books:
    """Rows by branch, read when they are first asked for; without a `tx`, what the configuration gives."""

    def __init__(
        self, tx: Tx | None, setting: Setting, start: datetime, end: datetime, branch: int = 0, held: bool = True
    ) -> None:
        """`held` false leaves out what was opened in chat: a past month is then what the rules give."""
        self.tx, self.setting, self.held = tx, setting, held
        self._span = {"first": micros(start - MARGIN), "last": micros(end + MARGIN)}
        self._since = micros(start - EARLIER)
        self._branch = branch
        self._read: dict[str, Any] = {}
        self._rules: dict[str, Reminders] = {}
        self._years: dict[int, Years] = {}
        self.times: dict[Any, list[tuple[str, datetime, datetime]]] = {}  # kept by `in_calendar`
        self.suffixed: dict[Any, list[tuple[str, str, str, datetime, datetime]]] = {}  # kept by `regular`
        self._overdue: dict[int, list[Overdue]] = {}
        self._plans: dict[Any, Planned | None] = {}
        self.skip: set[tuple[str, str, str]] = set()  # keys that need not be looked at

    def rules(self, branch: Branch) -> Reminders:
        """[reminders] as it holds for a branch: the configuration, and on top what was set in chat."""
        known = self._rules.get(branch.name)
        if known is None:
            own = {row.name: row.value for row in self._rows("settings", SETTINGS).get(branch.id, ()) if row.value}
            known = in_force(self.setting.reminders_for(branch.name), tuple(own.items()), branch.name)
            self._rules[branch.name] = known
        return known

    def years(self, branch: Branch) -> Years:
        """The year files with the notices that were entered in chat, a branch's own on top."""
        by_branch = self._rows("notices", NOTICES, spans=False)
        place = branch.id if branch.id in by_branch else 0
        if place not in self._years:
            rows = [*by_branch.get(0, ()), *(by_branch[place] if place else ())]
            self._years[place] = years_of(self.setting.years, [row.body for row in rows])
        return self._years[place]

    def plan(self, branch: Branch, first: datetime, rule: str = "") -> Planned | None:
        """The day that a rule (the branch's theme day, where none is given) names in the month of `first`."""
        rules = self.rules(branch)
        place = branch.id if branch.id in self._rows("notices", NOTICES, spans=False) else 0
        key = (rule or rules.theme_day, rules.theme_day_roll, first.year, first.month, place)
        if key not in self._plans:
            parsed = parse_theme_day(key[0])
            self._plans[key] = theme_day(parsed, rules.theme_day_roll, first.year, first.month, self.years(branch))
        return self._plans[key]

    def meetings(self, branch: Branch) -> list[Any]:
        """The activities around the time looked at, cancelled ones among them, in order of time."""
        return self._rows("meetings", MEETINGS).get(branch.id, []) if self.held else []

    def shifts(self, branch: Branch) -> list[Any]:
        """The shifts around the time looked at, in order of time."""
        return self._rows("shifts", SHIFTS).get(branch.id, []) if self.held else []

    def makeups(self, branch: Branch) -> list[Any]:
        """The 补学 that are still owed, the earliest first."""
        return self._rows("makeups", MAKEUPS).get(branch.id, []) if self.held else []

    def templates(self, branch: Branch) -> list[Any]:
        """The templates whose meetings repeat, the oldest first."""
        return self._rows("templates", TEMPLATES).get(branch.id, [])

    def overdue(self, branch: Branch) -> list[Overdue]:
        """Who is behind with the dues, asked once for all who are told of it."""
        assert self.tx is not None
        if branch.id not in self._overdue:
            self._overdue[branch.id] = dues.overdue(self.tx, branch.id)
        return self._overdue[branch.id]

    def moment(self, instant: int) -> datetime:
        """An instant of a row, in the house's zone."""
        assert self.tx is not None
        return self.tx.moment(instant)

    def notices(self, branch: Branch) -> list[Any]:
        """The notices of the year that concern a branch, oldest first."""
        rows = self._rows("notices", NOTICES, spans=False)
        return [*rows.get(0, ()), *(rows.get(branch.id, ()) if branch.id else ())]

    def pause(self, branch: Branch, job: str, at: datetime) -> Any:
        """The pause in which a job of a branch lies at an instant, or None."""
        moment = micros(at)
        for row in self._rows("pauses", PAUSES).get(branch.id, ()):
            if row.job in ("", job) and row.from_at <= moment and (row.until_at == 0 or moment < row.until_at):
                return row
        return None

    def done(self) -> set[tuple[str, str, str]]:
        """The keys of what has its row already."""
        if self.tx is None:
            return set()
        return set(self.tx.all(DONE, since=self._since))  # a row is the tuple of its key

    def _rows(self, name: str, statement: Statement, spans: bool = True) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] | None = self._read.get(name)
        if found is None:
            keys: dict[str, Any] = {"branch": self._branch} if spans else {}
            keys |= self._span if name in ("meetings", "shifts") else {}
            found = self._read[name] = _by_branch(self.tx.all(statement, **keys)) if self.tx else {}
        return found


def _by_branch(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.branch_id].append(row)
    return dict(found)

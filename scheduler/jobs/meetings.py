"""A meeting's own reminders: who has not answered, the deadline, check-in, who is on duty, and its record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.db import Tx, micros
from bot.message import Reply
from bot.rules import MOST_DAYS_AFTER, Notice, parse_notice, parse_quiet
from handlers import activities, roster
from handlers.activities import THEME_DAY
from handlers.activities.kinds import all_kinds
from handlers.attendance.operations import declare
from handlers.attendance.record import record_now
from handlers.attendance.words import card
from handlers.roster.duty import KINDS
from scheduler.calendar import after_quiet, afterwards, notices
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import CLOCK, Branch, Coming, Job, Person, Say
from scheduler.jobs.looking import before_meeting
from scheduler.jobs.theme_day import ask_silent

RECORD_DAYS = timedelta(days=MOST_DAYS_AFTER + 1)  # how long a missing record is asked for
DUTY_HOURS = timedelta(hours=36)  # as long as an activity takes answers
LONGEST_MEETING = timedelta(hours=2)  # where no end was said

NONE, SLACK = timedelta(), timedelta(days=3)  # the hour that a rule names, and what quiet hours move
A_NIGHT = timedelta(days=1)  # check-in may open after it, when the meeting has begun

START = "start"  # the rule of a job that has no times of its own
Rules = list[str]
Moment = tuple[str, datetime, datetime]
Times = Callable[[Books, Branch, Any, datetime, Rules], Iterator[Moment]]


def _series(
    name: str,
    text: str,
    times: Times,
    kinds: Callable[[Any], bool],
    audience: Any = "branch",
    column: str = "starts_at",
) -> Any:
    """The `falls` of a job about meetings: `times` gives (rule, when, end of its purpose) of the rules still wanted.

    `column` is the instant that the rules are about.
    """

    def falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
        rules = (START,) if times is _at_start else getattr(books.rules(branch), name)
        low, high = _reach(books, rules, start, end)
        for row in books.meetings(branch):
            if not low <= getattr(row, column) < high or row.state == "cancelled" or not kinds(row):
                continue
            if row.origin == activities.ENTERED:  # it was over before it was written down
                continue
            period = f"{branch.id}:activity:{row.id}"
            wanted = [rule for rule in rules if (name, f"{period}:{rule}", audience) not in books.skip]
            if not wanted:
                continue
            assert books.tx is not None
            begins = books.moment(row.starts_at)
            for rule, at, until in times(books, branch, row, begins, wanted):
                if start <= at < end:
                    yield Coming(
                        name,
                        f"{period}:{rule}",
                        at,
                        until,
                        f"#{row.number} {row.kind} {text}",
                        audience=audience,
                        meeting=begins,
                        series=f"activity:{row.id}",
                        rule=f"{name} = {rule}",
                        dates=activities.label(books.tx, row),
                        subject=f"activity:{row.id}",
                    )

    return falls


def _reach(books: Books, rules: tuple[str, ...], start: datetime, end: datetime) -> tuple[int, int]:
    """Between which instants a meeting lies (or its deadline) that is spoken of in [start, end): few are looked at."""
    key = (rules, start, end)
    if key not in books.reach:
        read = [parse_notice(rule) for rule in rules if rule != START]
        before = max((SLACK + _far(one) for one in read if one.anchor == "meeting"), default=NONE)
        after = max((SLACK + _far(one) for one in read if one.anchor == "after"), default=NONE)
        books.reach[key] = micros(start - max(after, A_NIGHT)), micros(end + max(before, min(after, SLACK)))
    return books.reach[key]


def _far(notice: Notice) -> timedelta:
    return timedelta(days=notice.days, hours=notice.hours, minutes=notice.minutes)


def _before(column: str = "starts_at") -> Times:
    def times(books: Books, branch: Branch, row: Any, _begins: datetime, wanted: Rules) -> Iterator[Moment]:
        end = books.moment(getattr(row, column) or row.starts_at)
        for rule, at in before_meeting(books, branch, notices(end, wanted), end):
            yield rule, at, end

    return times


def _for_checkin(books: Books, branch: Branch, row: Any, begins: datetime, wanted: Rules) -> Iterator[Moment]:
    """Never the evening before, when nobody can be there: a meeting early in the morning is joined as it goes on."""
    quiet = parse_quiet(books.rules(branch).quiet_hours)
    ends = books.moment(row.ends_at) if row.ends_at else begins + LONGEST_MEETING
    for rule, moment in notices(begins, wanted):
        at = after_quiet(moment, quiet)
        if at < ends:
            yield rule, at, begins if at < begins else ends


def _after(lasts: timedelta) -> Times:
    def times(books: Books, branch: Branch, _row: Any, begins: datetime, wanted: Rules) -> Iterator[Moment]:
        for rule, at in before_meeting(books, branch, afterwards(begins, wanted), begins + lasts):
            yield rule, at, begins + lasts

    return times


def _at_start(_books: Books, _branch: Branch, _row: Any, begins: datetime, _wanted: Rules) -> Iterator[Moment]:
    yield START, begins, begins + DUTY_HOURS


def _found(tx: Tx, coming: Coming) -> Any:
    """The meeting as it stands now; None once it is closed or cancelled."""
    row = activities.by_id(tx, int(coming.subject.partition(":")[2]))
    return row if row.state == "open" else None


def _run_notice(tx: Tx, books: Books, _branch: Branch, coming: Coming) -> Say | None:
    row = _found(tx, coming)
    return row and ask_silent(tx, books, row)


def _run_deadline(tx: Tx, books: Books, _branch: Branch, coming: Coming) -> Say | None:
    row = _found(tx, coming)
    if row is None or not row.deadline_at:
        return None
    return ask_silent(tx, books, row, f"{tx.moment(row.deadline_at):%H:%M} 截止，还没回复的同志请回复")


def _run_checkin(tx: Tx, _books: Books, _branch: Branch, coming: Coming) -> Say | None:
    """Opens check-in where somebody said he would come and nobody has opened or ended it."""
    row = _found(tx, coming)
    expected = row and any(one.declared in ("attend", "online", "late") for one in activities.roll(tx, row))
    if not expected or row.checkin:
        return None
    activities.switch_checkin(tx, row, CLOCK, True)
    row = activities.by_id(tx, row.id)
    text = f"开始签到，到场的同志回复：签到\n{activities.label(tx, row)}\n{activities.state_line(tx, row)}"
    reply = Reply(text, card(tx, row, "开始签到，到场的同志回复：签到"))
    return Say(group=lambda _of, _by: reply)


def _run_duty(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Who is on night or 24-hour duty while a meeting is held and has said nothing is on leave: 值班, by the roster."""
    row = _found(tx, coming)
    if row is None:
        return None
    end = row.ends_at or row.starts_at + round(LONGEST_MEETING.total_seconds() * 1_000_000)
    on_duty = {one.member_id: one.kind for one in roster.during(tx, branch.id, row.starts_at, end)}
    excused = {one.id: on_duty[one.id] for one in activities.silent(tx, row) if one.id in on_duty}
    for member in excused:
        declare(tx, row, member, "leave", CLOCK, "duty", "duty roster", rule="值班表")
    label = activities.label(tx, row)

    def words(person: Person) -> str:
        kind = KINDS.get(excused.get(person.id, ""), "")
        return kind and f"{label}\n您正值{kind}，已记为请假（值班）。活动内容可以补学，补完请回复：已补学"

    return Say(person=words, asked=tuple(excused)) if excused else None


def _run_record(tx: Tx, _books: Books, _branch: Branch, coming: Coming) -> Say | None:
    """A record that lacks something it must have doesn't count (支部工作条例, 会议记录)."""
    row = activities.by_id(tx, int(coming.subject.partition(":")[2]))
    missing = () if row.state == "cancelled" else record_now(tx, row).missing
    if not missing:
        return None
    text = (
        f"{activities.label(tx, row)}\n会议记录还缺：{'、'.join(missing)}，补齐才计次数\n"
        f"登记实到：/attendance mark #{row.number} 姓名 到；补记录：/attendance record #{row.number}"
    )
    return Say(person=lambda _person: text)


def _not_theme_day(row: Any) -> bool:
    return THEME_DAY not in all_kinds(row)


MEETING_NOTICE = Job(
    "meeting_notice",
    "会前提醒还没回复的同志",
    _series("meeting_notice", "会前提醒", _before(), _not_theme_day),
    _run_notice,
)
DEADLINE_NOTICE = Job(
    "deadline_notice",
    "报名截止前提醒还没回复的同志",
    _series(
        "deadline_notice",
        "报名快截止",
        _before("deadline_at"),
        lambda row: row.deadline_at > 0,
        column="deadline_at",
    ),
    _run_deadline,
)
CHECKIN_NOTICE = Job(
    "checkin_notice",
    "有人说参加的，会前开始签到",
    _series("checkin_notice", "开始签到", _for_checkin, lambda _row: True),
    _run_checkin,
    early=False,
)
DUTY_ABSENCE = Job(
    "duty_absence",
    "按值班表，开会时正值夜班、24小时班又没有回复的，记为请假（值班）",
    _series("duty_absence", "值班人员记请假", _at_start, lambda _row: True, "members"),
    _run_duty,
    audiences=("members",),
    catch_up="each",
)
RECORD_NOTICE = Job(
    "record_notice",
    "会后三天记录还不完整的，提醒补齐",
    _series("record_notice", "补会议记录（没写全才提醒）", _after(RECORD_DAYS), lambda _row: True, "secretary"),
    _run_record,
    audiences=("secretary",),
)

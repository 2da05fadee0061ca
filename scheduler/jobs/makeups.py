"""补学: who still owes one hears of it before its day, alone; who let it pass stands on the secretary's weekly list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from bot.db import Tx
from handlers.attendance.makeup import open_makeups
from handlers.phrases import day
from scheduler.calendar import notices
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Person, Say
from scheduler.jobs.looking import before_meeting


def _falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    rules = books.rules(branch).makeup_notice
    for row in books.makeups(branch):
        last = datetime.combine(date.fromisoformat(row.due_on), time(23, 59), start.tzinfo)
        for rule, at in before_meeting(books, branch, notices(last, rules), last):
            if start <= at < end:
                yield Coming(
                    "makeup_notice",
                    f"{branch.id}:makeup:{row.id}:{rule}",
                    at,
                    last,
                    f"补学到期：#{row.number} {row.kind}（私下给本人）",
                    audience="members",
                    series=f"makeup:{row.id}",
                    rule=f"makeup_notice = {rule}",
                    dates=f"{day(last)}前补学",
                    subject=f"makeup:{row.id}",
                )


def _run(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    makeup = int(coming.subject.partition(":")[2])
    row = next((one for one in open_makeups(tx, branch.id) if one.id == makeup), None)
    if row is None:
        return None
    held = f"#{row.number} {row.kind} {day(tx.moment(row.starts_at))}"
    text = f"{held} 您没有参加，请在 {day(datetime.fromisoformat(row.due_on))}前补学。补完请回复：已补学"

    def words(person: Person) -> str:
        return text if person.id == row.member_id else ""

    return Say(person=words, asked=(row.member_id,))


def overdue(tx: Tx, branch: int) -> list[str]:
    """The 补学 whose day is over, for the secretary's eyes."""
    today = tx.now.date().isoformat()
    late = [row for row in open_makeups(tx, branch) if row.due_on < today]
    return [f"补学 {row.name} #{row.number} {row.kind} 期限 {day(datetime.fromisoformat(row.due_on))}" for row in late]


MAKEUP_NOTICE = Job("makeup_notice", "补学到期前一天提醒本人", _falls, _run, audiences=("members",))

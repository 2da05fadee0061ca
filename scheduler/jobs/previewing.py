"""What a reminder would say if it were said now: it is done for real and given up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.db import Tx
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Say, Setting
from scheduler.jobs.looking import coming
from scheduler.jobs.people import meant, people

AHEAD = timedelta(days=31)
PERSONS = 3  # whose words are shown of a private reminder


def preview(
    tx: Tx, setting: Setting, branch: Branch, name: str, count: int, table: Mapping[str, Job]
) -> list[tuple[Coming, str]]:
    """The next `count` reminders of a job ("" = of any) with the words they would have now; "" for nothing to say.

    The unit is rolled back after each: nothing is opened, promised or noted.
    """
    jobs = [job for job in table.values() if name in ("", job.name)]
    found = coming(Books(tx, setting, tx.now, tx.now + AHEAD, branch.id), branch, tx.now, tx.now + AHEAD, jobs)
    return [(one, _words(tx, setting, branch, one, table[one.job])) for one in found[:count]]


def _words(tx: Tx, setting: Setting, branch: Branch, one: Coming, job: Job) -> str:
    say = job.run(tx, Books(tx, setting, tx.now, tx.now + AHEAD, branch.id), branch, one)
    words = _said(tx, branch, one, say) if say else ""
    tx.restart()
    return words


def _said(tx: Tx, branch: Branch, one: Coming, say: Say) -> str:
    if say.group is not None:
        return say.group("", "").text
    person = say.person
    if person is None:
        return ""
    told = [(who.name, text) for who in meant(people(tx, branch.id), one.audience) if (text := person(who))]
    return "\n".join(f"→ {who}：{text}" for who, text in told[:PERSONS])

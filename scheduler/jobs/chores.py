"""What the clock does besides speaking: windows that are over pass on, and what has served its purpose is let go of."""

from __future__ import annotations

from sqlalchemy import delete, update

from bot import anchors, outbox, sealing
from bot.db import Tx
from bot.message import Reply
from bot.rules import Quiet, parse_quiet
from bot.sql import p, sql
from bot.tables import questions, seen
from handlers import dues, shifts, wishes
from handlers.clock_tables import reminders
from handlers.personal import let_go
from scheduler.calendar import after_quiet
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import CLOCK, Branch, Setting
from scheduler.jobs.looking import MOMENT, branches_of

KEEP_SEEN_DAYS = 30  # far beyond the longest redelivery that was seen
KEEP_ANSWER_DAYS = 2  # what was answered may be private; later a repeat still does nothing, and is not answered
DAY = 86_400_000_000

FORGET_SEEN = sql(delete(seen).where(seen.c.at < p("before")))
FORGET_ANSWERS = sql(update(seen).where(seen.c.at < p("before"), seen.c.answer.is_not(None)).values(answer=None))
FORGET_QUESTIONS = sql(delete(questions).where(questions.c.until < p("before")))
UNTELL = sql(update(reminders).where(reminders.c.said_at < p("before"), reminders.c.text != "").values(text=""))


def to_pass_on(tx: Tx, setting: Setting) -> bool:
    """Whether there may be something to pass on."""
    return setting.wish_release or shifts.offers_due(tx) or shifts.forgotten_due(tx, setting.private_via)


def pass_on(tx: Tx, setting: Setting) -> int:
    """Takes the seats that nobody confirmed in time to the next who wait, asks who forgot to check out of a shift, and
    opens the wishes whose window is over.

    Wishes only where they go back by themselves; nobody is woken for either. How many.
    """
    books = Books(tx, setting, tx.now, tx.now + MOMENT)
    branches = {branch.id: branch for branch in branches_of(tx)}
    passed = shifts.expire_offers(tx, lambda _tx, branch: _night(books, branches[branch]))
    if not _quiet(books, Branch(0, "", 0)):
        passed += shifts.ask_forgotten(tx, setting.private_via)
    if not setting.wish_release:
        return passed
    speaking = [branch for branch in branches.values() if branch.bound_at and not _quiet(books, branch)]
    return passed + sum(_lapse(tx, branch) for branch in speaking)


def _quiet(books: Books, branch: Branch) -> bool:
    assert books.tx is not None
    now = books.tx.now
    return after_quiet(now, _night(books, branch)) != now


def _night(books: Books, branch: Branch) -> Quiet | None:
    return parse_quiet(books.rules(branch).quiet_hours)


def _lapse(tx: Tx, branch: Branch) -> int:
    """The wishes that are open again, in one line to the branch; for whom they are and who had them is not said."""
    opened = wishes.lapse(tx, branch.id, CLOCK)
    if opened:
        numbers = "、".join(f"#{row.number} {row.title}" for row in opened)
        reply = Reply(f"微心愿可以重新认领了：{numbers}\n回复：认领 编号")
        key = f"lapsed:{branch.id}:{tx.now:%Y-%m-%d}:{opened[0].id}"
        outbox.put_to_branch(tx, branch.id, lambda _of, _by: reply, key=key, purpose="notice")
    return len(opened)


def tidy(tx: Tx, setting: Setting) -> None:
    """Lets go of what only served redelivery and open questions, and of what the retention names."""
    tx.run(FORGET_SEEN, before=tx.at - KEEP_SEEN_DAYS * DAY)
    tx.run(FORGET_ANSWERS, before=tx.at - KEEP_ANSWER_DAYS * DAY)
    tx.run(FORGET_QUESTIONS, before=tx.at)
    let_go(tx, setting.retention)
    _check_dues(tx, setting)
    anchors.anchor(tx)
    sealing.put_away(tx)
    if setting.retention.said_days:
        tx.run(UNTELL, before=tx.at - setting.retention.said_days * DAY)


def _check_dues(tx: Tx, setting: Setting) -> None:
    """账账相符, every day: a difference is told in private to those who keep the book."""
    books = Books(tx, setting, tx.now, tx.now + MOMENT)
    for branch in branches_of(tx):
        if branch.bound_at and not _quiet(books, branch):
            dues.tell_differences(tx, branch.id, setting.private_via)

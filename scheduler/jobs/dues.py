"""党费: the month's reminders until all have paid, who is behind (in private), and the year's new bases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.db import Tx
from bot.message import Reply
from handlers import dues
from handlers.dues.arrears import SECRETARY
from handlers.dues.bases import bound_month, following
from handlers.dues.closing import closed, still_open
from handlers.dues.deciding import undecided
from handlers.dues.keepers import confined_to
from handlers.dues.months import month_word
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Person, Say
from scheduler.jobs.looking import in_calendar, month_of, named_day, next_month, regular

PRIVATELY = "党费欠交（只给您看，请个别提醒，不在群里点名）："


def _falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    times = in_calendar(books, branch, books.rules(branch).dues_notice, start, end, _month_end)
    if not times:
        books.silent_between(branch, start, end).add("dues_notice")
    for rule, moment, at in times:
        month = f"{moment:%Y-%m}"
        yield Coming(
            "dues_notice",
            f"{branch.id}:{month}:{rule}",
            at,
            _month_end(moment),
            f"{moment.month}月党费请按时交纳。已交的请回复：已交",
            series=f"{branch.id}:{month}",
            rule=f"dues_notice = {rule}",
            dates=f"{moment.month}月党费，当月交清",
            subject=f"month:{month}",
        )


def _month_end(moment: datetime) -> datetime:
    return next_month(month_of(moment))


def _run(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Only while somebody owes; counts only: a group never reads who owes, not even by an @."""
    month = coming.subject.partition(":")[2]
    if month < bound_month(tx, branch.id):
        return None
    state = dues.owing(tx, branch.id, month)
    if not state.unpaid:
        return None
    reply = Reply(f"{coming.text}\n{dues.state_line(state)}")
    return Say(group=lambda _of, _by: reply, asked=tuple(one.member for one in state.unpaid))


def _run_overdue(_tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    """Who is behind: the collector hears of his own people, the 书记 of three months and more. Nothing is decided.

    党章 Art. 9 and 中组发〔2008〕3号 Art. 13; the words of five and six months are those of `handlers/dues/arrears.py`.
    """
    late = books.overdue(branch)
    secretary = coming.audience == "secretary"

    def words(person: Person) -> str:
        group = confined_to(person.roles, person.party_group)
        mine = [one for one in late if not group or one.party_group == group]
        if secretary:
            mine = [] if "collector" in person.roles else [one for one in mine if one.in_a_row >= SECRETARY]
        return "\n".join([PRIVATELY, *(one.line for one in mine)]) if mine else ""

    return Say(person=words) if late else None


def _run_close(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """账账相符: last month's book is still open, or one before it, which is closed first. Two people close it."""
    last = following(f"{named_day(coming):%Y-%m}", -1)
    state = dues.owing(tx, branch.id, last)
    if last < bound_month(tx, branch.id) or not state.owed or closed(tx, branch.id, last) is not None:
        return None
    month = (*still_open(tx, branch.id, last), last)[0]
    text = f"{month_word(last, tx)}党费台账还没封账：{dues.state_line(state)}"
    first = "核对后封账" if month == last else f"更早的{month_word(month, tx)}也还没封，请从它开始"
    return Say(person=lambda _person: f"{text}\n{first}（要两个人）：/dues close {month_word(month, tx)}")


def _run_bases(tx: Tx, _books: Books, branch: Branch, coming: Coming) -> Say | None:
    """组电明字〔2017〕5号: the amount is decided at the start of the year and normally kept for it."""
    missing = len(dues.owing(tx, branch.id, f"{named_day(coming):%Y-%m}").without_base)
    again = len(undecided(tx, branch.id))
    if not missing and not again:
        return None
    lines = [f"年初了，请核定今年的党费基数：还有 {again + missing} 人。", "核定：/dues set 姓名 类别 基数（私聊发）"]
    lines += [f"其中 {again} 人有去年的基数，不变的一起核定：/dues set 全体 不变"] if again else []
    return Say(person=lambda _person: "\n".join(lines))


def _overdue_text(moment: datetime) -> str:
    return f"{moment.month}月：上月及以前的党费欠交名单（私下）"


DUES_NOTICE = Job("dues_notice", "当月党费没交齐时提醒，只说人数", _falls, _run)
DUES_OVERDUE = Job(
    "dues_overdue",
    "欠交名单：1 个月起给收缴人，3 个月起给书记，5 个月加急，6 个月请支部核实",
    regular("dues_overdue", _overdue_text, lambda at: at + timedelta(days=20), ("collector", "secretary")),
    _run_overdue,
    audiences=("collector", "secretary"),
)
DUES_BASES = Job(
    "dues_bases",
    "每年年初核定党费基数",
    regular(
        "dues_bases", lambda at: f"{at.year}年党费基数核定（私下）", lambda at: at + timedelta(days=60), ("collector",)
    ),
    _run_bases,
    audiences=("collector",),
)
MONTH_CLOSE = Job(
    "month_close",
    "上月台账还没封的，提醒收缴人",
    regular(
        "month_close",
        lambda at: f"{at.month}月：上月党费封账（私下）",
        lambda at: at + timedelta(days=20),
        ("collector",),
    ),
    _run_close,
    audiences=("collector",),
)

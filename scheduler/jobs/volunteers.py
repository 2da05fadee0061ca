"""志愿服务: the evening before a shift, who has a seat is called, and free seats are named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers import shifts as services
from handlers.register import accounts_of
from handlers.roster import on_duty
from handlers.shifts.lines import card, heading
from handlers.tables import shifts
from scheduler.calendar import notices
from scheduler.jobs.books import Books
from scheduler.jobs.kinds import Branch, Coming, Job, Say
from scheduler.jobs.looking import before_meeting

ONE = sql(select(shifts).where(shifts.c.id == p("shift")))


def _falls(books: Books, branch: Branch, start: datetime, end: datetime) -> Iterator[Coming]:
    rules = books.rules(branch).shift_notice
    for row in books.shifts(branch):
        if row.state == "cancelled":
            continue
        assert books.tx is not None
        begins = books.tx.moment(row.starts_at)
        for rule, at in before_meeting(books, branch, notices(begins, rules), begins):
            if start <= at < end:
                yield Coming(
                    "shift_notice",
                    f"{branch.id}:shift:{row.id}:{rule}",
                    at,
                    begins,
                    f"#{row.number} {row.name} 志愿服务提醒",
                    meeting=begins,
                    series=f"shift:{row.id}",
                    rule=f"shift_notice = {rule}",
                    dates=heading(books.tx, row),
                    subject=f"shift:{row.id}",
                )


def _run(tx: Tx, books: Books, branch: Branch, coming: Coming) -> Say | None:
    row: Any = tx.one(ONE, shift=int(coming.subject.partition(":")[2]))
    if row.state == "cancelled":
        return None
    seated = tuple(one.member_id for one in services.there(tx, row.id) if one.seated_at)
    free = row.capacity - len(seated)
    open_seats = free > 0 and row.state == "open"
    if not seated and not open_seats:
        return None
    called = [one for one in seated if one not in on_duty(tx, branch.id, seated)]
    lines = [f"志愿服务提醒：{heading(tx, row)}", f"地点：{row.place}" if row.place else ""]
    lines += [f"已报 {len(seated)} 人，请准时到" if seated else "还没有人报名"]
    lines += [f"至少要 {row.at_least} 人" if len(seated) < row.at_least else ""]
    lines += [f"还差 {free} 人，能来的请回复：报名 #{row.number}" if open_seats else ""]

    def words(platform: str, speaker: str) -> Reply:
        can = "mention" in books.setting.abilities.get(speaker, ())
        mention = accounts_of(tx, platform, called)[:50] if can else ()
        return Reply("\n".join(filter(None, lines)), card(tx, row) if open_seats else None, mention=mention)

    return Say(group=words, asked=seated)


SHIFT_NOTICE = Job("shift_notice", "志愿服务前一晚提醒已报名的，缺人时再招", _falls, _run)

"""封账: a month's book is closed by two people, and stays as it was.

The first asks with the figures of the moment, the second says yes to the same figures. Later payments for that month
(补交) and reversals stand in the book of the month in which they are recorded.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import cast, func, select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.dues.bases import bound_month, month_of, owing
from handlers.ledger_tables import dues_closings
from handlers.tables import entries, postings
from handlers.tables import todos as todo_rows

KIND = "dues_close"
CLOSE = insert_row(
    dues_closings,
    *("branch_id", "month", "due_fen", "received_fen", "owed", "settled", "asked_by_member", "asked_by"),
    *("closed_by_member", "closed_by", "closed_at", "slip_id"),
    conflict=["branch_id", "month"],
)
CLOSED = sql(select(dues_closings).where(dues_closings.c.branch_id == p("branch"), dues_closings.c.month == p("month")))
LAST_CLOSED = sql(
    select(func.coalesce(func.max(dues_closings.c.month), "")).where(dues_closings.c.branch_id == p("branch"))
)
# What came in, by the book: the members' side and the side of the cash are kept apart on purpose.
RECEIVED = sql(
    select(
        entries.c.period.label("month"),
        cast(-func.sum(postings.c.fen), Number).label("fen"),
    )
    .select_from(postings.join(entries, entries.c.id == postings.c.entry_id))
    .where(entries.c.branch_id == p("branch"), entries.c.period != "")
    .where(postings.c.account.in_(("dues", "extra")))
    .group_by(entries.c.period)
    .order_by(entries.c.period)
)
OPEN_REQUESTS = sql(
    select(todo_rows.c.id, todo_rows.c.number, todo_rows.c.subject).where(
        todo_rows.c.branch_id == p("branch"), todo_rows.c.kind == KIND, todo_rows.c.state == "open"
    )
)
RENEW = sql(
    update(todo_rows)
    .where(todo_rows.c.id == p("todo"), todo_rows.c.state == "open")
    .values(subject=p("new_subject"), asked_at=p("at"))
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A month's book: 应交 and what came in, in fen, and how many of how many have paid."""

    month: str
    due: int
    received: int
    owed: int
    settled: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to close: its todo's number, who asks (0 = nobody we know), the figures it was made with."""

    number: int
    by_member: int
    by: str
    figures: Figures
    todo: int = 0


def last_closed(tx: Tx, branch: int) -> str:
    """The newest month whose book is closed, "" for none."""
    return str(tx.value(LAST_CLOSED, branch=branch))


def closed(tx: Tx, branch: int, month: str) -> Any:
    """The row of a closed month, or None."""
    return tx.one(CLOSED, branch=branch, month=month)


def figures(tx: Tx, branch: int, month: str) -> Figures:
    """What stands in a month's book now."""
    state = owing(tx, branch, month)
    due = sum(one.due for one in state.owed)
    settled = len(state.owed) - len(state.unpaid)
    return Figures(month, due, received(tx, branch).get(month, 0), len(state.owed), settled)


def received(tx: Tx, branch: int) -> dict[str, int]:
    """Fen that came in by the month of the book, added up from the members' side."""
    return {row.month: int(row.fen) for row in tx.all(RECEIVED, branch=branch)}


def ask_to_close(tx: Tx, branch: int, month: str, by: Who) -> tuple[Asked, bool]:
    """(the request, whether it is closed now). The first call asks; a second person's with the same figures closes.

    Where the figures have changed since, the request is made anew in the name of who asks now.
    Raises Refused for a month to come, one that is closed or not next in turn, and where the same person asks twice.
    """
    _must_be_next(tx, branch, month)
    now, known = figures(tx, branch, month), _request(tx, branch, month)
    if known is None:
        return _put(tx, branch, now, by), False
    if known.figures != now:
        tx.run(RENEW, todo=known.todo, new_subject=_subject(now, by), at=tx.at)
        note(tx, branch, by.label, by.member, "dues_close_asked", f"month:{month}")
        return Asked(known.number, by.member, by.label, now, known.todo), False
    if _same(known, by):
        raise Refused(f"您已申请封账（待办 {known.number}）。封账要两个人，请书记或另一位委员确认。")
    row = todos.settle(tx, branch, known.number, True, by)
    return close(tx, row, by), True


def close(tx: Tx, row: Any, by: Who) -> Asked:
    """Closes the month of a settled request. Raises Refused for the one who asked, and where the figures changed."""
    asked = _read(row)
    month = asked.figures.month
    if _same(asked, by):
        raise Refused("封账要两个人：申请的人不能自己确认，请书记或另一位委员确认。")
    _must_be_next(tx, row.branch_id, month)
    if figures(tx, row.branch_id, month) != asked.figures:
        raise Refused(f"申请之后又有变动，没有封账。请重新发：/dues close {month}")
    now = asked.figures
    tx.run(
        CLOSE,
        branch_id=row.branch_id,
        month=month,
        due_fen=now.due,
        received_fen=now.received,
        owed=now.owed,
        settled=now.settled,
        asked_by_member=asked.by_member,
        asked_by=asked.by,
        closed_by_member=by.member,
        closed_by=by.label,
        closed_at=tx.at,
        slip_id=0,
    )
    note(tx, row.branch_id, by.label, by.member, "dues_closed", f"month:{month}", asked=asked.by)
    return asked


def still_open(tx: Tx, branch: int, until: str) -> list[str]:
    """The months up to `until` in whose books money came in and that are to be closed one after the other."""
    last = last_closed(tx, branch)
    return [month for month in received(tx, branch) if last < month <= until]


def _must_be_next(tx: Tx, branch: int, month: str) -> None:
    word = f"{month[:4]}年{int(month[5:])}月"
    if month > month_of(tx.now):
        raise Refused(f"{word}还没到，不能封账。")
    if closed(tx, branch, month):
        raise Refused(f"{word}已经封账了。")
    if month < last_closed(tx, branch):
        raise Refused(f"{word}之后的月份已封账，不能再封{word}。")
    if month < bound_month(tx, branch) and month not in received(tx, branch):
        raise Refused(f"{word}还没有台账，不用封。")
    first = still_open(tx, branch, month)[:1]
    if first and first[0] < month:
        raise Refused(f"请先封前面的月份：{first[0][:4]}年{int(first[0][5:])}月。")


def _same(asked: Asked, by: Who) -> bool:
    return asked.by_member == by.member if by.member else asked.by == by.label


def _put(tx: Tx, branch: int, now: Figures, by: Who) -> Asked:
    title = f"党费封账：{now.month[:4]}年{int(now.month[5:])}月（{by.label}申请，要另一位确认）"
    number = todos.add(tx, branch, KIND, "secretary", title, _subject(now, by))
    note(tx, branch, by.label, by.member, "dues_close_asked", f"month:{now.month}")
    return Asked(number, by.member, by.label, now)


def _subject(now: Figures, by: Who) -> str:
    return json.dumps({"by_member": by.member, "by": by.label, **asdict(now)}, ensure_ascii=False)


def _request(tx: Tx, branch: int, month: str) -> Asked | None:
    found = (_read(row) for row in tx.all(OPEN_REQUESTS, branch=branch))
    return next((one for one in found if one.figures.month == month), None)


def _read(row: Any) -> Asked:
    told = json.loads(row.subject)
    by_member, by = told.pop("by_member"), told.pop("by")
    return Asked(row.number, by_member, by, Figures(**told), row.id)

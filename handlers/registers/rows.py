"""The rows of the small books: added, never edited. A correction, an end and a withdrawal replace a row by a new one.

A branch's row is locked while a number or a replacement is made, so two clerks can't give one number twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import Statement, insert_row, p, sql
from bot.trail import note
from handlers.registers.books import BOOKS, Book
from handlers.registers.fields import Values
from handlers.registers_tables import register_rows
from handlers.tables import branches, members

KEPT = (
    *("on_date", "kind", "title", "member_id", "other_member_id", "quantity", "place", "level", "state"),
    *("due_on", "done_on", "evidence", "of_number"),
)
EMPTY: Values = {name: 0 if name in ("member_id", "other_member_id", "quantity", "of_number") else "" for name in KEPT}
ALWAYS = 1 << 62  # UTC microseconds: later than anything is recorded

_r = register_rows
_later = register_rows.alias("later")
_other = members.alias("other")


def known(at: Any) -> tuple[Any, Any, Any]:
    """The conditions by which a row of `register_rows` counted as far as was known at an instant (UTC microseconds).

    It was recorded by then, not taken back, and nothing recorded by then replaced it.
    """
    replaced = exists(select(_later.c.id).where(_later.c.replaces == _r.c.id, _later.c.recorded_at <= at))
    return _r.c.recorded_at <= at, _r.c.action != "void", ~replaced


def _shown(*where: Any) -> Select[Any]:
    return (
        select(_r, members.c.name.label("name"), _other.c.name.label("other_name"))
        .outerjoin(members, members.c.id == _r.c.member_id)
        .outerjoin(_other, _other.c.id == _r.c.other_member_id)
        .where(_r.c.branch_id == p("branch"), *known(p("at")), *where)
        .order_by(_r.c.on_date, _r.c.number)
    )


_of_book = _r.c.register == p("register")
_not_done = or_(*(and_(_r.c.register == book.name, _r.c.state != book.done_state) for book in BOOKS if book.states))


LOCK = sql(
    update(branches)
    .where(branches.c.id == p("branch"))
    .values(last_number=branches.c.last_number)
    .returning(branches.c.id)
)
LAST = sql(select(func.max(_r.c.number)).where(_r.c.branch_id == p("branch"), _r.c.register == p("register")))
ADD = insert_row(
    register_rows,
    *("branch_id", "register", "number", "action", *KEPT, "replaces", "reason"),
    *("recorded_at", "recorded_by", "by_member"),
    returning=register_rows.c.id,
)
ONE = sql(_shown(_of_book, _r.c.number == p("number")))
EVER = sql(
    select(_r.c.id)
    .where(_r.c.branch_id == p("branch"), _r.c.register == p("register"), _r.c.number == p("number"))
    .limit(1)
)
HISTORY = sql(
    select(_r)
    .where(_r.c.branch_id == p("branch"), _r.c.register == p("register"), _r.c.number == p("number"))
    .order_by(_r.c.id)
)
DUE = sql(_shown(_not_done, _r.c.due_on != "", _r.c.due_on <= p("day")))
BELONGING = sql(_shown(_of_book, _r.c.state != p("done"), _r.c.of_number == p("number")))


def _totals(column: str) -> Statement:
    """The sums of a period, which goes by `on_date`, or by `due_on` in a book of what is to come."""
    return sql(
        select(
            _r.c.kind,
            _r.c.state,
            func.count().label("rows"),
            func.coalesce(func.sum(_r.c.quantity), 0).label("quantity"),
            func.count(case((_r.c.member_id > 0, _r.c.member_id)).distinct()).label("people"),
        )
        .where(
            or_(p("branch") == 0, _r.c.branch_id == p("branch")),
            _r.c.register == p("register"),
            *known(p("at")),
            _r.c[column].between(p("first"), p("last")),
        )
        .group_by(_r.c.kind, _r.c.state)
        .order_by(_r.c.kind, _r.c.state)
    )


_columns = ("on_date", "due_on")
LISTED = {column: sql(_shown(_of_book, _r.c[column].between(p("first"), p("last")))) for column in _columns}
STILL_OPEN = {column: sql(_shown(_of_book, _r.c.state != p("done"), _r.c[column] < p("first"))) for column in _columns}
TOTALS = {column: _totals(column) for column in _columns}


def add(tx: Tx, branch: int, book: Book, values: Values, by: Who) -> list[Any]:
    """One new entry, or one per member where `values["member_id"]` is a list; the rows, in their numbers' order."""
    people = values.get("member_id", 0)
    tx.value(LOCK, branch=branch)
    number = int(tx.value(LAST, branch=branch, register=book.name) or 0)
    start = started(book, values)
    _check_belonging(tx, branch, book, start)
    rows = []
    for at, member in enumerate(people if isinstance(people, list) else [people], 1):
        _insert(tx, branch, book.name, number + at, "add", {**start, "member_id": member}, by)
        rows.append(one(tx, branch, book, number + at))
    return rows


def correct(tx: Tx, branch: int, book: Book, number: int, values: Values, reason: str, by: Who) -> Any:
    """Replaces an entry by a row with other values; the new row. Raises Refused where nothing changes."""
    old = _locked(tx, branch, book, number)
    people = values.get("member_id")
    if isinstance(people, list):
        if len(people) > 1:
            raise Refused("一条只记一位党员，更正时请写一位。")
        values = {**values, "member_id": people[0]}
    kept = {name: getattr(old, name) for name in KEPT}
    if all(kept[name] == value for name, value in values.items()):
        raise Refused(f"#{number} 本来就是这样，没有改动。")
    _check_belonging(tx, branch, book, {**kept, **values}, number)
    _insert(tx, branch, book.name, number, "correct", {**kept, **values}, by, old.id, reason)
    return one(tx, branch, book, number)


def started(book: Book, values: Values) -> Values:
    """A new entry with all its columns."""
    state = book.states[0][0] if book.states else ""
    start = {**EMPTY, "state": state, **values}
    if start["state"] == "adopted" and not start["done_on"]:
        start["done_on"] = start["on_date"]
    return start


def _check_belonging(tx: Tx, branch: int, book: Book, values: Values, number: int = 0) -> None:
    """Raises Refused for an entry that would belong to none, to itself, or to one that belongs to another."""
    owner = int(values["of_number"])
    if not owner:
        return
    if owner == number:
        raise Refused(f"#{number} 不能对应它自己。")
    if one(tx, branch, book, owner).of_number:
        raise Refused(f"#{owner} 本身也对应别的一条，请写问题的编号。")


def begin(tx: Tx, branch: int, book: Book, number: int, by: Who) -> Any:
    """Marks an entry as under way; the new row. Raises Refused where it is, or is done."""
    old = _locked(tx, branch, book, number)
    if old.state != book.states[0][0]:
        raise Refused(f"#{number} 现在是“{dict(book.states)[old.state]}”，不用再开始。")
    kept = {name: getattr(old, name) for name in KEPT} | {"state": book.states[1][0]}
    _insert(tx, branch, book.name, number, "begin", kept, by, old.id)
    return one(tx, branch, book, number)


def finish(tx: Tx, branch: int, book: Book, number: int, on: date, by: Who, evidence: str = "") -> Any:
    """Marks an entry done (销号, 办结, 采用); the new row.

    Raises Refused where it is, for a day before it, and where a book that is `proved` gets no `evidence`.
    """
    old = _locked(tx, branch, book, number)
    if old.state == book.done_state:
        raise Refused(f"#{number} 之前已经{book.done_word}了。")
    if on.isoformat() < old.on_date:
        raise Refused(f"#{number} 是 {old.on_date} 登记的，{book.done_word}日期不能更早。")
    if book.proved and not (evidence or old.evidence):
        raise Refused(f"请写依据（会议、文件的编号或名称），如：/{book.name} done {number} 依据 #12 会议记录")
    kept = {name: getattr(old, name) for name in KEPT}
    kept |= {"state": book.done_state, "done_on": on.isoformat(), "evidence": evidence or old.evidence}
    _insert(tx, branch, book.name, number, "done", kept, by, old.id, book.done_word)
    return one(tx, branch, book, number)


def void(tx: Tx, branch: int, book: Book, number: int, reason: str, by: Who) -> None:
    """Takes an entry back: it counts no more, its rows stay."""
    old = _locked(tx, branch, book, number)
    kept = {name: getattr(old, name) for name in KEPT}
    _insert(tx, branch, book.name, number, "void", kept, by, old.id, reason)


def one(tx: Tx, branch: int, book: Book, number: int) -> Any:
    """The entry as it stands now, with `name` and `other_name`. Raises Refused where there is none."""
    row = tx.one(ONE, branch=branch, register=book.name, number=number, at=ALWAYS)
    if row is not None:
        return row
    gone = tx.one(EVER, branch=branch, register=book.name, number=number) is not None
    raise Refused(f"{book.chinese} #{number} 已作废。" if gone else f"{book.chinese}里没有 #{number}。")


def everything(tx: Tx, branch: int, book: Book) -> list[Any]:
    """All entries of a book as they stand now, by date."""
    return tx.all(LISTED["on_date"], branch=branch, register=book.name, at=ALWAYS, first="", last="9999")


def listed(tx: Tx, branch: int, book: Book, first: date, last: date, at: int = ALWAYS) -> list[Any]:
    """The entries of a period, by date, as they were known at an instant (UTC microseconds)."""
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return tx.all(LISTED[book.counted_by], branch=branch, register=book.name, at=at, **days)


def belonging(tx: Tx, branch: int, book: Book, number: int) -> list[Any]:
    """The entries that belong to one and are not done: the measures of a problem."""
    return tx.all(BELONGING, branch=branch, register=book.name, at=ALWAYS, done=book.done_state, number=number)


def still_open(tx: Tx, branch: int, book: Book, first: date) -> list[Any]:
    """The entries from before a day that are not done."""
    return tx.all(
        STILL_OPEN[book.counted_by],
        branch=branch,
        register=book.name,
        at=ALWAYS,
        done=book.done_state,
        first=first.isoformat(),
    )


def overdue(tx: Tx, branch: int, day: date) -> list[Any]:
    """The entries of all books that are not done though their day has come (due on `day` or before)."""
    return tx.all(DUE, branch=branch, at=ALWAYS, day=day.isoformat())


def totals(tx: Tx, branch: int, register: str, first: date, last: date, at: int = ALWAYS) -> Sequence[Any]:
    """Per kind and state: (kind, state, rows, quantity, people) of a period, as known at an instant; branch 0 = all.

    `quantity` is minutes for study, else a count; `people` are distinct members within that kind and state.
    """
    days = {"first": first.isoformat(), "last": last.isoformat()}
    column = next((book.counted_by for book in BOOKS if book.name == register), "on_date")
    return tx.all(TOTALS[column], branch=branch, register=register, at=at, **days)


def history(tx: Tx, branch: int, book: Book, number: int) -> list[Any]:
    """Every row that ever stood under a number, oldest first."""
    return tx.all(HISTORY, branch=branch, register=book.name, number=number)


def _locked(tx: Tx, branch: int, book: Book, number: int) -> Any:
    tx.value(LOCK, branch=branch)
    return one(tx, branch, book, number)


def _insert(
    tx: Tx,
    branch: int,
    register: str,
    number: int,
    action: str,
    values: Values,
    by: Who,
    old: int = 0,
    reason: str = "",
) -> None:
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    row = {"branch_id": branch, "register": register, "number": number, "action": action, **values}
    made = tx.value(ADD, **row, replaces=old, reason=reason, **who)
    note(tx, branch, by.label, by.member, f"{register}_{action}", f"register:{made}", number=number)

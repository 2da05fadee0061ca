"""已交 is what somebody says: a claim, which waits for the collector (`confirming`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import todos
from handlers.dues.amounts import due_in, history
from handlers.dues.bases import Due, month_of
from handlers.dues.months import month_word
from handlers.tables import dues_claims
from handlers.tables import todos as todo_rows

MONTHLY_CAP_FEN = 100_000  # 组电明字〔2017〕5号; what a month may be where no base was decided
BIG_FEN = 100_000  # 大额党费, 中组发〔2008〕3号 Art. 11: goes its own way to the Centre

ADD = insert_row(
    dues_claims,
    *("member_id", "month", "fen", "at", "by_member", "state", "todo_id", "method", "voluntary"),
    returning=dues_claims.c.id,
)
OPEN_OF = sql(
    select(dues_claims)
    .where(dues_claims.c.member_id == p("member"), dues_claims.c.state == "open")
    .order_by(dues_claims.c.month)
)
TIE = sql(update(dues_claims).where(dues_claims.c.id == p("claim")).values(todo_id=p("todo")))
CLOSE = sql(
    update(dues_claims)
    .where(dues_claims.c.id == p("claim"), dues_claims.c.state == "open")
    .values(state=p("new_state"))
)
RETITLE = sql(
    update(todo_rows).where(todo_rows.c.id == p("todo"), todo_rows.c.state == "open").values(title=p("new_title"))
)
TODO = sql(select(todo_rows.c.id).where(todo_rows.c.branch_id == p("branch"), todo_rows.c.number == p("number")))


@dataclass(frozen=True, slots=True)
class Part:
    """A month's share of a claim: fen as claimed (0 = no amount was named) and fen still due (0 = not known)."""

    month: str
    fen: int
    due: int


@dataclass(frozen=True, slots=True)
class How:
    """What else was said with a claim: how it was paid (微信转账, 现金, …), and that more is meant."""

    method: str = ""
    voluntary: bool = False


PLAIN = How()


def claim(
    tx: Tx,
    branch: int,
    member: int,
    name: str,
    months: tuple[str, ...],
    fen: int,
    by: Who,
    *,
    replaces: bool = False,
    rule: str = "",
    how: How = PLAIN,
) -> tuple[Part, ...]:
    """Notes that a member says the dues of `months` are paid, and puts one todo before the collector.

    Without months it is for the oldest unpaid one, else the current. `fen` 0 = no amount was named. `replaces`
    corrects the amount of what the member claimed last, as long as it is open. An amount for several months is
    dealt out from the oldest, each up to what is due, what is more to the last (Art. 9: a quarter at once, arrears).
    Raises Refused for a month that is confirmed or claimed already, and for an amount that can't be dealt out.
    """
    opened = tx.all(OPEN_OF, member=member)
    if replaces and opened:
        return _replace(tx, branch, name, opened, months, fen, by, rule, how)
    claimed = {row.month for row in opened}
    asked = months or (oldest_unpaid(tx, branch, member),)
    if not months and claimed & set(asked):
        raise Refused(f"前面报的还在等收缴人确认。要报别的月份，请写上月份，如：已交 {tx.now.month}月")
    parts = share(_still_to_pay(tx, member, asked, claimed, more=how.voluntary and fen > 0), fen)
    ids = [_add(tx, member, part, by, 0, how) for part in parts]
    title = _title(tx, member, name, parts, by)
    number = todos.add(tx, branch, "dues", "collector", title, json.dumps({"claims": ids}))
    todo = tx.value(TODO, branch=branch, number=number)
    for one in ids:
        tx.run(TIE, claim=one, todo=todo)
    _note(tx, branch, member, parts, by, "dues_claimed", rule)
    return parts


def _still_to_pay(tx: Tx, member: int, asked: tuple[str, ...], claimed: set[str], *, more: bool) -> list[Due]:
    """Of the months that are asked for those that nobody has claimed and are not settled; with `more` these too.

    Raises Refused where there is none.
    """
    dues = [due_in(tx, member, month) for month in sorted(set(asked))]
    wanted = [due for due in dues if (more or not due.settled) and due.month not in claimed]
    if not wanted:
        raise Refused(_why_not(dues, claimed & set(asked)))
    return wanted


def _title(tx: Tx, member: int, name: str, parts: tuple[Part, ...], by: Who) -> str:
    title = f"党费：{name} {'、'.join(month_word(part.month, tx) for part in parts)}"
    return title if by.member == member else f"{title}（{by.label}代报）"


def _why_not(dues: list[Due], claimed: set[str]) -> str:
    if claimed:
        return "这个月的党费已报过，等收缴人确认。"
    if all(due.waived and not due.due for due in dues):
        return "这个月不用交。自愿交的请说：党费交 金额，算自愿多交"
    return "这个月的党费已确认，不用再报。"


def _replace(
    tx: Tx, branch: int, name: str, opened: list[Any], months: tuple[str, ...], fen: int, by: Who, rule: str, how: How
) -> tuple[Part, ...]:
    """Another amount for what was claimed last, whose todo then names the months that are left of it."""
    todo = max(row.todo_id for row in opened)
    old = [row for row in opened if row.todo_id == todo]
    if months and set(months) != {row.month for row in old}:
        raise Refused("月份报错了，请先让收缴人退回，再重新报。")
    parts = share([due_in(tx, row.member_id, row.month) for row in old], fen)
    for row in old:
        tx.run(CLOSE, claim=row.id, new_state="replaced")
    kept = How(how.method or old[0].method, how.voluntary or bool(old[0].voluntary))
    for part in parts:
        _add(tx, old[0].member_id, part, by, todo, kept)
    tx.run(RETITLE, todo=todo, new_title=_title(tx, old[0].member_id, name, parts, by))
    _note(tx, branch, old[0].member_id, parts, by, "dues_corrected", rule)
    return parts


def _note(tx: Tx, branch: int, member: int, parts: tuple[Part, ...], by: Who, action: str, rule: str) -> None:
    told = {"rule": rule} if rule else {}
    note(tx, branch, by.label, by.member, action, f"member:{member}", months=[part.month for part in parts], **told)


def take_back(tx: Tx, branch: int, member: int, months: list[str], by: Who) -> None:
    """撤销 of what was claimed for `months`, with the todo that stands for them. Raises Refused once it is decided."""
    mine = [row for row in tx.all(OPEN_OF, member=member) if row.month in months]
    if not mine or not all(todos.take_back(tx, todo, by) for todo in sorted({row.todo_id for row in mine})):
        raise Refused("这一笔已经处理过，不能自己撤销，请找收党费的同志。")
    for row in mine:
        tx.run(CLOSE, claim=row.id, new_state="withdrawn")
    note(tx, branch, by.label, by.member, "dues_withdrawn", f"member:{member}", months=months, undo="yes")


def _add(tx: Tx, member: int, part: Part, by: Who, todo: int, how: How) -> int:
    return int(
        tx.value(
            ADD,
            member_id=member,
            month=part.month,
            fen=part.fen,
            at=tx.at,
            by_member=by.member,
            state="open",
            todo_id=todo,
            method=how.method,
            voluntary=int(how.voluntary),
        )
    )


def oldest_unpaid(tx: Tx, branch: int, member: int) -> str:
    """The oldest month that is not paid since the branch was bound and the member had a base, else the current."""
    return next((one.month for one in history(tx, branch, member) if one.rest), month_of(tx.now))


def share(dues: list[Due], fen: int) -> tuple[Part, ...]:
    """Deals an amount out over months (see `claim`); a month for which nothing is left is not claimed."""
    total = sum(one.rest for one in dues)
    if fen == 0:
        return tuple(Part(one.month, 0, one.rest) for one in dues)
    if fen >= (total or MONTHLY_CAP_FEN * len(dues)) + BIG_FEN:
        raise Refused("比应交多了 1000 元以上，请核对。自愿多交的大额党费要单独办理，请找组织委员。", private=True)
    if len(dues) > 1 and not all(one.due or one.waived for one in dues):
        raise Refused("有的月份还没核定，几个月合起来的金额分不开。请一个月一个月报，如：已交 金额 11月")
    parts, left = [], fen
    for one in dues:
        part = left if one is dues[-1] else min(left, one.rest)
        if part:
            parts.append(Part(one.month, part, one.rest))
        left -= part
    return tuple(parts)

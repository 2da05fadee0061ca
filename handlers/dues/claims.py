"""已交 is what somebody says; it counts once the collector, who holds the money, says so too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast, func, select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import Number, insert_row, p, sql
from bot.trail import note
from handlers import ledger, todos
from handlers.dues.amounts import AMOUNTS, WAIVERS, due_of, history, joined_month
from handlers.dues.bases import Due, month_of
from handlers.tables import dues_claims, members
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
OF_TODO = sql(
    select(dues_claims, members.c.name, members.c.party_group)
    .join(members, members.c.id == dues_claims.c.member_id)
    .where(dues_claims.c.todo_id == p("todo"), dues_claims.c.state == "open")
    .order_by(dues_claims.c.month)
)
DECIDED = sql(select(dues_claims).where(dues_claims.c.todo_id == p("todo")).order_by(dues_claims.c.month))
TIE = sql(update(dues_claims).where(dues_claims.c.id == p("claim")).values(todo_id=p("todo")))
CLOSE = sql(
    update(dues_claims)
    .where(dues_claims.c.id == p("claim"), dues_claims.c.state == "open")
    .values(state=p("new_state"))
)
TODO = sql(select(todo_rows.c.id).where(todo_rows.c.branch_id == p("branch"), todo_rows.c.number == p("number")))
WAITING = sql(
    select(
        *(todo_rows.c.number, todo_rows.c.title, members.c.name, members.c.aliases, members.c.party_group),
        members.c.id.label("member_id"),
        cast(func.sum(dues_claims.c.fen), Number).label("fen"),
    )
    .select_from(
        todo_rows.join(dues_claims, dues_claims.c.todo_id == todo_rows.c.id).join(
            members, members.c.id == dues_claims.c.member_id
        )
    )
    .where(todo_rows.c.branch_id == p("branch"), todo_rows.c.kind == "dues", todo_rows.c.state == "open")
    .where(dues_claims.c.state == "open")
    .group_by(todo_rows.c.number, todo_rows.c.title, members.c.id)
    .order_by(todo_rows.c.number)
)
GROUP_OF = sql(select(members.c.party_group).where(members.c.id == p("member")))


@dataclass(frozen=True, slots=True)
class Part:
    """A month's share of a claim: fen as claimed (0 = no amount was named) and fen still due (0 = not known)."""

    month: str
    fen: int
    due: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A claim that has become a payment, in fen; `receipt` is its number in this year, 0 where nothing was to pay."""

    member: int
    name: str
    month: str
    fen: int
    receipt: int = 0


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
        return _replace(tx, branch, opened, months, fen, by, rule, how)
    months = months or (oldest_unpaid(tx, branch, member),)
    dues = [due_in(tx, member, month) for month in sorted(set(months))]
    claimed = {row.month for row in opened}
    more = how.voluntary and fen > 0
    wanted = [due for due in dues if (more or not due.settled) and due.month not in claimed]
    if not wanted:
        raise Refused(_why_not(dues, claimed & set(months)))
    parts = share(wanted, fen)
    ids = [_add(tx, member, part, by, 0, how) for part in parts]
    title = f"党费：{name} {'、'.join(month_word(part.month, tx) for part in parts)}"
    if by.member != member:
        title += f"（{by.label}代报）"
    number = todos.add(tx, branch, "dues", "collector", title, json.dumps({"claims": ids}))
    todo = tx.value(TODO, branch=branch, number=number)
    for one in ids:
        tx.run(TIE, claim=one, todo=todo)
    _note(tx, branch, member, parts, by, "dues_claimed", rule)
    return parts


def _why_not(dues: list[Due], claimed: set[str]) -> str:
    if claimed:
        return "这个月的党费已报过，等收缴人确认。"
    if all(due.waived and not due.due for due in dues):
        return "这个月不用交。自愿交的请说：党费交 金额，算自愿多交"
    return "这个月的党费已确认，不用再报。"


def _replace(
    tx: Tx, branch: int, opened: list[Any], months: tuple[str, ...], fen: int, by: Who, rule: str, how: How
) -> tuple[Part, ...]:
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


def due_in(tx: Tx, member: int, month: str) -> Due:
    """What a member owes for any month, in fen."""
    due, waived = due_of(tx.all(AMOUNTS, member=member), tx.all(WAIVERS, member=member), month)
    if month < joined_month(tx, member):
        due, waived = 0, False
    return Due(member, "", month, due, ledger.paid(tx, member, month), waived=waived)


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


def scope(tx: Tx, who: Who) -> str:
    """The party group (党小组) that a collector is confined to; "" = the whole branch.

    Who collects without being a secretary collects for his own group only.
    """
    if who.roles & {"secretary", "admin"}:
        return ""
    return tx.value(GROUP_OF, member=who.member) or ""


def waiting(tx: Tx, branch: int, who: Who) -> list[Any]:
    """Open dues todos (number, title, name, aliases) that `who` may decide, oldest first."""
    group = scope(tx, who)
    return [row for row in tx.all(WAITING, branch=branch) if not group or row.party_group == group]


def confirm(tx: Tx, row: Any, by: Who) -> list[Confirmed]:
    """Makes payments of a settled todo's claims, each exactly once: the amount claimed, else what is still due.

    Raises Refused where neither is known, and where the member is not of the collector's group.
    """
    done = []
    receipt = ledger.next_receipt(tx, row.branch_id)
    for one in _decide(tx, row, "ok", by):
        due = due_in(tx, one.member_id, one.month)
        fen = one.fen or due.rest
        if fen == 0 and due.paid == 0:
            raise Refused("这一笔没有写金额，也没有核定应交额：请先核定（/dues set），或请本人补报金额。")
        if fen:
            _book(tx, row.branch_id, one, due, fen, receipt, by)
        done.append(Confirmed(one.member_id, one.name, one.month, fen, receipt if fen else 0))
    return done


def _book(tx: Tx, branch: int, claim: Any, due: Due, fen: int, receipt: int, by: Who) -> None:
    extra = max(fen - due.rest, 0) if claim.voluntary and (due.due or due.waived) else 0
    payer = claim.by_member if claim.by_member != claim.member_id else 0
    how: dict[str, Any] = {"extra": extra, "payer": payer, "method": claim.method, "receipt": receipt}
    cause = f"claim:{claim.id}"
    ledger.pay(tx, branch, claim.member_id, claim.month, fen, by.label, cause, claim.at, **how)


def decline(tx: Tx, row: Any, by: Who) -> None:
    """Ends a settled todo's claims without a payment."""
    _decide(tx, row, "no", by)


def _decide(tx: Tx, row: Any, state: str, by: Who) -> list[Any]:
    group = scope(tx, by)
    claims = tx.all(OF_TODO, todo=row.id)
    if group and any(one.party_group != group for one in claims):
        raise Refused("这一项不归您处理。")
    claims = [one for one in claims if tx.run(CLOSE, claim=one.id, new_state=state)]
    for one in claims:
        note(
            tx,
            row.branch_id,
            by.label,
            by.member,
            f"dues_{state}",
            f"claim:{one.id}",
            member=one.member_id,
            months=[one.month],
        )
    return claims


def month_word(month: str, tx: Tx) -> str:
    """11月; a month of another year with its year: 2025年11月."""
    word = f"{int(month[5:])}月"
    return word if month[:4] == f"{tx.now:%Y}" else f"{month[:4]}年{word}"

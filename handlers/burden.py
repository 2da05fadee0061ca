"""How often the bot has spoken unasked, per member and month: the burden is a figure like any other, never a ranking.

A prompt is a reminder or notice that was sent. Everybody in the branch hears what is pushed to its groups; a real @ and
a private message concern one. Answers are not prompts: they were asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command, may
from bot.db import Tx, micros
from bot.message import Reply
from bot.sql import p, sql
from bot.tables import groups, outbox
from handlers.people.history import members_of
from handlers.registers.dates import period
from handlers.tables import accounts

MOST_LINES = 80
PROMPTS = sql(
    select(
        *(outbox.c.key, outbox.c.platform, outbox.c.target, outbox.c.private, outbox.c.reply, outbox.c.due_at),
    )
    .where(outbox.c.branch_id == p("branch"), outbox.c.purpose.in_(("reminder", "notice")))
    .where(outbox.c.state.in_(("sent", "unknown")))
    .where(outbox.c.due_at >= p("since"), outbox.c.due_at < p("until"))
    .order_by(outbox.c.due_at, outbox.c.id)
)
ACCOUNTS = sql(select(accounts.c.platform, accounts.c.account, accounts.c.member_id).order_by(accounts.c.member_id))
GROUPS = sql(select(groups.c.platform, groups.c.chat).where(groups.c.branch_id == p("branch")))


@dataclass(frozen=True, slots=True)
class Burden:
    """What one member was told unasked in a month: pushes to the group that he heard, real @ calls, private lines."""

    month: str
    member: int
    name: str
    pushed: int
    called: int
    private: int


# Operations


def burden(tx: Tx, branch: int, first: date, last: date) -> list[Burden]:
    """The prompts of each member in each month of [first, last] in which there were any, in the register's order."""
    return [one for month, until in _months(tx, first, last) for one in _of_month(tx, branch, month, until)]


def _months(tx: Tx, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    start = datetime.combine(first.replace(day=1), time(), tx.now.tzinfo)
    while start.date() <= last and start <= tx.now:
        until = (start + timedelta(days=32)).replace(day=1)
        yield start, until
        start = until


def _of_month(tx: Tx, branch: int, since: datetime, until: datetime) -> list[Burden]:
    """A push is one prompt however many groups hear it, for who belonged to the branch at that time."""
    month, pushed, called, private = f"{since:%Y-%m}", Counter[int](), Counter[int](), Counter[int]()
    names: dict[int, str] = {one.member: one.name for one in members_of(tx, branch, since)}
    owners = _owners(tx.all(ACCOUNTS))
    suffixes = [f":{row.platform}:{row.chat}" for row in tx.all(GROUPS, branch=branch)]
    causes: set[str] = set()
    rows = tx.all(PROMPTS, branch=branch, since=micros(since), until=micros(until))
    for row in rows:
        if row.private:
            private.update(owners.get(row.target.casefold(), ()))
            continue
        called.update(one for account in json.loads(row.reply)["mention"] for one in owners.get(account.casefold(), ()))
        cause = _cause(row.key, suffixes)
        if cause not in causes:
            causes.add(cause)
            there = members_of(tx, branch, tx.moment(row.due_at))
            names |= {one.member: one.name for one in there}
            pushed.update(one.member for one in there)
    people = sorted(names) if rows else ()
    return [Burden(month, one, names[one], pushed[one], called[one], private[one]) for one in people]


def _owners(rows: Iterable[Any]) -> dict[str, set[int]]:
    """Account -> whose it is. An app speaks to the accounts of the robot beside it, so the platform doesn't tell."""
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.account, set()).add(row.member_id)
    return {account: members for account, members in found.items() if len(members) == 1}


def _cause(key: str, suffixes: Iterable[str]) -> str:
    """What a push is about, without the group that heard it."""
    return next((key.removesuffix(one) for one in suffixes if key.endswith(one)), key)


# Words


def say_burden(tx: Tx, ask: Ask) -> Reply:
    """/report burden [period]: a secretary sees the branch, a member himself; in private, in the register's order."""
    name, first, last = period(ask.text or f"{tx.now:%Y-%m}", tx.now)
    found = burden(tx, ask.who.branch, first, last)
    mine = [one for one in found if one.member == ask.who.member]
    if may(ask.who, "secretary"):
        return Reply(_for_the_branch(name, found), private=True)
    if not mine:
        return Reply(f"{name}没有给您的提示。", private=True)
    lines = [f"{one.month}：{_words(one)}" for one in mine]
    return Reply("\n".join([f"{name}我主动提示您的次数：", *lines]), private=True)


def _for_the_branch(name: str, found: list[Burden]) -> str:
    if not found:
        return f"{name}没有主动提示过。"
    lines = [f"{name}我主动提示的次数（按名册顺序，不排名）："]
    lines += [f"{one.month} {one.name}：{_words(one)}" for one in found[:MOST_LINES]]
    more = len(found) - MOST_LINES
    return "\n".join([*lines, f"…… 还有 {more} 行，请写一个月份，如：/report burden 2026-11"] if more > 0 else lines)


def _words(one: Burden) -> str:
    return f"群里 {one.pushed} 条，@本人 {one.called} 次，私信 {one.private} 条"


BURDEN = Command(
    "burden",
    "打扰",
    "我主动提示了几次（私聊，不排名）",
    "/report burden 2026-11",
    say_burden,
    role="member",
    writes=False,
    secret=True,
)

"""双报到: in which community a member reported, and on which day; said once, by himself or the secretary."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.register import branch_of
from handlers.registers.dates import past_day
from handlers.shifts.meant import BETWEEN, whose
from handlers.shifts_tables import community_reports
from handlers.tables import members

LONGEST_COMMUNITY = 30
EXAMPLE = "/volunteer report 阳光社区 3月5日"
REPORT = insert_row(
    community_reports, "member_id", "community", "reported_on", "recorded_at", "recorded_by", "by_member"
)
_newer = community_reports.alias("newer")
_newest = ~exists(
    select(_newer.c.id).where(_newer.c.member_id == community_reports.c.member_id, _newer.c.id > community_reports.c.id)
)
OF_MEMBER = sql(select(community_reports).where(community_reports.c.member_id == p("member"), _newest))
OF_BRANCH = sql(
    select(members.c.id, members.c.name, community_reports.c.community, community_reports.c.reported_on)
    .join_from(members, community_reports, community_reports.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, _newest)
    .order_by(members.c.id)
)


def report(tx: Tx, branch: int, member: int, community: str, on: date, by: Who) -> None:
    """Notes where a member reported, and when; the older entry stays. Raises Refused for what can't be, or is known."""
    if not 2 <= len(community) <= LONGEST_COMMUNITY or community.isdecimal():
        raise Refused(f"请写社区名称（2 到 {LONGEST_COMMUNITY} 字）和报到日期，如：{EXAMPLE}")
    known = reported(tx, member)
    if known is not None and (known.community, known.reported_on) == (community, on.isoformat()):
        raise Refused(f"已经记过：{community}，{on}。")
    who = {"recorded_at": tx.at, "recorded_by": by.label, "by_member": by.member}
    tx.run(REPORT, member_id=member, community=community, reported_on=on.isoformat(), **who)
    note(tx, branch, by.label, by.member, "community", f"member:{member}", on=on.isoformat())


def reported(tx: Tx, member: int) -> Any:
    """Where a member reported (`community`, `reported_on`), or None."""
    return tx.one(OF_MEMBER, member=member)


def reports(tx: Tx, branch: int) -> list[Any]:
    """(id, name, community, reported_on) of today's members who have reported, in the register's order."""
    return tx.all(OF_BRANCH, branch=branch)


def say_report(tx: Tx, ask: Ask) -> Reply:
    """/volunteer report [姓名] 社区 [日期]: without a day it is today."""
    words = [word for word in BETWEEN.split(ask.text) if word]
    if not words:
        return _state(tx, ask)
    member, name, words = whose(tx, ask, words, f"/volunteer report 张三 {EXAMPLE.split(' ', 2)[2]}")
    on = past_day(words[-1], tx.now) if len(words) > 1 else None
    community = "".join(words[:-1] if on else words)
    report(tx, branch_of(ask), member, community, on or tx.now.date(), ask.who)
    return Reply(f"已记双报到：{name} {community}，{on or tx.now.date()}", private=True)


def _state(tx: Tx, ask: Ask) -> Reply:
    known = reported(tx, ask.who.member) if ask.who.member else None
    if known is None:
        raise Refused(f"还没有您的双报到记录。请发：{EXAMPLE}")
    return Reply(f"双报到：{known.community}，{known.reported_on}", private=True)

"""我的页面: what a member sees of himself in a browser, and the word that asks for the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command
from bot.config.sections import Registers
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.trail import note
from handlers.activities import label
from handlers.asking import own_lines, own_meeting
from handlers.dues.own import ledger_lines
from handlers.links import LINK_MINUTES, offer
from handlers.looks import looks_at
from handlers.pages_tables import page_sessions
from handlers.personal.holding import Held, file_of, held_on
from handlers.tables import activities, answers, branches, members, presences

MOST_MEETINGS = 60
MOST_LOOKS = 60  # the tables below hold all

PERSON = sql(
    select(members.c.id, members.c.name, members.c.duty, members.c.branch_id, branches.c.name.label("branch"))
    .join(branches, branches.c.id == members.c.branch_id)
    .where(members.c.id == p("member"))
)
OPENED = sql(
    select(page_sessions.c.made_at)
    .where(page_sessions.c.member_id == p("member"), page_sessions.c.purpose == "me")
    .order_by(page_sessions.c.id.desc())
    .limit(10)
)
_mine = [select(table.c.activity_id).where(table.c.member_id == p("member")) for table in (answers, presences)]
MEETINGS = sql(
    select(activities)
    .where(activities.c.id.in_(_mine[0].union(_mine[1])))
    .order_by(activities.c.starts_at.desc())
    .limit(MOST_MEETINGS)
)


@dataclass(frozen=True, slots=True)
class MyPage:
    """What one member reads of himself; every line is text."""

    name: str
    branch: str
    lines: list[str]
    meetings: list[str]
    dues: list[str]
    opened: list[str]
    looks: list[str]
    held: Held


def my_page(tx: Tx, member: int, rules: Registers) -> MyPage:
    """All that is held on a member, and in front of it what he asks for most."""
    person = tx.one(PERSON, member=member)
    return MyPage(
        person.name,
        person.branch,
        own_lines(tx, person.branch_id, member, rules),
        [
            f"{label(tx, row)}：{words}"
            for row in tx.all(MEETINGS, member=member)
            if (words := own_meeting(tx, row, member))
        ],
        ledger_lines(tx, person.branch_id, member),
        [f"{tx.moment(row.made_at):%Y-%m-%d %H:%M}" for row in tx.all(OPENED, member=member)],
        [f"{one.at:%Y-%m-%d %H:%M} {one.who} {one.what}" for one in looks_at(tx, member)[:MOST_LOOKS]],
        held_on(tx, member),
    )


def my_file(tx: Tx, member: int) -> dict[str, Any]:
    """The same rows to take along, as `export person` writes them; that they were taken is noted."""
    person, held = tx.one(PERSON, member=member), held_on(tx, member)
    note(tx, person.branch_id, person.name, 0, "export_person", f"member:{member}")
    return file_of(tx, person.name, person.branch, held)


def say_page(tx: Tx, ask: Ask) -> Reply:
    """我的页面: the link, for the member's own eyes."""
    if not ask.who.member:
        raise Refused("名册里还没有您。请先说：我是 姓名")
    return Reply(f"您的页面：{offer(tx, ask, 'me')}\n{LINK_MINUTES} 分钟内打开，只能用一次，请不要转发。", private=True)


WORDS = (Command("page", "我的页面", "我的全部记录，用浏览器看", "我的页面", say_page, role="member", secret=True),)

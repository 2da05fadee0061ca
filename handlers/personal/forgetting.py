"""/member forget: who has left keeps a place in the figures and no name.

PIPL Art. 47 lets a person ask for it; the law on archives keeps what the branch did. So the rows that count stay, and
what tells who it was goes: name, aliases, phone, department, group, accounts, community, and what he alone was told.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.dispatch import ask_back
from bot.message import Refused, Reply, pack
from bot.sql import p, sql
from bot.tables import outbox, questions
from bot.trail import note
from handlers.people.branches import here
from handlers.registers_tables import register_rows
from handlers.shifts_tables import community_reports
from handlers.tables import accounts, members, todos

YES = "确认"
EXAMPLE = "/member forget 钱进 药剂科"
EMPTY = pack(Reply(""))

LEFT = sql(
    select(members).where(members.c.branch_id == p("branch"), members.c.name == p("name")).order_by(members.c.id)
)
LEFT_SINCE = sql(
    select(members).where(members.c.left_at > 0, members.c.left_at < p("before"), ~members.c.name.like("已离开党员%"))
)
ACCOUNTS = sql(select(accounts.c.platform, accounts.c.account).where(accounts.c.member_id == p("member")))
STRIP = sql(
    update(members)
    .where(members.c.id == p("key_id"), members.c.left_at > 0)
    .values(name=p("new_name"), aliases="", phone="", department="", party_group="")
)
UNLINK = sql(delete(accounts).where(accounts.c.member_id == p("member")))
UNSAY = sql(
    update(outbox)
    .where(outbox.c.platform == p("platform_"), func.lower(outbox.c.target) == p("account"), outbox.c.private == 1)
    .values(reply=EMPTY)
)
UNASK = sql(delete(questions).where(questions.c.platform == p("platform"), questions.c.sender == p("account")))
RENAME_TODOS = sql(
    update(todos)
    .where(todos.c.branch_id == p("branch"), todos.c.title.contains(p("name")))
    .values(title=func.replace(todos.c.title, p("name"), p("new_name")))
)
RENAME_ROWS = sql(
    update(register_rows)
    .where(register_rows.c.branch_id == p("branch"), register_rows.c.title.contains(p("name")))
    .values(title=func.replace(register_rows.c.title, p("name"), p("new_name")))
)
NO_COMMUNITY = sql(update(community_reports).where(community_reports.c.member_id == p("member")).values(community=""))
LIKE = sql(select(members.c.id).where(members.c.branch_id == p("branch"), members.c.name.contains(p("name"))))


def forget(tx: Tx, person: Any, by: Who) -> str:
    """Takes away what tells who a member was; the name that stands in its place. There is no way back.

    Raises Refused for somebody who still belongs to a branch, and where it was done before. The trail names who did
    what and stays as it is: its chain would break.
    """
    new = f"已离开党员{person.id}"
    if person.name == new:
        raise Refused("这位的个人信息之前已经删除了。")
    if tx.run(STRIP, key_id=person.id, new_name=new) == 0:
        raise Refused(f"{person.name} 还在名册里。先登记离开（/member leave），再删除个人信息。", private=True)
    for row in tx.all(ACCOUNTS, member=person.id):
        tx.run(UNSAY, platform_=row.platform, account=row.account)
        tx.run(UNASK, platform=row.platform, account=row.account)
    tx.run(UNLINK, member=person.id)
    tx.run(NO_COMMUNITY, member=person.id)
    if not tx.all(LIKE, branch=person.branch_id, name=person.name):  # what may mean a namesake stays as it is
        for rename in (RENAME_TODOS, RENAME_ROWS):
            tx.run(rename, branch=person.branch_id, name=person.name, new_name=new)
    note(tx, person.branch_id, by.label, by.member, "forget", f"member:{person.id}")
    return new


def say_forget(tx: Tx, ask: Ask) -> Reply:
    """/member forget 姓名 [科室] 确认: asked back once, since it can't be undone."""
    words = ask.text.split()
    sure = words[-1:] == [YES]
    person = _the_one(tx, here(ask), words[:-1] if sure else words)
    if not sure:
        if not person.left_at:
            raise Refused(f"{person.name} 还在名册里。先登记离开（/member leave），再删除个人信息。", private=True)
        text = f"删除 {person.name} 的姓名、电话、账号等个人信息？统计的数字不变，删了不能恢复。"
        return ask_back(tx, ask, text, [("删除", f"/member forget {ask.text} {YES}"), ("不删", "帮助")])
    return Reply(f"已删除个人信息，名册里现在写“{forget(tx, person, ask.who)}”。")


def _the_one(tx: Tx, branch: int, words: list[str]) -> Any:
    if not words:
        raise Refused(f"请写上姓名，如：{EXAMPLE}")
    found = tx.all(LEFT, branch=branch, name=words[0])
    fits = [row for row in found if row.left_at] or found
    fits = [row for row in fits if row.department in words[1:]] or fits
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise Refused(f"本支部没有“{words[0][:40]}”。")
    places = "、".join(row.department or "未填科室" for row in fits[:6])
    raise Refused(f"有 {len(fits)} 位{words[0][:40]}（{places}）。请写上科室，如：{EXAMPLE}", private=True)


FORGET = Command("forget", "删除", "删除离开的人的个人信息（要再确认）", EXAMPLE, say_forget, secret=True)

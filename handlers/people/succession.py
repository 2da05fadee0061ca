"""Handing over: a branch is never left without anybody who may act for it, unless an admin wants it so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers.people.who import roles_of
from handlers.tables import members

OTHERS = sql(
    select(members.c.duty)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, members.c.id != p("member"))
    .where(members.c.duty != "")
)


def keep_a_secretary(tx: Tx, person: Any, duty: str, by: Who) -> None:
    """Raises Refused where a member is about to lose the only duty of his branch that lets anybody act for it."""
    if "admin" in by.roles or "secretary" not in roles_of(person.duty) or "secretary" in roles_of(duty):
        return
    others = tx.all(OTHERS, branch=person.branch_id, member=person.id)
    if not any("secretary" in roles_of(row.duty) for row in others):
        after = f"{person.name} 是本支部最后一位书记或组织委员，这样就没有人能办本支部的事了，没有改动。"
        raise Refused(f"{after}请先记接任的：/member role 姓名 书记")

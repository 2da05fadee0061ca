"""Whose dues a collector keeps: a 党小组长 his own group's, who is secretary too the whole branch's."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.sql import p, sql
from handlers.tables import members

NOBODY = "（没有登记党小组）"  # no group is called so
GROUP_OF = sql(select(members.c.party_group).where(members.c.id == p("member")))


def confined_to(roles: Collection[str], party_group: str) -> str:
    """The party group (党小组) that who holds `roles` is confined to; "" = the whole branch.

    A 党小组长 whose group nobody has entered keeps nobody's: what people pay is not shown for want of a word.
    """
    return "" if {"secretary", "admin"} & set(roles) else party_group or NOBODY


def scope(tx: Tx, who: Who) -> str:
    """The same of who asks."""
    return confined_to(who.roles, "" if "secretary" in who.roles else tx.value(GROUP_OF, member=who.member) or "")


def keeps(tx: Tx, who: Who, member: int) -> bool:
    """Whether `who` may see the dues of a member: as collector, secretary or admin, a 党小组长 of his own group."""
    if not who.roles & {"collector", "secretary", "admin"}:
        return False
    group = scope(tx, who)
    return not group or group == tx.value(GROUP_OF, member=member)

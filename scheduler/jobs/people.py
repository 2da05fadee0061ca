"""Whom a private reminder is for, and the one way in which each of them can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.sql import p, sql
from handlers.people.who import duties, roles_of
from handlers.tables import accounts, members
from scheduler.jobs.kinds import Audience, Person

PEOPLE = sql(
    select(members.c.id, members.c.name, members.c.duty, members.c.party_group)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(members.c.id)
)
ACCOUNTS = sql(
    select(accounts.c.member_id, accounts.c.platform, accounts.c.account)
    .join(members, members.c.id == accounts.c.member_id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(accounts.c.member_id, accounts.c.platform, accounts.c.account)
)
NONE: frozenset[str] = frozenset()


def people(tx: Tx, branch: int) -> list[Person]:
    """The members of a branch with the roles their duties give; where nobody is 组织委员, the 书记 collects too."""
    rows = tx.all(PEOPLE, branch=branch)
    collected = any("组织委员" in duties(row.duty) for row in rows if row.duty)
    return [Person(row.id, row.name, row.party_group, _roles(row.duty, collected)) for row in rows]


def _roles(duty: str, collected: bool) -> frozenset[str]:
    if not duty:
        return NONE
    roles: frozenset[str] = roles_of(duty)
    return roles if collected or "书记" not in duties(duty) else roles | {"collector"}


def meant(everybody: list[Person], audience: Audience) -> list[Person]:
    """Who of a branch is told what is for an audience; the secretaries belong to the committee."""
    if audience == "members":
        return everybody
    if audience == "committee":
        return [one for one in everybody if one.roles & {"committee", "secretary"}]
    return [one for one in everybody if audience in one.roles]


def ways(tx: Tx, branch: int, private_via: Mapping[str, str]) -> dict[int, tuple[str, str]]:
    """member -> (platform that speaks, account): the first of the member's accounts that can be spoken to alone."""
    found: dict[int, tuple[str, str]] = {}
    rows: list[Any] = tx.all(ACCOUNTS, branch=branch)
    for row in rows:
        if row.platform in private_via:
            found.setdefault(row.member_id, (private_via[row.platform], row.account))
    return found

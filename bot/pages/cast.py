"""Who and what the console page lists: the people to play, the groups, and the rows a message left behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.cli.place import Place
from bot.db import Tx
from bot.message import Incoming
from bot.platforms.console import NAME
from bot.sql import p, sql
from bot.tables import groups, trail
from handlers.tables import accounts, branches, members

MOST_PEOPLE = 500
MOST_ROWS = 20
UNBOUND = "unbound"  # a group that no branch has yet
NEWCOMER = "newcomer"  # an account that no member has yet

PEOPLE = sql(
    select(accounts.c.account, members.c.name, members.c.department, members.c.duty, branches.c.name.label("branch"))
    .join_from(accounts, members, accounts.c.member_id == members.c.id)
    .join(branches, branches.c.id == members.c.branch_id)
    .where(accounts.c.platform == NAME, members.c.left_at == 0)
    .order_by(branches.c.id, members.c.id)
    .limit(MOST_PEOPLE)
)
CHATS = sql(
    select(groups.c.chat, branches.c.name.label("branch"))
    .join_from(groups, branches, groups.c.branch_id == branches.c.id)
    .where(groups.c.platform == NAME)
    .order_by(branches.c.id, groups.c.chat)
)
TRAIL = sql(
    select(trail.c.id, trail.c.at, trail.c.actor, trail.c.action, trail.c.subject, branches.c.name.label("branch"))
    .join_from(trail, branches, trail.c.branch_id == branches.c.id, isouter=True)
    .where(trail.c.id > p("after"))
    .order_by(trail.c.id.desc())
    .limit(MOST_ROWS)
)


def people(tx: Tx, place: Place) -> list[dict[str, Any]]:
    """Everybody who can be played: members with a console account, the admins, and one whom nobody knows yet."""
    listed = [_member(tx, place, row) for row in tx.all(PEOPLE)]
    taken = {one["account"] for one in listed}
    for admin in place.config.bot.admins:
        platform, _, account = admin.casefold().partition(":")
        if platform == NAME and account not in taken:
            listed.append(_guest(account, "管理员", "管理员", leads=True))
            taken.add(account)
    stranger = next(name for name in _newcomers() if name not in taken)
    return [*listed, _guest(stranger, "新同事", "未登记")]


def _newcomers() -> Iterator[str]:
    """Once somebody has linked the newcomer's account there is another."""
    yield NEWCOMER
    yield from (f"{NEWCOMER}{number}" for number in count(2))


def _member(tx: Tx, place: Place, row: Any) -> dict[str, Any]:
    alone = Incoming(NAME, "", row.account, row.account, "", private=True)
    leads = bool(row.duty) and "secretary" in place.house.who(tx, alone).roles
    return {**row._asdict(), "leads": leads}


def _guest(account: str, name: str, duty: str, *, leads: bool = False) -> dict[str, Any]:
    return {"account": account, "name": name, "department": "", "duty": duty, "branch": "", "leads": leads}


def chats(tx: Tx) -> list[dict[str, Any]]:
    """The bound groups of the console, and one that is not."""
    rows = tx.all(CHATS)
    listed: list[dict[str, Any]] = []
    for row in rows:
        same = sum(one["branch"] == row.branch for one in listed)
        listed.append({"chat": row.chat, "name": f"{row.branch}群" + (f" {same + 1}" if same else ""), **row._asdict()})
    if not any(row.chat == UNBOUND for row in rows):
        listed.append({"chat": UNBOUND, "name": "未绑定的群", "branch": ""})
    return listed


def written(tx: Tx, after: int) -> dict[str, Any]:
    """The newest rows of the trail after a row's id, and how many promises stand in which state."""
    rows = [
        {"id": row.id, "branch": row.branch or "", "who": row.actor, "action": row.action, "subject": row.subject}
        | {"at": tx.moment(row.at).isoformat(timespec="seconds")}
        for row in tx.all(TRAIL, after=after)
    ]
    return {"rows": rows, "outbox": {row.state: row.count for row in tx.all(outbox.STATES)}}

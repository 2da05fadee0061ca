"""Who and what the console page lists: the people to play, a page at a time, and the groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import Any

from sqlalchemy import func, or_, select

from bot.cli.place import Place
from bot.db import Tx
from bot.platforms.console import NAME
from bot.sql import p, sql
from bot.tables import groups
from handlers.people import roles_of
from handlers.tables import accounts, branches, members

AT_ONCE = 60  # people on a page of the list
UNBOUND = "unbound"  # a group that no branch has yet
NEWCOMER = "newcomer"  # an account that no member has yet

_mine = (accounts.c.platform == NAME, members.c.left_at == 0)
_person = (
    select(accounts.c.account, members.c.name, members.c.department, members.c.duty, branches.c.name.label("branch"))
    .join_from(members, accounts, accounts.c.member_id == members.c.id)
    .join(branches, branches.c.id == members.c.branch_id)
    .where(*_mine)
)
_page = _person.order_by(members.c.branch_id, members.c.id).limit(AT_ONCE + 1).offset(p("skip"))
PEOPLE = sql(_page)
FOUND = sql(
    _page.where(
        or_(
            *(
                func.lower(column).like(p("pattern"), escape="/")
                for column in (
                    members.c.name,
                    members.c.department,
                    members.c.duty,
                    accounts.c.account,
                    branches.c.name,
                )
            )
        )
    )
)
PERSON = sql(_person.where(accounts.c.account == p("account")))
CHATS = sql(
    select(groups.c.chat, branches.c.name.label("branch"))
    .join_from(groups, branches, groups.c.branch_id == branches.c.id)
    .where(groups.c.platform == NAME)
    .order_by(branches.c.id, groups.c.chat)
)
CHAT = sql(select(groups.c.chat).where(groups.c.platform == NAME, groups.c.chat == p("chat")))


def people(tx: Tx, place: Place, words: str = "", skip: int = 0) -> tuple[list[dict[str, Any]], bool]:
    """Who can be played: members with a console account, after them the admins and one whom nobody knows yet.

    Those that `words` find, a page of them after the first `skip`; and whether there are more.
    """
    rows = tx.all(FOUND, skip=skip, pattern=_pattern(words)) if words else tx.all(PEOPLE, skip=skip)
    listed = [_member(row) for row in rows[:AT_ONCE]]
    if len(rows) > AT_ONCE:
        return listed, True
    guests = [*_admins(tx, place), _guest(_newcomer(tx), "新同事", "未登记")]
    return [*listed, *(one for one in guests if _found(one, words))], False


def _pattern(words: str) -> str:
    plain = words.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{plain}%"


def _found(guest: dict[str, Any], words: str) -> bool:
    return any(words.lower() in guest[name] for name in ("account", "name", "duty"))


def _member(row: Any) -> dict[str, Any]:
    return {**row._asdict(), "leads": "secretary" in roles_of(row.duty)}


def _guest(account: str, name: str, duty: str, *, leads: bool = False) -> dict[str, Any]:
    return {"account": account, "name": name, "department": "", "duty": duty, "branch": "", "leads": leads}


def _admins(tx: Tx, place: Place) -> Iterable[dict[str, Any]]:
    """The admins of the configuration that are no members."""
    for account in sorted({one.casefold().partition(":")[2] for one in place.config.bot.admins if _is_ours(one)}):
        if tx.one(PERSON, account=account) is None:
            yield _guest(account, "管理员", "管理员", leads=True)


def _is_ours(admin: str) -> bool:
    return admin.casefold().partition(":")[0] == NAME


def _newcomer(tx: Tx) -> str:
    """An account that nobody has: once somebody has linked the newcomer's there is another."""
    names = (f"{NEWCOMER}{number if number > 1 else ''}" for number in count(1))
    return next(name for name in names if tx.one(PERSON, account=name) is None)


def persons(tx: Tx, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """The people of some accounts, in no order; who has left or was never here is left out."""
    rows = (tx.one(PERSON, account=account) for account in wanted)
    return [_member(row) for row in rows if row is not None]


def name_of(tx: Tx, place: Place, account: str) -> str:
    """How somebody who can be played is called; "" where nobody is."""
    row = tx.one(PERSON, account=account)
    if row is not None:
        return str(row.name)
    guests = [*_admins(tx, place), _guest(_newcomer(tx), "新同事", "未登记")]
    return next((str(one["name"]) for one in guests if one["account"] == account), "")


def chats(tx: Tx) -> list[dict[str, Any]]:
    """The bound groups of the console, and one that is not."""
    same: Counter[str] = Counter()
    listed: list[dict[str, Any]] = []
    for row in tx.all(CHATS):
        same[row.branch] += 1
        number = f" {same[row.branch]}" if same[row.branch] > 1 else ""
        listed.append({**row._asdict(), "name": f"{row.branch}群{number}"})
    if not any(one["chat"] == UNBOUND for one in listed):
        listed.append({"chat": UNBOUND, "name": "未绑定的群", "branch": ""})
    return listed


def has_chat(tx: Tx, chat: str) -> bool:
    """Whether a group is one of `chats`."""
    return chat == UNBOUND or tx.one(CHAT, chat=chat) is not None

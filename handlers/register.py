"""The member register as the other books ask it: who belongs to a branch, who is meant by a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers.tables import accounts, members

_columns = (members.c.id, members.c.name, members.c.aliases, members.c.department)
NAMED = sql(
    select(*_columns).where(
        members.c.branch_id == p("branch"),
        members.c.left_at == 0,
        or_(members.c.name == p("name"), members.c.aliases.contains(p("name"))),
    )
)
ACTIVE = sql(
    select(members.c.id, members.c.name, members.c.aliases, members.c.duty, members.c.party_group)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(members.c.id)
)
ACCOUNTS = sql(
    select(accounts.c.account).where(accounts.c.platform == p("platform"), accounts.c.member_id == p("member"))
)


def member_named(tx: Tx, branch: int, name: str) -> Any:
    """The one member of a branch that a name, an alias or `姓名(科室)` means. Raises Refused for none or several."""
    plain, _, department = name.replace("（", "(").rstrip(")）").partition("(")
    found = [row for row in tx.all(NAMED, branch=branch, name=plain) if _is_named(row, plain)]
    if department:
        found = [row for row in found if row.department == department]
    if not found:
        raise Refused(f"支部名册里没有“{name[:20]}”，请核对姓名。")
    if len(found) > 1:
        choices = "、".join(f"{row.name}({row.department})" for row in found)
        raise Refused(f"有 {len(found)} 位{plain}，请写明科室：{choices}")
    return found[0]


def _is_named(row: Any, name: str) -> bool:
    return name == row.name or name in row.aliases.replace("，", ",").replace("、", ",").split(",")


def accounts_of(tx: Tx, platform: str, member: int) -> tuple[str, ...]:
    """The member's accounts on a platform."""
    return tuple(row.account for row in tx.all(ACCOUNTS, platform=platform, member=member))


def invited_by_words(tx: Tx, branch: int, words: str) -> tuple[int, ...]:
    """The member ids that `应到 …` means: 支委, a Party group's name, or a list of names. Raises Refused."""
    people = tx.all(ACTIVE, branch=branch)
    if words in ("支委", "支委会", "委员"):
        found = [row.id for row in people if row.duty.endswith(("书记", "委员"))]
    else:
        found = [row.id for row in people if row.party_group == words]
    if not found:
        named = filter(None, words.replace("，", " ").replace("、", " ").replace(",", " ").split(" "))
        found = [member_named(tx, branch, name).id for name in named]
    if not found:
        raise Refused("没看懂应到的范围。可以写：支委、党小组名称，或姓名（用顿号分开）。")
    return tuple(dict.fromkeys(found))

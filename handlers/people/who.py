"""Who speaks, and what he may do here: asked once for every message, so it is one statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import literal, select

from bot.commands import Role, Who
from bot.db import Tx
from bot.message import Incoming
from bot.sql import p, sql
from bot.tables import groups
from bot.tx import Asked
from handlers.register import apart
from handlers.tables import accounts, branches, members

_nothing = select(literal(1).label("one")).subquery()
_home = branches.alias("home")
PLACE = sql(
    select(
        groups.c.branch_id,
        branches.c.name.label("branch_name"),
        members.c.id.label("member"),
        members.c.name,
        members.c.duty,
        members.c.branch_id.label("home"),
        _home.c.name.label("home_name"),
    ).select_from(
        _nothing.outerjoin(groups, (groups.c.platform == p("platform")) & (groups.c.chat == p("chat")))
        .outerjoin(branches, branches.c.id == groups.c.branch_id)
        .outerjoin(accounts, (accounts.c.platform == p("platform")) & (accounts.c.account == p("account")))
        .outerjoin(members, (members.c.id == accounts.c.member_id) & (members.c.left_at == 0))
        .outerjoin(_home, _home.c.id == members.c.branch_id)
    )
)
DUTIES = sql(
    select(members.c.duty).where(members.c.branch_id == p("branch"), members.c.left_at == 0, members.c.duty != "")
)
NAMES = sql(
    select(members.c.name, members.c.aliases, members.c.department).where(
        members.c.branch_id == p("branch"), members.c.left_at == 0
    )
)

_BETWEEN_DUTIES = re.compile(r"[、，,/；;\s]+|兼任?")
_OF_THE_BRANCH = re.compile(r"^(?:中共)?(?:本|党)?支部(?:委员会)?")
_BETWEEN_ALIASES = re.compile(r"[、，,/；;|\s]+")
_GROUP_LEADERS = ("党小组长", "党小组组长")
_NOT_A_DUTY_HERE = ("党委", "党总支", "纪委", "团", "原", "前", "副党小组", "副小组")


def asks_place(incoming: Incoming, same: Mapping[str, str] = MappingProxyType({})) -> Asked:
    """What `who` asks about the sender."""
    return Asked(PLACE, _asked(incoming, same))


def asks_names(branch: int) -> Asked:
    """What `names` asks."""
    return Asked(NAMES, {"branch": branch})


def _asked(incoming: Incoming, same: Mapping[str, str]) -> dict[str, str]:
    platform = same.get(incoming.platform, incoming.platform)
    chat = "" if incoming.private else incoming.chat
    return {"platform": platform, "chat": chat, "account": incoming.sender.casefold()}


def who(tx: Tx, incoming: Incoming, admins: frozenset[str], same: Mapping[str, str] = MappingProxyType({})) -> Who:
    """The sender, seen from the group's branch, in private from his own.

    `admins` are "platform:account", in any case. Duties give roles in the member's own branch only; a member
    stays a member and an admin an admin everywhere. `same` names the platform whose accounts another one shares.
    """
    asked = _asked(incoming, same)
    row, account, platform = tx.same(PLACE, **asked)[0], asked["account"], asked["platform"]
    branch = row.home if incoming.private else row.branch_id
    roles: set[Role] = {"anyone"}
    if f"{platform}:{account}".casefold() in _folded(admins):
        roles.add("admin")
    if row.member:
        roles.add("member")
        if row.duty and branch and row.home == branch:
            roles |= roles_here(tx, branch, row.duty)
    return Who(
        account=account,
        member=row.member or 0,
        name=row.name or "",
        branch=branch or 0,
        branch_name=(row.home_name if incoming.private else row.branch_name) or "",
        home=row.home or 0,
        bound=row.branch_id is not None,
        roles=frozenset(roles),
    )


@lru_cache(maxsize=8)
def _folded(admins: frozenset[str]) -> frozenset[str]:
    return frozenset(admin.casefold() for admin in admins)


def roles_here(tx: Tx, branch: int, duty: str) -> frozenset[Role]:
    """The roles that a duty gives in a branch as it is: without a 组织委员 its 书记 collects the dues too."""
    roles = roles_of(duty)
    if "书记" in duties(duty) and "collector" not in roles:
        held = {one for row in tx.all(DUTIES, branch=branch) for one in duties(row.duty)}
        if "组织委员" not in held:
            roles |= {"collector"}
    return roles


def duties(text: str) -> list[str]:
    """The single duties in a 党内职务 cell: 党支部书记兼组织委员 -> 书记, 组织委员."""
    parts = (_OF_THE_BRANCH.sub("", part) for part in _BETWEEN_DUTIES.split(text.strip()))
    return [part for part in parts if part]


def roles_of(duty: str) -> frozenset[Role]:
    """The roles that a 党内职务 gives by itself; empty where it gives none (党委书记 is no duty of the branch).

    中国共产党支部工作条例（试行） ch. 6 names the duties; who collects dues is local practice.
    """
    roles: set[Role] = set()
    for one in duties(duty):
        if one.startswith(_NOT_A_DUTY_HERE):
            continue
        if one in ("书记", "副书记"):
            roles.add("secretary")
        elif one == "组织委员":
            roles |= {"secretary", "collector"}
        elif one.endswith(_GROUP_LEADERS):
            roles.add("collector")
        elif one.endswith("委员") or one == "支委":
            roles.add("committee")
    return frozenset(roles)


def split_aliases(text: str) -> list[str]:
    """The single names in a 别名 cell."""
    return [alias for alias in _BETWEEN_ALIASES.split(text) if alias] if text else []


def names(tx: Tx, who: Who, text: str) -> frozenset[str]:
    """The names of the branch's members that stand in a text, all aliases, and of namesakes also 姓名(科室)."""
    rows = [row for row in tx.same(NAMES, branch=who.branch) if row.aliases or row.name in text]
    shared = {name for name, count in Counter(row[0] for row in rows).items() if count > 1}
    told_apart = [apart(name, place) for name, _, place in rows if name in shared and place]
    return frozenset([*told_apart, *(one for name, also, _ in rows for one in (name, *split_aliases(also)))])

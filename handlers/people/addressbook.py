"""The platform's address book against the register: what would change is said before anything does.

An address book holds everybody of the organisation, so nobody becomes a member for standing in it: an account is tied
to the member of that name where there is exactly one, and only who stands in a department that is named like a branch
is new. What is not clear is named and left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.sql import p, sql
from handlers.people.who import split_aliases
from handlers.sheet import SheetRow
from handlers.tables import accounts, branches, members

EVERYBODY = sql(
    select(members, branches.c.name.label("branch_name"))
    .join(branches)
    .where(members.c.left_at == 0)
    .order_by(members.c.id)
)
LINKED = sql(select(accounts.c.account, accounts.c.member_id).where(accounts.c.platform == p("platform")))
BRANCH_WORD = "支部"


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of an address book; `departments` are names, the main one first."""

    account: str
    name: str
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rows for `import_members`, what they change in a line each, what is left to people, and who is left out."""

    rows: tuple[SheetRow, ...] = ()
    changes: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    outside: int = 0


@dataclass(slots=True)
class _Found:
    rows: list[SheetRow] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    outside: int = 0

    def add(self, cells: Mapping[str, str], change: str) -> None:
        self.rows.append(SheetRow(len(self.rows) + 1, {key: text for key, text in cells.items() if text}))
        self.changes.append(change)


def compare(tx: Tx, listed: Sequence[Listed], platform: str, column: str) -> Proposal:
    """What an import would do: `platform` is whose accounts these are, `column` where they stand in the sheet.

    1. Accounts that are tied already.  2. Names that fit one member without an account, and are borne by one person
    here.  3. People in a branch's department.  Everybody else is outside.
    """
    people = {row.id: row for row in tx.all(EVERYBODY)}
    linked = {row.account: row.member_id for row in tx.all(LINKED, platform=platform)}
    found, unknown = _Found(), defaultdict[str, list[Listed]](list)
    for one in listed:
        member = people.get(linked.get(one.account.casefold(), 0))
        if member is None:
            unknown[one.name].append(one)
        else:
            _known(found, one, member, column)
    free = _by_name([row for row in people.values() if row.id not in linked.values()])
    for name, bearers in unknown.items():
        _unknown(found, name, bearers, free.get(name, []), column)
    _gone(found, listed, linked, people)
    return Proposal(tuple(found.rows), tuple(found.changes), tuple(found.unclear), found.outside)


def _by_name(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found = defaultdict[str, list[Any]](list)
    for row in rows:
        for name in dict.fromkeys((row.name, *split_aliases(row.aliases))):
            found[name].append(row)
    return found


def _known(found: _Found, one: Listed, member: Any, column: str) -> None:
    """The register's name and 科室 stand; an empty 科室 is filled."""
    place = _place(one)
    if one.name and one.name not in (member.name, *split_aliases(member.aliases)):
        found.unclear.append(f"{member.name}（{one.account}）在通讯录里叫 {one.name}，没有改名")
    if place and not member.department:
        cells = {"姓名": member.name, "支部": member.branch_name, "科室": place, column: one.account}
        found.add(cells, f"~ {member.name}（{member.branch_name}）：科室 {place}")


def _unknown(found: _Found, name: str, bearers: list[Listed], free: list[Any], column: str) -> None:
    for one in bearers:
        fits = _fitting(one, free)
        if not name or not (free or _branch(one)):
            found.outside += 1
        elif not free:
            place = _place(one)
            cells = {"姓名": name, "支部": _branch(one), "科室": place, column: one.account}
            found.add(cells, f"+ {name}（{'，'.join(filter(None, (_branch(one), place)))}）：账号 {one.account}")
        elif len(fits) != 1 or sum(_fitting(other, free) == fits for other in bearers) > 1:
            places = "、".join(dict.fromkeys(row.department or row.branch_name for row in free))
            found.unclear.append(f"{name}（{one.account}）分不清是哪一位：名册里有 {places}，请在名册里填账号")
        else:
            _tie(found, one, fits[0], column)


def _tie(found: _Found, one: Listed, member: Any, column: str) -> None:
    cells = {"姓名": member.name, "支部": member.branch_name, "科室": member.department, column: one.account}
    where = "，".join(filter(None, (member.branch_name, member.department)))
    found.add(cells, f"~ {member.name}（{where}）：账号 {one.account}")


def _fitting(one: Listed, free: list[Any]) -> list[Any]:
    """The members who may be this person: those of his branch or department, else those where that isn't known."""
    near = [row for row in free if row.branch_name in one.departments or row.department in one.departments]
    return near or [row for row in free if not row.department or not _place(one)]


def _branch(one: Listed) -> str:
    return next((name for name in one.departments if name.endswith(BRANCH_WORD)), "")


def _place(one: Listed) -> str:
    return next((name for name in one.departments if not name.endswith(BRANCH_WORD)), "")


def _gone(found: _Found, listed: Sequence[Listed], linked: Mapping[str, int], people: Mapping[int, Any]) -> None:
    here = {one.account.casefold() for one in listed}
    for account, member in linked.items():
        if account not in here and member in people:
            found.unclear.append(f"{people[member].name} 的账号 {account} 不在通讯录里，没有删")

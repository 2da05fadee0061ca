"""The register's own rows: people, where they belonged and when, and the accounts they speak from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import case, func, select, update

from bot.commands import Who
from bot.db import Tx, micros
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.people import facts
from handlers.people.who import split_aliases
from handlers.sheet.columns import FIELDS
from handlers.shifts.leaving import take_out
from handlers.shifts.seats import Nights, usual
from handlers.tables import accounts, branches, members, memberships

TEXTS = tuple(FIELDS.values())  # the columns of a member that are plain text
LEAVING = ("转出", "去世", "出党", "其他")
OF_A_BRANCH = ("party_group", "duty", "duty_since")  # left behind by who moves to another branch

ENROL = insert_row(members, *TEXTS, "branch_id", returning=members.c.id)
REWRITE = sql(
    update(members)
    .where(members.c.id == p("member"), members.c.branch_id == p("old_branch"))
    .values({name: p(f"new_{name}") for name in (*TEXTS, "branch_id", "left_at")})
)
BELONG = insert_row(memberships, "member_id", "branch_id", "from_at", "to_at", "recorded_at")
LEAVE = sql(
    update(memberships)
    .where(memberships.c.member_id == p("member"), memberships.c.to_at == 0)
    .values(to_at=p("new_to_at"), ended_at=p("at"))
)
SINCE = sql(
    select(func.max(case((memberships.c.to_at == 0, memberships.c.from_at), else_=memberships.c.to_at))).where(
        memberships.c.member_id == p("member")
    )
)
GONE = sql(
    update(members)
    .where(members.c.id == p("member"), members.c.left_at == 0)
    .values(left_at=p("new_left_at"), duty="", duty_since="", party_group="")
)
LINK = insert_row(
    accounts, "platform", "account", "member_id", "linked_at", "linked_by", conflict=["platform", "account"]
)
HOLDER = sql(
    select(accounts.c.member_id, members.c.name, members.c.department)
    .join(members, members.c.id == accounts.c.member_id)
    .where(accounts.c.platform == p("platform"), accounts.c.account == p("account"))
)
ACCOUNTS_OF = sql(
    select(accounts.c.platform, accounts.c.account)
    .where(accounts.c.member_id == p("member"))
    .order_by(accounts.c.platform, accounts.c.account)
)
_people = select(members, branches.c.name.label("branch_name")).join(branches).where(members.c.left_at == 0)
_named = (members.c.name == p("name")) | members.c.aliases.contains(p("name"))
NAMED = sql(_people.where(_named).order_by(members.c.id))
NAMED_HERE = sql(_people.where(_named, members.c.branch_id == p("branch")).order_by(members.c.id))
PERSON = sql(_people.where(members.c.id == p("member")))


def enrol(tx: Tx, texts: Mapping[str, str], branch: int, from_at: int, by: Who | None = None) -> int:
    """Adds a member to a branch, where he belongs from an instant on (0 = always); his id."""
    member = int(tx.value(ENROL, **{name: texts.get(name, "") for name in TEXTS}, branch_id=branch))
    tx.run(BELONG, member_id=member, branch_id=branch, from_at=from_at, to_at=0, recorded_at=tx.at)
    facts.enrolled(tx, member, texts, by)
    return member


def rewrite(
    tx: Tx,
    old: Any,
    texts: Mapping[str, str],
    branch: int,
    by: Who,
    on: date | None = None,
    nights: Nights = usual,
) -> list[str]:
    """Changes what is known of a member, from the day `on` (today). Another branch closes his membership there and
    opens a new one: both keep what was, and he goes from the coming shifts, which are returned as they are called.

    Who moves leaves duty and group behind, unless `texts` names new ones: a 书记 is 书记 of one branch.
    Raises Refused where somebody else has moved him since `old` was read, and for a day that can't be.
    """
    moves = branch != old.branch_id or old.left_at
    kept = {name: "" if moves and name in OF_A_BRANCH else getattr(old, name) for name in TEXTS}
    new = {name: texts.get(name, kept[name]) for name in TEXTS}
    written = {f"new_{name}": text for name, text in new.items()}
    at = _instant(tx, old, on) if moves else tx.at
    if tx.run(REWRITE, member=old.id, old_branch=old.branch_id, **written, new_branch_id=branch, new_left_at=0) == 0:
        raise Refused(f"{old.name} 刚刚转了支部，没有改动。请再看一下。")
    day = facts.day_said(tx, on)
    facts.changed(tx, old.id, {name: getattr(old, name) for name in TEXTS}, new, by, day)
    if not moves:
        return []
    tx.run(LEAVE, member=old.id, new_to_at=at, at=tx.at)
    tx.run(BELONG, member_id=old.id, branch_id=branch, from_at=at, to_at=0, recorded_at=tx.at)
    if old.left_at:
        facts.add(tx, old.id, facts.LEFT, "", day, by)
    for chain in {old.branch_id, branch}:
        note(tx, chain, by.label, by.member, "transfer", f"member:{old.id}", source=old.branch_id, target=branch)
    return take_out(tx, old.id, by, nights)


def leave(tx: Tx, old: Any, kind: str, by: Who, on: date | None = None, nights: Nights = usual) -> list[str]:
    """Ends a membership from the day `on` (today): he stays in all that was. `kind` is one of LEAVING; the
    coming shifts that he goes from are returned as they are called.

    Raises Refused where he has left already, and for a day that can't be.
    """
    at, day = _instant(tx, old, on), facts.day_said(tx, on)
    if tx.run(GONE, member=old.id, new_left_at=at) == 0:
        raise Refused(f"{old.name} 早已不在名册里。")
    tx.run(LEAVE, member=old.id, new_to_at=at, at=tx.at)
    for what in ("duty", "party_group"):
        if getattr(old, what):
            facts.add(tx, old.id, what, "", day, by)
    facts.add(tx, old.id, facts.LEFT, kind, day, by)
    note(tx, old.branch_id, by.label, by.member, "member_left", f"member:{old.id}", kind=kind)
    return take_out(tx, old.id, by, nights)


def _instant(tx: Tx, old: Any, on: date | None) -> int:
    """When a change of branch holds: now, or from the beginning of a day gone by. Raises Refused."""
    if on is None or facts.day_said(tx, on) == tx.now.date().isoformat():
        return tx.at
    at = micros(datetime.combine(on, time(), tx.now.tzinfo))
    if at <= int(tx.value(SINCE, member=old.id) or 0):
        raise Refused(f"{on} 那天{old.name}还不在本支部，请核对日期。")
    return at


def link_account(tx: Tx, platform: str, account: str, member: int, by: Who) -> bool:
    """Ties an account to a member; False where it was his already. Raises Refused where it is another's."""
    account = account.casefold()
    values = {"member_id": member, "linked_at": tx.at, "linked_by": by.label}
    if tx.run(LINK, platform=platform, account=account, **values):
        return True
    holder = tx.one(HOLDER, platform=platform, account=account)
    if holder.member_id != member:
        raise Refused("这个账号已经关联到另一位党员，没有改动。", private=True)
    return False


def named(tx: Tx, name: str, branch: int = 0) -> list[Any]:
    """The members of a branch (0 = of every branch) whose name or alias is exactly `name`."""
    rows = tx.all(NAMED_HERE, name=name, branch=branch) if branch else tx.all(NAMED, name=name)
    return [row for row in rows if name == row.name or name in split_aliases(row.aliases)]

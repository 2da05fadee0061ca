"""Who sees what on the overview: the committee of a branch its own branch, the admins and the overseers every one.

Asked anew for every page, so that a role that ends takes the page along.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers.links import NOT_YOURS
from handlers.people.who import duties, roles_here
from handlers.tables import accounts, members

EVERY, NONE = 0, -1

ONE = sql(select(members.c.branch_id, members.c.duty).where(members.c.id == p("member"), members.c.left_at == 0))
ACCOUNTS = sql(select(accounts.c.platform, accounts.c.account).where(accounts.c.member_id == p("member")))


@dataclass(frozen=True, slots=True)
class Sight:
    """What one may look at (`branch`), whose people by name, and whose payments: a branch each, EVERY or NONE."""

    branch: int
    named: int
    paid: int

    def may_name(self, branch: int) -> bool:
        """Whether the people of a branch (0 = of every branch) may be named."""
        return self.named in (EVERY, branch)

    def may_pay(self, branch: int) -> bool:
        """Whether it may be shown who of a branch paid what."""
        return self.paid in (EVERY, branch)


EVERYTHING = Sight(EVERY, EVERY, EVERY)


def sight_of(tx: Tx, member: int, config: Config) -> Sight:
    """What a member (0 = an admin who stands in no register) sees now. Raises Refused: nothing."""
    row = tx.one(ONE, member=member) if member else None
    if member and row is None:
        raise Refused(NOT_YOURS)
    if row is None or _is_admin(tx, member, config):
        return EVERYTHING
    roles = roles_here(tx, row.branch_id, row.duty) if row.duty else frozenset()
    named = row.branch_id if "secretary" in roles else NONE
    paid = row.branch_id if "collector" in roles and "secretary" in roles else NONE
    if not set(duties(row.duty)).isdisjoint(config.reports.overseers):
        return Sight(EVERY, named, paid)
    if not roles & {"secretary", "committee"}:
        raise Refused(NOT_YOURS)
    return Sight(row.branch_id, named, paid)


def _is_admin(tx: Tx, member: int, config: Config) -> bool:
    admins = {one.casefold() for one in config.bot.admins}
    return any(f"{row.platform}:{row.account}".casefold() in admins for row in tx.all(ACCOUNTS, member=member))

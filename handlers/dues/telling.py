"""What only those who keep the dues may read goes to each of them alone, never to a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot import outbox
from bot.commands import Role
from bot.db import Tx
from bot.message import Reply
from bot.sql import p, sql
from handlers.dues.keepers import confined_to
from handlers.people.who import roles_here
from handlers.tables import accounts, members

HOLDERS = sql(
    select(members.c.id, members.c.name, members.c.duty, members.c.party_group, accounts.c.platform, accounts.c.account)
    .join(accounts, accounts.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, members.c.duty != "")
    .order_by(members.c.id, accounts.c.platform, accounts.c.account)
)


NOTHING = Reply("")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a duty: his roles, and the party group he is confined to ("" = the whole branch)."""

    member: int
    name: str
    roles: frozenset[Role]
    group: str


def tell(
    tx: Tx, branch: int, roles: Sequence[Role], words: Callable[[Holder], Reply], via: Mapping[str, str], *, key: str
) -> int:
    """Promises `words(holder)` to each who holds one of `roles` and can be spoken to alone; how many people.

    An empty text says nothing to that one. The same `key` is said once.
    """
    told = set()
    for row in tx.all(HOLDERS, branch=branch):
        holder = _holder(tx, branch, row)
        speaker = via.get(row.platform)
        reply = words(holder) if speaker and holder.roles & set(roles) else NOTHING
        if speaker and reply.text:
            once = f"{key}:{row.platform}:{row.account}"
            outbox.put(tx, speaker, row.account, reply, key=once, purpose="notice", branch=branch, private=True)
            told.add(row.id)
    return len(told)


def _holder(tx: Tx, branch: int, row: Any) -> Holder:
    roles = roles_here(tx, branch, row.duty)
    return Holder(row.id, row.name, roles, confined_to(roles, row.party_group))

"""Who pays for another hears what he has said himself, and nothing of what the other paid or was let off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers.dues.claims import Part
from handlers.dues.keepers import keeps
from handlers.dues.months import month_word
from handlers.dues.payments import of_member
from handlers.rates import yuan
from handlers.tables import dues_claims

HIS_OWN = sql(
    select(dues_claims.c.id, dues_claims.c.month, dues_claims.c.state)
    .where(dues_claims.c.member_id == p("member"), dues_claims.c.by_member == p("proxy"))
    .where(dues_claims.c.state.in_(("open", "ok")))
    .order_by(dues_claims.c.month, dues_claims.c.id)
)


@contextmanager
def discreet(tx: Tx, by: Who, member: int, name: str, months: tuple[str, ...]) -> Iterator[None]:
    """Says of a refused claim what `by` may hear: all of it of his own, and of theirs whose dues he keeps (in private).

    To anybody else the refusal is the same whatever its cause, but for months that he claimed for `member` himself.
    """
    try:
        yield
    except Refused as refused:
        if member == by.member:
            raise
        if keeps(tx, by, member):
            raise Refused(refused.text, private=True) from None
        raise _refusal(tx, by, member, name, months) from None


def _refusal(tx: Tx, by: Who, member: int, name: str, months: tuple[str, ...]) -> Refused:
    standing = {one.cause for one in of_member(tx, member) if not one.undone}
    claimed = tx.all(HIS_OWN, member=member, proxy=by.member)
    waits = {row.month for row in claimed if row.state == "open"}
    counts = {row.month for row in claimed if f"claim:{row.id}" in standing}
    if waits and (not months or waits.issuperset(months)):
        said = "、".join(month_word(month, tx) for month in sorted(waits.intersection(months) or waits))
        return Refused(f"{name} {said}的党费您已代报过，等收缴人确认。", private=True)
    if months and (waits | counts).issuperset(months):
        return Refused(f"{name}这个月的党费您已代报过，不用再报。", private=True)
    return Refused(
        f"{name}的党费没有登记。别人的党费我只告诉本人和收党费的同志：请本人私聊我发“我的党费”看，或直接找收党费的同志。"
    )


def echo(tx: Tx, by: Who, member: int, name: str, parts: tuple[Part, ...], months: tuple[str, ...], amount: int) -> str:
    """What was noted for another, in the sender's own words: which of several months were open is not his to know."""
    told = [part.month for part in parts] if len(months) == 1 or (months and keeps(tx, by, member)) else []
    what = f" {'、'.join(month_word(month, tx) for month in told)}党费" if told else "的党费"
    more = "；已交过的月份不重复登记" if months and not told else ""
    return f"已登记 {name}{what}{f' {yuan(amount)} 元' if amount else ''}（代报{more}），待确认"

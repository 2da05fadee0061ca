"""The yearly determination (年度核定): who decided which base, from when, by which rule."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import rates
from handlers.dues.amounts import base_in
from handlers.dues.bases import Due, month_of, owing_by
from handlers.rates import RATES, Rule, first_month
from handlers.tables import dues_bases, members

BASES = sql(select(dues_bases).where(dues_bases.c.member_id == p("member")).order_by(dues_bases.c.id.desc()))
JOINED = sql(select(members.c.joined_on, members.c.category).where(members.c.id == p("member")))
ADD_BASE = insert_row(
    dues_bases,
    "member_id",
    "kind",
    "base_fen",
    "month_fen",
    "valid_from",
    "valid_to",
    "decided_by",
    "decided_at",
    "reason",
    "rate",
    "rule",
)


def set_base(
    tx: Tx, branch: int, member: int, kind: str, base_fen: int, reason: str, by: Who, rules: Sequence[Rule] = RATES
) -> int:
    """Decides a member's base from the current month on; the monthly dues in fen.

    The amount is decided once a year and normally stays (组电明字〔2017〕5号), so a second decision within one needs a
    reason; the same base again is the decision of a new year. A 预备党员 who had none yet owes from the month of
    the vote. Raises Refused for that and when nothing would change, ValueError as `rates.monthly_fen` does.
    """
    month = month_of(tx.now)
    bases, joined = tx.all(BASES, member=member), tx.one(JOINED, member=member)
    before, since = base_in(bases, month), first_month(joined.joined_on, joined.category, month, bool(bases))
    amount = rates.assess(kind, base_fen, month=month, rules=rules)
    if amount.fen < 1:
        raise Refused("这个基数算下来不到 1 分钱，请核对。")
    this_year = bool(before) and before.valid_from[:4] == month[:4]
    if this_year and (before.kind, before.base_fen, before.month_fen) == (kind, base_fen, amount.fen):
        raise Refused("和现在的核定一样，没有改。")
    if this_year and not reason:
        raise Refused("今年已核定过，年内一般不变；确要改，请在最后写明原因，如：退休、转入、更正。")
    _decide(tx, member, kind, base_fen, amount, since, reason, by)
    note(tx, branch, by.label, by.member, "dues_set", f"member:{member}", month=since)
    return amount.fen


def _decide(
    tx: Tx, member: int, kind: str, base_fen: int, amount: rates.Amount, since: str, reason: str, by: Who
) -> None:
    tx.run(
        ADD_BASE,
        member_id=member,
        kind=kind,
        base_fen=base_fen,
        month_fen=amount.fen,
        valid_from=since,
        valid_to="",
        decided_by=by.label,
        decided_at=tx.at,
        reason=reason,
        rate=amount.rate,
        rule=amount.rule,
    )


def undecided(tx: Tx, branch: int) -> list[Due]:
    """Those whose base was decided in an earlier year and not yet again in this one (年初核定)."""
    this = month_of(tx.now)
    return [one for one in owing_by(tx, branch, this).everybody if one.base and one.since[:4] < this[:4]]


def renew(tx: Tx, branch: int, by: Who, rules: Sequence[Rule] = RATES) -> int:
    """Decides this year's amounts of all `undecided` by the base they have; how many. One line in the trail each.

    Raises Refused, and decides nobody's, where a base gives no amount by the rules of this year.
    """
    month, people = month_of(tx.now), undecided(tx, branch)
    for one in people:
        amount = _by_this_year(one, month, rules)
        _decide(tx, one.member, one.kind, one.base, amount, month, "年度核定，基数不变", by)
        note(tx, branch, by.label, by.member, "dues_set", f"member:{one.member}", month=month)
    return len(people)


def _by_this_year(one: Due, month: str, rules: Sequence[Rule]) -> rates.Amount:
    alone = Refused(f"{one.name}的基数按今年的规则不能用，请先一位核定：/dues set {one.name} …", private=True)
    try:
        amount = rates.assess(one.kind, one.base, month=month, rules=rules)
    except ValueError:
        raise alone from None
    if amount.fen < 1:
        raise alone
    return amount

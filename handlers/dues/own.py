"""A member's own ledger, for his eyes only: each month what was due and what came in, and what is still open."""

from __future__ import annotations

from typing import Any

from bot.db import Tx
from handlers.dues import claims, confirming
from handlers.dues.amounts import history
from handlers.dues.bases import Due, month_of
from handlers.dues.months import month_word
from handlers.dues.payments import Payment, of_member
from handlers.rates import yuan


def mine(tx: Tx, branch: int, member: int) -> list[str]:
    """In short: what a month costs, what is open and what waits. [] without a base."""
    months = history(tx, branch, member)
    waiting = {row.month: row.fen for row in tx.all(claims.OPEN_OF, member=member)}
    lines = []
    if months and months[-1].due:
        lines.append(f"党费：每月 {yuan(months[-1].due)} 元")
    if months and months[-1].waived:
        lines.append("党费：已批准少交" if months[-1].due else "党费：已批准免交")
    year = f"{tx.now:%Y}"
    settled = [month_word(one.month, tx) for one in months if one.settled and one.month.startswith(year)]
    lines += [f"今年已交：{'、'.join(settled)}"] if settled else []
    lines += [f"待确认：{'、'.join(month_word(month, tx) for month in sorted(waiting))}"] if waiting else []
    owed = [one for one in months if one.rest and one.month not in waiting]
    if owed:
        names = "、".join(month_word(one.month, tx) for one in owed)
        lines.append(f"未交：{names}，共 {yuan(sum(one.rest for one in owed))} 元")
    return lines


def ledger_lines(tx: Tx, branch: int, member: int) -> list[str]:
    """The whole of this year: a line per month, then 多交, 预交, 自愿多交 and 大额党费 where there are any."""
    year, this = f"{tx.now:%Y}", month_of(tx.now)
    payments = of_member(tx, member)
    kept = [one for one in payments if one.kind != "reverse" and not one.undone]
    months = history(tx, branch, member)
    lines = [_month_line(tx, one, kept) for one in months if one.month.startswith(year) or one.rest]
    ahead = sorted({one.month for one in kept if one.month > this})
    lines += [f"预交：{'、'.join(month_word(month, tx) for month in ahead)}"] if ahead else []
    over = sum(one.over for one in months)
    lines += [f"多交：{yuan(over)} 元"] if over else []
    extra = sum(one.extra for one in kept if one.period.startswith(year))
    lines += [f"今年自愿多交：{yuan(extra)} 元"] if extra else []
    large = sum(one.fen for one in kept if one.large)
    lines += [f"大额党费：{yuan(large)} 元"] if large else []
    rest = sum(one.rest for one in months)
    return [*lines, f"欠交合计：{yuan(rest)} 元"] if rest else lines


def _month_line(tx: Tx, one: Due, kept: list[Payment]) -> str:
    paid = [payment for payment in kept if payment.month == one.month]
    word = month_word(one.month, tx)
    if not one.due:
        due = "免交" if one.waived else "未核定"
    else:
        due = f"应交 {yuan(one.due)}" + ("（批准少交）" if one.waived else "")
    if not paid:
        return f"{word} {due}" + (" · 未交" if one.due else "")
    sums = yuan(sum(payment.fen for payment in paid))
    days = "、".join(f"{tx.moment(payment.paid_at):%m-%d}" for payment in paid)
    by = "、".join(dict.fromkeys(f"{payment.payer}代交" for payment in paid if payment.payer))
    receipts = "、".join(dict.fromkeys(payment.number for payment in paid))
    return " · ".join(filter(None, (f"{word} {due}", f"实交 {sums}（{days}）", by, f"收据 {receipts}")))


def claim_words(tx: Tx, row: Any, ok: bool, why: str) -> tuple[int, str] | None:
    """What became of a member's claim (its settled todo), for his eyes alone; None where nothing came of it."""
    found = [one for one in tx.all(confirming.DECIDED, todo=row.id) if one.state == ("ok" if ok else "no")]
    if not found:
        return None
    months = "、".join(month_word(one.month, tx) for one in found)
    if not ok:
        reason = f"（{why}）" if why else ""
        return found[0].member_id, f"您报的{months}党费没有确认{reason}，请联系收党费的同志。"
    causes = {f"claim:{one.id}" for one in found}
    paid = [one for one in of_member(tx, found[0].member_id) if one.cause in causes]
    sums = f" {yuan(sum(one.fen for one in paid))} 元，收据 {paid[0].number}" if paid else ""
    return found[0].member_id, f"您的{months}党费已确认{sums}"

"""少交 and 免交: what was applied for, studied by the branch and approved above, with the document that says so.

中组发〔2008〕3号 Art. 7: a member in need applies, the branch studies it, the committee above approves; for a retired
member the branch's own decision is enough. The bot keeps the reference, never the reason.
"""

from __future__ import annotations

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row
from bot.trail import note
from handlers.dues.amounts import AMOUNTS, WAIVERS, base_in, due_of
from handlers.dues.bases import month_of
from handlers.dues.closing import last_closed
from handlers.ledger_tables import dues_waivers

MOST_MONTHS = 12  # a determination is for a year; longer is applied for again
ADD = insert_row(
    dues_waivers,
    *("member_id", "month_fen", "valid_from", "valid_to", "document", "ends", "recorded_by", "recorded_at"),
)


def waive(tx: Tx, branch: int, member: int, month_fen: int, span: tuple[str, str], document: str, by: Who) -> None:
    """Notes that a member owes `month_fen` (0 = 免交) from month to month ("YYYY-MM"), both included.

    Raises Refused without a document, where no base was decided, where it is not less than what is due, for more than
    twelve months and for a month whose book is closed.
    """
    first, last = span
    base = base_in(tx.all(AMOUNTS, member=member), first)
    if not document.strip():
        raise Refused("请写明批准的文件或会议，如：县卫健党〔2026〕3号，或 支部决议2026-11-05。")
    if base is None:
        raise Refused("还没有核定基数，请先核定：/dues set 姓名 类别 基数")
    if month_fen >= base.month_fen:
        raise Refused("少交的数要比应交的少，请核对。", private=True)
    if last < first or _months(first, last) > MOST_MONTHS:
        raise Refused(f"起止月份请核对，一次最多 {MOST_MONTHS} 个月，到期再报批。")
    if first <= last_closed(tx, branch):
        raise Refused(f"{first[:4]}年{int(first[5:])}月已封账，少交、免交只能从没封账的月份起。")
    _add(tx, branch, member, month_fen, span, document, by)


def end_waiver(tx: Tx, branch: int, member: int, document: str, by: Who) -> None:
    """Lets a waiver end before its last month: from this month on the base counts again. Raises Refused for none."""
    month = month_of(tx.now)
    if not due_of(tx.all(AMOUNTS, member=member), tx.all(WAIVERS, member=member), month)[1]:
        raise Refused("这位同志现在没有少交、免交。")
    _add(tx, branch, member, 0, (month, ""), document, by, ends=1)


def _add(
    tx: Tx, branch: int, member: int, month_fen: int, span: tuple[str, str], document: str, by: Who, ends: int = 0
) -> None:
    tx.run(
        ADD,
        member_id=member,
        month_fen=month_fen,
        valid_from=span[0],
        valid_to=span[1],
        document=document.strip(),
        ends=ends,
        recorded_by=by.label,
        recorded_at=tx.at,
    )
    action = "dues_waiver_ended" if ends else "dues_waived"
    note(tx, branch, by.label, by.member, action, f"member:{member}", month=span[0], document=document.strip())


def _months(first: str, last: str) -> int:
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1

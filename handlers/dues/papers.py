"""The papers of the dues as pages: 台账 of a month and a year, 收据, 公示 (totals only) and the slip that goes up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.db import Tx
from handlers.dues import closing
from handlers.dues.bases import Due, bound_month, month_of, owing, owing_by
from handlers.dues.capital import capital
from handlers.dues.determined import determinations
from handlers.dues.payments import Payment, of_books
from handlers.dues.remitting import Slip, by_share, slips
from handlers.dues.workbook import Page, money
from handlers.rates import KINDS
from handlers.sheet.book import Value

BOOK_COLUMNS = (
    *("序号", "姓名", "党小组", "类别", "核定基数", "比例", "月应交", "实交", "其中自愿多交", "交纳日期"),
    *("所属月份", "方式", "代交人", "收款人", "收据号", "备注"),
)
RECEIPT_COLUMNS = ("收据号", "日期", "姓名", "所属月份", "金额", "方式", "代交人", "收款人", "状态")
PUBLIC_COLUMNS = ("月份", "应交人数", "已交人数", "未交人数", "应交合计", "实收合计", "状态")
SHEET_WORDS: dict[str, str] = {kind: word for word, kind in KINDS.items()}
YEAR_ENDS = ("应交合计", "实交合计", "自愿多交", "欠交", "多交")
LONG_AGO = "2000-01"


@dataclass(frozen=True, slots=True)
class Sums:
    """The totals of a month's book in fen: 应交, 实交 of the book, 欠交 and 多交 for the month at its end."""

    due: int
    received: int
    owed: int
    over: int


def month_book(tx: Tx, branch: int, name: str, month: str) -> tuple[Page, Sums]:
    """台账 of a month: a row per member and payment; what was paid for other months and taken back stands below."""
    state = owing_by(tx, branch, month)
    booked = [one for one in of_books(tx, branch, month, month) if not one.large]
    until = [one for one in of_books(tx, branch, LONG_AGO, month) if one.month == month and not one.large]
    rows: list[list[Value]] = []
    for due in state.everybody:
        own = [one for one in booked if one.member == due.member and one.month == month]
        early = [one for one in until if one.member == due.member and one.period < month]
        rows += _rows_of(tx, due, own, early)
    members = {due.member for due in state.everybody}
    others = [one for one in booked if one.month != month or one.member not in members]
    rows += [_row(tx, None, one, _why(one, month)) for one in others]
    sums = _sums(state.everybody, until, sum(one.fen for one in booked))
    totals = _total_rows(sums)
    numbered = [[number, *row] for number, row in enumerate(rows, 1)]
    return Page(f"{month}台账", f"{name}{month} 党费收缴台账", BOOK_COLUMNS, numbered, totals), sums


def _rows_of(tx: Tx, due: Due, own: list[Payment], early: list[Payment]) -> list[list[Value]]:
    note = "免交" if due.waived and not due.due else "少交（已批准）" if due.waived else ""
    note = note or ("" if due.due else "未核定")
    if sum(one.fen for one in early) > 0:
        note = f"{note} 已于 {'、'.join(dict.fromkeys(one.period for one in early if one.fen > 0))} 预交".strip()
    if not own:
        return [_row(tx, due, None, note)]
    return [_row(tx, due if at == 0 else None, one, _why(one, due.month) or note) for at, one in enumerate(own)]


def _row(tx: Tx, due: Due | None, paid: Payment | None, note: str) -> list[Value]:
    """One line; what is the member's own (base, rate, 应交) stands in his first."""
    name, group = (paid.name, paid.party_group) if paid else (due.name, due.party_group) if due else ("", "")
    line: list[Value] = [name, group, *_determined(due)]
    if paid is None:
        return [*line, None, None, None, due.month if due else None, None, None, None, None, note]
    line += [money(paid.fen), money(paid.extra) if paid.extra else None, f"{tx.moment(paid.paid_at):%Y-%m-%d}"]
    return [*line, paid.month, paid.method, paid.payer, paid.recorded_by, paid.number, note]


def _determined(due: Due | None) -> list[Value]:
    if due is None or not due.base:
        return [None, None, None, None]
    rate = f"{due.rate / 100:g}%" if due.rate else "定额"
    return [SHEET_WORDS[due.kind], money(due.base), rate, money(due.due)]


def _why(one: Payment, month: str) -> str:
    if one.kind == "reverse":
        return f"冲正：{one.note}"
    if one.undone:
        return "已冲正"
    return "补交" if one.month < month else "预交" if one.month > month else ""


def _sums(everybody: tuple[Due, ...], until: list[Payment], received: int) -> Sums:
    paid: dict[int, int] = {}
    for one in until:
        paid[one.member] = paid.get(one.member, 0) + one.fen - one.extra
    gaps = [due.due - paid.get(due.member, 0) for due in everybody if due.due or due.waived]
    owed, over = sum(gap for gap in gaps if gap > 0), -sum(gap for gap in gaps if gap < 0)
    return Sums(sum(due.due for due in everybody), received, owed, over)


def _total_rows(sums: Sums) -> list[list[Value]]:
    pairs = (("应交合计", sums.due), ("实交合计", sums.received), ("欠交", sums.owed), ("多交", sums.over))
    return [[None, label, money(fen)] for label, fen in pairs]


def year_book(tx: Tx, branch: int, name: str, year: str) -> list[Page]:
    """台账 of a year: what each member paid for each month, and the months' totals."""
    months = months_of_year(tx, branch, year)
    states = [owing(tx, branch, month) for month in months]
    people: dict[int, str] = {one.member: one.name for state in states for one in state.everybody}
    dues = {(one.member, state.month): one for state in states for one in state.everybody}
    more = _voluntary(tx, branch, months)
    rows: list[list[Value]] = []
    for number, (member, who) in enumerate(people.items(), 1):
        own = [dues.get((member, month)) for month in months]
        due, paid = sum(one.due for one in own if one), sum(one.paid for one in own if one)
        gaps = (sum(one.rest for one in own if one), sum(one.over for one in own if one))
        ends = (due, paid, more.get(member, 0), *gaps)
        rows.append([number, who, *(money(one.paid) if one else None for one in own), *map(money, ends)])
    columns = ("序号", "姓名", *(f"{int(month[5:])}月" for month in months), *YEAR_ENDS)
    sums: list[Value] = [money(sum(one.paid for one in state.everybody)) for state in states]
    ends_of_all = [
        sum((cell for row in rows if isinstance(cell := row[-at], Decimal)), Decimal()) for at in (5, 4, 3, 2, 1)
    ]
    totals = [[None, "合计", *sums, *ends_of_all]]
    matrix = Page(f"{year}年", f"{name} {year}年党费收缴台账（按所属月份）", columns, rows, totals)
    pages = [matrix, determinations(tx, branch, name, year), public(tx, branch, name, year)]
    return [*pages, receipts(tx, branch, name, f"{year}-01", f"{year}-12")]


def _voluntary(tx: Tx, branch: int, months: list[str]) -> dict[int, int]:
    """Fen of 自愿多交 by member, for the months that are given."""
    found: dict[int, int] = {}
    for one in of_books(tx, branch, LONG_AGO, month_of(tx.now)):
        if one.month in months:
            found[one.member] = found.get(one.member, 0) + one.extra
    return found


def months_of_year(tx: Tx, branch: int, year: str) -> list[str]:
    """The months of a year that have begun and in which the branch was bound: nothing is owed before."""
    months = [f"{year}-{number:02d}" for number in range(1, 13)]
    return [month for month in months if bound_month(tx, branch) <= month <= month_of(tx.now)]


def receipts(tx: Tx, branch: int, name: str, first: str, last: str) -> Page:
    """收据: every receipt of the books from month to month, those that were taken back too."""
    found: dict[str, list[Payment]] = {}
    for one in of_books(tx, branch, first, last):
        if one.receipt:
            found.setdefault(one.number, []).append(one)
    rows = [_receipt(tx, number, parts) for number, parts in found.items()]
    good = sum(one.fen for parts in found.values() for one in parts if not one.undone)
    totals: list[list[Value]] = [[None, None, "有效合计", None, money(good)]]
    return Page("收据", f"{name} {first} 至 {last} 党费收据清单", RECEIPT_COLUMNS, rows, totals)


def _receipt(tx: Tx, number: str, parts: list[Payment]) -> list[Value]:
    one = parts[0]
    months = "、".join(part.month for part in parts) if one.month else "大额党费"
    state = "已冲正" if all(part.undone for part in parts) else "有效"
    day = f"{tx.moment(one.recorded_at):%Y-%m-%d}"
    fen = money(sum(part.fen for part in parts))
    return [number, day, one.name, months, fen, one.method, one.payer, one.recorded_by, state]


def public(tx: Tx, branch: int, name: str, year: str) -> Page:
    """公示: totals and counts by month, nobody's name and nobody's sum."""
    rows: list[list[Value]] = []
    total = 0
    received = closing.received(tx, branch)
    for month in months_of_year(tx, branch, year):
        state, fen = owing(tx, branch, month), received.get(month, 0)
        if not state.owed and not fen:
            continue
        unpaid = len(state.unpaid)
        shut = "已封账" if closing.closed(tx, branch, month) else "未封账"
        due = money(sum(one.due for one in state.owed))
        rows.append([month, len(state.owed), len(state.owed) - unpaid, unpaid, due, money(fen), shut])
        total += fen
    up = sum(_up_for(tx, branch, slip, year) for slip in slips(tx, branch) if not slip.void)
    totals: list[list[Value]] = [
        [label, *[None] * 4, money(fen)] for label, fen in (("实收合计", total), ("已上缴", up))
    ]
    return Page("公示", f"{name} {year}年党费收缴情况公示", PUBLIC_COLUMNS, rows, totals)


def _up_for(tx: Tx, branch: int, slip: Slip, year: str) -> int:
    """Fen that a slip hands up for the months of a year: one that is for two years counts in each with its part."""
    closed = {month: int(closing.closed(tx, branch, month).received_fen) for month in slip.months}
    until = by_share(sum(fen for month, fen in closed.items() if month[:4] <= year), slip.share)
    return until - by_share(sum(fen for month, fen in closed.items() if month[:4] < year), slip.share)


def slip_page(tx: Tx, organisation: str, name: str, slip: Slip) -> Page:
    """缴款单 to the committee above, with the sum in capital numerals."""
    months = "、".join(slip.months) or "大额党费"
    banked = f"{slip.receipts} 张" if slip.receipts else "待登记"
    rows: list[list[Value]] = [
        ["单位", organisation],
        ["党支部", name],
        ["编号", str(slip.number)],
        ["所属月份", months],
        ["实收合计（元）", money(slip.total)],
        ["上缴比例", f"{slip.share / 100:g}%"],
        ["应缴金额（元）", money(slip.fen)],
        ["大写", capital(slip.fen)],
        ["经手人", slip.made_by],
        ["日期", f"{tx.moment(slip.made_at):%Y-%m-%d}"],
        ["银行回单", banked],
        ["回单金额（元）", money(slip.banked) if slip.receipts else None],
    ]
    state = "（已冲正，作废）" if slip.void else ""
    return Page("缴款单", f"党费缴款单{state}", ("项目", "内容"), rows)

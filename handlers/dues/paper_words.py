"""/dues export: the papers as files, for the eyes of those who keep the dues."""

from __future__ import annotations

import re

from bot import files
from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from bot.trail import note
from handlers.dues import papers
from handlers.dues.bases import month_of
from handlers.dues.keepers import scope
from handlers.dues.months import one_month, year_said
from handlers.dues.remitting import slip_numbered
from handlers.dues.workbook import Page, workbook
from handlers.looks import DUES, note_branch
from handlers.register import branch_of

EXPORT = "/dues export 11月"
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


def say_export(tx: Tx, ask: Ask) -> Reply:
    """/dues export [月份|年|收据 月份或年|公示 年|缴款单 N]"""
    if scope(tx, ask.who):
        raise Refused("台账由组织委员或书记导出。")
    branch, name = branch_of(ask), ask.who.branch_name
    what, _, rest = ask.text.strip().partition(" ")
    if what == "收据":
        first, last = _period(tx, rest)
        title, pages = f"{_named(first, last)}党费收据", [papers.receipts(tx, branch, name, first, last)]
    elif what == "公示":
        year = year_said(rest, tx.now) if rest.strip() else f"{tx.now:%Y}"
        if not year:
            raise Refused("请写哪一年，如：/dues export 公示 2026")
        title, pages = f"{year}党费公示", [papers.public(tx, branch, name, year)]
    elif what == "缴款单":
        title, pages = _slip(tx, ask, rest)
    else:
        title, pages = _book(tx, branch, name, ask.text)
    note(tx, branch, ask.who.label, ask.who.member, "dues_exported", f"branch:{branch}", what=title)
    note_branch(tx, ask.who, branch, DUES)
    file = f"{NOT_IN_NAMES.sub('', title)}-{NOT_IN_NAMES.sub('', name)[:40]}.xlsx"
    rows = sum(len(page.rows) for page in pages)
    return Reply(f"{title}：{rows} 行，请查收。", private=True, attachments=(files.attach(tx, file, workbook(pages)),))


def _book(tx: Tx, branch: int, name: str, text: str) -> tuple[str, list[Page]]:
    year = year_said(text, tx.now)
    if year:
        return f"{year}年党费收缴台账", papers.year_book(tx, branch, name, year)
    month = one_month(text, tx.now, EXPORT) or month_of(tx.now)
    page, _ = papers.month_book(tx, branch, name, month)
    return f"{month}党费收缴台账", [page, papers.receipts(tx, branch, name, month, month)]


def _slip(tx: Tx, ask: Ask, text: str) -> tuple[str, list[Page]]:
    number = text.strip().removesuffix("号")
    if not number.isdecimal() or len(number) > 6:
        raise Refused("请写缴款单的编号，如：/dues export 缴款单 1")
    slip = slip_numbered(tx, branch_of(ask), int(number))
    organisation = ask.house.config.bot.organisation
    return f"党费缴款单{slip.number}号", [papers.slip_page(tx, organisation, ask.who.branch_name, slip)]


def _period(tx: Tx, text: str) -> tuple[str, str]:
    year = year_said(text, tx.now)
    if year:
        return f"{year}-01", f"{year}-12"
    month = one_month(text, tx.now, "/dues export 收据 11月") or month_of(tx.now)
    return month, month


def _named(first: str, last: str) -> str:
    return first if first == last else first[:4]

"""What the overview hands over: its tables as CSV and xlsx, and the papers that `/report` makes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import select

from bot.config import Config
from bot.db import Tx
from bot.files import TYPES
from bot.message import Refused
from bot.pages.entry import ADMIN, HEADERS, looker_of
from bot.pages.overview import Overview, shown
from bot.pages.overview_view import View
from bot.sql import p, sql
from bot.trail import note
from handlers import figures
from handlers.links import Pass
from handlers.looks import note_branch
from handlers.papers import sheets, templates
from handlers.papers.ledgers import Wanted
from handlers.reports.exports import ENDINGS, KINDS, paper
from handlers.selfcheck import required
from handlers.selfcheck.item import WORDS
from handlers.sheet.writing import FORMULA, workbook
from handlers.tables import members

NAME = sql(select(members.c.name).where(members.c.id == p("member")))
REQUIRED = ("支部", "事项", "要求", "时段", "情况", "依据", "待核")
NUMBERS = sheets.titled("指标")
TABLES = {"规定动作": REQUIRED, NUMBERS.title: NUMBERS.head}
WITHOUT_NAMES = ("通报", "上报对照")
NOT_NAMED = "带姓名的台账和文稿由本支部书记、管理员导出。"


class Paper(NamedTuple):
    """A file: what its name ends with, and its bytes."""

    ending: str
    data: bytes


async def files(request: web.Request, overview: Overview) -> web.StreamResponse:
    """What can be taken along. Raises Refused."""
    _, view, _ = await overview.asked(request)
    named = view.sight.may_name(view.asked.branch)
    folder = overview.place.config.bot.data_dir
    tables = [(kind, name, f"{name}（{kind}）") for name in TABLES for kind in ("xlsx", "csv")]
    books = [one.title for one in sheets.SHEETS if one.title not in TABLES and (named or one.title in WITHOUT_NAMES)]
    books = [sheets.WHOLE, *books] if named else books
    groups = [
        ("这里看到的表", "", tables),
        ("台账", "" if named else NOT_NAMED, [("excel", one, f"{one}（xlsx）") for one in books]),
        ("图", "", [("chart", "图", "出勤和完成情况（png）")]),
    ]
    if named:
        groups.append(
            ("文稿", "做一份要几秒到几十秒。", [("word", one, f"{one}（docx）") for one in templates.names(folder)])
        )
    return shown("overview_files.html", view, "导出", groups=groups)


async def file(request: web.Request, overview: Overview) -> web.StreamResponse:
    """One of them; that it was taken is noted. Raises Refused."""
    given, view, _ = await overview.asked(request)
    kind, name = view.more.get("kind", ""), view.more.get("name", "")
    work = partial(_made, view=view, kind=kind, name=name, config=overview.place.config)
    made = await overview.place.database.read_long(work)
    await overview.place.database.write(partial(_noted, given=given, view=view, kind=kind, name=name))
    called = quote(f"{view.scope}{view.asked.span.code}{name}.{made.ending}")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{called}"}
    return web.Response(body=made.data, content_type=TYPES[f".{made.ending}"], headers={**HEADERS, **disposition})


def _noted(tx: Tx, given: Pass, view: View, kind: str, name: str) -> None:
    who = str(tx.value(NAME, member=given.member) or ADMIN)
    period = view.asked.span.code
    note(tx, view.asked.branch, who, given.member, "report", f"report:{kind}", period=period, name=name)
    if kind in ("word", "excel") and name not in WITHOUT_NAMES:
        note_branch(tx, looker_of(given), view.asked.branch, f"{view.scope}的{KINDS[kind]}")


def _made(tx: Tx, view: View, kind: str, name: str, config: Config) -> Paper:
    """Raises Refused: no such paper, names that are not for the reader, nothing recorded."""
    figures.check_first_record(tx, view.asked)
    if kind in ("csv", "xlsx") and name in TABLES:
        rows = _required(tx, view, config) if name == "规定动作" else _numbers(tx, view, config)
        return Paper(kind, as_csv(TABLES[name], rows) if kind == "csv" else workbook(name, TABLES[name], rows))
    named = view.sight.may_name(view.asked.branch)
    allowed = {"chart": name == "图", "word": named, "excel": named or name in WITHOUT_NAMES}
    if not allowed.get(kind):
        raise Refused(NOT_NAMED if kind in ("excel", "word") else "没有这个文件，请从页面上点开。")
    name = sheets.named(name) if kind == "excel" else name
    amounts = view.sight.may_pay(view.asked.branch)
    made = paper(tx, view.asked, view.scope, kind, name, config=config, amounts=amounts)
    return Paper(ENDINGS[kind], made)


def _required(tx: Tx, view: View, config: Config) -> Iterator[Sequence[str]]:
    span, known = view.asked.span, min(view.asked.known, tx.at)
    found = required(tx, view.chosen, span.first, view.asked.cutoff, config, known)
    for branch in view.chosen:
        for item in found[branch.id]:
            if item.why:
                yield branch.name, item.name, item.asked, "", item.why, "", ""
            for one in item.windows:
                proof = " ".join(one.records)
                yield branch.name, item.name, item.asked, one.name, WORDS[one.state], proof, "；".join(one.incomplete)


def _numbers(tx: Tx, view: View, config: Config) -> list[Any]:
    return list(NUMBERS.write(Wanted(tx, view.asked, view.scope, {}, config, amounts=False)))


def as_csv(head: Sequence[str], rows: Iterator[Sequence[Any]] | list[Any]) -> bytes:
    """Rows as CSV that Excel opens; what could be taken for a formula stands behind a '."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(head)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return kept.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

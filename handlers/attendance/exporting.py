"""/attendance export: the 签到表 as a file to print, and the same as a printable page."""

from __future__ import annotations

import io
from typing import Any

from jinja2 import Environment

from bot.commands import Ask, Command
from bot.db import Tx
from bot.files import attach
from bot.message import Reply
from handlers.activities import label
from handlers.attendance.paper import Sheet, sheet_of
from handlers.attendance.recording import waiting
from handlers.attendance.target import alone
from handlers.links import LINK_MINUTES, offer
from handlers.sheet.writing import put

WIDTHS = (6, 14, 22, 18, 14)
ROW_POINTS = 22  # tall enough to sign in

PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>{{ sheet.title }}</title>
<style>
@page { size: A4; margin: 15mm }
body { font-family: "Noto Serif CJK SC", SimSun, serif; font-size: 11pt }
h1 { font-size: 16pt; text-align: center }
table { border-collapse: collapse; width: 100% }
thead { display: table-header-group }
th, td { border: 1px solid #000; height: 22pt; padding: 0 6pt; text-align: left }
tr { break-inside: avoid }
</style>
<h1>{{ sheet.title }}</h1>
<p>{% for name, words in sheet.facts.items() %}{{ name }}：{{ words }}　{% endfor %}</p>
<table>
<thead><tr>{% for name in sheet.HEADER %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for cells in sheet.cells() %}
<tr>{% for cell in cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
<p>{% for name in sheet.SIGNED %}{{ name }}：＿＿＿＿＿＿　{% endfor %}</p>
</html>
"""
)


def sheet_page(sheet: Sheet) -> str:
    """The 签到表 as a page that prints on A4 with its header on every sheet; nothing in it is run."""
    return PAGE.render(sheet=sheet)


def sheet_file(sheet: Sheet) -> bytes:
    """The 签到表 as xlsx, ready to print; no cell of it is a formula, whatever a name begins with."""
    from openpyxl import Workbook  # imported only here: it costs memory, and few messages ask for it

    book = Workbook()
    page = book.worksheets[0]
    page.title = "签到表"
    rows: list[tuple[Any, ...]] = [(sheet.title,)]
    rows += [(f"{name}：{words}",) for name, words in sheet.facts.items()]
    rows += [Sheet.HEADER, *sheet.cells(), (), tuple(f"{name}：" for name in Sheet.SIGNED)]
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            put(page.cell(row, column), value)
    _lay_out(page, len(sheet.facts) + 2, len(sheet.rows))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _lay_out(page: Any, header: int, rows: int) -> None:
    from openpyxl.styles import Border, Font, Side

    line = Side(style="thin")
    page["A1"].font = Font(bold=True, size=16)
    for column, width in enumerate(WIDTHS):
        page.column_dimensions["ABCDE"[column]].width = width
    for row in page.iter_rows(header, header + rows, 1, len(WIDTHS)):
        page.row_dimensions[row[0].row].height = ROW_POINTS
        for cell in row:
            cell.border = Border(line, line, line, line)
    for cell in page[header]:
        cell.font = Font(bold=True)
    page.print_title_rows = f"{header}:{header}"
    page.page_setup.paperSize, page.page_setup.fitToHeight = page.PAPERSIZE_A4, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def say_export(tx: Tx, ask: Ask) -> Reply:
    """export [#12]: the 签到表 to the secretary, in private."""
    activity = alone(tx, ask, "export", waiting(tx, ask.who.branch))
    if isinstance(activity, Reply):
        return activity
    sheet = sheet_of(tx, activity)
    file = attach(tx, f"{sheet.title}-{tx.moment(activity.starts_at):%Y%m%d}.xlsx", sheet_file(sheet))
    how = f"签完按序号登记：/attendance mark #{activity.number} 1-12 14 到 13 请假:病"
    page = (
        f"用浏览器打印签到表、会议记录（{LINK_MINUTES} 分钟内打开，只能用一次）：{offer(tx, ask, 'print', activity.id)}"
    )
    return Reply(f"{label(tx, activity)} 的签到表，{len(sheet.rows)} 行。\n{how}\n{page}", attachments=(file,))


COMMAND = Command("export", "导出", "导出签到表来打印（私聊）", "/attendance export", say_export, secret=True)

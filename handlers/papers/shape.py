"""Our own templates are text, so that a change of them can be read; here they become Word files like anybody else's.

`# ` is the title, `## ` a heading, `| a | b |` a row of a table, any other line a paragraph.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

BODY, HEADING, TITLE = ("仿宋", 16), ("黑体", 16), ("宋体", 22)  # 公文: 3号仿宋, 3号黑体, 2号


def shaped(text: str) -> bytes:
    """The Word file that a text template means."""
    document = Document()
    _font(document.styles["Normal"], *BODY)
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("| ").split("|")])
            continue
        if rows:
            table(document, rows)
            rows = []
        _paragraph(document, line.strip())
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _paragraph(document: Any, line: str) -> None:
    if line.startswith("# "):
        made = document.add_paragraph()
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _font(made.add_run(line[2:]), *TITLE)
    elif line.startswith("## "):
        _font(document.add_paragraph().add_run(line[3:]), *HEADING)
    elif line:
        made = document.add_paragraph(line)
        made.paragraph_format.first_line_indent = Pt(2 * BODY[1])


def table(document: Any, rows: list[list[str]], size: int = 10) -> None:
    """Adds a table whose first row is its head."""
    made = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            _font(cell.paragraphs[0].add_run(text), "宋体", size)


def heading(document: Any, text: str) -> None:
    """Adds a heading in the look of the papers."""
    _font(document.add_paragraph().add_run(text), *HEADING)


def _font(of: Any, name: str, size: int) -> None:
    """Sets a font for Chinese and other signs alike; Word asks for the two apart."""
    of.font.name, of.font.size = name, Pt(size)
    of.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)

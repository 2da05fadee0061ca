"""A Word template becomes a paper: its figures filled in, and at the end how each of them was counted."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from bot.message import Refused
from handlers import figures
from handlers.papers.printed import Print, words
from handlers.papers.shape import heading, table

NOTES = "数据说明"
MOST_DOUBTS = 200


def rendered(name: str, template: bytes, of: Print) -> bytes:
    """The paper as a Word file.

    Raises Refused, in one line: a file that is no Word file, a broken tag, a name that no figure has (with near ones).
    """
    known = words(of)
    paper = _opened(name, template)
    language = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        _check_names(name, paper.get_undeclared_template_variables(language), known)
        paper.render(known, language)
    except TemplateSyntaxError as error:
        raise Refused(f"模板「{name}」有写坏的标签：{_broken(template) or error.message}。") from None
    except UndefinedError as error:
        raise Refused(f"模板「{name}」里有不认识的写法：{error.message}。") from None
    except TemplateError as error:
        raise Refused(f"模板「{name}」没法填写：{error.message}。") from None
    return _with_notes(paper, of)


def _opened(name: str, template: bytes) -> Any:
    try:
        Document(BytesIO(template))
    except Exception as error:  # python-docx lets the errors of zip and XML through as they are
        raise Refused(f"模板「{name}」不是 Word 文件（.docx）：{' '.join(str(error).split())[:60]}。") from None
    return DocxTemplate(BytesIO(template))


def _check_names(name: str, asked: set[str], known: dict[str, Any]) -> None:
    for word in sorted(asked - known.keys()):
        near = figures.nearest(word) or [one for one in known if one[:1] == word[:1]][:5]
        hint = f"，是不是：{'、'.join(near)}？" if near else "。"
        raise Refused(f"模板「{name}」里的「{word}」不是任何数的名称{hint}")


def _broken(template: bytes) -> str:
    """The paragraph in which a tag is opened and not closed, or closed and not opened; "" where none is."""
    document = Document(BytesIO(template))
    cells = [cell for one in document.tables for row in one.rows for cell in row.cells]
    paragraphs = [*document.paragraphs, *(line for cell in cells for line in cell.paragraphs)]
    for one in paragraphs:
        if one.text.count("{{") != one.text.count("}}") or one.text.count("{%") != one.text.count("%}"):
            return f"「{one.text.strip()[:60]}」"
    language = SandboxedEnvironment()
    for one in paragraphs:
        try:
            if "{%" not in one.text:
                language.parse(one.text)
        except TemplateSyntaxError:
            return f"「{one.text.strip()[:60]}」"
    return ""


def _with_notes(paper: Any, of: Print) -> bytes:
    """The paper with its appendix: period, scope, cut-off, definition and number of rows of each figure."""
    document = paper.docx
    if of.used:
        document.add_page_break()
        heading(document, NOTES)
        names = figures.branch_names(of.tx)
        rows = [["名称", "数", "期间", "范围", "截止", "怎么算", "条数"]]
        rows += [_note(of, names, *used) for used in of.used.values()]
        table(document, rows)
        doubts = of.doubts()
        for line in ["待核，未计入：", *doubts[:MOST_DOUBTS]] if doubts else []:
            document.add_paragraph(line)
        if len(doubts) > MOST_DOUBTS:
            document.add_paragraph(f"…… 共 {len(doubts)} 条")
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _note(of: Print, names: dict[int, str], value: figures.Value, asked: figures.Question) -> list[str]:
    scope = of.scope if asked.branch == of.asked.branch else names[asked.branch]
    told = figures.defined(value, asked)
    span, cutoff = asked.span.name, asked.cutoff.isoformat()
    return [value.figure.name, value.written, span, scope, cutoff, told, str(value.rows)]

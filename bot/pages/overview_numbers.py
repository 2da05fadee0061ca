"""What the overview reads of figures: a group beside last year's, one with its months and rows, the months of all."""

from __future__ import annotations

from typing import Any

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.pages.entry import pages_of
from bot.pages.overview_chart import Chart, Month, chart
from bot.pages.overview_view import View
from handlers import figures
from handlers.figures.months import months
from handlers.overview import PAGE, behind_figure
from handlers.papers.bars import Bar, attendance_bars, completion_bars


def beside(
    tx: Tx, asked: figures.Question, group: tuple[figures.Figure, ...]
) -> tuple[str, list[tuple[figures.Value, str]]]:
    """(why there is nothing, else "" and each figure with last year's words)."""
    try:
        now = figures.reckon(tx, asked, "", group).values
    except Refused as refusal:
        return refusal.text, []
    return "", list(zip(now, _last_year(tx, asked, group), strict=True))


def _last_year(tx: Tx, asked: figures.Question, group: tuple[figures.Figure, ...]) -> list[str]:
    """Nothing was recorded is not the same as nothing was done."""
    try:
        found = figures.reckon(tx, asked.year_before(), "", group).values
        return ["—" if one.number is None else one.written for one in found]
    except Refused:
        return ["没有记录"] * len(group)


def one_figure(tx: Tx, asked: figures.Question, figure: figures.Figure) -> dict[str, Any]:
    """A figure as its page shows it, but for its rows."""
    last = asked.year_before()
    known = {"last_cutoff": last.cutoff, "years": years(asked)}
    try:
        figures.check_first_record(tx, asked)
    except Refused as refusal:
        return {"why": refusal.text, **known}
    now = figures.Reading(tx, asked)
    value = figures.value(now, figure)
    try:
        figures.check_first_record(tx, last)
        before: figures.Reading | None = figures.Reading(tx, last)
    except Refused:
        before = None
    told = figures.value(before, figure) if before else None
    return {
        "why": "",
        "now": value,
        "before": "没有记录" if told is None else "—" if told.number is None else told.written,
        "defined": figures.defined(value, asked),
        "chart": _months(now, before, figure),
        **known,
    }


def rows_of(tx: Tx, view: View, figure: figures.Figure) -> dict[str, Any]:
    """A page of the rows behind it, as far as the reader may know whom they are about."""
    first = (view.page - 1) * PAGE
    found = behind_figure(figures.Reading(tx, view.asked), figure, view.sight, first)
    return {"behind": found, "first": first, "page": view.page, "pages": pages_of(found.count, PAGE)}


def _months(reading: figures.Reading, last: figures.Reading | None, figure: figures.Figure) -> Chart | None:
    """The months of a period that has several, of a figure that has months."""
    now = months(reading, figure)
    if len(now) < 2:
        return None
    before = months(last, figure) if last else []
    known = {span.first.month: one for span, one in before}
    rows = [(f"{span.first.month}月", one, known.get(span.first.month)) for span, one in now]
    made = [
        Month(name, _number(one), _number(last), (one.text, last.text if last else "没有记录"))
        for name, one, last in rows
    ]
    return chart("months", figure.name, figure.unit, made, years(reading.asked))


def _number(value: figures.Value | None) -> float | None:
    return None if value is None or value.number is None else float(value.number)


def charts(tx: Tx, asked: figures.Question, config: Config) -> list[Chart]:
    """Attendance and completion, of both years."""
    last = asked.year_before()
    pictures = (
        ("attendance", "出勤率", attendance_bars(tx, asked), attendance_bars(tx, last)),
        ("done", "规定动作完成率", completion_bars(tx, asked, config), completion_bars(tx, last, config)),
    )
    return [chart(key, title, "%", _bars(now, before), years(asked)) for key, title, now, before in pictures]


def _bars(now: list[Bar], before: list[Bar]) -> list[Month]:
    known = {one.label: one for one in before}
    return [
        Month(one.label, one.percent, last.percent if last else None, (_told(one), _told(last)))
        for one in now
        for last in (known.get(one.label),)
    ]


def _told(bar: Bar | None) -> str:
    return "—" if bar is None or bar.percent is None else f"{bar.percent:.1f}%（{bar.told}）"


def years(asked: figures.Question) -> tuple[str, str]:
    """How this year and the last are called."""
    year = asked.span.first.year
    return f"{year}年", f"{year - 1}年"

"""`figures`: every figure of the catalogue, as text or as the JSON that the contract promises."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from bot.cli.place import Place, opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers import figures
from handlers.figures.explain import behind
from handlers.people import branch_named


async def report(config: Config, period: str, branch: str, as_known: str) -> figures.Report:
    """The figures of a period, of one branch or (branch "") of the whole system. Raises Refused."""
    span, day = figures.coded(period), known_day(as_known)
    async with opened(config) as place:
        return await place.database.read(lambda tx: _report(tx, place, span, branch, day))


def _report(tx: Tx, place: Place, span: figures.Span, branch: str, day: date | None) -> figures.Report:
    asked, scope = asked_of(tx, place.config, span, branch, day)
    return figures.reckon(tx, asked, scope)


async def explained(config: Config, period: str, branch: str, as_known: str, name: str) -> str:
    """The rows behind one figure, a line each. Raises Refused."""
    span, day = figures.coded(period), known_day(as_known)
    async with opened(config) as place:
        return await place.database.read(lambda tx: _explained(tx, place, span, branch, day, name))


def _explained(tx: Tx, place: Place, span: figures.Span, branch: str, day: date | None, name: str) -> str:
    asked, scope = asked_of(tx, place.config, span, branch, day)
    figure = figures.named(name)
    found = figures.reckon(tx, asked, scope, [figure])
    lines, _ = behind(figures.Reading(tx, asked), figure)
    head = f"{scope} {asked.span.name} 截至 {asked.cutoff}  {figure.name} {found.values[0].written}"
    return "\n".join([head, figures.defined(found.values[0], asked), *(f"{one.branch} {one.written}" for one in lines)])


def asked_of(tx: Tx, config: Config, span: figures.Span, branch: str, day: date | None) -> tuple[figures.Question, str]:
    """The question for a branch's name ("" = the whole system), and the name of its scope. Raises Refused."""
    row = branch_named(tx, branch) if branch else None
    asked = figures.question(tx, span, row.id if row else 0, config, day)
    return asked, row.name if row else config.bot.organisation


def known_day(text: str) -> date | None:
    """The day of --as-known. Raises Refused."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"--as-known {text}: write a day like 2026-11-30") from None


def as_json(found: figures.Report) -> str:
    """The shape of the contract; a rate of nothing is null."""
    rows = [
        {
            "name": one.figure.name,
            "value": number(one),
            "unit": one.figure.unit,
            "definition": figures.defined(one, found.asked),
            "rows": one.rows,
            "complete": one.complete,
        }
        for one in found.values
    ]
    whole = {"period": found.asked.span.code, "scope": found.scope, "cutoff": found.asked.cutoff.isoformat()}
    return json.dumps({**whole, "figures": rows}, ensure_ascii=False, indent=1)


def number(one: figures.Value) -> Any:
    """A whole number where it is one, else the decimal, None for a rate of nothing."""
    if one.number is None:
        return None
    return int(one.number) if one.number == int(one.number) else float(one.number)


def as_text(found: figures.Report) -> str:
    """A line a figure: value, unit, how many rows, definition."""
    head = f"{found.scope} {found.asked.span.name} 截至 {found.asked.cutoff}"
    lines = [
        f"{one.figure.name}  {one.written}  （{one.rows} 条）  {figures.defined(one, found.asked)}"
        for one in found.values
    ]
    waiting = [f"{one.figure.name}：{one.unsound} 条待核，未计入" for one in found.values if not one.complete]
    return "\n".join([head, *lines, *waiting])

"""/remind duty: a duty roster as it is copied out of a sheet and pasted into the chat, for who has no command line."""

from __future__ import annotations

import re

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused, Reply
from bot.rules import Quiet, parse_quiet
from handlers.register import branch_of
from handlers.reminders import rows
from handlers.roster import Taken, read_roster, take
from handlers.roster.sheet import Line

DUTY_EXAMPLE = "/remind duty 2026年12月；姓名 日期 班次；马志远 12月3日 夜班"
BETWEEN_LINES = re.compile(r"[\n；;]")
BETWEEN_CELLS = re.compile(r"\s*[,，]\s*|\s+")
SHOWN = 5  # names and words that were left out, in one answer


def say_duty(tx: Tx, ask: Ask) -> Reply:
    """duty 2026年12月, then the roster's lines: what was taken, and line by line what was not."""
    lines = _lines(ask.incoming.text)
    if len(lines) < 2:
        raise Refused(f"请把值班表复制粘贴在命令后面，第一行写月份，表头要有“姓名”。例：{DUTY_EXAMPLE}", private=True)
    branch_of(ask)
    branch = ask.who.branch_name
    taken = take(tx, read_roster(lines), {branch: _night(tx, ask)}, ask.who, branch)
    return Reply("\n".join([said(taken), *left_out(taken)]), private=True)


def _lines(text: str) -> list[Line]:
    """The cells of what was pasted; the first line is what stands behind the command's two words, if anything."""
    first, *rest = BETWEEN_LINES.split(text.strip())
    pasted = [" ".join(first.split()[2:]), *rest]
    return [(number, _cells(line)) for number, line in enumerate(pasted, 1) if line.strip()]


def _cells(line: str) -> list[str]:
    """Cells copied out of a sheet are parted by tabs, and may be empty; what is typed by commas or spaces."""
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    return BETWEEN_CELLS.split(line.strip())


def _night(tx: Tx, ask: Ask) -> Quiet | None:
    name = ask.who.branch_name
    return parse_quiet(rows.rules_of(tx, ask.house.config.reminders_for(name), ask.who.branch, name).night_duty)


def said(taken: Taken) -> str:
    """What a roster came to, by count."""
    left = len(taken.unknown)
    more = f"；{left} 个姓名没有登记" if left else ""
    more += f"；{len(taken.unclear)} 处没看懂" if taken.unclear else ""
    return f"值班表 {'、'.join(taken.months)}：{taken.people} 人，夜班和24小时班 {taken.duties} 个{more}"


def left_out(taken: Taken) -> list[str]:
    """The first of the names and words that were not taken."""
    everything = (*taken.unknown, *taken.unclear)
    more = [f"……共 {len(everything)} 处"] if len(everything) > SHOWN else []
    return [*everything[:SHOWN], *more]

"""The year's list of what a branch has to do (清单式管理), made from what is asked of every branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.rules import parse_frequency
from handlers.register import branch_of
from handlers.registers import rows
from handlers.registers.books import PLAN
from handlers.registers.dates import period
from handlers.registers.fields import Values

WORDS = {"month": "每月", "quarter": "每季度", "year": "全年"}
QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))
# 支部工作条例 Art. 19 (talks); 全国党员教育培训工作规划 (hours); 中组发〔2008〕3号 (dues are published once a year).
YEARLY = (
    ("谈心谈话（每人至少 1 次）", "组织生活"),
    ("党员学时达标", "学习培训"),
    ("公布党费收缴情况", "党费"),
)


def items(year: int, standards: Mapping[str, str]) -> Iterator[Values]:
    """What a year asks for: one item a quarter for what recurs, with how many times; one for what is yearly."""
    for kind, rule in standards.items():
        frequency = parse_frequency(rule)
        if frequency is None:
            continue
        title = f"{kind}（{WORDS[frequency.every]}至少 {frequency.times} 次）"
        times = frequency.times * 3 // min(frequency.months, 3)
        ends = QUARTER_ENDS if frequency.every != "year" else QUARTER_ENDS[-1:]
        for month, day in ends:
            yield _item(
                title, "组织生活", date(year, month, day), times if frequency.every != "year" else frequency.times
            )
    for title, kind in YEARLY:
        yield _item(title, kind, date(year, 12, 31), 1)


def _item(title: str, kind: str, due: date, times: int) -> Values:
    return {"title": title, "kind": kind, "due_on": due.isoformat(), "quantity": times}


def make(tx: Tx, branch: int, year: int, standards: Mapping[str, str], by: Who) -> tuple[int, int]:
    """Writes the year's items: (how many are new, how many stood there). A second call adds nothing."""
    there = {(row.title, row.due_on) for row in rows.listed(tx, branch, PLAN, date(year, 1, 1), date(year, 12, 31))}
    wanted = list(items(year, standards))
    new = [one for one in wanted if (one["title"], one["due_on"]) not in there]
    today = tx.now.date().isoformat()
    for one in new:
        rows.add(tx, branch, PLAN, {**one, "on_date": today}, by)
    return len(new), len(wanted) - len(new)


def say_make(tx: Tx, ask: Ask) -> Reply:
    """/plan make 2027: the list of a year, for people to complete and correct."""
    _, first, _ = period(ask.text, tx.now)
    if not 0 <= first.year - tx.now.year <= 1:
        raise Refused(f"只生成今年或明年的计划，如：/plan make {tx.now.year + 1}")
    new, there = make(tx, branch_of(ask), first.year, ask.house.config.standards, ask.who)
    return Reply(f"{first.year}年计划：新增 {new} 项，原有 {there} 项。\n看清单：/plan list {first.year}")


MAKE = Command("make", "生成", "按规定的次数生成一年的清单", "/plan make 2027", say_make)

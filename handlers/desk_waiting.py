"""On the desk: what waits for a yes or no, decided as `/todo` decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.db import Tx
from handlers import desk, dues, todos
from handlers.desk_parts import Act, Bench, Do, Entry, Field, Given, Look, Section
from handlers.looks import DUES
from handlers.phrases import day_and_time
from handlers.rates import yuan

LABELS: Mapping[str, tuple[str, str]] = {"dues": ("收到", "退回")}


def waiting(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """What the secretary's roles may decide, oldest first. What was paid shows to who collects, as in `/dues`."""
    rows = todos.waiting(tx, bench.who.branch, bench.who.roles)
    shown = look.of(rows)
    sums = _sums(tx, bench, [row.number for row in shown if row.kind == "dues"])
    entries = tuple(_entry(tx, row, sums) for row in shown)
    bulk = Act("ok", "同意选中的") if len(rows) > 1 else None
    return [Section("waiting", "等您确认", len(rows), entries, "没有等您确认的事。", bulk=bulk)]


def _sums(tx: Tx, bench: Bench, numbers: Sequence[int]) -> dict[int, str]:
    if not numbers or "collector" not in bench.who.roles:
        return {}
    rows = [row for row in dues.waiting(tx, bench.who.branch, bench.who) if row.number in numbers]
    bench.shows(DUES, (row.member_id for row in rows))
    return {row.number: f"报 {yuan(row.fen)} 元" if row.fen else "没报金额" for row in rows}


def _entry(tx: Tx, row: Any, sums: Mapping[int, str]) -> Entry:
    asked = f"{row.number} 号 · {day_and_time(tx.moment(row.asked_at))}"
    notes = (asked, *([sums[row.number]] if row.number in sums else []))
    yes, no = LABELS.get(row.kind, ("同意", "不同意"))
    of = {"number": str(row.number)}
    why = Field("why", "原因（可不写）", longest=desk.LONGEST_WHY)
    return Entry(row.title, notes, (Act("ok", yes, of), Act("no", no, of, (why,), primary=False)), str(row.number))


def _ok(tx: Tx, bench: Bench, given: Given) -> str:
    return "\n".join(desk.decide_all(tx, bench.house, bench.who.branch, given.numbers("number"), bench.who))


def _no(tx: Tx, bench: Bench, given: Given) -> str:
    why = given.text("why", desk.LONGEST_WHY)
    return desk.decide(tx, bench.house, bench.who.branch, given.number("number"), False, bench.who, why)


ACTS: Mapping[str, Do] = {"ok": _ok, "no": _no}

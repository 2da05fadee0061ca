"""/todo: the one desk where everything that needs a yes or no is decided, whatever part it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from bot.commands import Ask, Command, Role, Who
from bot.db import Tx
from bot.dispatch import House
from bot.message import Button, Card, Refused, Reply
from bot.sql import p, sql
from handlers import shifts, todos
from handlers.attendance.beside import decide_answer
from handlers.attendance.correcting import decide_correction
from handlers.attendance.deciding import decide_leave, leave_words
from handlers.attendance.makeup import decide_makeup, makeup_words
from handlers.attendance.vouching import decide_presence
from handlers.desk_telling import Words, tell_decided
from handlers.dues import claim_words, decide_claim, decide_close
from handlers.people import branch_named, decide_link
from handlers.phrases import no_longer
from handlers.tables import branches
from handlers.tables import todos as table
from handlers.wishes import decide_wish

# How each kind of item is decided: (tx, the todo's row, yes or no, who decides, why) -> the line to say, which may be
# heard by the whole group. Raises Refused, and then nothing is decided.
Decider = Callable[[Tx, Any, bool, Who, str], str]
DECIDERS: dict[str, Decider] = {
    "link": decide_link,
    "dues": decide_claim,
    "dues_close": decide_close,
    "presence": decide_presence,
    "leave": decide_leave,
    "makeup": decide_makeup,
    "answer": decide_answer,
    "hours": shifts.decide_hours,
    "correction": decide_correction,
    "wish": decide_wish,
}
# What who asked hears of it, alone.
TOLD: dict[str, Words] = {
    "dues": claim_words,
    "leave": leave_words,
    "makeup": makeup_words,
    "hours": shifts.hours_words,
}

DESK_ROLES: tuple[Role, ...] = ("secretary", "collector")
MOST_LINES = 15
LONGEST_WHY = 200
MOST_BUTTONS = 3  # items that get a button each for yes and no
BETWEEN = re.compile(r"[\s、，,]+")
NUMBER = re.compile(r"#?(\d{1,9})")

BRANCHES_WAITING = sql(
    select(branches.c.id, branches.c.name)
    .where(branches.c.id.in_(select(table.c.branch_id).where(table.c.state == "open")))
    .order_by(branches.c.id)
)
BRANCHES_WITH = sql(
    select(branches.c.id, branches.c.name)
    .join(table, table.c.branch_id == branches.c.id)
    .where(table.c.number == p("number"))
)

# Operations


def decide(tx: Tx, house: House, branch: int, number: int, ok: bool, by: Who, why: str = "") -> str:
    """Decides one item and does what follows from it; the line to say. Raises Refused: the unit is then given up.

    Who asked hears of it alone, where he can be spoken to.
    """
    row = todos.settle(tx, branch, number, ok, by, why)
    line = DECIDERS[row.kind](tx, row, ok, by, why)
    tell_decided(tx, house, TOLD.get(row.kind), row, ok, by, why)
    return line


def decide_all(tx: Tx, house: House, branch: int, numbers: Sequence[int], by: Who) -> list[str]:
    """Says yes to several: to all of them or, where one can't be, to none (Refused, which names it)."""
    lines = []
    for number in numbers:
        try:
            lines.append(decide(tx, house, branch, number, True, by))
        except Refused as refusal:
            if len(numbers) == 1:
                raise
            raise Refused(f"{refusal.text}\n其余的也还没有处理，请去掉 {number} 再发。") from refusal
    return lines


# Words


def say_todos(tx: Tx, ask: Ask) -> Reply:
    """/todo alone: what waits for the sender, with its numbers."""
    waiting = [(row, "") for row in todos.waiting(tx, ask.who.branch, ask.who.roles)]
    if not ask.who.branch:
        everywhere = tx.all(BRANCHES_WAITING)
        waiting = [(row, f"{one.name} ") for one in everywhere for row in todos.waiting(tx, one.id, ask.who.roles)]
    if not waiting:
        return Reply("没有待办。", private=True)
    lines = [f"{before}{row.number} {row.title}" for row, before in waiting[:MOST_LINES]]
    if len(waiting) > MOST_LINES:
        lines.append(f"…… 还有 {len(waiting) - MOST_LINES} 项，先处理这些")
    first, before = waiting[0]
    how = f"回复 /todo ok {before}{first.number} 或 /todo no {before}{first.number} 原因"
    title = f"待办 {len(waiting)} 项"
    card = Card(title, tuple(lines), tuple(_buttons(waiting[:MOST_BUTTONS])))
    return Reply("\n".join([f"{title}：", *lines, how]), card, private=True)


def _buttons(waiting: Sequence[tuple[Any, str]]) -> list[Button]:
    return [
        Button(f"{label} {row.number}", f"/todo {word} {before}{row.number}", primary=word == "ok")
        for row, before in waiting
        for word, label in (("ok", "同意"), ("no", "不同意"))
    ]


def say_ok(tx: Tx, ask: Ask) -> Reply:
    """ok N [N …]"""
    name, words = _branch_first(ask.text)
    numbers = [int(match[1]) for word in words if (match := NUMBER.fullmatch(word))]
    if not numbers or len(numbers) < len(words):
        raise Refused("请写编号，如：/todo ok 4")
    branch = _branch(tx, ask.who, name, numbers[0])
    return Reply("\n".join(decide_all(tx, ask.house, branch, list(dict.fromkeys(numbers)), ask.who)))


def say_no(tx: Tx, ask: Ask) -> Reply:
    """no N [why]"""
    name, words = _branch_first(ask.text)
    match = NUMBER.fullmatch(words[0]) if words else None
    if match is None:
        raise Refused("请写编号和原因，如：/todo no 4 不是本支部的人")
    number, why = int(match[1]), no_longer(" ".join(words[1:]), "原因", LONGEST_WHY)
    branch = _branch(tx, ask.who, name, number)
    return Reply(decide(tx, ask.house, branch, number, False, ask.who, why))


def _branch_first(text: str) -> tuple[str, list[str]]:
    """(the branch's name if one stands before the number, the words from the number on)."""
    words = [word for word in BETWEEN.split(text) if word]
    if words and not NUMBER.fullmatch(words[0]):
        return words[0], words[1:]
    return "", words


def _branch(tx: Tx, who: Who, name: str, number: int) -> int:
    """The branch whose item is meant; only an admin, who may speak from none, names another."""
    if name and "admin" in who.roles:
        return int(branch_named(tx, name).id)
    if name:
        raise Refused("请写编号，如：/todo ok 4")
    if who.branch:
        return who.branch
    rows = tx.all(BRANCHES_WITH, number=number)
    if len(rows) > 1:
        raise Refused(f"几个支部都有待办 {number}，请写上支部，如：/todo ok {rows[0].name} {number}")
    return int(rows[0].id) if rows else 0


SUBS = (
    Command("ok", "同意", "同意一项或几项", "/todo ok 4", say_ok, role=DESK_ROLES),
    Command("no", "不同意", "退回一项，可写原因", "/todo no 4 不是本支部的人", say_no, role=DESK_ROLES),
)
COMMANDS = (
    Command("todo", "待办", "等您确认的事", "/todo", say_todos, role=DESK_ROLES, writes=False, secret=True, subs=SUBS),
)

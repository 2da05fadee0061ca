"""Which shift and which people are meant by what was typed."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import Ask, may
from bot.db import Tx
from bot.dispatch import ask_back
from bot.language import Call, Reading, which
from bot.message import Refused, Reply
from handlers.register import branch_of, member_named, name_in
from handlers.shifts import store
from handlers.shifts.lines import heading
from handlers.shifts.store import NoShift

BETWEEN = re.compile(r"[\s、，,；;]+")
TYPED = re.compile(r"#\s*(\d{1,6})|^(?:报名|退出|签到|签退)?\s*(\d{1,6})\s*号?$")


def number(text: str) -> tuple[int, str]:
    """The number that a text begins with, and the rest. Raises Refused where there is none."""
    match = re.match(r"#?\s*(\d{1,6})(?!\d)号?(?![:：.点月年-])(.*)$", text.strip(), re.S)
    if match is None:
        raise Refused("请写明编号，如：/volunteer close 3。发 /volunteer 看编号。")
    return int(match[1]), match[2].strip()


def shift_of(tx: Tx, ask: Ask) -> tuple[Any, str]:
    """The shift whose number stands at the beginning, and the rest. Raises Refused."""
    found, rest = number(ask.text)
    return store.numbered(tx, branch_of(ask), found), rest


def pick(tx: Tx, ask: Ask, calls: tuple[Call, ...], nothing: str) -> list[int]:
    """The numbers of the shifts that are meant: one, or several to ask about. A number that is typed is final.

    Raises NoShift, with `nothing`.
    """
    if ask.number:
        return [ask.number]
    typed = TYPED.search(ask.text)
    if typed:
        return [int(typed[1] or typed[2])]
    found = which(Reading(ask.intent, ask.slots, ask.rule), calls, tx.now) if calls else ()
    if not found:
        raise NoShift(nothing)
    return [call.number for call in found]


def which_shift(tx: Tx, ask: Ask, numbers: list[int], word: str, again: str = "") -> Reply:
    """Asks which of several; the answer says the same again (`again`, else the word), with the number."""
    rows = [store.numbered(tx, branch_of(ask), one) for one in numbers]
    names = "、".join(ask.slots.get("persons", ()))
    verb = again or (f"替{names}{word}" if names else word)
    return ask_back(tx, ask, f"{word}哪一个？", [(heading(tx, row), f"{verb} #{row.number}") for row in rows])


def is_clerk(ask: Ask) -> bool:
    """A secretary who names others does it as the branch's clerk."""
    return bool(ask.slots.get("persons")) and may(ask.who, "secretary")


def people(tx: Tx, ask: Ask) -> list[tuple[int, str]]:
    """(member, name) of those who are meant: the sender, unless others are named. Raises Refused."""
    if ask.who.member == 0 and not is_clerk(ask):
        raise Refused("我还不认识您。请先说：我是 姓名")
    rows = [member_named(tx, branch_of(ask), name) for name in ask.slots.get("persons", ()) if name != ask.who.name]
    found = {row.id: row.name for row in rows}
    if not found or ask.slots.get("include_self"):
        found = {ask.who.member: ask.who.name, **found}
    return list(found.items())


def named(tx: Tx, ask: Ask, rest: str, example: str) -> list[Any]:
    """The members of the branch whose names are listed, each once. Raises Refused, with `example`."""
    names = dict.fromkeys(word for word in BETWEEN.split(rest) if word)
    if not names:
        raise Refused(f"请写明姓名，如：{example}")
    rows = [member_named(tx, branch_of(ask), name) for name in names]
    return list({row.id: row for row in rows}.values())


def whose(tx: Tx, ask: Ask, words: list[str], example: str) -> tuple[int, str, list[str]]:
    """(member, name, the other words): who is named first, else the sender. Raises Refused for others' matters."""
    other = name_in(tx, branch_of(ask), words[0]) if words else None
    if other is None or other.id == ask.who.member:
        if ask.who.member == 0:
            raise Refused(f"请写姓名，如：{example}")
        return ask.who.member, ask.who.name, words[1 if other else 0 :]
    if not may(ask.who, "secretary"):
        raise Refused("别人的由本人说，或由书记或组织委员登记。")
    return other.id, other.name, words[1:]

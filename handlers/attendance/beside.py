"""What somebody says of others beside his own answer (我参加，老李请假): the secretary decides on it."""

from __future__ import annotations

import json
from typing import Any

from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Refused
from handlers import todos
from handlers.activities import numbered
from handlers.attendance.operations import DECLARED, declare
from handlers.phrases import names
from handlers.register import member_named

STATES = ("attend", "leave")


def _told(ask: Ask) -> tuple[str, list[str]]:
    """(state, names) of what is said of others; nobody where the second half is one's own (下午请假)."""
    state, _, listed = str(ask.slots.get("also", "")).partition(":")
    mine = state not in STATES or not listed or "part" in ask.slots
    return (state, []) if mine else (state, listed.split("、"))


def beside_again(ask: Ask) -> str:
    """The words that say it again, where it has to be asked which meeting is meant."""
    state, listed = _told(ask)
    return f"，{'、'.join(listed)}{DECLARED[state]}" if listed else ""


def pass_on(tx: Tx, ask: Ask, activity: Any) -> str:
    """Puts what is said of others on the secretary's list; the words to add to the echo, "" where nothing is said."""
    state, listed = _told(ask)
    passed, unknown = [], []
    for name in listed:
        try:
            person = member_named(tx, ask.who.branch, name)
        except Refused:
            unknown.append(name)
            continue
        subject = json.dumps({"number": activity.number, "member": person.id, "state": state})
        title = f"代报{DECLARED[state]}：{person.name}（{ask.who.name}报）#{activity.number}"
        todos.add(tx, ask.who.branch, "answer", "secretary", title, subject)
        passed.append(person.name)
    told = f"；{names(passed)} 的{DECLARED[state]}已转给书记核实" if passed else ""
    return told + (f"；{names(unknown)} 没对上名册，请本人回复" if unknown else "")


def decide_answer(tx: Tx, row: Any, ok: bool, by: Who, _why: str) -> str:
    """What /todo does with it: on yes it is the other's answer, entered in the secretary's name. Raises Refused."""
    if not ok:
        return f"不记：{row.title}"
    subject = json.loads(row.subject)
    activity = numbered(tx, row.branch_id, subject["number"])
    declare(tx, activity, subject["member"], subject["state"], by, why="proxy", rule="代报，经书记同意")
    return f"已记：{row.title}"

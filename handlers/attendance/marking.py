"""/attendance mark: what the secretary enters for others, one line for many, all of it or nothing."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from bot.commands import Ask, Who
from bot.db import Tx
from bot.message import Refused, Reply
from handlers.activities import label, state_line
from handlers.attendance.operations import REASONS, declare, mark
from handlers.attendance.paper import members_at
from handlers.attendance.target import target
from handlers.register import member_named

HOW = "请写姓名和状态（到、迟到、早退、线上、缺席、参加、请假）。例：/attendance mark 张三 李四 到"
BETWEEN = re.compile(r"[\s、，,；;]+")


ROWS = re.compile(r"(\d{1,4})(?:[-~—－～至](\d{1,4}))?号?")


class Mark(NamedTuple):
    """What a word enters: a key of ACTUAL (`was_there`) or of DECLARED, with the kind of a leave's reason."""

    was_there: bool
    state: str
    reason: str = ""


MARKS = {
    **dict.fromkeys(("到", "到会", "已到", "签到", "实到"), Mark(True, "present")),
    "迟到": Mark(True, "late"),
    "早退": Mark(True, "early"),
    "线上": Mark(True, "online"),
    **dict.fromkeys(("缺席", "未到"), Mark(True, "absent")),
    "参加": Mark(False, "attend"),
    "请假": Mark(False, "leave"),
    "值班": Mark(False, "leave", "duty"),
    **dict.fromkeys(("公假", "公务", "公差"), Mark(False, "leave", "official")),
    "病假": Mark(False, "leave", "sick"),
    "事假": Mark(False, "leave", "family"),
    "休假": Mark(False, "leave", "leave"),
    "取消": Mark(False, "none"),
}


def say_mark(tx: Tx, ask: Ask) -> Reply:
    """mark [#12] 张三 李四 到 刘敏 请假, or by the rows of the paper 1-12 14 到: one line for many, all or nothing."""
    meant = target(tx, ask, "mark", bare=False)
    if isinstance(meant, Reply):
        return meant
    activity, text = meant
    done = enter_line(tx, ask.who, activity, text)
    return Reply(f"已登记 {done} 人\n{label(tx, activity)}\n{state_line(tx, activity)}")


def enter_line(tx: Tx, by: Who, activity: Any, text: str) -> int:
    """Enters all that stands in a line of names and states; how many people. Raises Refused for any of it."""
    done = 0
    for names, what, reason in marked(text, HOW):
        people = [one for token in names for one in _people(tx, activity, token)]
        for member in people:
            enter(tx, activity, member, what, by, reason)
        done += len(people)
    return done


def marked(text: str, how: str) -> list[tuple[list[str], Mark, str]]:
    """(names, what is entered for them, the reason behind a colon) of a line, in its order.

    Raises Refused with `how` for names without a state, and for a state without names.
    """
    found, waiting = list[tuple[list[str], Mark, str]](), list[str]()
    for token in filter(None, BETWEEN.split(text)):
        word, _, reason = token.replace("：", ":").partition(":")
        if word not in MARKS:
            waiting.append(token)
            continue
        if not waiting:
            raise Refused(f"“{token}”前面要有姓名。{how}")
        found.append((waiting, MARKS[word], reason))
        waiting = []
    if waiting or not found:
        raise Refused(how)
    return found


def _people(tx: Tx, activity: Any, token: str) -> list[int]:
    """The member of a name, or those of the rows of the printed sheet: 14, 1-12. Raises Refused."""
    found = ROWS.fullmatch(token)
    if found is None:
        return [member_named(tx, activity.branch_id, token).id]
    return members_at(tx, activity, int(found[1]), int(found[2] or found[1]))


def enter(tx: Tx, activity: Any, member: int, what: Mark, by: Who, reason: str = "") -> None:
    """Enters one mark for a member in the secretary's name. Raises Refused as `mark` and `declare` do."""
    if what.was_there:
        mark(tx, activity, member, what.state, by, "secretary")
        return
    kind = what.reason or reason_kind(reason)
    declare(tx, activity, member, what.state, by, kind, "secretary")


def reason_kind(word: str) -> str:
    """The kind that the first character of a word names: 病, 病假 -> sick; "other" for one that names none."""
    return next((key for key, words in REASONS.items() if word and word[0] in words), "other" if word else "")

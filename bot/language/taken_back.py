"""An earlier answer that is taken back: a leave, an acceptance, a check-in, or simply the message before."""

from __future__ import annotations

from bot.language.acts import Found
from bot.language.joining import withdraw
from bot.language.reading import Reading
from bot.language.said import Said, Slots, deciding, named, numbered, waiting, who
from bot.language.tokens import Token, letters


def unleave(said: Said, act: Found) -> Reading:
    """Takes a leave back; whether one comes is asked, unless it is said (请假撤销，我去)."""
    after = (letters(clause, ".|d") for clause in said.parts[act.clause + 1 :])
    if any(code in ("Sa", "Sma") for code in after):
        slots: Slots = {**who(said, act), "replaces": "leave"}
        return Reading("attend", named(said, slots), act.says, deciding(said, act))
    return _take_back(said, act, "leave")


def unattend(said: Said, act: Found) -> Reading:
    """Takes 参加 or 签到 back."""
    return _take_back(said, act, "checkin" if "I" in act.code else "attend")


def _take_back(said: Said, act: Found, what: str) -> Reading:
    slots: Slots = {**who(said, act), "replaces": what}
    return Reading("cancel", waiting(said, slots, "previous_message"), act.says, deciding(said, act))


def _of_something_else(part: list[Token]) -> bool:
    """航班又取消了: what was taken back has a name of its own, and it is none of ours."""
    words = [one for one in part if one.text.strip() and one.kind != "|"]
    return len(words) > 1 and words[0].kind in ".Z" and len(words[0].text) > 1 and words[-1].kind in "Kd"


def cancel(said: Said, act: Found) -> Reading | None:
    """上一条作废: the previous message is taken back."""
    leaving = any(one.act == "leave" and "L" not in one.code and {"W", "H"} & set(one.code) for one in said.acts)
    if leaving or (frozenset("NbWJH").intersection(said.code) and "S" in act.code):
        return withdraw(said, act)  # 报了名又去不了，帮我取消
    if any(_of_something_else(part) for part in said.parts):
        return None
    item = numbered(said)
    slots: Slots = {"item": item} if item else waiting(said, {}, "previous_message")
    if "P" in act.code:
        slots = {**who(said, act), **slots, "flag": "needs_clerk"}
    return Reading("cancel", slots, "收回上一条", deciding(said, act))

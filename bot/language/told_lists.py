"""A list told as a sentence: 刘敏、陈建国参加，赵丽华请假(门诊)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from bot.language.entries import Entry, fill, state_of
from bot.language.names import people
from bot.language.patterns import any_of
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.shapes import GROUP


def reading(entries: list[Entry], rule: str, words: str, **slots: Any) -> Reading:
    """A roster of these entries; one of payments answers what is owed, not a call."""
    if "context" in slots and all(one["intent"] == "dues_paid" for one in entries):
        slots["context"] = "open_dues"
    return Reading("roster", {**slots, "entries": entries}, rule, words)


_VERB = any_of(
    r"""
    (?:都|均|全部|能|可以|一起)*(参加不了|不能参加|不参加|参加|参会|请假|签到|来不了|去不了|报名|已到|缺席|到了|能来|\+\s?[1一]|到(?=$|\())
    """
)

_HEAD_GROUP = re.compile(r"(?:^|(?<=[;,。]))[\u4e00-\u9fff]{1,6}(?:科|部|室|组|支部|这边|这里|那边):\s?")
_AFTER_STATE = re.compile(r"(参加|请假|报名|签到|参会|来不了|去不了|缺席)(?:\s+|、)(?=[\u4e00-\u9fff])")


def sentence(lines: list[str], names: Collection[str]) -> Reading | None:
    """刘敏、陈建国参加，赵丽华请假(门诊): at least two names with different states, each clause a list."""
    text = "，".join(line.strip().rstrip("。,;") for line in lines if line.strip()).replace("，", ",")
    if len(text) > 400 or not _VERB.search(text):
        return None
    text = _HEAD_GROUP.sub("", text)
    if "," not in text and ";" not in text and len(_VERB.findall(text)) > 1:
        text = _AFTER_STATE.sub(r"\1,", text)
    if ";" in text:
        text = ";".join(part.replace(",", " ") for part in text.split(";"))
    clauses = [part.strip() for part in re.split(r"[,;。](?![^(]*\))", text) if part.strip()]
    entries: list[Entry] = []
    states: set[str] = set()
    odd = 0
    for clause in clauses:
        read = _clause(clause, names)
        if read is None:
            odd += 1
            continue
        entries += read
        states |= {one["intent"] for one in read}
    if len(states) < 2 or len(entries) < 2 or odd > 1 or (odd == 1 and _clause(clauses[0], names) is not None):
        return None
    slots = {"context": "open_call"} if sum(bool(line.strip()) for line in lines) > 1 else {}
    return reading(entries, "一句话里几个人的状态", text, **slots)


_OFFICE = re.compile(rf"^(?:{GROUP.pattern})(?=[\u4e00-\u9fff]{{2}})", re.X)

_HEADS = re.compile(r"等?(?:\d+|[一二两三四五六七八九十]+)(?:人|名|位)(?:同志|党员)?$")


def _clause(clause: str, names: Collection[str]) -> list[Entry] | None:
    verb = _VERB.search(clause)
    if verb is None:
        return None
    state = state_of(verb[1]) or ("checkin" if verb[1] == "到了" else None)
    who = _HEADS.sub("", _OFFICE.sub("", clause[: verb.start()]))
    reason = ""
    cut = next((size for size in (4, 3, 2) if people(who[:size]) == [who[:size]] and known_kind(who[size:])), 0)
    if cut:
        who, reason = who[:cut], who[cut:]
    listed = [
        one
        for piece in re.split(r"[、和\s]+", who)
        if piece
        for one in (people(piece) or ([piece] if piece in names else [""]))
    ]
    if not listed or "" in listed or state is None:
        return None
    entries: list[Entry] = [{"name": name, "intent": state} for name in listed]
    for made in entries:
        fill(made, f" {reason} {clause[verb.end() :]}")
    return entries

"""A text cut up, and what every act takes from it: activity, time, number, and what must be open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.language import spans
from bot.language.acts import Found
from bot.language.clock import DAY
from bot.language.names import CALLED
from bot.language.tokens import Token, letters

Slots = dict[str, Any]

PAST = re.compile(r"昨|前天|上次|上周|上回|上个|上一次|前两天")


@dataclass(frozen=True, slots=True)
class Said:
    """A text cut up: everything that the builders below look at."""

    text: str
    tokens: list[Token]
    parts: list[list[Token]]
    code: str
    acts: list[Found]
    quoted: bool


_PART = re.compile(r"^(?:上午|下午|晚上|中午|早上|[前后上下]半[场程段])$")
_INNER = re.compile(r"^(?:请假|参加|报名|退出)\s(\d{1,5})(?=\s)")
_BARE = re.compile(r"(?<![度点块月楼第])(?<=[\s\u4e00-\u9fff])(\d{1,5})$")


def waiting(said: Said, slots: Slots, name: str = "open_call") -> Slots:
    """The slots with what must be open (or quoted) before the act may be executed."""
    return slots | {"context": "quoted" if said.quoted else name}


def only_counted(act: Found, code: str) -> bool:
    """18人参加: a number of heads, and nobody told."""
    return "2" in act.code and not frozenset("GsSPl").intersection(code)


def numbered(said: Said) -> str | None:
    """The number of an open call: #12, 12号活动, or a bare number at the end (报名 12; 参加1 is no number)."""
    token = next((one for one in said.tokens if one.kind == "3"), None)
    if token is not None:
        found = spans.items([token], said.text)
        return found[0] if found else None  # #099999999999 is no number of ours
    bare = _BARE.search(said.text) or _INNER.search(said.text)
    glued = bare and bare[1] == "1" and said.text[bare.start() - 1] != " "
    return str(int(bare[1])) if bare and not glued and any(one.kind == "1" for one in said.tokens) else None


def named(said: Said, slots: Slots, tokens: list[Token] | None = None, name: str = "open_call") -> Slots:
    """With activity and time; without an activity or a number something must be open."""
    used = said.tokens if tokens is None else tokens
    item = numbered(said)
    if item is not None and name == "open_call":
        slots["item"] = item
    found = spans.activity(used)
    moment = spans.when(used, said.text)
    if moment:
        slots["when"] = moment
    if found:
        return slots | {"activity": found}
    return slots if "item" in slots else waiting(said, slots, name)


_TOPIC = frozenset("TVW9JHSdl.|")


def own_time(said: Said, act: Found, tokens: list[Token]) -> list[Token]:
    """上午手术，下午到: without the times of clauses that only say why, where the act has a time of its own.

    A day that only they name (明天上午手术，下午到) is the act's day too.
    """
    own = next((token for token in said.parts[act.clause] if token.kind == "T"), None)
    if own is None or own not in tokens:
        return tokens
    acting = {one.clause for one in said.acts if one.clean}
    why = [
        token
        for index, clause in enumerate(said.parts)
        if index not in acting and not _TOPIC.issuperset(one.kind for one in clause)
        for token in clause
        if token.kind == "T"
    ]
    day = next((found.group() for token in why if (found := DAY.match(token.text))), "")
    named_day = day + own.text if day and not DAY.match(own.text) else own.text
    return [token._replace(text=named_day) if token is own else token for token in tokens if token not in why]


_NAMES = frozenset("SP&lG2")
_SUMS = frozenset(["共", "一共", "共计", "合计", "总共", "计"])


def _names_only(clause: list[Token]) -> bool:
    kinds = {one.kind for one in clause if one.kind not in ".|"}
    return "P" in kinds and _NAMES.issuperset(kinds)


def _count_only(clause: list[Token]) -> bool:
    """第一党小组全员参加，共9人: a clause that only counts."""
    words = [one for one in clause if one.kind not in ".|d"]
    return len(words) in (1, 2) and words[-1].kind == "2" and all(one.text in _SUMS for one in words[:-1])


def _alike(said: Said, act: Found, index: int) -> bool:
    """张三参加，李四参加: the same said of another by name."""
    return "P" in act.code and any(
        one.clause == index and one.act == act.act and one.clean and "P" in one.code and "S" not in one.code
        for one in said.acts
    )


def named_in(said: Said, act: Found) -> list[Token]:
    """The words that tell who acts: the act's own clause, and clauses of names alone (张三，李四，王五参加)."""
    return [
        token
        for index, clause in enumerate(said.parts)
        if index == act.clause or _names_only(clause) or _count_only(clause) or _alike(said, act, index)
        for token in clause
    ]


def who(said: Said, act: Found) -> Slots:
    """persons with proxy or include_self, or the group and its count."""
    tokens = named_in(said, act)
    made = with_self(said, act, spans.who(tokens, letters(tokens)))
    own = {token.kind for token in said.parts[act.clause]}
    return _signed(made) if "S" in own and "P" not in own else made


def _signed(made: Slots) -> Slots:
    """我也报名，内科老李: who says 我 signs; 我参加，王芳、李四也: several names are others beside him."""
    names = made.get("persons", [])
    if len(names) == 1 and CALLED.fullmatch(names[0]):
        return {key: value for key, value in made.items() if key not in ("persons", "proxy", "include_self")}
    return {"persons": names, "include_self": True} if len(names) > 1 else made


def with_self(said: Said, act: Found, made: Slots) -> Slots:
    """我报名，帮张三也报上: for oneself too, where the clause before says so."""
    own = [one for one in said.acts if one.act == act.act and one.clean and "S" in one.code and "P" not in one.code]
    if own and made.get("proxy") and own[0].clause < act.clause:
        made = {"persons": made["persons"], "include_self": True}
    return made


def deciding(said: Said, act: Found) -> str:
    """The words that the act was read from."""
    part = said.parts[act.clause]
    return said.text[part[act.at].start : part[act.end - 1].end]


def other_half(said: Said, act: Found) -> tuple[Slots, str | None]:
    """上午参加，下午请假: the part of the day that this act is for, and the other act beside it."""
    parts = {
        found.clause: next((t.text for t in said.parts[found.clause] if t.kind == "T" and _PART.match(t.text)), None)
        for found in said.acts
    }
    mine = parts.get(act.clause)
    other = next(
        (one for one in said.acts if one.clause != act.clause and parts[one.clause] and one.act in ("attend", "leave")),
        None,
    )
    if not mine or other is None or other.act == act.act:
        return {}, None
    return {"part": mine, "also": f"{other.act}:{parts[other.clause]}"}, mine

"""Joining something limited, and leaving it: shifts, clinics, the waiting list, a wish given back."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.said import Said, Slots, deciding, named, only_counted, waiting, who
from bot.language.service import clock_span, hours_alone

_GIVEN_TO = re.compile(r"(?:名额|岗位?|班|位置|位子)\S{0,6}(?:让|给|让给|转给|留给)(?:了)?(?!我)[\u4e00-\u9fff]{2,4}")

_DAY_ALONE = re.compile(r"(?:[本这下]?(?:周|星期|礼拜)[一二三四五六日天]|[今明后]天|(?:\d{1,2}月)?\d{1,2}[日号])")

_OVER = re.compile(r"去年|前年|昨|前天|上次|上回|上周|上个?月|那次|[来去到]了[。.!~]*$")


def _seat(said: Said, slots: Slots, span: tuple[str, str]) -> Slots:
    """文明劝导我报晚上6点到8点那班: the shift is told by its hours."""
    found = spans.activity(said.tokens)
    day = next((token.text for token in said.tokens if token.kind == "T" and _DAY_ALONE.fullmatch(token.text)), "")
    slots = slots | {"start": span[0], "end": span[1]} | ({"when": day} if day else {})
    return slots | {"activity": found} if found else waiting(said, slots)


def signup(said: Said, act: Found) -> Reading | None:
    """Joins something limited: a shift, a clinic, the waiting list; what is over (去年义诊我去了) is none."""
    if _OVER.search(said.text) and "N" not in act.code:
        return None
    if only_counted(act, said.code):
        return None
    taken = [token.text for token in said.parts[act.clause] if token.kind == "y"]
    if (
        taken
        and not frozenset("NbSPHJ").intersection(act.code)
        and not any("我" in one or "认" in one for one in taken)
    ):
        return None  # 疫苗接走了
    if "r" in act.code and "P" not in act.code and not re.search(r"r[dm.]*S", act.code):
        return None
    slots: Slots = who(said, act)
    if "候补" in said.text or "补位" in said.text:
        slots["waitlist"] = True
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    seat = hours_alone(said.tokens) if shift is None and frozenset("JW").intersection(said.code) else None
    if seat is not None and not frozenset("GsP23").intersection(said.code):
        return Reading("signup", _seat(said, slots, seat), act.says, deciding(said, act))
    if shift is None:
        return Reading("signup", named(said, slots), act.says, deciding(said, act))
    slots["shift"] = shift
    span = clock_span(said.tokens)
    if span is not None:
        slots |= {"start": span[0], "end": span[1]}
        day = next((token.text for token in said.tokens if token.kind == "T" and _DAY_ALONE.fullmatch(token.text)), "")
        slots |= {"when": day} if day else {}
    elif spans.when(said.tokens, said.text):
        slots["when"] = spans.when(said.tokens, said.text)
    if spans.activity(said.tokens):
        slots["activity"] = spans.activity(said.tokens)
    return Reading("signup", slots, act.says, deciding(said, act))


def withdraw(said: Said, act: Found) -> Reading | None:
    """Leaves a shift or a list, or gives a wish back."""
    if "z" in act.code and "N" in act.code and "我" not in said.text:
        return None  # 不用报名了: advice, nobody's act
    slots: Slots = {} if _GIVEN_TO.search(said.text) else who(said, act)
    for index, clause in enumerate(said.parts):
        told = None if index == act.clause else spans.reason_of_clause(clause, said.text)
        if told and known_kind(told):
            slots |= spans.typed(told)
    if "w" in said.code:
        numbers = spans.items(said.tokens, said.text)
        return Reading(
            "withdraw",
            slots | ({"item": numbers[0]} if numbers else {}) | {"object": "wish"},
            act.says,
            deciding(said, act),
        )
    shift = next((token.text for token in said.tokens if token.kind == "H"), None)
    if shift:
        return Reading("withdraw", slots | {"shift": shift}, act.says, deciding(said, act))
    numbers = spans.items(said.tokens, said.text)
    if numbers:
        return Reading("withdraw", slots | {"item": numbers[0]}, act.says, deciding(said, act))
    if "persons" in slots:
        found, moment = spans.activity(said.tokens), spans.when(said.tokens, said.text)
        slots |= ({"activity": found} if found else {}) | ({"when": moment} if moment else {})
        return Reading("withdraw", slots, act.says, deciding(said, act))
    return Reading("withdraw", named(said, slots), act.says, deciding(said, act))

"""Reads one message: gates first, then lists, questions, dues, wishes and acts; when not sure, no act.

The order is the order of the rules of precedence: what must stay silent is settled before anything may act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot.language import gates, questions, spans
from bot.language.acks import read_ack
from bot.language.acts import find
from bot.language.dues import read_dues, without_others
from bot.language.help_wanted import wants_help
from bot.language.leftovers import rest, silence
from bot.language.lexicon import LEXICON
from bot.language.manners import plainer
from bot.language.names import name_like
from bot.language.normalise import REMEMBERED, normalise, simplify, unquoted
from bot.language.patterns import alternatives, any_of
from bot.language.reading import Context, Reading
from bot.language.reasons import known_kind
from bot.language.roster import read_roster
from bot.language.said import Said
from bot.language.service import served
from bot.language.subjects import carried
from bot.language.tokens import Token, letters, tokenise
from bot.language.verdict import ack, act, with_dues
from bot.language.whose import of_another
from bot.language.wishes import read_wish

_BRIEF = 12  # characters of a doubt that is an answer by itself
SHORT = 3  # characters of a reason that can't hide a name
MAX_TEXT = 800  # characters; nobody answers in longer sentences, and what is longer is read as a list or not at all

# 书记 at the head of a message calls somebody; it is no part of what is said.
_CALLED_ON = alternatives("[王李张刘陈]?书记 支书 组长 组织委员 委员 主任 老师 各位领导 领导 院长 护士长 各位 大家")
_VOCATIVE = re.compile(rf"^(?:@\S+\s+)?(?:(?:{_CALLED_ON})(?:您?好|早上好|早)?(?:\s*+[,:!。]|\s)\s*+)+")

_SPACED_OUT = frozenset("CALNIQKUEBi")  # whole answers that may be typed with gaps: 参 加

_EMPTY = re.compile(r"[\s\W_]*")

_SPACED = re.compile(r"(?=\D)(?:\S\s{1,4}){2,200}\S")  # 请 假 ( 夜 班 ): every sign alone

_LISTY = re.compile(
    r"\n|:|[√×✓✗✔✘✅❌]|[、,;]|\d\s?[.、)]|#|^1\s?[\u4e00-\u9fff]|(?:[\u4e00-\u9fff]{2,4}\s?\d{1,4}(?:元|块)?\s){2}(?=.{0,400}党费)|(?:参加|请假|到)\S{0,40}\s{1,4}\S{1,40}?\s{0,4}(?:参加|请假|到)"
)

_ACTS = frozenset(
    [
        "attend",
        "leave",
        "cancel",
        "signup",
        "withdraw",
        "checkin",
        "checkout",
        "makeup",
        "dues_paid",
        "wish_claim",
        "wish_done",
        "roster",
    ]
)

_HEARSAY = Reading("unclear", {}, "是听说的，不是本人说的", "")
_OTHER_SPEAKER = re.compile(
    r"(?:孩子|儿子|女儿|领导|院长|主任|护士长|医生|大夫|病人|患者|家属|老婆|老公|爱人|媳妇|妈|爸|老师|学校|医院|书记|上面|上级|单位|科里)(?:们)?(?:昨天|刚才|今天|早上|一直|还)?(?:说|讲|表示|反映|告诉|称|让说)"
)
_TOLD_BY_OTHERS = re.compile(r"u[^|]*[ALUNIQBM]|[ALUNIQBM][^|]*u|uO[dm]*a$")


# What is plainly said to the branch, and what a quoted message may be about for a bare word under it to be an answer.
_NAMED = any_of(
    r"""
    参加 参会 请假 报名 签到 签退 补学 认领 党 支部 义诊 志愿 [收已]到 已?[交缴] 知道 明白 好 同上 帮助 [?]$
    """
)
_TOPIC = any_of(
    r"""
    参加 参会 请假 报名 签到 签退 党 支部 书记 委员 义诊 志愿 活动 会 学习 课 接龙 心愿 岗 值守 名额 候补 [交缴] 通知
    清雪 服务 [来去]不了
    """
)


def read(text: str, now: datetime, context: Context | None = None) -> Reading:
    """What a message means: an intent of the 17 with its slots. Pure, in linear time, never raises.

    `none`, `query`, `help` and `unclear` are preferred to an act whenever words are left unexplained.
    """
    own, quoted = unquoted(text[: MAX_TEXT * 64])
    plain = normalise(text)
    if not plain or (
        _EMPTY.fullmatch(plain[:MAX_TEXT])
        and "?" not in plain[:MAX_TEXT]
        and "+" not in plain[:MAX_TEXT]
        and len(plain) <= MAX_TEXT
    ):
        return silence()
    if quoted and not (_NAMED.search(plain[:MAX_TEXT]) or _TOPIC.search(simplify(text[: len(text) - len(own)]))):
        return silence()  # 「谁有空去趟检验科」我去: an answer to something else
    if len(plain) > REMEMBERED:
        return _meant(plain, quoted, _names(plain, context, _may_hold_name))
    found = _remembered(plain, quoted, _names(plain, context, _may_hold_name_again))
    return replace(found, slots=_own(found.slots)) if found.slots else found


def _own(slots: dict[str, Any]) -> dict[str, Any]:
    """A copy for one asker, so that what he changes stays his."""
    return {key: deepcopy(value) if isinstance(value, (list, dict)) else value for key, value in slots.items()}


def _meant(plain: str, quoted: bool, known: frozenset[str]) -> Reading:
    long = len(plain) > MAX_TEXT
    if _listy(plain):
        injected = None if long else gates.injected(plain)
        found = injected or read_roster(plain, known)
        if found:
            return found
    return silence() if long else _one(plain, quoted, known)


def _names(plain: str, context: Context | None, asks: Callable[[str], bool]) -> frozenset[str]:
    if context is None or not asks(plain):
        return frozenset()
    return frozenset(name for name in context.names() if len(name) > 1 and name in plain)


def _may_hold_name(plain: str) -> bool:
    return name_like(plain) or any(map(_may_name, tokenise(plain[:MAX_TEXT])))


def _may_name(token: Token) -> bool:
    """A name, or unknown signs that are no short reason (出差): the register is asked for nothing else."""
    return token.kind == "P" or (token.kind == "X" and not (len(token.text) <= SHORT and known_kind(token.text)))


# A hundred people answer in the same few words: those are read once.
_remembered = lru_cache(2048)(_meant)
_may_hold_name_again = lru_cache(2048)(_may_hold_name)


def _listy(plain: str) -> bool:
    return _LISTY.search(plain) is not None


def _one(plain: str, quoted: bool, known: Collection[str]) -> Reading:
    body = re.sub(r"^(?:@\S+\s*)+", "", plain).strip() or plain
    settled = wants_help(body) or gates.injected(body)
    if settled:
        return settled
    called = body
    body = plainer(_VOCATIVE.sub("", body) or body)
    asked = wants_help(body) if body != called else None
    if asked:
        return asked
    tagged = questions.without_tag(body)
    if tagged:
        said = _one(tagged, quoted, known)
        return (
            Reading(said.intent, {**said.slots, "also": "query"}, said.rule, said.words)
            if said.intent in _ACTS
            else said
        )
    answered = _answered(body, quoted, known)
    if answered:
        return answered
    compact = body.replace(" ", "")
    if " " in body and (
        (len(compact) < 12 and LEXICON.get(compact.rstrip("。.!~").lower(), "") in _SPACED_OUT)
        or _SPACED.fullmatch(body)
    ):
        body = compact
    gate = read_ack(body, quoted) or gates.silent(body)
    if gate:
        return gate
    return _words(body, quoted, known)


# A question first and then one's own answer: 还要人吗？我报名; or a shift given up and offered: 3号岗我让出来，谁去.
_THEN_I = re.compile(
    r"^.{2,30}?(?:[?]|[吗呢没不](?=,))[,\s]*(?P<mine>(?:不\S{0,2},)?(?:有的话|满了|要的话|有就|不够|缺人)?(?:我|俺|本人|咱|报名|请假|候补).{1,60})$"
)
_THEN_BARE = re.compile(
    r"(?:要人|缺人|名额|报名|位置|招人|差人)(?:了)?[吗嘛么没不?]+[,\s]*(?:我|俺)(?:去|来|上|想去)[吧啊!。~]*$"
)
_OFFERED = re.compile(
    r"^(?P<mine>.{3,40}?)[,。!\s](?:有)?(?:谁|哪个|哪位)(?:能|想|愿意|可以)?(?:去|来|要|接|顶|补|替|上)(?:一下|的)?[吗呢?]*$"
)


def _answered(body: str, quoted: bool, known: Collection[str]) -> Reading | None:
    """The statement beside a question, where it is whole by itself; `also` keeps the question."""
    if _THEN_BARE.search(body):
        named = _plain_slots(carried(tokenise(body, known), body), body)
        return Reading("signup", {**(named or {"context": "open_call"}), "also": "query"}, "问了以后说自己去", body)
    for pattern, acts in ((_THEN_I, _ACTS - {"roster"}), (_OFFERED, {"withdraw"})):
        found = pattern.match(body)
        said = _one(found["mine"], quoted, known) if found else None
        if said and said.intent in acts:
            return replace(said, slots={**said.slots, "also": "query"})
    return None


def _brief(body: str, parts: list[list[Token]]) -> bool:
    """看情况 and little beside it; 材料交齐了，等通知 speaks of something else."""
    beside = len([clause for clause in parts if any(token.kind != "|" for token in clause)]) > 1
    return len(body) < _BRIEF and not (beside and any(token.kind in "MYZ" for clause in parts for token in clause))


# 党课讲到几点结束啊，我三点半有台手术: why one asks takes nothing from the question.
_ASKED_FIRST = re.compile(
    r"^(?P<asked>[^,。?]{2,24}?(?:几点|什么时候|啥时候|在哪里?|哪个|多久|几号|多少)[^,。?]{0,6}[啊呀呢哦嘛吗?]),(?=我|俺|上午|下午|晚上)"
)


def _asked_first(body: str, known: Collection[str]) -> Reading | None:
    found = _ASKED_FIRST.match(body)
    if found is None:
        return None
    tokens = tokenise(found["asked"], known)
    asked = questions.read_question(found["asked"], tokens, _plain_slots(tokens, found["asked"]))
    return asked if asked and asked.intent == "query" else None


def _words(body: str, quoted: bool, known: Collection[str]) -> Reading:
    tokens = carried(tokenise(body, known), body)
    parts = spans.clauses(tokens)
    code = "|".join(map(letters, parts))
    slots = _plain_slots(tokens, body)
    early = gates.undecided(body)
    if early:
        return early
    asked = _asked_first(body, known) or questions.read_question(body, tokens, slots)
    if asked:
        return asked
    hedge = gates.hedged(body, quoted)
    if hedge:
        return (
            hedge
            if _TOLD_BY_OTHERS.search(code) or hedge.slots or _brief(body, parts) or re.search("[ALUNFw]", code)
            else silence()
        )
    if _hearsay(code):
        rest_of_it = _own_part(body, parts)
        if rest_of_it:
            return _words(rest_of_it, quoted, known)
        return silence() if _OTHER_SPEAKER.search(body) and "P" not in code and "O" not in code else _HEARSAY
    if "P" not in code and of_another(body):
        return _HEARSAY if "O" in code and "Z" not in code and re.search("[AaLNIQUMYKk]", code) else silence()
    said = Said(body, tokens, parts, code, find(parts), quoted)
    special = read_wish(body, tokens, code) or _dues(body, tokens, parts, code)
    if special:
        return with_dues(said, _answering(special, quoted)) if special.intent == "dues_paid" else special
    return ack(said) or served(said) or act(said) or rest(said)


def _dues(body: str, tokens: list[Token], parts: list[list[Token]], code: str) -> Reading | None:
    if "Y" in code and ("Z" in code or "n" in code):
        tokens = without_others(parts)
        code = "|".join(map(letters, spans.clauses(tokens)))
    return read_dues(body, tokens, code)


def _answering(paid: Reading, quoted: bool) -> Reading:
    """已交 under a quoted message is said of that message."""
    asked = quoted and paid.slots.get("context") == "open_dues"
    return replace(paid, slots={**paid.slots, "context": "quoted"}) if asked else paid


def _own_part(body: str, parts: list[list[Token]]) -> str:
    """赵丽华说她参加，我也参加: the text without what was heard of others, "" where nothing of one's own is left."""
    own = [one for one in parts if not any(token.kind == "u" for token in one)]
    codes = (letters(one, ".|dTm") for one in own)
    if not any(re.match(r"S[n]?[ALUNIQ]", code) for code in codes):
        return ""
    return "，".join(body[one[0].start : one[-1].end] for one in own if one)


def _hearsay(code: str) -> bool:
    return _TOLD_BY_OTHERS.search(code) is not None


def _plain_slots(tokens: list[Token], text: str) -> dict[str, Any]:
    found, moment = spans.activity(tokens), spans.when(tokens, text)
    return ({"activity": found} if found else {}) | ({"when": moment} if moment else {})

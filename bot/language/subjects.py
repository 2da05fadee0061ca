"""Who is spoken of, carried from clause to clause: 替刘敏报一下，她补学完了 says 刘敏补学完了.

Works on the words (`tokens.py`) before any rule looks at them, so that every rule finds the subject in its own clause.
"""

from __future__ import annotations

import re

from bot.language.neighbours import by_neighbours
from bot.language.reasons import known_kind
from bot.language.tokens import Token

_ONE = frozenset(["他", "她", "他本人", "她本人", "其本人"])
_IF = frozenset("就才再也便")  # 他参加我就参加 is no answer
_STATES = frozenset("AULNI")
_ANNOUNCED = re.compile(r"[d.m]*r[.d]*P[l.]*[d.]*(?:[bY]|N)?[.d]*X?")
_TOLD = re.compile(r"r[l]?P")
_SAYING = re.compile(r"(?:报|回|说|登记|报备|带个?话|回个?话|回复|答复|汇报)(?:一下|一声|声|个到|个数)?$")


def carried(tokens: list[Token], text: str) -> list[Token]:
    """The words with 他 and 她 replaced by the one person named before, and a cut where the subject changes."""
    kinds = {token.kind for token in tokens}
    tokens = _topics(by_neighbours(tokens))
    if "P" in kinds and kinds & {"U", "L", "A", "I", "M"}:
        tokens = _handed_on(tokens, text)
    if "O" in kinds and "P" in kinds:
        tokens = _named(tokens, text)
    if "K" in kinds and {"5", "W"} <= kinds:
        tokens = [one._replace(kind="Q") if one.text in ("撤了", "撤", "撤啦") else one for one in tokens]
    if kinds & {"S", "s"} and kinds & _STATES:
        tokens = _cut(tokens)
    return tokens


_TOPIC = frozenset("TVWJ9H.dl7")
_ABOUT = frozenset("VWJ9H")


def _topics(tokens: list[Token]) -> list[Token]:
    """周末助老，我去: a clause that only names what it is about belongs to the next one."""
    out: list[Token] = []
    clause: set[str] = set()
    for at, token in enumerate(tokens):
        if token.kind == "|":
            own = at + 1 < len(tokens) and tokens[at + 1].kind in "SabmyU"
            if token.text == "," and own and clause & _ABOUT and clause <= _TOPIC:
                continue
            clause = set()
        else:
            clause.add(token.kind)
        out.append(token)
    return out


def _handed_on(tokens: list[Token], text: str) -> list[Token]:
    """李红夜班，请假: who has the reason in one clause is who can't come in the next."""
    cuts = [at for at, one in enumerate(tokens) if one.kind == "|"]
    for at in cuts:
        start = max((cut for cut in cuts if cut < at), default=-1) + 1
        before = [one for one in tokens[start:at] if one.kind not in ".T"]
        told = _TOLD.match("".join(one.kind for one in before)) and _SAYING.search(text[: tokens[at].start])
        following = next((one for one in tokens[at + 1 :] if one.kind not in ".dT"), None)
        if told and following and following.kind in "AULIM":
            place = tokens[at].end
            name = next(one.text for one in before if one.kind == "P")
            return [*tokens[: at + 1], Token("P", name, place, place), *tokens[at + 1 :]]
        after = [one for one in tokens[at + 1 :] if one.kind not in ".TdVm9"]
        if len(before) < 2 or before[0].kind != "P" or any(one.kind not in "XZdm" for one in before[1:]):
            continue
        if not after or after[0].kind != "L" or known_kind(text[before[1].start : before[-1].end]) is None:
            continue
        place = tokens[at].end
        return [*tokens[: at + 1], Token("P", before[0].text, place, place), *tokens[at + 1 :]]
    return tokens


def _named(tokens: list[Token], text: str) -> list[Token]:
    """Only where one person was named before it; a mere announcement (替刘敏说一声) then says nothing more."""
    first = next(at for at, token in enumerate(tokens) if token.kind == "O")
    names = {token.text for token in tokens[:first] if token.kind == "P"}
    every = {token.text for token in tokens if token.kind == "P"}
    if len(names) != 1 or names != every or tokens[first].text not in _ONE:
        return tokens
    name = names.pop()
    out = [Token("P", name, one.start, one.end) if one.text in _ONE else one for one in tokens]
    stop = next((at for at in range(first, -1, -1) if out[at].kind == "|"), -1)
    lead = out[: max(stop, 0)]
    code = "".join(token.kind for token in lead)
    said = text[: out[stop].start] if stop > 0 else ""
    announced = _ANNOUNCED.fullmatch(code) and _SAYING.search(said)
    return out[stop + 1 :] if announced else out


def _cut(tokens: list[Token]) -> list[Token]:
    """他们不参加我参加: a new clause where 我 follows a state that was said of somebody else."""
    out: list[Token] = []
    subject = state = False
    for at, token in enumerate(tokens):
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if token.kind == "|":
            subject = state = False
        elif token.kind in "PO":
            subject = subject or not state
        elif (token.kind in _STATES or token.kind == "a") and subject:
            state = True
        elif token.kind == "S" and state and out[-1].kind not in "r&" and following not in _IF:
            out.append(Token("|", ",", token.start, token.start))
            subject = state = False
        out.append(token)
    return out

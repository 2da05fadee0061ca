"""Who is spoken of, carried from clause to clause: 替刘敏报一下，她补学完了 is 刘敏 补学完了; 他们不参加我参加 is two clauses.

Works on the words (`tokens.py`) before any rule looks at them, so that every rule finds the subject in its own clause.
"""

from __future__ import annotations

import re

from bot.language.tokens import Token

_ONE = frozenset(["他", "她", "他本人", "她本人", "其本人"])
_IF = frozenset("就才再也便")  # 他参加我就参加 is no answer
_STATES = frozenset("AULNI")
_ANNOUNCED = re.compile(r"[d.m]*r[.d]*P[l.]*[d.]*(?:[bY]|N)?[.d]*X?")
_SAYING = re.compile(r"(?:报|回|说|登记|报备|带个?话|回个?话|回复|答复|汇报)(?:一下|一声|声|个到|个数)?$")


def carried(tokens: list[Token], text: str) -> list[Token]:
    """The words with 他 and 她 replaced by the one person named before, and a cut where the subject changes."""
    kinds = {token.kind for token in tokens}
    if "O" in kinds and "P" in kinds:
        tokens = _named(tokens, text)
    if kinds & {"S", "s"} and kinds & _STATES:
        tokens = _cut(tokens)
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
        elif token.kind in _STATES and subject:
            state = True
        elif token.kind == "S" and state and out[-1].kind not in "r&" and following not in _IF:
            out.append(Token("|", ",", token.start, token.start))
            subject = state = False
        out.append(token)
    return out

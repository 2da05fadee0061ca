"""Who is spoken of, carried from clause to clause: 替刘敏报一下，她补学完了 says 刘敏补学完了.

Works on the words (`tokens.py`) before any rule looks at them, so that every rule finds the subject in its own clause.
"""

from __future__ import annotations

import re

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
    tokens = _topics(_joined_work(tokens))
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


_RELATIONS = frozenset(
    [
        "老伴",
        "同事",
        "爱人",
        "老公",
        "老婆",
        "媳妇",
        "儿子",
        "女儿",
        "父亲",
        "母亲",
        "丈夫",
        "妻子",
        "师傅",
        "徒弟",
        "战友",
        "搭档",
        "同志",
        "同科室",
        "同科",
        "邻居",
        "我同事",
        "我爱人",
        "我老公",
        "我老婆",
        "我媳妇",
        "我老伴",
        "弟弟",
        "妹妹",
        "哥哥",
        "姐姐",
        "党员",
    ]
)
_ABLE = frozenset(["没问题", "行", "ok", "OK", "可以", "准时"])  # 主题党日我没问题
_SHIFT_NAMES = frozenset(["早班", "晚班", "中班", "夜班", "白班", "早上班", "上午班", "下午班"])
_SUFFIXES = frozenset(["员", "者", "队", "队员", "人员", "组", "队伍", "现场", "点", "活动", "招募", "招募令"])


def _of_work(tokens: list[Token], at: int) -> bool:
    """可以去卡口值守, 送药我可以去: a move to volunteer work."""
    start = max((cut for cut in range(at) if tokens[cut].kind == "|"), default=-1) + 1
    before = {one.kind for one in tokens[start:at]}
    return (at + 1 < len(tokens) and tokens[at + 1].kind == "W") or ("W" in before and "V" not in before)


def _for_whom(following: list[Token]) -> bool:
    """给老党员王大爷签个到: whom it is done for, and what."""
    code = "".join(one.kind for one in following)
    act = next((one for one in following if one.kind in "IN"), None)
    return re.match("l?P[IN]", code) is not None and act is not None and act.text[-1] in "到名"


def _joined_work(tokens: list[Token]) -> list[Token]:
    """社区文艺宣传: an unknown word between two of volunteer work is part of its name."""
    return [
        one._replace(kind="W")
        if one.kind == "X"
        and 0 < at < len(tokens) - 1
        and tokens[at - 1].kind == tokens[at + 1].kind == "W"
        and tokens[at - 1].end == one.start
        and one.end == tokens[at + 1].start
        else one._replace(kind="a")
        if one.kind == "A" and one.text[-1] in "去来" and _of_work(tokens, at)
        else one._replace(kind="W")
        if one.kind == "X"
        and one.text in _SUFFIXES
        and at
        and tokens[at - 1].kind == "W"
        and tokens[at - 1].end == one.start
        else one._replace(kind=".")
        if one.kind == "X" and at and tokens[at - 1].kind == "T" and one.text in ("前", "之前", "以前", "左右", "前后")
        else one._replace(kind=".")
        if one.text in _RELATIONS
        and at + 1 < len(tokens)
        and tokens[at + 1].kind == "P"
        and tokens[at + 1].start == one.end
        else one._replace(kind=".")
        if one.text == "听" and at and tokens[at - 1].text[-1] in "去来"
        else one._replace(kind="a")
        if one.text in _ABLE
        and at == len(tokens) - 1
        and (tokens[at - 1].kind == "S" or (tokens[at - 1].kind == "V" and one.text == "准时"))
        and {"V", "9", "W", "H", "J"} & {before.kind for before in tokens[:at]}
        else one._replace(kind="b")
        if one.text == "我来"
        and at == len(tokens) - 1
        and at > 1
        and tokens[at - 1].kind == "J"
        and tokens[at - 1].text[-1] in "班场岗"
        else one._replace(kind="J")
        if one.text in _SHIFT_NAMES and at and tokens[at - 1].kind == "b"
        else one._replace(kind="T")
        if one.text == "下次" and at + 1 < len(tokens) and tokens[at + 1].kind in "V9W"
        else one._replace(kind="r")
        if one.text == "给" and _for_whom(tokens[at + 1 : at + 4])
        else one._replace(kind="I")
        if one.text == "到"
        and at + 2 < len(tokens)
        and tokens[at + 1].kind in "WJx"
        and tokens[at + 2].text in ("了", "啦", "咯")
        else one._replace(kind="I")
        if one.text == "到"
        and at
        and tokens[at - 1].kind == "P"
        and (at + 1 == len(tokens) or tokens[at + 1].kind == "|")
        else one
        for at, one in enumerate(tokens)
    ]


def _handed_on(tokens: list[Token], text: str) -> list[Token]:
    """李红夜班，请假: who has the reason in one clause is who can't come in the next."""
    cuts = [at for at, one in enumerate(tokens) if one.kind == "|"]
    for at in cuts:
        start = max((cut for cut in cuts if cut < at), default=-1) + 1
        before = [one for one in tokens[start:at] if one.kind not in ".T"]
        told = _TOLD.match("".join(one.kind for one in before)) and _SAYING.search(text[: tokens[at].start])
        following = next((one for one in tokens[at + 1 :] if one.kind not in ".d"), None)
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

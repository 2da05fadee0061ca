"""Asking for leave: for whom, for how long, instead of what; why is read by `excuses.py`."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.excuses import keeps_away, told_reasons
from bot.language.reading import Reading
from bot.language.reasons import known_kind
from bot.language.said import (
    PAST,
    Said,
    Slots,
    deciding,
    named,
    named_in,
    only_counted,
    other_half,
    own_time,
    who,
    with_self,
)
from bot.language.tokens import Token, letters

_UNTIL = re.compile(r"(?:到|至|直到)\s?$")

_SURELY = re.compile(r"估计|应该|恐怕|怕是|大概率|八成|多半|十有八九|十之八九|九成|看样子")

_KIND = re.compile(r"请个?((?:病|事|年|产|婚|丧|公|探亲|陪产|公休)假)")
_TILL_MONTH = re.compile(r"[到至]((?:明年|今年)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:底|初|末)?|年底|月底|月末)")
_LONG = re.compile(r"都请假|长期|\d+个月|[一两二三四五六]个月|半年|一年")
_MANY = re.compile(
    r"这几次|几次|都请假|这段时间|这个月|期间|接下来|以后都|[这近]几个月|全年|近期|长期|一直|个月|半年|一年"
)

_TOLD_AFTERWARDS = re.compile(r"(?:昨|前天|上次|上周|上回|那天|那次)[^,。]{0,4}请[了过]?假了")  # 老李昨天请假了: talk


def leave(said: Said, act: Found) -> Reading | None:
    """Asks for leave: reason and its kind, for whom, instead of what; None where too much is unexplained."""
    part = said.parts[act.clause]
    by_name = part[act.at].kind == "L" or part[act.end - 1].kind == "L"
    if act.at > 1 and part[act.at - 1].text == "的" and part[act.at - 2].kind == "X" and "S" not in act.code:
        return None  # 肚子疼的不去了: whoever it is
    reasons, used = told_reasons(said, act)
    if reasons is None:
        return None
    if only_counted(act, act.code):
        return None
    if re.search(r"[fzn][mdrS]*L", act.code) or ("P" in act.code and re.search(r"又|总是|老是|经常|天天", said.text)):
        return None
    if "t" in act.code and ("P" in act.code or not _SURELY.search(said.text)):
        return None
    if not by_name and "Z" in said.code and reasons and not any(map(keeps_away, reasons)):
        return None
    if reasons and sum(one.act == "leave" and "P" in one.code and "S" not in one.code for one in said.acts) > 1:
        return Reading("unclear", {}, "几个人请假，各人的原因请逐个写", said.text)
    if _TOLD_AFTERWARDS.search(said.text) and "P" in act.code and not frozenset("Sr").intersection(said.code):
        return None
    half, mine = other_half(said, act)
    rest = [token for index, clause in enumerate(said.parts) for token in clause if index not in used]
    rest = [
        token
        for token in rest
        if (not (mine and token.kind == "T") and token.kind != "W")
        or (token.kind == "W" and not _inside(reasons, token))
    ]
    slots: Slots = {**half, **_who_leaves(said, act, rest)}
    kind = _KIND.search(deciding(said, act))
    slots |= spans.typed("，".join(reasons or ([kind[1]] if kind else [])))
    slots |= _replaced(said, act)
    slots |= {"tentative": True} if "t" in act.code else {}
    slots |= _study(said)
    until = _until(said, slots)
    if until:
        return Reading("leave", until, "几次活动一起请假，得由书记定起止", deciding(said, act))
    slots = named(said, slots, own_time(said, act, rest))
    if PAST.search(str(slots.get("when", ""))) and "replaces" not in slots:
        slots["flag"] = "needs_clerk"
    return Reading("leave", slots, act.says if by_name else "去不了就是请假", deciding(said, act))


def _inside(reasons: list[str], token: Token) -> bool:
    return any(token.text in reason for reason in reasons)


def _who_leaves(said: Said, act: Found, rest: list[Token]) -> Slots:
    inside = named_in(said, act)
    rest = [token for token in rest if token in inside]
    asked = [
        token
        for at, token in enumerate(rest)
        if not (
            token.kind == "P"
            and at
            and rest[at - 1].text in ("跟", "和", "与")
            and (at < 2 or rest[at - 2].kind not in "PS")
        )
    ]
    asked = [
        token
        for at, token in enumerate(asked)
        if not (token.kind == "P" and re.search(rf"(?:向|跟){re.escape(token.text)}", said.text))
    ]
    return with_self(said, act, spans.who(asked, letters(asked, ".")))


def _said_yes(one: Found) -> bool:
    return one.act in ("attend", "signup") or (one.act == "unattend" and "A" in one.code)


def _replaced(said: Said, act: Found) -> Slots:
    before = [one for one in said.acts if one.clause < act.clause and _said_yes(one)]
    if "g" in act.code or (before and ("v" in said.code or before[-1].act == "unattend")):
        return {"replaces": "attend"}
    return {}


def _study(said: Said) -> Slots:
    if re.search(
        r"(?:补学|学习|补课)?(?:材料|资料|课件|视频|录像|内容).{0,4}(?:发|给|共享|留)|(?:发|给)我.{0,4}(?:材料|资料|课件)",
        said.text,
    ):
        return {"also": "query:makeup_material"}
    if re.search(
        r"(?:会后|回来|回头|之后|下来|过后|事后|随后|我会|自行|再|及时|后|自己|保证|一定|线上).{0,3}(?:补学|补课|自学|补上|补看)|补学补上",
        said.text,
    ):
        return {"will_makeup": True}
    return {}


def _until(said: Said, slots: Slots) -> Slots | None:
    alone = not slots.get("persons")
    ends = re.search(r"假\S{0,2}[到至]", said.text)
    if not (_MANY.search(said.text) and alone) and not ends:
        return None
    out = dict(slots)
    end = next((token for token in said.tokens if token.kind == "T" and _UNTIL.search(said.text[: token.start])), None)
    told = end.text if end else found[1] if (found := _TILL_MONTH.search(said.text)) else ""
    if not told and not _LONG.search(said.text):
        return None
    if not told:
        moment = spans.when(said.tokens, said.text)
        return out | ({"when": moment} if moment else {}) | {"flag": "needs_clerk"}
    out["until"] = told
    if "reason" in out:
        out |= spans.typed(re.sub(rf"(?:到|至|直到)\s?{re.escape(told)}.*$", "", out["reason"]).strip())
    return out | {"flag": "needs_clerk"}


_STUCK = re.compile(
    r"(?P<why>[^,。!?]{0,10}?)(?:我|俺)?(?:实在|确实|真的?|今天|明天|这周|那天|一时|暂时|都|也|又)*"
    r"(?:走不开|抽不出空|抽不开空|腾不出空|腾不出时间|脱不了身|抽不出来|过不来了?|赶不过来)[了啊呀哈呢的]*"
)


def stuck(said: Said) -> Reading | None:
    """家里老人住院，走不开: nothing but what keeps one, and that one can't leave."""
    *before, last = [one.strip() for one in re.split(r"[,。!;~]", said.text) if one.strip()] or [""]
    found = _STUCK.fullmatch(last)
    told = [*before, found["why"]] if found else []
    if found is None or any(one and not keeps_away(one) for one in told) or re.search("[你他她谁帮替]", said.text):
        return None
    reason = said.text.strip(" ,。!~") if any(told) else ""
    return Reading("leave", named(said, spans.typed(reason), []), "走不开就是来不了", found.group())


def backdated(said: Said, act: Found) -> Reading:
    """补个假: after the event, so the clerk decides."""
    slots: Slots = {**who(said, act), "flag": "needs_clerk"}
    reasons = [
        told
        for index, clause in enumerate(said.parts)
        if index != act.clause and (told := spans.reason_of_clause(clause, said.text)) and known_kind(told)
    ]
    if reasons:
        slots |= spans.typed("，".join(reasons))
    return Reading("leave", named(said, slots), act.says, deciding(said, act))

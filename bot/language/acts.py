"""The acts themselves: which clause of a text says attend, leave, sign up, check in or takes it back.

Each clause is a string of class letters (`words.py`); a rule is a pattern over it and the letters that may stand
around it. A clause with other words is no act ("dirty"). In a text with several acts the last decides (rule 6),
negation binds to the nearest verb (rule 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.reasons import known_kind
from bot.language.tokens import Token


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` over the letters of a clause; every letter outside `allowed` makes the clause dirty."""

    act: str
    pattern: re.Pattern[str]
    allowed: frozenset[str]
    says: str


def _rule(act: str, pattern: str, allowed: str, says: str) -> Rule:
    return Rule(act, re.compile(pattern), frozenset(allowed), says)


RULES: tuple[Rule, ...] = (
    _rule("stay", r"n[mdS]*L", "139SsPnLdmTV.lrgCJ", "否定的请假就是参加"),
    _rule("unleave", r"L[dSPvTV3mgrl]*[Kk]|K[PSdvTVrl]*L", "9SsPLKkdmTVvrgl.CG", "收回请假"),
    _rule("unattend", r"[AI][dSvTVm]*K|K[SdvTVPm]*[AI]", "9SsPAIKdmTVWvgl.C", "收回参加"),
    _rule(
        "withdraw",
        r"N[dSTVWJHP3rm]*[Kk]|[Kk][dSVWTHJP3lv]*N|[nkz][dm]*N|n[dm]*b|k[SdJVWTH]*J|J[dSm]*k|[SP][dmJ]*k|^k[dm]*S?$|r[.d]*S[WVTJ]*K|[WJH][dT]*KS|[JN][dS]*nm$|k[VWTH31]|K[dS]*H|H[SdT]*[KU]|^[dT9S]*H[SdT]*L$|[VWTH3]k|^[dT]*[WH]Sd*K$",
        "139SsPNKkzbdmTVWJHnrl3.CUvL",
        "收回报名",
    ),
    _rule("signup", r"^[dT9J]*W+[dT]*y(?=[XZ])", "WTd9Jy.XZmNS", "报名"),
    _rule("withdraw", r"v[dT]*[WJH][dT]*(?:[KkU]|n[md]*[Aa]$)", "vWJHKkUnmAadTS.C", "收回报名"),
    _rule("withdraw", r"^[STd]*(?:U|n[md]*[Aa])W+$", "STdUW.CnmAa", "不去做志愿"),
    _rule(
        "withdraw",
        r"^[dT9]*[WHJ][WHJdT]*S?[d]*(?:U|n[md]*[Aa])$|^[dT9S]*[WHJ][WHJdT]*S?U$",
        "dT9WHJSU.CVnmAa",
        "不去做志愿",
    ),
    _rule("withdraw", r"JrY", "139SsPJrYXdmTVW.&zl", "让出名额"),
    _rule("signup", r"^[HJ]J?YS$", "HJYS.", "要一个岗"),
    _rule("withdraw", r"^P[dT]*[WHJ][dT]*U$|^[T9]*[WHJ][T]*P[dT]*U$|^[T]*P[dT]*UW$", "dT9WHJPU.l", "不去做志愿"),
    _rule("backdated", r"B", "9SsPBdmTVrlGfaAnJ.C", "事后补假"),
    _rule("leave", r"L", "139SsOPG&rl2TVWJdmC.oxvgfeLHtUnaA5E" + "XZIYMqDQc14378jJKp", "请假"),
    _rule("leave", r"U|n[mdPSTVJr]*[AaI]", "139SsOPG&rl2TVWJdmC.oxvgLtUnaA5EH" + "XZIYMqDQc13478J", "去不了就是请假"),
    _rule("makeup", r"M", "79SsOPG&rl2TVWJdmC.oxMcDYaqI58", "补学"),
    _rule("resign", r"i", "79SsPG&rl2TVWJdm.ifvIC", "补签"),
    _rule("signup", r"^[d.]*Y[SsP&dr.]+[Nb]|^b[SP&]+$", "YSsP&rdNbTVWH3.GC", "报名"),
    _rule(
        "signup",
        r"N|b[dmSs]*[TVWHJ3]|[TVWHJ3][dmSsJ]*b[dmJT]*$|^[Ssd]*Sb[d]*$|^[dmP&]*S[SP&dm]*b$|^[dT]*y[dT]*H$|^[Sd]*mH$|[WH][STd9]*[ay]$|J[STd9]*y$|^[STdm]*aW+$|[HJ]J?YS$|[WH][T9dJ]*S[d]*m$",
        "139SsOPG&rl2TVWJdmC.oxNbAHt3aegv57y",
        "报名",
    ),
    _rule("checkout", r"Q", "9HrSsPG&l2TVWJdm.QqC5DcoI", "签退"),
    _rule("checkin", r"I", "139SsOPG&r2TVWJdC.oxIEHavAl", "签到"),
    _rule(
        "attend",
        r"A|[mt][dST]*a(?![A-Z])|g[dm]*A|V[STdm]*a$|^[STdm]*aV$|^[dTSm]*[JV9][dTJV9]*S[dm]*a$",
        "139SsOPG&rl2TVWJdmC.oxAEtgvaHY7b",
        "参加",
    ),
    _rule("late", r"E", "139SsPG&lTVdmC.otEaJ5", "会晚到"),
    _rule("cancel", r"^[d.]*r[d.]*P[P&.l]*[dm]*K", "rP&KdmvT.lGC13V", "替别人收回"),
    _rule("cancel", r"K", "SsKdmv.lC13", "收回上一条"),
    _rule("correct", r"v", "v", "更正"),
)

# Words between 我 and the verb that make it a saying, a thought, an order or somebody else's act.
_SHIFTS = re.compile(
    r"[说讲问听想叫让请看催劝派记觉认希建怕恨祝夸骂告被给见闻差曾]|以为|应该|本该|从小|当年|负责|PPT|ppt|课件|记录|笔记|材料|方案|总结|报告|照片|视频|组织|统计|通知|安排|代表(?!科室?|支部|小组|$|[内外儿妇急药检护医后门中影放麻口皮眼公])|没|别"
)
_NOT_ME = re.compile(r"^的|^[妈爸爷奶姐弟哥妹夫妻婆公岳侄孙儿女男家院科单班同朋邻村县镇乡校学老小对闺媳娃孩队领主爱]")
_AFTER = re.compile(
    r"下(?:大|小)?夜班?|下班|下了夜?班|[\u4e00-\u9fff]{1,5}(?:完|完了|结束|后)|交完?班|忙完|开完会|查完房"
)
_PART_IN_IT = re.compile(r"[\u4e00-\u9fff]{1,4}(?:员|者|司机|主持|翻译|讲解)")  # 报名当引导员
_SHIFT_NAMES = frozenset(["早班", "晚班", "中班", "夜班", "白班", "早上班", "上午班", "下午班"])
_PLAIN = frozenset(["withdraw", "unleave", "unattend"])  # nobody but a member says these
_EXCUSING = frozenset(["attend", "leave", "signup", "withdraw", "checkin", "makeup"])


def _excused(words: list[Token], rule: Rule, start: int) -> bool:
    """我从外地赶回参加: unknown words between an explicit 我 and the verb take nothing from it; nor does 下夜班后."""
    odd = [at for at, one in enumerate(words) if one.kind not in rule.allowed]
    unknown = all(words[at].kind == "X" for at in odd)
    if unknown and rule.act in _PLAIN and odd[-1] < start:
        return True
    if rule.act == "checkout" and all(words[at].text in _SHIFT_NAMES for at in odd):
        return True
    if rule.act == "signup" and odd[0] > start and all(_PART_IN_IT.fullmatch(words[at].text) for at in odd):
        return True
    marked = rule.act == "signup" and any(one.kind == "N" and "我" in one.text for one in words[start:])
    if marked and odd[-1] < start and all(words[at].kind == "X" for at in odd):
        return not _SHIFTS.search("".join(one.text for one in words[:start]))
    if rule.act not in _EXCUSING or odd[-1] >= start or any(words[at].kind not in "XnqG" for at in odd):
        return False
    if all(_AFTER.fullmatch(words[at].text) for at in odd):
        return True
    first = next((at for at, one in enumerate(words) if one.kind == "S"), None)
    if first is None or first > odd[0]:
        return False
    between = "".join(one.text for one in words[first + 1 : start])
    negated = any(words[at].kind == "n" for at in odd)
    return not (_SHIFTS.search(between) or _NOT_ME.search(between) or (negated and known_kind(between) is None))


@dataclass(frozen=True, slots=True)
class Found:
    """An act in clause number `clause`; `at` and `end` are the tokens it is made of within that clause."""

    act: str
    clause: int
    at: int
    end: int
    clean: bool
    says: str
    code: str


def find(parts: list[list[Token]]) -> list[Found]:
    """The acts of the clauses, in order; at most one a clause."""
    out: list[Found] = []
    for index, clause in enumerate(parts):
        words = [token for token in clause if token.kind not in ".|"]
        code = "".join(token.kind for token in words)
        if not code:
            continue
        for rule in RULES:
            found = rule.pattern.search(code)
            if found:
                at, end = clause.index(words[found.start()]), clause.index(words[found.end() - 1]) + 1
                clean = rule.allowed.issuperset(code) or _excused(words, rule, found.start())
                out.append(Found(rule.act, index, at, end, clean, rule.says, code))
                break
    return out

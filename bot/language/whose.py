"""Whose act it is: what is said of titles, relations, parcels and patients is nobody's answer."""

from __future__ import annotations

import re

from bot.language.acts import Found
from bot.language.patterns import words
from bot.language.reasons import known_kind
from bot.language.said import Said
from bot.language.tokens import Token

PLUS_ONE = re.compile(r"\+\s?1")
_TOLD = frozenset(
    ["向", "跟", "给", "和", "与", "找", "请", "代", "替", "帮", "谢谢", "感谢", "组织", "支部", "报告", ","]
)

_KIN = re.compile(
    r"(?:我|俺)家?的?(?:爱人|老公|老婆|媳妇|对象|儿子|女儿|孩子|妈妈?|爸爸?|老伴|家属)也?$|(?:我|俺)[^,。]{0,6}(?:工人|师傅|室友|同学|保姆|阿姨|邻居|老板|司机|朋友|学生|员工|护工|徒弟|实习生)也?$"
)

_EMERGENCY = re.compile(r"(?:120|110|119)(?![\d元块.])(?!出车)")
_HELPERS = ("志愿者", "队", "家庭医生")
_ABLE = re.compile(r"^(?:我|俺)?(?:也)?(?:有|会|能|带|自带)|(?:我|俺)(?:来|自己)?(?:带|拿|背|开)[上着去来的]*$")

_ANOTHER = re.compile(
    r"(?P<who>他们?|她们?|你们?|您|人家|别人|有人|旁人|谁|大家|小朋友|同事们?|新同事|学生们?|邻居|病人|患者|家属"
    r"|(?:我|俺|他|她|隔壁)?家?的?(?:老公|老婆|爱人|媳妇|妈妈?|爸爸?|儿子|女儿|孩子|闺女|老伴|同学|朋友|邻居|弟弟?|哥哥?|姐姐?|妹妹?|对象|室友|徒弟|学生)"
    r"|隔壁(?:科室?|病区|单位|村)?|(?:那|这|有)个(?![月季周星礼])[\u4e00-\u9fff]{1,4}?"
    r"|(?P<title>(?:科|副)?主任|院长|护士长|科长|局长|领导|老师|医生|护士))"
    r"(?P<how>(?:们|也|都|今天|昨天|刚|已经?|早|上周|前天|说|就|要|想|不|全)*)"
    r"(?P<act>把?(?:党费|钱)?[交缴]|党费|退出|报名|签[到退]|参加|请假|补学|补课|认领|取消)"
)
_TRIGGER = re.compile(r"参加|请假|报名|签[到退]|[来去]不了|退出|补学|[交缴转]|认领|取消|我|俺|本人")


def of_another(text: str) -> bool:
    """他交了党费, 我同学退出了: somebody without a name is the subject, and nobody else speaks of himself behind it."""
    first, _, rest = text.partition(",")
    found = _ANOTHER.match(first)
    if found is None or _TRIGGER.search(rest):
        return False
    return not (found["title"] and (not found["how"] or found["act"] == "党费"))


def _able(words: str) -> bool:
    """我有驾照 beside a sign-up is no talk of other things; nor is what keeps one."""
    return _ABLE.search(words.lstrip(" ,")) is not None or known_kind(words) is not None


def _text(said: Said, clause: list[Token]) -> str:
    return said.text[clause[0].start : clause[-1].end] if clause else ""


def idle(said: Said) -> bool:
    """Whether a clause is about other things alone: +1 and 到了 beside applause, parcels or patients mean nothing."""
    return any(_idle(clause, said.text) for clause in said.parts)


def _idle(clause: list[Token], text: str) -> bool:
    """A clause of other things alone (快递，到了); what keeps one (有手术) is none."""
    if clause and known_kind(text[clause[0].start : clause[-1].end]):
        return False
    kinds = {token.kind for token in clause if token.kind not in ".|"}
    return "Z" in kinds and kinds <= {"Z", "T"}


def _boss(lead: list[Token]) -> bool:
    """院长请假了 is said of the 院长: a title without a name as the subject, not somebody who is told (向书记请假)."""
    before = ""
    words = [token for token in lead if token.text.strip()]
    for at, token in enumerate(words):
        called = at + 1 < len(words) and words[at + 1].kind in "SP"  # 书记我参加, 老党员张建国参加
        ours = "党员" in token.text and "G" in {one.kind for one in words[:at]}  # 医务科全体党员参加
        if token.kind == "l" and not ours and before not in _TOLD and token.text != "同志" and not called:
            return True
        before = token.text if token.text.strip() else before
    return False


def _of_the_absent(clause: list[Token], one: Found) -> bool:
    """替黄海燕报个名，她手机在充电: why somebody speaks for another is no talk of other things."""
    first = next((token.kind for token in clause if token.kind not in ".|"), "")
    return first == "P" and {"r", "P"} <= set(one.code)


def _helpers(clause: list[Token], one: Found) -> bool:
    """志愿者到了, 服务队来不了: who helps is the subject, nobody who speaks of himself; 志愿者报名 is an answer."""
    lead = [token for token in clause[: one.at + 1] if token.kind == "W"]
    said_of = one.act in ("checkin", "leave", "withdraw", "signup", "makeup") and not frozenset("SPNkKb").intersection(
        one.code
    )
    return said_of and bool(lead) and lead[-1].text.endswith(_HELPERS)


_BARE = words(
    """
    到了到了 来了来了 退了 退 我退了 收工了 撤了 取消了 到了 来了 我来了 都来 都去 我去我去 我也去 我想去 我要去 也去
    算我一个 收工
    """
)
_SURE = re.compile(r"参加|参会|出席|报名|抱名|签到|签退|请假|补学|打卡|接龙|线上|党|[候替]补|取消|会")
_NAMING = frozenset("VWH9TPJ3")
_OURS = frozenset("AaLUNIQKkbMiHJVW9PSTFYwyEOr35Df")
_WHERE = re.compile(r"[排楼号座会口]|坐|自备|带|门|车|手机|谢|辛苦|抱歉")


def _stray(said: Said, one: Found) -> bool:
    """退了，尺码小了; 一定来，喜酒必须喝: words for anything, beside a clause that speaks of something else."""
    clause = said.parts[one.clause]
    if one.act == "leave" or _SURE.search(_text(said, clause)) or _NAMING & {token.kind for token in clause}:
        return False
    bare = "".join(map(_plain_word, clause)) in _BARE
    least = 0 if not bare else 1 if one.act == "checkout" else 2
    others = [other for at, other in enumerate(said.parts) if at != one.clause]
    excusing = one.act not in ("makeup", "checkout")  # 补课去了，娃数学不行
    return any(
        _elsewhere(_text(said, other), other, least) and not (excusing and known_kind(_text(said, other)))
        for other in others
    )


def _plain_word(token: Token) -> str:
    return "" if token.kind == "|" or token.text in "啊呀吧哈呢的嘛" else token.text


def _elsewhere(text: str, clause: list[Token], least: int) -> bool:
    """Whether a clause has words of other settings, or nothing that is known: an unknown word of `least` characters."""
    kinds = {token.kind for token in clause}
    unknown = least > 0 and any(token.kind == "X" and len(token.text) >= least for token in clause)
    return ("Z" in kinds or (unknown and not kinds & _OURS)) and not _WHERE.search(text)


def off(said: Said, one: Found) -> bool:
    """An act that is nobody's answer here: said of others, of something else, or only reported."""
    if _stray(said, one):
        return True
    other = "Z" in said.code and not frozenset("VWJH").intersection(said.code)
    if (
        one.act == "signup"
        and other
        and not all(
            _able(_text(said, clause)) or _of_the_absent(clause, one)
            for clause in said.parts
            if any(token.kind == "Z" for token in clause)
        )
    ):
        return True
    clause = said.parts[one.clause]
    named = [token for token in clause[one.end + 1 :] if token.kind not in ".|"]
    if one.act == "attend" and named and clause[one.end].text == "的" and "S" not in one.code:
        return True  # 按时参会的通知
    if one.act == "leave" and _KIN.search(_text(said, said.parts[one.clause][: one.at])):
        return True
    if one.act in ("attend", "leave", "signup") and "v" in one.code and "g" not in one.code:
        return True
    if one.act == "leave" and re.search(r"L[^|]*g", one.code):
        return True
    if "O" in one.code and ("P" not in one.code or re.search("他们|她们", said.text)):
        return True
    if _boss(said.parts[one.clause][: one.at]) or _helpers(clause, one) or _EMERGENCY.match(_text(said, clause)):
        return True
    if one.act == "checkin" and re.match(r"[d.]*1[dm.]*I", one.code) and not re.search(r"[签卡]", said.text):
        return True  # 3到了; a code before 签到 is one
    plus = one.act == "attend" and PLUS_ONE.search(said.text) is not None and "参加" not in said.text
    if plus and "m" in one.code:
        return True  # 我要一杯+1
    weak = one.act == "checkin" or plus
    return weak and any(
        "Z" in {token.kind for token in clause}
        and (one.act != "checkin" or at == one.clause or not known_kind(_text(said, clause)))
        and not (one.act == "checkin" and at != one.clause and _of_the_absent(clause, one))
        for at, clause in enumerate(said.parts)
    )

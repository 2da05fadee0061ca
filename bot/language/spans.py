"""Pulls the slots out of a cut text: activity, time, people, reason, item, group. Used by every act."""

from __future__ import annotations

import re
from typing import Any

from bot.language.clock import DAY
from bot.language.numerals import number
from bot.language.patterns import any_of
from bot.language.reasons import kind_of, known_kind
from bot.language.tokens import Token

_NOTHING = frozenset("9SsOPGTVWJdml.C&2vhAUKg7")
_LEAD = frozenset("9SsOGTVdm.l&PrgvJ273")
_CAUSE = any_of(
    r"""
    ^(?:因为|由于|因(?![公病事私])|缘由|原因是?|理由是?|主要是|实在是|正好|刚好|恰好|正在|原因)[:\s]?
    """
)
_MISSED = re.compile(
    r"(?:就|所以|才|而|便)?(?:没(?:有)?(?:到|来|去|参加|赶上|到会|赶到)|缺席|(?:不能|无法|没法|未能)(?:按时)?(?:参加|到会|出席|参会|前来)[^,。]{0,8})了?$"
)
_MARKS = re.compile(r"\[[^\[\]]{1,8}\]|[^\w\s,、;:。.·%/()+-]+")
_TRAIL = any_of(
    r"""
    (?:特此|所以|故|需|想|要|得|只能|只好|不得不|特|来|而|就|,|\s|的|实在|先|申请|不能|无法|没法)+$
    """
)
_THANKS = any_of(
    r"""
    批准 准假 谢谢 见谅 谅解 理解 抱歉 不好意思 辛苦 书记 改天 下次(?:一定|再) 对不起 请悉知 知悉 给您添麻烦
    不到会 不为例 私下 私聊 另说 回来(?:后)?(?:一定)?(?:补|自学) 望悉 实在
    """
)
_MOVE_ALONE = re.compile(
    r"(?:也|都|就|能|可以|要|说|会)*(?:去|来|到|参加|报)(?:的|了)?"
    r"|(?:所以|故|就)?(?:不能|无法|没法|未能|不克|不便)(?:按时|准时|如期)?(?:参加|出席|到会|参会|前来|去|来|到)[^,。]*"
)
_OURS = re.compile(r"(?:我们|咱们?|本|我)(?:科室?|组|支部|院)")  # who says 我们科都参加 speaks for people he must name
_MAKEUP = re.compile(r"补学|补课|自学|补上|补看|补回")
_VAGUE = frozenset(
    [
        "今年",
        "去年",
        "上半年",
        "全天",
        "半天",
        "这个月",
        "本月",
        "上个月",
        "上月",
        "下个月",
        "早",
        "晚",
        "这两天",
        "这几天",
        "这几个月",
        "这两个月",
        "近几个月",
        "最近几个月",
    ]
)


def activity(tokens: list[Token]) -> str | None:
    """The activity that is named: adjoining words make one (社区 + 清雪), the first one counts."""
    for at, token in enumerate(tokens):
        if token.kind not in "VW":
            continue
        text, end = token.text, token.end
        for following in tokens[at + 1 :]:
            if following.kind not in "VW" or following.start != end:
                break
            text, end = text + following.text, following.end
        return text.removesuffix("点") if len(text) > 2 else text  # 义诊点签到
    return None


def when(tokens: list[Token], text: str) -> str | None:
    """The words of time as typed, without 两个 and the like; lists stay lists (周三、周五下午)."""
    found = ""
    last: Token | None = None
    for token in tokens:
        if token.kind != "T" or token.text in _VAGUE:
            continue
        if last is None:
            found = token.text
        else:
            between = text[last.end : token.start]
            if between not in ("、", "和", "两个", "的两个", "的", "", "到", "至", "-", "这两个", "及", "与"):
                break
            found += (
                "、" if between in ("、", "和", "及", "与") else between if between in ("到", "至", "-") else ""
            ) + token.text
        last = token
    return found or None


def day_of(tokens: list[Token]) -> str:
    """The day that is named (周五), "" where none is or only a part of one (下午)."""
    return next((token.text for token in tokens if token.kind == "T" and DAY.match(token.text)), "")


def persons(tokens: list[Token]) -> list[str]:
    """The people that are named, each once."""
    return list(dict.fromkeys(token.text for token in tokens if token.kind == "P"))


def who(tokens: list[Token], code: str) -> dict[str, Any]:
    """persons with proxy or include_self (我和李四), or the group and its count."""
    made: dict[str, Any] = {}
    named = persons(tokens)
    if named:
        made["persons"] = named
        made["include_self" if re.search(r"S&P|P&S|S[r]?.?&P|^[dT|]*&P", code) and "r" not in code else "proxy"] = True
    group = next(
        (token for token in tokens if token.kind == "G" or ("w" not in code and _OURS.fullmatch(token.text))), None
    )
    if group is not None and not named:
        made["group"] = group.text
    count = next((token for token in tokens if token.kind == "2"), None)
    if count is not None and not named and (group is not None or "s" in code or "d" in code):
        digits = re.match(r"\d+|[一二两三四五六七八九十百]+", count.text)
        made["count"] = number(digits.group()) if digits else None
    return made


def items(tokens: list[Token], text: str) -> list[str]:
    """The numbers of wishes: 3号, 微心愿05, 第3个, 三号, as plain digits."""
    out = []
    for token in tokens:
        if token.kind in "31" or (token.kind == "H" and "岗" not in token.text):
            digits = re.search(r"\d+|[一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]+", token.text)
            value = number(digits.group()) if digits else None
            if value is not None:
                out.append(str(value))
    return list(dict.fromkeys(out))


def clauses(tokens: list[Token]) -> list[list[Token]]:
    """The text cut at its punctuation."""
    out: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "|":
            out.append([token])
        else:
            out[-1].append(token)
    return [[token for token in one if token.kind != "|"] if one and one[0].kind != "|" else one for one in out]


def _content(clause: list[Token], text: str) -> str:
    """What a clause says beyond who, when and which activity; in brackets all of it."""
    if not clause:
        return ""
    bracket = clause[0].kind == "|" and clause[0].text == "("
    words = [token for token in clause if token.kind != "|"]
    if bracket:
        return text[words[0].start : words[-1].end].strip() if words else ""
    while (
        words and (words[0].kind in _LEAD or words[0].text == "给") and not (_joined_to_verb(words) or _told_to(words))
    ):
        words = words[1:]
    while words and words[-1].kind == "." and words[-1].text not in "了的会地":
        words = words[:-1]
    return text[words[0].start : words[-1].end].strip() if words else ""


def _told_to(words: list[Token]) -> bool:
    """科主任让我顶班: who sent one belongs to the reason."""
    return (
        len(words) > 2
        and words[0].kind in "lX"
        and words[1].text in ("让", "派", "叫", "安排")
        and words[2].kind == "S"
    )


def _joined_to_verb(words: list[Token]) -> bool:
    """临时有急诊: the adverb belongs to what follows; 我妈 is no I; 正在 and 刚 stay."""
    first = words[0]
    following = words[1] if len(words) > 1 else None
    if first.text in ("临时", "有", "在", "要", "得", "需要", "刚", "还", "又", "正", "需", "全"):
        return True
    return (
        first.kind == "S"
        and following is not None
        and following.start == first.end
        and following.text[0] in "妈爸妻爷奶姐弟哥妹女儿岳婆公家孩媳娃父母姥"
    )


def clean(words: str) -> str:
    """A reason without 因, 所以 and the marks around it."""
    words = _MISSED.sub("", _MARKS.sub("", words))
    words = _CAUSE.sub("", words.strip(" ,:;。.!~-+、()"))
    return words.strip(" ,:;。.!~-+、()")


def reason_of_clause(clause: list[Token], text: str) -> str | None:
    """The reason a clause without an act gives, None where it gives none."""
    words = [token for token in clause if token.kind != "|"]
    bracket = bool(clause) and clause[0].kind == "|" and clause[0].text == "("
    if bracket and all(token.kind in ".CL8" for token in words):
        return None
    if any(token.kind == "F" for token in words):
        return None
    if not words or (not bracket and _NOTHING.issuperset(token.kind for token in words)):
        return None
    told = clean(_content(clause, text))
    if _MOVE_ALONE.fullmatch(told):
        return None
    if not told or _MAKEUP.search(told) or (_THANKS.search(told) and known_kind(told) is None):
        return None
    return told


def _without_tail(lead: list[Token]) -> list[Token]:
    """我发烧了主题党日去不了: what one can't come to stands behind the reason, which is whole by itself."""
    while lead[-1].kind in "VST" or lead[-1].text == "的":
        lead = lead[:-1]
    return lead


def before_act(clause: list[Token], at: int, text: str) -> str:
    """What stands before the act in its own clause, as a possible reason (因值夜班请假)."""
    lead = [token for token in clause[:at] if token.kind != "|"]
    if len(lead) > 1 and lead[-1].kind == "S" and all(one.kind in "WVJHT.9" for one in lead[:-1]):
        return ""  # 义诊我不去了: what it is about, and who
    if lead and lead[-1].kind == "W" and all(one.kind in "WTSd" or one.text in "的这次" for one in lead):
        return ""  # 周六义诊请假: what it is about; 因义诊请假 says why
    said_before = next((index for index in range(len(lead) - 1, 0, -1) if lead[index - 1].kind == "U"), None)
    if said_before is not None and any(one.kind in "XZ" for one in lead[said_before:]):
        lead = lead[said_before:]  # 我去不了了婆婆住院了跟书记请个假
    cause = next((index for index, token in enumerate(lead) if token.text in ("因", "因为", "由于")), None)
    if cause is not None:
        lead = lead[cause + 1 :]
    while lead and lead[0].kind == "C" and lead[0].text[0] in "收好知明已嗯o":
        lead = lead[1:]
    while lead and lead[-1].kind in "mn.d&tagvT73" and lead[-1].text != "了":
        lead = lead[:-1]
    if lead and lead[-1].kind in "VS" and any(one.kind in "XZ" for one in lead[:-1]):
        lead = _without_tail(lead)
    told = clean(_TRAIL.sub("", _content(lead, text))) if lead else ""
    return told


def typed(reason: str) -> dict[str, Any]:
    """The two slots of a reason."""
    return {"reason": reason, "reason_type": kind_of(reason)} if reason else {}

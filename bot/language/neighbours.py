"""Words whose class depends on their neighbours: 听 behind 去, 给 before a name, 没问题 behind 主题党日我."""

from __future__ import annotations

import re

from bot.language.names import CALLED
from bot.language.patterns import words
from bot.language.tokens import Token

_RELATIONS = words(
    """
    老伴 同事 爱人 老公 老婆 媳妇 儿子 女儿 父亲 母亲 丈夫 妻子 师傅 徒弟 战友
    搭档 同志 同科室 同科 邻居 我同事 我爱人 我老公 我老婆 我媳妇 我老伴 弟弟 妹妹 哥哥 姐姐 党员
    """
)
_ABLE = frozenset(["没问题", "行", "ok", "OK", "可以", "准时"])  # 主题党日我没问题
_SHIFT_NAMES = frozenset(["早班", "晚班", "中班", "夜班", "白班", "早上班", "上午班", "下午班"])
_PEOPLE = re.compile(r"我|你|他|她|谁|人|员工|同学|同事|朋友|老师|学生|孩子|家长|病|患|医生|护士|领导|主任|没|不|别")
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


def _glued(tokens: list[Token], at: int) -> bool:
    """Whether a word stands right behind the one before it."""
    return at > 0 and tokens[at - 1].end == tokens[at].start


def _first_of_a_name(tokens: list[Token], at: int) -> str | None:
    """乡村振兴座谈会参加: what stands glued before an activity that somebody joins belongs to its name."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or following.kind not in "VW" or not _glued(tokens, at + 1):
        return None
    joined = next((one.kind for one in tokens[at + 1 :] if one.kind not in "VWSdm."), "")
    sure = joined in ("A", "N") and len(tokens[at].text) > 1 and _PEOPLE.search(tokens[at].text) is None
    return following.kind if sure else None


def _unknown(tokens: list[Token], at: int) -> str | None:
    """社区文艺宣传: an unknown word between two of volunteer work is part of its name."""
    one, before = tokens[at], tokens[at - 1] if at else None
    if one.kind == "X" and (before is None or before.kind in "|T" or before.text in ("的", "这次")):
        named = _first_of_a_name(tokens, at)
        if named:
            return named
    if one.kind != "X" or before is None:
        return None
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if before.kind == "W" and _glued(tokens, at):
        between = following is not None and following.kind == "W" and _glued(tokens, at + 1)
        if between or one.text in _SUFFIXES:
            return "W"
    if before.kind == "T" and one.text in ("前", "之前", "以前", "左右", "前后"):
        return "."
    if before.kind == "T" and one.text == "场":
        return "J"  # 我报上午场
    return "J" if one.text in _SHIFT_NAMES and before.kind == "b" else None


def _at_the_end(tokens: list[Token], at: int) -> str | None:
    """主题党日我没问题, 周四的会我来, 周六那班我来: what the last word says of what is named before it."""
    one, before = tokens[at], tokens[at - 1]
    if one.text in _ABLE and (before.kind == "S" or (before.kind == "V" and one.text == "准时")):
        return "a" if {"V", "9", "W", "H", "J"} & {other.kind for other in tokens[:at]} else None
    if one.text == "我来" and before.kind in "V9":
        return "A"
    return "b" if one.text == "我来" and at > 1 and before.kind == "J" and before.text[-1] in "班场岗" else None


def _known(tokens: list[Token], at: int) -> str | None:
    one = tokens[at]
    before = tokens[at - 1] if at else None
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if one.kind == "A" and one.text[-1] in "去来" and _of_work(tokens, at):
        return "a"
    if one.text in _RELATIONS and following and following.kind == "P" and _glued(tokens, at + 1):
        return "."
    if one.text == "听" and before and before.text[-1] in "去来":
        return "."
    if one.kind == "P" and following and following.kind == "S" and (before is None or before.kind == "|"):
        return "." if CALLED.fullmatch(one.text) else None  # 杨书记我来不了: who is called, not who can't come
    if one.text == "明后天" and any(other.kind in "LU" for other in tokens[at:]):
        return "T"
    if one.text == "报到" and following and following.kind == "T" and _glued(tokens, at + 1):
        return "X"  # 补助报到上个月: reckoned so far
    if one.text == "补报" and not any(other.kind in "SPVWHJ" for other in tokens):
        return "X" if any(other.kind == "X" and len(other.text) > 1 for other in tokens) else None  # 漏了两张，补报一下
    if one.text == "扫了" and any(other.kind == "W" for other in tokens[:at]):
        return "."  # 扫雪扫了两个小时: nothing was paid
    if one.text == "下次" and following and following.kind in "V9W":
        return "T"
    if one.text == "给" and _for_whom(tokens[at + 1 : at + 4]):
        return "r"
    if one.text != "到":
        return None
    arrived = (
        following and following.kind in "WJx" and at + 2 < len(tokens) and tokens[at + 2].text in ("了", "啦", "咯")
    )
    called = before and before.kind == "P" and (following is None or following.kind == "|")
    return "I" if arrived or called else None


def by_neighbours(tokens: list[Token]) -> list[Token]:
    """The words with the classes that their neighbours give them."""
    last = len(tokens) - 1
    kinds = (
        _unknown(tokens, at) or _known(tokens, at) or (_at_the_end(tokens, at) if 0 < at == last else None)
        for at in range(len(tokens))
    )
    return [one._replace(kind=kind) if kind else one for one, kind in zip(tokens, kinds, strict=True)]

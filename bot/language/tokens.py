"""Cuts a text into words and gives each its class letter, so that rules are short patterns over letters."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from bot.language import clock
from bot.language.names import FOREIGN_HEADS, NOT_NAMES, SOUNDS, SURNAMES, people
from bot.language.numerals import CHINESE
from bot.language.patterns import words
from bot.language.words import LENGTHS, LEXICON

_CN = CHINESE
_N = rf"(?:\d+(?:\.\d+)?|[{_CN}]+)"


def _bare(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


_DAY, _CLOCK = _bare(clock.DAY.pattern), _bare(clock.CLOCK.pattern)
_VAGUE = "|".join(
    sorted(
        words(
            """
        上次 上回 上一次 上周 本周 这周 下周 上个星期 上个月 上月 本月 这个月 下个月 今年 去年 上半年 这两天 这几天
        前两天 刚才那次
        """
        )
    )
)
_HOURS = rf"(?:{clock.PART})?\s?{_CLOCK}(?:\s?(?:-+|~+|至|到|—)\s?(?:{_DAY})?\s?(?:{clock.PART})?\s?{_CLOCK})?"
_TIME = re.compile(
    rf"""(?:(?:{_DAY})|{_VAGUE})(?:\s?\((?:周|星期|礼拜)[{clock.DAY_SIGN}]\))?(?:[ 的]{{0,2}}(?:{_HOURS}|{clock.PART}))?
  | {_HOURS} | {clock.PART}(?!班|操|会|饭|餐|期) | 全天 | 半天
    """,
    re.X,
)
_TIME_SIGNS = frozenset("0123456789零一二两三四五六七八九十今明昨前后大上下本这周星礼每当年月凌清早中午傍晚夜半全去刚")
_NUMERIC = tuple(
    (letter, re.compile(pattern))
    for letter, pattern in (
        ("H", rf"第?{_N}号?(?:岗|台|哨|点位)(?:位)?"),
        ("j", r"(?:\d+|[一二两三四五六七八九十半]+)(?:个)?(?:分钟|小时|天)(?:以|之)?(?:后|内)"),
        (".", rf"(?:{_N}个月|半年|一年|{_N}天(?!假))"),
        ("5", rf"(?:{_N}个?半?(?:小时|钟头)半?|半个?小时|{_N}(?:分钟|min|h(?![a-z])))"),
        ("2", rf"{_N}(?:名|位|个)?(?:人|党员|同志)(?!次|民)"),
        ("8", rf"(?:{_N}个?学时|{_N}次)"),
        (
            "4",
            rf"(?:¥|￥)?\s?{_N}(?:元|块(?:钱)?)(?:整)?(?:[{_CN}\d](?:[毛角](?:[{_CN}\d]分?)?)?)?|[¥￥]\s?\d+(?:\.\d+)?",
        ),
        (
            "7",
            rf"(?:20\d\d年)?(?:\d{{1,2}}|[{_CN}]{{1,3}})(?:[-~至到、和](?:\d{{1,2}}|[{_CN}]{{1,3}}))?月份?(?!\d)|第?[一二三四1-4]季度?|[qQ][1-4](?!\d)|(?:上|下)半年|全年",
        ),
        ("3", rf"(?:#\s?\d+|第{_N}[个号条]|{_N}[号#](?!楼|线|床|院))"),
        ("1", rf"\d+(?:\.\d+)?|[{_CN}]*[十百千拾佰][{_CN}]*(?![分])"),
    )
)
_DIGITS = frozenset("0123456789#¥￥qQ" + _CN + "第上下全半")
_GROUP = re.compile(
    rf"第?(?:[{_CN}]+|\d+)(?:党?小组|党?支部|病区|组)|[\u4e00-\u9fff]{{1,4}}?党小组|(?:(?:机关|离退休|退休)党?支部|检验|护理|急诊|内|外|儿|妇产?|产|药剂|放射|影像|超声|麻醉|中医|康复|财务|医务|院感|信息|后勤|总务|公卫|防保|人事|医保|质控|口腔|眼|耳鼻喉|"
    r"皮肤|心内|神内|神外|骨|普外|泌尿|呼吸|消化|感染|传染|针灸|理疗|设备|保卫|重症医学|疾控|预防|功能|病案|血液净化|透析|采购|宣传|办公|药)(?:[一二三]?科?党?支部|[一二三]?科室?|部|室)|药房|手术室|供应室|体检中心|党办|院办|办公室|门诊部|机关支部"
)
_MENTION = re.compile(r"@(?:小助手|支部小助手|全体成员|所有人|[^\s@,:]{1,20})\s*")
_STUB = re.compile(r"\[[^\[\]\n]{1,8}\]")
_PLUS_ONE = re.compile(r"\+\s?[1一](?![\d人个])")
_SOUND = "[" + "".join(sorted(SOUNDS)) + "]"
_FOREIGN = re.compile(
    rf"(?:扎西|卓玛|次仁|央金|达瓦|洛桑|格桑|旦增|丹增|才让|巴桑|普布|阿依|阿布|阿迪|古丽|热依|帕提|买买|麦麦|吐尔|艾尔|艾力|努尔|迪丽|玛依|热孜|木合|巴特|乌兰|娜仁|萨仁|其其|斯琴|呼和|哈斯|苏日|朝鲁|恩和|吉克|阿木){_SOUND}{{1,6}}(?:·{_SOUND}{{1,6}})*|(?:阿[不卜](?:都|杜)?{_SOUND}{{1,5}}|{_SOUND}{{2,6}}|阿[不卜](?:都|杜))(?:·{_SOUND}{{1,6}})+|阿[不卜][都杜]{_SOUND}{{1,5}}"
)
_LATE = re.compile(
    rf"[晚迟](?:到|来|点)?(?:大概|大约|约)?(?:\d+|[{_CN}半]+)(?:多)?(?:个)?(?:分钟|小时|钟头|刻钟)(?:左右)?(?:再?到|来|过去)?|[晚迟](?:到|来)?(?:一点|一会儿?|一些|几分钟|点|些)儿?(?:再)?(?:到|来|过去)"
)
_LATIN = re.compile(r"[a-z][a-z']*")
_BREAKS = frozenset(",。.;!\n~:?()、…，；：！？（）【】《》")
_NAME_TAIL = frozenset("m.CycMaK&")


class Token(NamedTuple):
    """A word, its class letter and where it stands; clauses are parted by tokens of kind "|"."""

    kind: str
    text: str
    start: int
    end: int


def _known(text: str, at: int) -> int:
    for size in LENGTHS.get(text[at], ()):
        if text[at : at + size] in LEXICON:
            return size
    return 0


def _special(text: str, low: str, at: int) -> tuple[str, int] | None:
    """Times, numbers, mentions, stubs, departments: what is found by shape, not by list."""
    sign = text[at]
    if sign == "@":
        found = _MENTION.match(text, at)
        return (".", found.end()) if found else None
    if sign == "[":
        found = _STUB.match(text, at)
        return (".", found.end()) if found else None
    if sign == "+":
        found = _PLUS_ONE.match(text, at)
        return ("A", found.end()) if found else None
    if sign in FOREIGN_HEADS:
        found = _FOREIGN.match(text, at)
        if found:
            return ("P", found.end())
    if sign in "晚迟":
        found = _LATE.match(text, at)
        if found:
            return ("E", found.end())
    if sign in _TIME_SIGNS:
        found = _TIME.match(text, at)
        if found and found.end() > at:
            return ("T", found.end())
    if sign in _DIGITS:
        for letter, pattern in _NUMERIC:
            found = pattern.match(text, at)
            if found:
                return (letter, found.end())
    if "a" <= low[at] <= "z":
        found = _LATIN.match(low, at)
        return (LEXICON.get(found.group(), "X"), found.end()) if found else None
    return None


def _starts_name(text: str, at: int, size: int) -> bool:
    """于洋: 于 is a word of its own, yet here a surname."""
    if size != 1 or text[at] not in SURNAMES or at + 1 >= len(text):
        return False
    following = text[at + 1]
    return following.isalpha() and not following.isascii() and not _known(text, at + 1) and following not in SURNAMES


def tokenise(text: str, names: Collection[str] = ()) -> list[Token]:
    """The words of a normalised text. Names in `names` are found first; others are guessed from what is unknown."""
    low = text.lower()
    heads: dict[str, list[str]] = {}
    for name in sorted((name for name in names if name and name in text), key=len, reverse=True):
        heads.setdefault(name[0], []).append(name)
    found: list[Token] = []
    run = at = 0
    while at < len(text):
        kind, end = _next(text, low, at, heads)
        if kind == "?":
            at = end
            continue
        if run < at:
            _unknown(text, run, at, found)
        found.append(Token(kind, text[at:end], at, end))
        run = at = end
    if run < at:
        _unknown(text, run, at, found)
    return _joined(found)


def _next(text: str, low: str, at: int, heads: dict[str, list[str]]) -> tuple[str, int]:
    sign = text[at]
    for name in heads.get(sign, ()):
        if text.startswith(name, at):
            return "P", at + len(name)
    if sign in _BREAKS:
        return "|" if sign != "、" else "&", at + 1
    if sign.isspace():
        return ".", at + 1
    special = _special(text, low, at)
    size = _known(low, at)
    if special and special[1] - at >= size:
        return special
    if not size or _starts_name(text, at, size):
        group = _GROUP.match(text, at)
        if group:
            return "G", group.end()
        if not size and not sign.isalnum() and sign not in "·#":
            return ".", at + 1
        return "?", at + (2 if size else 1)
    group = _GROUP.match(text, at) if size < 3 else None
    if group and group.end() - at > size:
        return "G", group.end()
    return LEXICON[low[at : at + size]], at + size


def _unknown(text: str, start: int, end: int, found: list[Token]) -> None:
    names = people(text[start:end])
    if not names:
        found.append(Token("X", text[start:end], start, end))
    for name in names:
        found.append(Token("P", name, start, start + len(name)))
        start += len(name)


def _joined(found: list[Token]) -> list[Token]:
    """王 + 主任 is a person, 李 + 想 is one too, 买买提 + · + 艾力 is one."""
    out: list[Token] = []
    for token in found:
        last = out[-1] if out else None
        alone = last is not None and last.kind == "X" and last.end == token.start and last.text in SURNAMES
        if (
            last is not None
            and alone
            and (
                token.kind == "l"
                or (
                    len(token.text) == 1
                    and token.kind in _NAME_TAIL
                    and token.text not in "的了"
                    and last.text + token.text not in NOT_NAMES
                )
            )
        ):
            out[-1] = Token("P", last.text + token.text, last.start, token.end)
        elif last is not None and last.kind == "P" and token.kind == "l" and last.end == token.start:
            out[-1] = Token("P", last.text, last.start, token.end)
        elif token.text == "·":
            out.append(token)
        elif (
            last is not None
            and last.text == "·"
            and len(out) > 1
            and out[-2].kind in "PX"
            and token.kind in "PX"
            and out[-2].end == last.start
        ):
            del out[-1]
            before = out.pop()
            out.append(Token("P", f"{before.text}·{token.text}", before.start, token.end))
        else:
            out.append(token)
    return out


def letters(tokens: list[Token]) -> str:
    """The class letters of the words that say something."""
    return "".join(token.kind for token in tokens if token.kind != ".")

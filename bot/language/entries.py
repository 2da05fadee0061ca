"""One line of a list: a name, then perhaps a state, a reason, an amount, hours or the number of a wish."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from bot.language.names import LONGEST, SURNAMES, people
from bot.language.numerals import CHINESE, money, number
from bot.language.patterns import any_of
from bot.language.reasons import kind_of
from bot.language.shapes import GROUP

Entry = dict[str, Any]

_STATES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (state, re.compile(pattern))
    for state, pattern in (
        ("", r"^(?:未回复?|未报|没回|待定|未定|未接龙|未反馈|没报|不确定|未交|未缴|没交|未签到?|未到)$"),
        ("leave", r"请假|不参加|不能参加|无法参加|来不了|去不了|参加不了|缺席|^[×✗✘❌xX]$|不来|不去"),
        ("checkin", r"到齐|签到|已到|到场|实到|到会|打卡"),
        ("makeup", r"已?补学|补课"),
        ("signup", r"报名|上岗"),
        ("attend", r"参加|参会|出席|[√✓✔☑✅]|\+1|^到$|能来|^来$|^是$|准时|^线上|远程"),
        ("dues_paid", r"党费|^(?:\d[\d.]*\s?(?:元|块钱?)?\s?)?(?:已[交缴]|[交缴](?=[了清齐]))(?:[了清齐]|费|\d|\s|$)"),
    )
)
_DEFAULTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (state, re.compile(pattern, re.I))
    for state, pattern in (
        ("dues_paid", r"党费|党废|档费"),
        ("wish_claim", r"微?心愿"),
        ("checkin", r"签到|到场|实到|到会"),
        ("makeup", r"补学"),
        ("leave", r"请假"),
        ("checkout", r"时长|服务时间|工时"),
        ("signup", r"报名|义诊|志愿|清雪|扫雪|除雪|创城|社区|clinic|volunteer|献血|植树|值守|执勤|宣讲|岗|排班|服务"),
    )
)
MOST_TITLE = 100  # characters of a title; nobody names an activity in more
_TITLE_TAIL = any_of(
    r"""
    \s*(?:的)?(?:参加人员|参会人员|人员|名单|统计|报名|接龙|情况|签到|如下|请接龙|参加情况|汇总|表|登记|请假|补学|认领|时长)+:?\s*$
    """
)
_DUES_TITLE = re.compile(r"((?:\d{1,2}(?:-\d{1,2})?月|第?[一二三四]季度))")
_NAME_CUT = re.compile(r"[\s,:(+×✗✘❌√✓✔☑✅\-/_]|(?<=[\u4e00-\u9fff])(?=[\d])")
_HOURS = re.compile(r"(?<!\d)(?:(\d+(?:\.\d+)?)\s*(?:个)?(?:小时|h)|(\d+)\s*分钟)", re.I)
_AMOUNT = re.compile(r"(?<![\d.])(\d+(?:\.\d{1,2})?)\s*(元|块钱?)?(?![\d.月年]|\s?[-~至到]\s?\d)")
_IN_WORDS = re.compile(  # 三十五块五, 35块5
    rf"(?<![\d.])((?:\d+|(?<![{CHINESE}])[{CHINESE}]+)(?:元|块钱?)整?(?:[\d{CHINESE}](?:[毛角](?:[\d{CHINESE}]分?)?)?)?)(?![\d.])"
)
_ITEM = re.compile(r"(\d+)\s*号")
_PAREN = re.compile(r"\(([^()]*)\)")

_CHINESE_NUMBER = re.compile(r"(?:^|(?<=[\s,;。]))\(?([一二三四五六七八九十]{1,3})[、.)]\s?(?=[\u4e00-\u9fff])", re.M)


def with_digits(text: str) -> str:
    """一、张三 二、李四 numbered as 1. 张三 2. 李四; a text with one such number alone is left as it is."""
    if len(_CHINESE_NUMBER.findall(text[:400])) < 2:
        return text
    return _CHINESE_NUMBER.sub(lambda found: f"{number(found[1])}. ", text)


def default_of(title: str) -> str:
    """The intent of a list's lines that say nothing but a name, by its title."""
    return next((state for state, pattern in _DEFAULTS if pattern.search(title)), "attend")


def state_of(words: str) -> str | None:
    """The intent that the words behind a name or before a colon stand for, "" for no state, None for neither."""
    words = words.strip()
    return next((state for state, pattern in _STATES if pattern.search(words)), None) if words else None


_OFFICE = re.compile(rf"(?:{GROUP.pattern})[\s:-]+(?=[\u4e00-\u9fff]{{2}})", re.X)
_GOODS = re.compile(
    r"盒饭|面条|米饭|套餐|水饺|包子|奶茶|咖啡|尺码|\d\s?[份杯套件箱斤]|[SMLX]{1,3}码|\bX+L\b|不?要辣|微辣"
    r"|(?:材料|作业|心得|体会|笔记|报告|试卷|申请书?|照片|表格?|论文|问卷|小结|总结)\S{0,2}[已未没][提上]?[交缴]"
)
_OTHER_LIST = any_of(
    r"""
    盒饭 订餐 订饭 点餐 奶茶 咖啡 水果 蛋糕 团购 拼单 拼团 拼车 订购 采购 购买 代购 领取 物资 口罩 快递 值班 排班 轮班
    聚餐 旅游 体检 疫苗 核酸 班车 打车 份子 尺码 工装 衣服 白大褂 住宿 车牌 停车 宿舍 工资 奖金 绩效 电影票 门票
    """
)


def of_other_things(title: str) -> bool:
    """A list of meals, goods or duties: nobody answers a call in it."""
    return _OTHER_LIST.search(title) is not None


def of_goods(rows: list[str]) -> bool:
    """1. 张三 盒饭 2. 李四 面条: what is ordered, not who comes."""
    return 2 * sum(_GOODS.search(row) is not None for row in rows[:50]) > len(rows[:50])


def activity_of(title: str) -> str:
    """The activity that a list's title names: 11月主题党日参加人员 -> 11月主题党日, 党费收缴(11月) -> 11月党费."""
    title = title.strip().strip("#【】[]:《》 ")[:MOST_TITLE]
    if default_of(title) == "dues_paid":
        month = _DUES_TITLE.search(title)
        return (month.group(1) if month else "") + "党费"
    cut = _TITLE_TAIL.sub("", title).strip()
    return cut or title


def names_no_activity(title: str) -> bool:
    """A title that only says that a list follows: 接龙, 名单如下."""
    return not _TITLE_TAIL.sub("", title.strip().strip("#【】[]:《》 ")).strip()


def is_name(word: str, names: Collection[str]) -> bool:
    """A name of the register, or something that the tables take for one person."""
    return (
        word in names
        or (people(word) == [word] and word[0] in SURNAMES)
        or ("·" in word and bool(people(word)))
        or (len(word) >= 3 and people(word) == [word])
    )


def entry(words: str, default: str, names: Collection[str], trust: bool) -> Entry | None:
    """One line of a list: a name, then perhaps a state, a reason, an amount or hours."""
    words = words.strip().strip(",;。、").strip()
    office = _OFFICE.match(words)
    words = words[office.end() :] if office and words not in names else words
    name, rest = _split_name(words, names)
    if not name or len(name) > 40 or not (trust or is_name(name, names)):
        return None
    rest = rest.strip().lstrip(":,-").strip()
    made: Entry = {"name": name, "intent": default}
    state = state_of(_PAREN.sub(r" \1 ", rest)) if rest else None
    if state == "":
        return {}
    if state:
        made["intent"] = state
    fill(made, rest)
    return made


def _split_name(words: str, names: Collection[str]) -> tuple[str, str]:
    known = next((words[:size] for size in range(min(len(words), LONGEST), 1, -1) if words[:size] in names), "")
    if known:
        return known, words[len(known) :]
    cut = _NAME_CUT.search(words)
    head, rest = (words[: cut.start()], words[cut.start() :]) if cut else (words, "")
    if people(head) == [head] or (rest and state_of(head) is None):
        return head, rest
    for size in (2, 3, 4):
        if people(head[:size]) == [head[:size]] and (state_of(head[size:]) or _AMOUNT.match(head[size:])):
            return head[:size], head[size:] + rest
    return head, rest


def fill(made: Entry, rest: str) -> None:
    """Adds to an entry what its intent asks for and the rest of the line tells."""
    intent = made["intent"]
    if intent == "leave":
        reason = reason_in(rest)
        if reason:
            made |= {"reason": reason, "reason_type": kind_of(reason)}
    elif intent == "dues_paid":
        amount = _IN_WORDS.search(rest) or _AMOUNT.search(rest)
        if amount:
            made |= {"amount": told} if (told := money(amount.group()) or money(amount.group(1))) else {}
            rest = rest[: amount.start()] + " " + rest[amount.end() :]
        note = rest.strip(" ,()+已交缴了√✅")
        if note:
            made["note"] = note
    elif intent in ("checkout", "signup", "attend") and _HOURS.search(rest) and not _LATE.search(rest):
        hours = _HOURS.search(rest)
        assert hours is not None
        made["hours"] = float(hours[1]) if hours[1] else int(hours[2]) / 60
        made["intent"] = "checkout"
    elif intent == "wish_claim" and _ITEM.search(rest):
        made["item"] = _ITEM.findall(rest)[0]


_LATE = re.compile(r"[晚迟](?:到|来|点)?")
_LEAVE_WORDS = re.compile(r"请假|不能参加|无法参加|不参加|来不了|去不了|参加不了|缺席|[×✗✘❌]|^因|\s因")


def reason_in(rest: str) -> str:
    """The reason that is left when the words of leave and the marks are taken away."""
    inner = _PAREN.search(rest)
    if inner and not _LEAVE_WORDS.fullmatch(inner[1].strip()):
        return _LEAVE_WORDS.sub("", inner[1]).strip(" ,:;。-+")
    return _LEAVE_WORDS.sub("", _PAREN.sub("", rest)).strip(" ,:;。、-+()")

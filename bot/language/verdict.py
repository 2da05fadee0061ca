"""Which act decides a text that no list, question or gate has settled."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.answers import BUILDERS
from bot.language.reading import Reading
from bot.language.said import Said, waiting
from bot.language.tokens import letters
from bot.language.whose import PLUS_ONE, idle, off

_BESIDE = frozenset({"attend", "leave", "signup"})

_I_GO = re.compile(r"(?:我|俺)(?:也|就|准时|一定|按时|肯定)*(?:去|到|过去|准时到)[。!~]*$")
_HELD = re.compile(r"[走抽脱离分腾]不(?:开|脱|了|掉|出)身?[了啊呀]?(?:[,。!]|$)")
_SAY_READ = re.compile(
    r"收到|收倒|收道|知道了|已阅|已读|已看|收悉|获悉|了解|清楚|明白|知悉|OK|已知晓|已转达|已传达|已转发|好的|看到了(?=[,。!~看]|$)",
    re.I,
)

# 收到病理报告了: what came is no notice.
_PARCEL = re.compile(
    r"已?收[到悉](?!(?:各|全|贵|您|你|上|群|所|此|这|该|以)|[了啦哈呀哦呢的]|通知|消息|信息|提醒|文件|材料|公告|短信|邮件)[\u4e00-\u9fff]{1,3}了|已?收[到悉](?!通知|消息|信息|提醒|文件|材料|指示|任务|领导|书记|组织|谢谢|感谢|收到|请|会|哈|呢|的|哦|明|今|后|周|本|公告|短信|安排|精神|要求|学习|会议|党|支部|主题)[\u4e00-\u9fff]{3}"
)

_TOLD_OF = frozenset({"attend", "leave"})
_ANSWERING = frozenset({"attend", "leave", "signup", "withdraw"})
_DESPITE = frozenset({"leave", "backdated"})  # acts that talk of other things beside them doesn't undo

_WEAK = frozenset({"makeup", "late", "cancel", "checkin"})

_WILL_DO = re.compile(
    r"(?:收到|好的?|明白|知道了)[,。!\s]*我?(?:会|一定|马上|尽快)(?!参加|出席|参会|列席|赶|来|去|到|(?:准时|正常|按时|提前)(?:来|去|到|参|出)|请假|报名)[^,。了]{1,10}[。!~]*"
)

_READ_IT = re.compile(r"[,。]通知(?:已|都|也|刚)*[看阅收读](?:到|过|完|悉)?了?[。!~]*$")  # 1床刚稳住，通知已看


def with_dues(said: Said, paid: Reading) -> Reading:
    """A payment and an answer in one text: the last decides, the other is `also`."""
    pay = max((at for at, clause in enumerate(said.parts) if any(token.kind in "FY" for token in clause)), default=0)
    beside = [one for one in said.acts if one.clean and one.act in _BESIDE and not {"F", "Y"} & set(one.code)]
    if not beside or "also" in paid.slots:
        return paid
    last = beside[-1]
    made = BUILDERS[last.act](said, last) if last.clause > pay else None
    if made is None:
        return Reading(paid.intent, {**paid.slots, "also": last.act}, paid.rule, paid.words)
    return Reading(made.intent, {**made.slots, "also": "dues_paid"}, made.rule, made.words)


def ack(said: Said) -> Reading | None:
    """收到 and nothing more: never attendance."""
    kinds = said.code.replace("|", "")
    if said.code == "CA" and PLUS_ONE.search(said.text) and "参加" not in said.text:
        if not _SAY_READ.match(said.text):
            return Reading("none", {}, "只是叫好", said.text)
        return Reading("ack", {}, "跟着说收到，不算参加", said.text)
    if kinds and "C" in kinds and frozenset("ClSdsP&").issuperset(kinds) and not re.fullmatch(r"[dlSsP&]*", kinds):
        return Reading("ack", {}, "只是表示知道，不算参加", said.text)
    if _I_GO.search(said.text) and re.fullmatch(r"C\|?S[d]*a", said.code):
        return Reading("attend", waiting(said, {}), "收到以后说自己去", said.text)
    if _WILL_DO.fullmatch(said.text) or _READ_IT.search(said.text):
        return Reading("ack", {}, "只是表示知道，不算参加", said.text)
    acting = [one for one in said.acts if one.act != "correct"]
    if (
        "C" in kinds
        and not acting
        and not frozenset("ZfnwFYy501").intersection(kinds)
        and _SAY_READ.match(said.text)
        and not _PARCEL.match(said.text)
    ):
        return Reading("ack", {}, "只是表示知道，不算参加", said.text)
    return None


def act(said: Said) -> Reading | None:
    """The reading of the act that decides; None where no clause is wholly explained."""
    clean = [one for one in said.acts if one.clean and one.act != "correct"]
    if clean and idle(said):
        clean = [one for one in clean if one.act in _DESPITE]
    clean = [one for one in clean if not off(said, one)]
    if not clean:
        return None
    both = beside(said, clean)
    if both:
        return both
    if _several_matters(clean, said):
        return Reading("unclear", {}, "说了几个活动，请一个一个写", said.text)
    if _several(clean, said):
        return Reading("unclear", {}, "一句话里几个人、几种状态，请逐个写", said.text)
    last = _decisive(clean, said)
    if last.act in _TOLD_OF and not frozenset("SsPGOr2").intersection(last.code):
        told = _subject_before(said, last)
        if told is not None:
            return told
    made = BUILDERS[last.act](said, last)
    if made is None and last.act == "leave" and "L" not in last.code:
        named = [one for one in clean if one.act == "leave" and "L" in one.code]
        return BUILDERS["leave"](said, named[-1]) if named else None
    return made


def beside(said: Said, clean: list[Found]) -> Reading | None:
    """明天我参加，老李请假: one's own answer, with what is said of others beside it (`also`), for the clerk.

    None where nobody else is spoken of, or where it is not plain which part is one's own.
    """
    states = [one for one in clean if one.act in _TOLD_OF]
    theirs = [one for one in states if "P" in one.code and not frozenset("Ssr").intersection(one.code)]
    if not theirs or len(states) != len(clean) or "r" in said.code or "u" in said.code:
        return None
    first = min(one.clause for one in theirs)
    own = [one for one in states if one not in theirs and ("S" in one.code or one.clause < first)]
    if len(own) + len(theirs) != len(states) or not own:
        return None
    if len({one.act for one in theirs}) > 1:
        return None
    if own[-1].act == theirs[-1].act and "S" not in own[-1].code:
        return None
    made = BUILDERS[own[-1].act](_without(said, {one.clause for one in theirs}), own[-1])
    if made is None:
        return None
    told = "、".join(name for one in theirs for name in spans.persons(said.parts[one.clause]))
    return Reading(made.intent, {**made.slots, "also": f"{theirs[-1].act}:{told}"}, made.rule, made.words)


def _subject_before(said: Said, act: Found) -> Reading | None:
    """老李请假，在手术，来不了: who is spoken of in the clauses before is who can't come; never the sender.

    Where he has no act of his own there (老李在手术，来不了) it is asked for.
    """
    for index in range(act.clause - 1, -1, -1):
        code = letters(said.parts[index], ".|Td")
        if "S" in code or "s" in code:
            return None
        if code.startswith("P") and not frozenset("P&lG2").issuperset(code):
            found = next((one for one in said.acts if one.clause == index and one.clean and one.act == act.act), None)
            if found is None:
                return Reading("unclear", {}, "不知道说的是谁，请写明", said.text)
            made = BUILDERS[act.act](said, found)
            return made if made and made.slots.get("persons") else None
    return None


def _without(said: Said, clauses: set[int]) -> Said:
    """The same text with some clauses blank, every word still at its place."""
    text = said.text
    for index in clauses:
        for token in said.parts[index]:
            text = text[: token.start] + " " * len(token.text) + text[token.end :]
    parts = [[] if index in clauses else clause for index, clause in enumerate(said.parts)]
    tokens = [token for clause in parts for token in clause]
    code = "|".join(map(letters, parts))
    acts = [one for one in said.acts if one.clause not in clauses]
    return Said(text, tokens, parts, code, acts, said.quoted)


def _several(clean: list[Found], said: Said) -> bool:
    """Different states for different people in prose that no list rule could read (18人参加，2人请假)."""
    if _HEADED.search(said.text) or _each_his_own(clean, said):
        return True
    states = {one.act for one in clean if one.act in ("attend", "leave", "checkin", "signup")}
    counted = sum(any(token.kind in "2P" for token in said.parts[one.clause]) for one in clean)
    return len(states) > 1 and counted > 1


# 到会：张三 李四；迟到：王五, where no rule for lists could read it.
_HEADED = re.compile(
    r"(?:到会|实到|参加|出席|请假|线上)\s?:[^:]{1,200}(?:迟到|早退|缺席|请假|线上|未到|参加)\s?:", re.S
)
_HE_COMES = re.compile(r"P[P&]*[dmT]*[aox][d]*")


def _each_his_own(clean: list[Found], said: Said) -> bool:
    """张三去，李四下夜班不去，王五线上: half of what is said of the others would be lost."""
    named = {one.clause for one in clean if one.act in _TOLD_OF and "P" in one.code}
    others = (clause for at, clause in enumerate(said.parts) if at not in named)
    return bool(named) and any(_HE_COMES.fullmatch(letters(clause)) for clause in others)


def _several_matters(clean: list[Found], said: Said) -> bool:
    """义诊我参加，党课请假; 周三参加，周五请假: each clause answers for something else, and one reading holds one."""
    if frozenset("gv").intersection(said.code):
        return False
    clauses = {one.clause for one in clean if one.act in _ANSWERING}
    activities = {spans.activity(said.parts[index]) for index in clauses} - {None}
    days = {spans.day_of(said.parts[index]) for index in clauses} - {""}
    return len(activities) > 1 or len(days) > 1


def _decisive(clean: list[Found], said: Said) -> Found:
    """The last act; 会后补学 after a leave and the like don't decide."""
    strong = [one for one in clean if one.act not in _WEAK] or clean
    last = strong[-1]
    later = [one for one in clean if one.act == "checkin" and one.clause > last.clause]
    if last.act == "leave" and len(strong) > 1 and strong[-2].act == "backdated":
        return strong[-2]
    if later and last.act in ("late", "attend"):
        return later[-1]
    said_so = [one for one in strong if one.act == "leave" and "L" in one.code]
    if last.act == "leave" and "L" not in last.code and said_so and _HELD.search(said.text):
        return said_so[-1]  # 请假，白班走不脱: the second is why
    left = [one for one in clean if one.act == "withdraw"]
    if last.act == "leave" and "L" not in last.code and left and frozenset("JHNWb").intersection(left[-1].code):
        return left[-1]  # 名额让出来，我去不了
    late_in = [one for one in clean if one.act == "checkin"]
    return late_in[-1] if last.act == "late" and late_in else last

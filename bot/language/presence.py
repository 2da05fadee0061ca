"""Being there, and what makes up for it: check-in, also after the event, and a missed study that was read up."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.acts import Found
from bot.language.attending import lateness, mode
from bot.language.reading import Reading
from bot.language.said import PAST, Said, Slots, deciding, named, waiting, who

_MANY = frozenset("Gs2")

_ALL_HERE = re.compile(r"[都全](?:已经?)?[到在]")  # 都到了，开始吧
_TEAM = re.compile(r"(?:队|队伍|组|人员)$")  # 义诊队到了
_PLANNED = re.compile(
    r"(?:明天|明早|明晚|后天|下周|下次|周[一二三四五六日天])\S{0,4}(?:签到|打卡)|(?:上午|下午|晚上|中午|等|再|这就|马上|现在|正|赶紧|一会儿?|待会儿?|就)\S{0,3}去(?:签到|打卡)"
)

_ABOUT_STUDY = re.compile(
    r"补课(?:的)?(?:老师|班|机构|费|教室)|补学(?:的)?(?:名单|安排|通知|链接|计划|时间|通道|要求)|补学(?:的)?(?:材料|资料|视频|课件)(?!.*(?:看|学|听|读)[完过了])"
)

_TO_STUDY = re.compile(r"^(?!.*[已了])(?=.*(?:明[天早晚]|后天|下周|周末|今晚|回头|改天|抽空))")

_AFTERWARDS = re.compile(
    r"再(?:来|去|过来|过去|回来|补)?(?:签到|签退|打卡|签)(?!一[遍次下]|了)|(?:完|后|回来|下班)再签"
)


def checkin(said: Said, act: Found) -> Reading | None:
    """Present now. For somebody else, or after the event, only the clerk may enter it; what is planned is none."""
    if _PLANNED.search(said.text) or _AFTERWARDS.search(said.text):
        return None
    slots: Slots = {**mode(said.text)}
    if "E" in said.code:
        slots |= lateness(said.text, said.code)
    part = said.parts[act.clause]
    if act.at and part[act.at - 1].text == "的" and "S" not in act.code:
        return None  # 送药的到了
    if _TEAM.search(spans.activity(part) or "") and "S" not in act.code:
        return None
    present = spans.persons(said.tokens)
    if not present and (
        _MANY.intersection(act.code)
        or "到齐" in said.text
        or re.search(r"全员|全部|全科|全组", said.text)
        or ("S" not in act.code and _ALL_HERE.search(deciding(said, act)))
    ):
        return Reading("unclear", {"flag": "needs_clerk"}, "几个人的签到要写出姓名", deciding(said, act))
    if "代签" in said.text and present:
        slots |= {"proxy": True, "flag": "needs_clerk"}
    if not present and ("代签" in said.text or re.search(r"r[dm]*S", act.code)):
        return Reading("unclear", {"flag": "needs_clerk"}, "不能请别人代签到", deciding(said, act))
    if present:
        slots["persons"] = present
        if "r" in said.code:
            slots |= {"proxy": True, "flag": "needs_clerk"}
        elif re.search(r"S&P|P&S", act.code):
            slots |= {"include_self": True, "flag": "needs_clerk"}
        elif len(present) > 1:
            slots |= {"flag": "needs_clerk"}
    moment = spans.when(said.tokens, said.text)
    if moment and PAST.search(moment):
        slots["flag"] = "needs_clerk"
    made = named(said, slots)
    if "item" in made:
        made = waiting(said, {key: value for key, value in made.items() if key != "item"} | {"code": made["item"]})
    return Reading("checkin", made, act.says, deciding(said, act))


def resign(said: Said, act: Found) -> Reading:
    """补签: a check-in after the event."""
    slots: Slots = {**who(said, act), "flag": "needs_clerk"}
    return Reading("checkin", named(said, slots), act.says, deciding(said, act))


def makeup(said: Said, act: Found) -> Reading | None:
    """已补学: a fact, not a plan."""
    if _ABOUT_STUDY.search(said.text):
        return None
    first = min(one.clause for one in said.acts if one.act == "makeup")
    done = "c" in act.code or bool(re.search(r"已|了|完|过|上门", said.text[said.parts[first][0].start :]))
    done = done or bool(re.search(r"(?:看|学|听|读)(?:完|过)?了[,。]", said.text))
    if not done or "f" in act.code or "j" in act.code or _TO_STUDY.search(said.text):
        return None
    slots: Slots = {k: v for k, v in spans.who(said.tokens, said.code).items() if k != "count"}
    month = next((token.text for token in said.tokens if token.text in ("上月", "上个月", "本月", "这个月")), "")
    slots |= {"when": month} if month else {}
    return Reading("makeup", named(said, slots, None, "open_makeup"), act.says, deciding(said, act))

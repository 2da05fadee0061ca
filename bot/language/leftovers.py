"""What is left when no act is sure: a few whole messages that mean something, `unclear`, or silence."""

from __future__ import annotations

import re

from bot.language import spans
from bot.language.answers import BUILDERS
from bot.language.leaves import stuck
from bot.language.reading import Reading
from bot.language.said import Said, waiting
from bot.language.whose import PLUS_ONE


def silence() -> Reading:
    """Chatter: nothing is said and nothing kept."""
    return Reading("none", {}, "不是给助手的话", "")


_KIND_ALONE = re.compile(r"(?:[请休在])?(?:病|事|公|产|陪产|婚|丧|年休|探亲|育儿|护理|公休)假(?:中|一次|一天)?[。!~]*")

_FREE = re.compile(
    r"^(?!.*(?:如果|要是|的话|就|才|万一|除非))[^?]*(?:不(?:上|值|当)班|休息|轮休|休班|有空|没班|没事|有时间|调休|换好班|调开了|换了班)[^?]*[,。](?:我|俺)?(?:能|可以|会|也|准时)*(?:去|到|参加)[。!~]*$"
)

_HALF_DAY = re.compile(r"(?:服务|义诊|志愿|值守|清雪)了?(?:半天|一天|一上午|一下午|大半天|一整天|整天)")

_CLOCK = r"(?:上午|下午|晚上|早上|中午)?[\d一二三四五六七八九十]{1,3}(?:[点时]半?|:\d\d)"

_BARE = re.compile(
    rf"(?:我|俺)(?:来|去|上|可以|能|行|能来|要去|要来)[吧啊!。~]*|(?:可以|能|能行|我们去|我们来)[的吧啊!。~]*|(?:我|俺)?(?:今天|明天)?(?:没空|没时间|[莫没]得空)[的了啊哈!。~]*|(?:今天|明天)?(?:上午|下午|晚上|中午)(?:我|俺)?(?:也|就|再)?[来到][的吧啊!。~]*|{_CLOCK}\s?[-~到至]\s?{_CLOCK}[。!]*"
)

_SENT_WRONGLY = re.compile(
    r"我?(?:上一?条|刚才|刚刚|前面|上面)(?:那条|那个|的)?(?:消息)?(?:(?:发|写|打|报|填|点|说|按)错(?:群|人)?了?|口误|手误|手滑|手快)了?"
)

_OTHERS = re.compile(r"病人|患者|家属|\d床|学生|老师|医生|护工|司机|又请|不让")


def rest(said: Said) -> Reading:
    """No act is sure: `unclear` where it looks like a command, else chatter."""
    code = said.code.replace("|", "")
    held = stuck(said)
    if held:
        return held
    if _KIND_ALONE.fullmatch(said.text):
        return Reading(
            "leave", waiting(said, spans.typed(said.text.strip("。!~ 中一次天在休请"))), "只写了假别", said.text
        )
    if _FREE.search(said.text) and re.search(r"\|S[dm]*a$|^[T]*S.*\|[dm]*a$", said.code):
        return Reading("attend", waiting(said, {}), "有空，自己去", said.text)
    if re.fullmatch(r"2?(\d)\1{2,}", said.text):
        return silence()
    if re.fullmatch(r"\d{1,5}(?:\.\d+)?(?:元|块)?|[零一二两三四五六七八九十百]+(?:元|块)?", said.text):
        return Reading(
            "unclear", {"context": "open_call" if said.text == "1" else "open_dues"}, "只有一个数", said.text
        )
    if _BARE.fullmatch(said.text):
        return Reading("unclear", {"context": "open_call"}, "没说是参加、报名还是别的", said.text)
    if re.fullmatch(r"党费\s?\d+(?:\.\d{1,2})?(?:元|块)?", said.text):
        return Reading("unclear", {"context": "open_dues"}, "没说交了没有", said.text)
    if _SENT_WRONGLY.fullmatch(said.text.strip("。.!~ ")):
        return Reading("cancel", {"context": "previous_message"}, "收回上一条", said.text)
    if re.search(r"[ALNI][^|]*的人(?!都)", code) or re.search(r"(?:参加|报名|请假|签到|到场|来)\S{0,6}的人", said.text):
        return silence()
    if re.fullmatch(r"党费|[交缴]|交钱|交费", said.text.strip("。.!~ ")):
        return Reading("unclear", {"context": "open_dues"}, "没说交了没有", said.text)
    if code and frozenset("P&").issuperset(code) and len(said.text) <= 40:
        return Reading("unclear", {"context": "open_call"}, "只有姓名", said.text)
    if code and frozenset("PX").issuperset(code) and "P" in code and len(said.text) <= 4:
        return Reading("unclear", {"context": "open_call"}, "只有一个名字", said.text)
    if re.fullmatch(r"到[!。~.]*|到[,\s]+(?:我?在)?\S{0,4}(?:排|会场|会议室|现场|角落)\S{0,2}", said.text):
        return Reading("checkin", {"context": "open_call"}, "点名答到", said.text)
    if re.fullmatch(r"[\u4e00-\u9fff]{2,4}[,\s]+到[!。~.]*", said.text) and code.startswith("P"):
        return Reading("checkin", {**spans.who(said.tokens, code), "context": "open_call"}, "点名答到", said.text)
    if re.fullmatch(r"到[!。~.,\s]+[\u4e00-\u9fff]{2,4}[。!]*", said.text) and "P" in code:
        return Reading("checkin", {"context": "open_call"}, "点名答到", said.text)
    if _HALF_DAY.search(said.text):
        return Reading("unclear", {}, "半天不是时数，请写小时", said.text)
    if re.fullmatch(r"我[来上去](?:[,!~\s]*我[来上去])+[吧!。~🙋]*", said.text):
        return Reading("signup", {"context": "open_call"}, "自己要去", said.text)
    if re.search(r"那[个条场]\S{0,3}(?:改|换|动)一?下[吧。!]*$", said.text):
        return Reading("unclear", {}, "没说是哪个、改成什么", said.text)
    if "那边" in said.text and (frozenset("YALNIMQ").intersection(code) or code.endswith("a")):
        return Reading("unclear", {}, "说的是别人的情况，请逐个写", said.text)
    return _doubted(said, code)


def _doubted(said: Said, code: str) -> Reading:
    """`unclear` where nearly all of it is an act's words, else chatter."""
    unknown = sum(len(token.text) for token in said.tokens if token.kind == "X")
    if (
        all(one.act == "correct" for one in said.acts)
        or frozenset("Zfjz").intersection(code)
        or unknown > 2
        or "谁" in said.text
    ):
        return silence()
    if said.acts[-1].act in ("signup", "checkin") and BUILDERS[said.acts[-1].act](said, said.acts[-1]) is None:
        return silence()
    if _OTHERS.search(said.text) or (
        said.acts[-1].act == "checkin" and ("m" in code or ("1" in code and "签" not in said.text))
    ):
        return silence()
    if (
        said.acts[-1].act in ("makeup", "late")
        or (unknown and PLUS_ONE.search(said.text) and "参加" not in said.text)
        or (said.acts[-1].act not in ("attend", "leave", "late", "stay") and unknown)
    ):
        return silence()
    return Reading("unclear", {}, "像是答复，但说不准", said.text)

"""Politeness, sighs and second thoughts around what is said: taken off first, so that the rules meet the matter alone.

哎呀不好意思书记，我来不了 says 我来不了. Whole clauses go, and what stands glued to the head of one; a text of nothing
else is left as it is.
"""

from __future__ import annotations

import re

from bot.language.patterns import alternatives
from bot.language.rewording import reworded

_TITLE = (
    r"(?:[\u4e00-\u9fff]?(?:"
    + alternatives(
        """
        副?书记 支书 副?主任 护士长 副?院长 副?科长 副?局长 委员 组长 老师 领导们? 大夫 站长 主席
        """
    )
    + r")|各位(?:同志|领导|老师|同事)?|大家|大伙儿?|(?:同志|同事|老师|家人|战友|朋友|亲)们|小同志|老同志们?"
    r"|尊敬的(?:党?支部|书记|领导|组织|各位领导)|小助手|助手|机器人|组织|党组织|党支部|支部|您们?|你们?)"
)
_TAIL = r"[了啦啊呀哈呢哦噢嘛哟喽咯吧呗的~]{0,3}"
_VERY = r"(?:实在|真的?|非常|很|十分|万分|太|特别|好|多有?|先|给|在此|我)*"
_MOST_TITLES = 8  # after one thanks: 您老师 can be read in two ways, so each more would double the time
_GREETING = (
    rf"(?:大?家?{_TITLE}){{1,3}}(?:您|你)?们?(?:好|早|早上好|上午好|中午好|下午好|晚上好|辛苦|过年好|新年好|在吗|吉祥)?"
)
_HELLO = r"(?:您|你|大家)?(?:早上好|上午好|中午好|下午好|晚上好|早安|早|你好|您好|哈喽|hello|hi|嗨|在吗)"
_SORRY = (
    rf"{_VERY}(?:不好意思|抱歉|对不起|对不住|惭愧|打扰|打搅|叨扰|见谅|见笑|失礼|遗憾|可惜|添麻烦|给(?:你们?|您|大家|组织)添麻烦)"
    rf"(?:{_TITLE}|一下|了){{0,{_MOST_TITLES}}}"
)
_THANKS = (
    rf"{_VERY}(?:谢谢|感谢|多谢|谢|拜托|劳驾|有劳|受累|麻烦|辛苦)"
    rf"(?:{_TITLE}|啦|了|关心|提醒|理解|体谅|一下){{0,{_MOST_TITLES}}}"
)
_BEG = (
    rf"(?:请|望|恳请|还请|希望|敬请|盼|也?请|烦请|还望|恳求|请求|求){_TITLE}{{0,2}}(?:们|能|予以|给予|多|给)*"
    r"(?:批准|准假|谅解|理解|见谅|体谅|包涵|海涵|放心|知悉|悉知|知晓|周知|批示|核实|记录|登记|备案|审核|准了|准许|同意|通过|谅|准)"
    r"(?:一下|为盼|谢谢|为荷)*"
)
_REPORT = (
    rf"(?:报告|汇报|回复|回禀|回){_TITLE}?"
    rf"|(?:跟|向|给|和|同){_TITLE}{{1,2}}(?:报告|汇报|说|讲|请示|报备|回)(?:一下|一声|个事|声)?"
    rf"|(?:麻烦|劳驾|请|烦请|辛苦)?{_TITLE}?(?:帮忙|帮我|给我|帮)?(?:登记|记录|备注|记)(?:一下|个|下|一笔)?"
    r"|(?:在这)?(?:统一|先)?(?:说|报备|报告|汇报|回复)(?:一下|一声|声)|是这样|情况是这样|事情是这样|跟大家说一声"
)
_SIGHS = (
    r"(?:呜|嘤|哎|唉|哇|啊|额|呃|嗯呐|嗯哪|嗯|哦|噢|哟|嗷|冲|咳|害|嗐|欸|诶|唔|嚯|妈呀|天哪|天呐|好家伙|那啥|那个啥|内个|那个"
    r"|话说|其实|说真的|说实话|讲真|真是|没办法|没法子|没辙|无奈|嗨|呀|冲鸭|走起|来了来了|必须的|老铁们?|那必须|妥妥的|OMG|555++|救命|苦也|惨)+"
)
_STRAIGHT = r"(?:我)?(?:已经?)?(?:不(?:再)?(?:犹豫|纠结|多想|考虑)|想好|考虑好|考虑清楚|决定|定)(?:了|好了)"
_SECOND = (
    r"(?:啊|哦|噢|呃|额|唉|哎|呀)?(?:不对|不是|说错|打错|写错|口误|记错|错)(?:了|啦|啊|呀|哈)*(?:不对|更正|更正一下)?"
)
_WHOLE = re.compile(rf"(?:{_GREETING}|{_HELLO}|{_SORRY}|{_THANKS}|{_BEG}|{_REPORT}|{_SIGHS}|{_STRAIGHT}){_TAIL}", re.I)
_HEAD = re.compile(
    r"(?:(?:呜|嘤|哇|冲|嗷|啊|唉|哎|嗯){2,8}|(?:真|实在)?(?:不好意思|抱歉|对不起|对不住)(?:啊|哈|了)?(?=[\u4e00-\u9fff]{2})|哎呀妈?呀?|哎哟喂?|哎呦喂?|嗯呐|嗯哪|呃|嗐|冲鸭)+"
)
_CONCESSION = re.compile(
    r"(?:就算|就是|多(?=[晚忙远累难])|哪怕|即使|即便|纵使|不管|无论|虽然|虽说|尽管|别看|再(?=忙|累|困|远|晚|难|大))[^,。!?;]{1,14}?"
    r"(?:,?(?:但是?|可是?|不过|却)|,?(?:我|俺|本人)?(?:也|都)(?=\S)|,)"
)
_ROOM = re.compile(
    r"(?:^|(?<=[,。!]))(?P<what>[\u4e00-\u9fff]{0,6}?)(?:要是|如果|若是?|假如|万一|只要)?(?:还|又|能)?"
    r"(?:没有?(?:位子|名额|位置)(?:的话|了)?(?:,?就(?:排队|候着|等着|等|排)+(?:吧|呗)?)?|(?:的)?名额还?(?:在|有|空着|没满)|没人(?:报名?|去|来|上|领|认领)(?:的话|了)?|[缺差]几个人?(?:的话)?|[有缺差剩空](?:出)?(?:名额|空位|位置|位子|岗位?|人退出?|人不来|人|缺)(?:的话|了)?|满[了员]?(?:的话)?|报满了?|名额满了?|不够(?:人)?|人手不够|人不够|缺人手|人手紧|人不齐|(?:没|没报|还没|不)满|去[\u4e00-\u9fff]{2,4}的话|[缺差][\u4e00-\u9fff]{1,4}的话)[,的话]*(?:我|俺)?(?:就|再|也)?"
    r"(?=,?(?:我|俺)?(?:就|也|愿意|可以)*(?:排?候补|替补|补位|给我|帮我|报|算上|带上|算我|加我|带我|我报|我[来上去](?!不)|我报名|报名))"
)
_ANYHOW = re.compile(
    r"(?:克服(?:一切|万难|困难)*|爬|拄着?拐杖?|坐着?轮椅|带病|冒着?[大风雨雪]+|顶着?[风雨雪烈大]+|轻伤不下火线|(?:就是)?(?:天上)?下刀子|下[雪雨]|刮[风台]|打雷|天大的事|千难万险|(?:加班|下夜班|请假|倒贴钱|自费|打车|走路|步行|骑车)|想尽?办法|怎么着"
    r"|无论如何|说什么|说啥|咋地?|咋说|再[忙累困远难])也(?:要|得|一定|必须|会|能)*(?=参加|[来去到])"
)
_PIECES = re.compile(r"([,。!;~\n]+|\.{2,}|…+)")
_DAY_HEAD = re.compile(r"(?:周[一二三四五六日天末]|\d{1,2}[号日]|明天|后天|今天|上午|下午|晚上)")
_DAY_LAST = re.compile(rf"{_DAY_HEAD.pattern}[,。]*$")


def plainer(text: str) -> str:
    """The text without courtesies, sighs and withdrawn beginnings; untouched where nothing else would be left."""
    if "\n" in text:
        return text
    pieces = _PIECES.split(conceded(_ROOM.sub(_kept, reworded(text))))
    said: list[str] = []
    for at in range(0, len(pieces), 2):
        clause = pieces[at].strip()
        if at and clause and _SECOND_ONLY.fullmatch(clause):
            _corrected(said, pieces, at)
        elif clause and not _WHOLE.fullmatch(clause):
            sighed = _HEAD.match(clause)
            said.append((clause[sighed.end() :] if sighed else clause) + "".join(pieces[at + 1 : at + 2]))
    return "".join(said).strip(" ,") or text


_SECOND_ONLY = re.compile(_SECOND)


def _corrected(said: list[str], pieces: list[str], at: int) -> None:
    """报周六，哦不对，周日的义诊: the day said first is taken back, its verb stays."""
    following = pieces[at + 2].strip() if at + 2 < len(pieces) else ""
    day = _DAY_HEAD.match(following)
    if said and day:
        said[-1] = _DAY_LAST.sub("", said[-1]) + following
        pieces[at + 2] = ""


def _kept(found: re.Match[str]) -> str:
    """义诊要是满了我候补: the activity stays, and who speaks."""
    return found["what"] + ("我" if found.group().rstrip("就再也").endswith(("我", "俺")) else "")


def conceded(text: str) -> str:
    """就算连台手术也参加 says 参加: what doesn't hold one back is no condition and no reason."""
    return _ANYHOW.sub("", _CONCESSION.sub("", text))

"""Dues in chat: what sum a text names, and whether it claims a payment.

A claim is a fact told (已交, 交了, 交100); a promise (10号发工资交) or a denial (没交) is none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.language.months import month_numbers
from bot.language.numerals import CHINESE, money
from bot.language.patterns import any_of
from bot.language.reading import Reading
from bot.language.tokens import Token, letters

_DONE = re.compile(r"搞定|成功|已|了|过|完|清|齐|足|刚|啦|咯|喽")
_FACT = re.compile(r"搞定|成功|已|了|过|刚|啦|咯|喽")
_MORE = re.compile(r"[\u4e00-\u9fff]{2}")
_ALTOGETHER = frozenset(["一共", "共", "合计", "总共", "共计"])
_NOUN = re.compile(r"[交缴]纳?党费的(?!是|时候|钱)[\u4e00-\u9fff]{2}|[交缴]的党费(?=[退都会用能可怎不])")
# How dues go in general, or with others: 以前都是交现金, 党费是按税后算的, 老周年年第一个交.
_HABIT = any_of(
    r"""
    (?:以前|从前|过去|早先|年年|每年|历来|从来|回回)[^,。]{0,8}(?:党费|[交缴])
    党费(?:都|一直|一律)?是(?:按|由|从|[他她]|人家)
    (?:去年|前年|那年)党费[^,。补]{0,4}是 组织关系[^,。]{0,8}党费 有人[^,。]{0,4}党费 党费[^,。]{0,4}有人 第一个[交缴]
    """
)
_TO_YOU = re.compile(r"[交转缴付给]的(?:你|您|微信|现金|小|老|[\u4e00-\u9fff]{2,3}$)")
_ALREADY = re.compile(r"已|刚|早|都|过|完")
_THEN = re.compile(
    r"(?<!刚)[就再才](?:马上|立刻|赶紧|一起|一并)?(?:把党费|党费|把它|去|来)?(?:补?[交缴转付]|补上|补齐)(?!了|过|完|清|齐)"
)
_CHANNELS = (("微信", "微信转账"), ("支付宝", "支付宝"), ("现金", "现金"), ("银行", "银行转账"))
_CORRECT = re.compile(
    rf"(?:(?<!不)是|(?:实际|实交|实缴|其实|应该?|正确|改成|改为)(?:应该)?(?:是|为|[交缴付转]了?的?)*)\s?(?P<right>\d+(?:\.\d{{1,2}})?|[{CHINESE}]+)(?:元|块)?"
)
_REALLY = re.compile(r"(?:实际|其实|实|应该?)(?:是|应)?[交缴付转]了?的?是?\s?\d")
_PERIOD = re.compile(r"上个月|上月|本月|这个月|当月|上半年|下半年|全年|今年")


def channel_of(text: str) -> str:
    """How it was paid (微信转账, 现金, …), "" where a text doesn't say."""
    return next((name for word, name in _CHANNELS if word in text), "")


def amount_of(tokens: list[Token]) -> str | None:
    """The sum in a dues text: a number with 元/块 first, else the bare number next to the payment."""
    marked = next((token for token in tokens if token.kind == "4"), None)
    told = marked or next((token for token in reversed(tokens) if token.kind == "1"), None)
    return money(told.text.strip("¥￥ ")) if told else None


def _persons(text: str, tokens: list[Token]) -> list[str]:
    """Whose dues it is: not the one it was handed to (转给张三了, 已转李红)."""
    handed = ("给", "转", "转账", "到", "交")
    people = (one.text for one in tokens if one.kind == "P" and not text[: one.start].rstrip().endswith(handed))
    return list(dict.fromkeys(people))


def _sends(clause: list[Token]) -> bool:
    """截图就不发了: what is sent beside a payment."""
    return "n" in {one.kind for one in clause} and all(one.text in "发打给" for one in clause if one.kind == "Y")


def without_others(parts: list[list[Token]]) -> list[Token]:
    """党费交了，学费还没交: the words without the clauses about other money, where one is about dues."""
    kinds = [{token.kind for token in one} for one in parts]
    about = any({"F", "Y"} <= one for one in kinds)
    paid = next((at for at, one in enumerate(kinds) if "Y" in one), len(kinds))
    parts = [one for at, one in enumerate(parts) if at <= paid or not _sends(one)]
    kinds = [{token.kind for token in one} for one in parts]
    return [
        token
        for one, held in zip(parts, kinds, strict=True)
        for token in one
        if not (about and "Z" in held and "Y" in held and "F" not in held)
    ]


def read_dues(text: str, tokens: list[Token], code: str) -> Reading | None:
    """A claim of payment, `none` for a promise or a denial, None where the text is not about paying dues."""
    about = "F" in code
    if about and "S" not in code and _HABIT.search(text):
        return Reading("none", {}, "说的是平常的事，不是自己交没交", text)
    if about:
        tokens, code = _made_good(tokens, code)
    if _SCIENTIFIC.fullmatch(text):
        return Reading("dues_paid", {"context": "open_dues"}, "说党费已交，金额的写法不认", text)
    if not about:
        code = "".join("." if one.text in _ALTOGETHER else one.kind for one in tokens if one.text.strip())
    if about and _WRONG.search(text) and _ANOTHER_S.search(code):
        return Reading("unclear", {}, "别人报的由本人更正", text)
    if "v" in code or "不是" in text or (about and _WRONG.search(text)):
        right = _CORRECT.search(text)
        told = money(right["right"]) if right else None
        if right and told and (about or (_REALLY.search(text) and "Z" not in code)):
            amended = {"amount": told, "replaces": "dues_paid"}
            slots = amended if about else amended | {"context": "open_dues"}
            return Reading("dues_paid", slots, "更正金额，以后说的为准", right.group())
    if not about and (
        not code
        or not frozenset("YdSsPr14lC|.To7&").issuperset(code)
        or ("l" in code and not re.search(r"给|向|到|跟", text))
    ):
        return None
    sums = [one for one in tokens if one.kind in "14"]
    amount = amount_of(tokens)
    if about and _WRONG.search(text) and len(sums) == 1 and "f" not in code and amount:
        return Reading("dues_paid", {"amount": amount, "replaces": "dues_paid"}, "更正金额，以后说的为准", text)
    if about and _REFUND.search(text):
        return Reading("unclear", {}, "退党费请找收款人", text)
    if "Y" not in code:
        return None
    if about and "P" not in code and _NAMELESS.search(code):
        return Reading("unclear", {}, "没写是替谁交的", text)
    return _claim(text, tokens, code, about)


def _made_good(tokens: list[Token], code: str) -> tuple[list[Token], str]:
    """党费补上了, 党费补齐了: said of dues these are payments."""
    words = [
        one._replace(kind="Y")
        if (one.kind in "Mc" and one.text[0] == "补")
        or (one.kind == "D" and ("送" in one.text or one.text[:2] in ("搞定", "办好", "办妥", "解决")))
        else one
        for one in tokens
    ]
    if words == tokens:
        return tokens, code
    return words, letters(words, ".")


_PROMISE = re.compile(r"[jm]\|?[^|]*Y|z")
_FUTURE = re.compile(r"明天|后天|下周|下个?月|周[一二三四五六日]|星期|晚上|下午|月底|\d+[号日]|年底")
_DENIAL = re.compile(r"[fn][a-zA-Z.]?Y")
_FOR_ANOTHER = re.compile(r"rP+Y7?F?7?[14]F?")  # 代李四交 50: a sum at the end of it is no promise
_SCIENTIFIC = re.compile(r"(?:党费)?已[交缴]\s*\d[\d.,]{0,12}[eE][+-]?\d{1,4}\s?(?:元|块)?")

_LONG_AGO = re.compile(r"去年|前年|上次|上回|那年|那次|以前|从前")
_HANDED_ON = re.compile(r"上[缴交](?:到|给|至)?(?:了)?(?:区|县|市|党委|上级|财政|组织部|总支|机关工委|卫健|局)")
_ALL_PAID = re.compile(r"^(?:全|全都|全部|都)[交缴]了[。!]*$")
_DUE = re.compile(
    r"(?:准备|打算|正要|计划|这就|就要|等着|想着|琢磨|惦记)(?:去|把|要)*(?:党费)?(?:也|都|去)*[交缴转](?:党费|费|钱|纳)*了?|(?<![不只需必])(?:该|要|快|快要|需要|又该|开始|可以|得)(?:去|给)?[交缴](?:党费|费|钱|纳)*了"
)
_OF_MANY = re.compile(
    r"(?:妈妈?|爸爸?|爱人|老公|老婆|媳妇|老伴|父亲|母亲|爷爷|奶奶|岳父|岳母|婆婆|公公|哥哥?|姐姐?|弟弟?|妹妹?|对象)(?:[和跟与]我)?的?党费"
    r"|(?:(?:我们|咱们|俺们)(?:[俩仨]|[两三几]个?人?|两口子)?|[我咱俺][俩仨]|[我本](?:科室?|组|院))的?党费|(?:大家|全体|各(?:科|组|支部)|所有|支部|全科|他们|她们|科里|组里|我们科|全组)\S{0,4}党费|党费(?:大家|全支部|全体|各科)"
)
_OF_KIN = re.compile(r"我(?:爸|妈|老公|老婆|爱人|婆婆|公公|奶奶|爷爷|媳妇|对象|老伴)[^,。和跟与]{1,12}党费")
_ASTRAY = re.compile(r"[转发打]错了?[人群]")
_BETWEEN_US = re.compile(r"^(?!.*党费).*[,\s]收(?:一?下|钱)[啊吧哈]?$")  # 转你了，收一下
_WRONG = re.compile(r"(?:写|打|报|填|说|发|输|转|付|交)错|(?:金额|数)(?:不对|错)")
_REFUND = re.compile(r"交重了|重复交|交了两[次遍]|退(?:给?我|还|回|款|钱|给)")
_HANDED = re.compile(r"Y[.lP&]+\|?[.|]*4")  # 交给组织委员李红，25元
_NAMELESS = re.compile(r"[XZO][.d]*r[.d]*S[^|]*Y|r[.d]*[XZO][^|PS]*Y|r[.d]*[XZO][^|PS]*F[^|PS]*Y")  # 帮爱人把党费交了
_ANOTHER_S = re.compile(r"P[.Y]*F")  # 李四的党费, 代李四交的党费
_FOR_OTHER = re.compile(r"r[.dl]*P[P&.l]*7?[F.]*Y")  # 替王芳交11月党费


# Texts about paying that are nobody's claim, whatever else they say: the first that fits counts.
_NO_CLAIMS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (_NOUN, Reading("none", {}, "说的不是交没交")),
    (_ALL_PAID, Reading("unclear", {"context": "open_dues"}, "没写是替谁交的")),
    (_HANDED_ON, Reading("none", {}, "是组织上缴的，不是某个人交的")),
    (_DUE, Reading("none", {}, "说的是该交了，不是已经交")),
    (_OF_MANY, Reading("unclear", {}, "没写是替谁交的")),
    (_ASTRAY, Reading("none", {}, "转给了别人，不是交了党费")),
    (_OF_KIN, Reading("none", {}, "说的是家里人")),
    (_BETWEEN_US, Reading("none", {}, "说的不是党费")),
)

_FEW = 2  # unknown characters; with more of them a text that claims nothing is talk
_DOUBTFUL = Reading("unclear", {}, "像是说党费，但没说已经交")


def _claim(text: str, tokens: list[Token], code: str, about: bool) -> Reading | None:
    other = next((reading for pattern, reading in _NO_CLAIMS if pattern.search(text)), None)
    if other:
        return replace(other, slots=dict(other.slots), words=text)
    if _DENIAL.search(code):
        return Reading("none", {}, "还没有交，不记", text)
    amount = amount_of(tokens)
    last = max((token for token in tokens if token.kind == "Y"), key=lambda token: token.start)
    tail = text[last.start : last.end + 3]
    joined = code.replace("|", "")
    another = _FOR_ANOTHER.fullmatch(joined) is not None
    later = _THEN.search(text) is not None
    fact = another or (not later and _told_as_fact(text, tokens, last))
    paid_sum = amount is not None and re.search(r"Y7?F?7?[14]", joined) is not None
    if (later and not paid_sum) or (not fact and (_PROMISE.search(code) or _FUTURE.search(text[: last.end]))):
        return Reading("none", {}, "说的是以后交，不是已经交", tail)
    first = min((token.start for token in tokens if token.kind in "FY"), default=0)
    done = paid_sum or another or fact or (not later and _DONE.search(text, max(0, first - 4)) is not None)
    done = done or (about and (_HANDED.search(code) or _FOR_OTHER.search(code)) is not None)
    if not fact and not paid_sum and last.text[-1] in "完清齐" and _MORE.match(text, last.end):
        done = False  # 党费交完月底要对账
    if not about and amount is None and all(one.text[0] in "发打给递塞" for one in tokens if one.kind == "Y"):
        return None  # 发了, 打了: what was sent is not said
    if not about and _LONG_AGO.search(text):
        return Reading("none", {}, "说的是以前的事", text)
    heard = "u" in code.replace("Fu", "F") and "据" not in text
    if not done or not (about or fact) or heard or frozenset("te").intersection(code):
        talk = sum(len(one.text) for one in tokens if one.kind == "X") > _FEW
        doubt = Reading("none", {}, "说到党费，没说自己交没交", text) if talk else _DOUBTFUL
        return replace(doubt, words=text) if about else None
    slots: dict[str, Any] = {} if about else {"context": "open_dues"}
    _fill(slots, text, tokens, amount)
    return Reading("dues_paid", slots, "说党费已交，等收款人核对", tail)


def _told_as_fact(text: str, tokens: list[Token], last: Token) -> bool:
    """已交, 刚转了, 交的微信: beside the last word of paying, or with an earlier one (现金交了，放你桌上)."""
    before, after = text[max(0, last.start - 4) : last.start], text[last.start : last.end + 3]
    return bool(_ALREADY.search(before) or _FACT.search(after) or _TO_YOU.search(text) or _earlier(tokens, text))


def _earlier(tokens: list[Token], text: str) -> bool:
    return any(one.kind == "Y" and text[one.end : one.end + 2] in ("了,", "过,") for one in tokens)


def _fill(slots: dict[str, Any], text: str, tokens: list[Token], amount: str | None) -> None:
    if amount is not None:
        slots["amount"] = amount
    months = month_numbers(text)
    if months:
        slots["months"] = months
    period = _PERIOD.search(text)
    if period and not months:
        slots["period"] = period.group()
    persons = _persons(text, tokens)
    if persons:
        own = re.search("S&P|P&S", letters(tokens)) is not None  # 我和王芳的党费交了
        slots |= {"persons": persons, ("include_self" if own else "proxy"): True}
    channel = channel_of(text)
    if channel:
        slots["channel"] = channel
    if "自愿" in text or "多交" in text or "多的" in text:
        slots["voluntary_extra"] = True
    if re.search(r"(?<!不要)(?<!不用)(?:收据|发票|票据)(?!就?不|别)", text):
        slots["also"] = "query:receipt"

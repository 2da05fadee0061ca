"""微心愿: claims, fulfilment, and giving one back. A number or the word 心愿 must be there."""

from __future__ import annotations

import re
from typing import Any

from bot.language import spans
from bot.language.patterns import any_of
from bot.language.reading import Reading
from bot.language.tokens import Token, letters

_DONE = any_of(
    r"""
    完成 兑现 送到 送去 办好 办妥 解决 实现 落实 送达 装好 修好 送过去 已办 对现 (?<!包)圆了 送出去 搞定 送上门 配好
    买到了 换好 安好 买好送
    交到
    """
)
_PLAN = any_of(
    r"""
    准备 打算 马上 正在 明天 后天 下周 周[一二三四五六日天] 会(?:送|尽) 要送
    快(?:要)?(?:完成|办|送|落实|解决|实现|兑现|圆) 还(?:没|在)
    争取 尽快 等 改天 联系 买好了 过几天 月底 计划 抓紧 没(?:有)?(?:完成|送) 未
    """
)
_HAPPY = any_of(
    r"""
    老人 大娘 大爷 大妈 奶奶 爷爷 阿姨 老党员 高兴 满意 开心 感动 心愿 群众 居民 村民 困难户 感谢党 老乡 道谢 致谢
    家长 残疾
    孤寡 独居 老爷子 老太太 大叔 婆婆 老两口 孩子们 乐坏 乐开花 笑得 大姨 老伴儿 五保 低保 留守
    """
)
_GIVE_BACK = any_of(
    r"""
    不(?:能|想|再)?(?:认领|领|接|要)了? (?:取消|放弃|退掉?|退回|撤回|撤销).{0,6}(?:认领|心愿|\d+号)
    (?:认领|心愿|\d+号).{0,4}(?:作废|撤销|撤了|取消|放弃|退了|退回|退掉|撤回|让出来|不算)
    让给(?!我)|不做了|做不了|办不了|完不成|完成不了|办不成|办不到|做不到|还给组织|还给支部|没法完成|实现不了|无法完成|(?:心愿|号).{0,6}(?:还回去|退回去?|还给组织|退给|转给别人|给别人|让出)|退回吧|还回去
    """
)
_CLAIM = re.compile(
    r"认领|合领|[合同]认|一起认|领|我来|包了|我接|接下|认了|我要|认下|交给我|算我|承包|我认|任领|认岭|忍领|认令|给我(?:吧|$)|归我|包圆|算我的|由我|让我|我出钱|我买|我来买|我负责|我来办|我出"
)
_WILL = re.compile(r"我来(?:帮\S{0,4})?(?:实现|完成|办|落实|解决|圆|兑现)(?!了)")
_WANT = re.compile(r"想(?!要)|如果|要是|可能|考虑|的话")

_WANTED = re.compile(r"^(?:我|俺|本人|我也|也)?(?:就)?想(?:要|来)?(?:认领|领)(?:一个|个)?(?:微?心愿)[吧啊哈。!~]*$")
_UNCLAIMED = re.compile(
    r"(?:我)?(?:取消|放弃|撤回|撤销|退回)(?:我的)?认领[了吧。]*|(?:我的)?认领(?:的)?(?:取消|作废|撤回|撤销|不算|放弃)[了吧。]*"
)
_TASKS = re.compile(
    r"认领(?:了)?(?:一个|个)?(?:任务|责任|题目|值班|宠物|小树|岗位|课题|文章|工作)|掉[在了]|捡到|门卫|失物|遗失|落在|招领|(?:任务|责任|岗位|课题|工作)(?:都|已经?)?认领"
)
_WHOSE = re.compile(r"(?:老人|大娘|大爷|奶奶|爷爷|阿姨|大妈|大叔|同学)家?的(?:微)?心愿")
_NUMBER_DONE = re.compile(
    r"(?:我)?(?:认领)?的?\d{1,3}号(?:我)?(?:已经?|都|也|早)*(?:完成|兑现|办结|办好|办妥|落实|送达|已办)(?:了|啦)?[。!~]*"
)
_NUMBER_MINE = re.compile(
    r"(?:那)?[\d一二三四五六七八九十]{1,3}号(?:就|也)?(?:我|俺|由我|归我|交给我|算我的|让我)(?:包了?|要了?|来办|来完成)?(?:吧|了|啦)?[。!~]*"
)
_GIFTS = (
    "(?:老花镜|轮椅|书包|棉被|电饭煲|拐杖|助听器|收音机|台灯|米面油|棉衣|学习机|保温杯|护膝|羽绒服|热水壶|电热毯|助行器|字典|课外书"
    "|泡脚桶|足浴盆|棉鞋|电风扇|小太阳|毛毯|被子|文具|血压计|坐便椅|放大镜)"
)
_GOODS = re.compile(
    rf"(?:我|俺)?(?:来|也|想)?认领(?:了)?(?:那个|一个|一副|一台|这个|[\u4e00-\u9fff]{{1,4}}的)?{_GIFTS}|{_GIFTS}(?:那个|这个|的)?(?:我|俺)(?:来)?认领|^(?:把)?{_GIFTS}(?:已经?|都)*(?:送到了?|送去了|送达|送过去了|送上门了)[。!]*$"
)
_THING = re.compile(
    r"^(?:那个|这个|把)?(?P<what>(?!我|那|这|微|心)[\u4e00-\u9fff]{2,6}?)(?:的|那个|这个|那条|那份)*微?心愿(?:就)?(?:我|俺|由我|让我|归我|给我|算我)"
)

_CLAIM_LETTERS = frozenset("SsP&3ydmt.JrlG1|CTnkKcDq")

_SOME = re.compile(r"认领了?(?:\d+|[一二两三四五六七八九十]+)个(?:微?心愿)")


def _claiming(code: str) -> str:
    """The letters of the clauses that claim; what is said beside (买不到) is nobody's business."""
    return "|".join(one for one in code.split("|") if frozenset("y3").intersection(one))


def read_wish(text: str, tokens: list[Token], code: str) -> Reading | None:
    """wish_claim, wish_done or withdraw (object wish); None where the text is not about wishes."""
    numbers = [token for token in tokens if token.kind == "3"]
    about = "w" in code
    numbers = numbers or [token for token in tokens if token.kind == "1" and re.match(r"(?:认领|兑现|领)", text)]
    if (
        not about
        and not (numbers and re.search(r"领|我来|我认|退回|不要了|做不了|办不了|[nk]y|y[nkK]|兑现|放弃", text + code))
        and not (numbers and "Z" not in code and _DONE.search(text) and re.search(r"手[里上中]|家[里中了]", text))
        and not (_DONE.search(text) and _HAPPY.search(text) and "M" not in code)
        and not (numbers and _NUMBER_DONE.fullmatch(text))
        and not (numbers and _NUMBER_MINE.fullmatch(text))
        and not ("Z" not in code and _GOODS.search(text))
        and not re.search(r"(?:那个|这个)(?:心愿)?我(?:来)?(?:不?认领|包了|领了)|^(?:那个)?心愿我(?:退|不)", text)
        and not _UNCLAIMED.fullmatch(text)
        and not (re.search(r"认领|合领|领", text) and re.fullmatch(r"[SdmtrP&s]*y[dJ1|.]*", code))
    ):
        return None
    if re.search(r"(?:完成|实现|认领|兑现|落实)(?:率|情况)|认领(?:完|光)|被认领", text):
        return None
    if "心愿" not in text and _TASKS.search(text):
        return None
    if "谁" in text or (
        not about
        and numbers
        and _CLAIM.search(text)
        and not _CLAIM_LETTERS.issuperset(_claiming(code).replace("JX", "J"))
    ):
        return None
    if "Z" in code and not about and not numbers and not _HAPPY.search(text):
        return None
    if "我" not in text and "3" not in code and "w" in code and _SOME.search(text):
        return Reading("none", {}, "说的是认领了多少，不是认领", text)
    item = _item(text, tokens)
    if _GIVE_BACK.search(text) or _UNCLAIMED.fullmatch(text):
        return Reading("withdraw", {**_who(tokens, code), **item, "object": "wish"}, "退回认领的心愿", text)
    if _DONE.search(text) and not _WILL.search(text):
        return _done(text, tokens, code, item)
    if _CLAIM.search(text) and not re.search(r"没|未", text):
        return _claimed(text, tokens, code, item, about)
    return Reading("none", item if numbers else {}, "说到心愿，但没有认领也没有兑现", text) if about else None


_BROUGHT = re.compile(
    r"(?:这|那|把)?(?:[个位几两])?(?:老人家?|群众|居民|村民|家长|孩子们?|病人|患者|家属|大爷|大娘|大妈|阿姨|大叔|老乡)们?"
)
_CALLED_AT = re.compile(r"慰问|走访|不在家?|没人")
_OLD = ("奶奶", "爷爷", "大爷", "大娘", "大妈", "阿姨", "大叔", "婆婆", "老人", "同学")


def _who(tokens: list[Token], code: str) -> dict[str, Any]:
    """Who claims or fulfils; not for whom it is (王奶奶的心愿)."""
    if not any(token.kind == "P" and token.text.endswith(_OLD) for token in tokens):
        return spans.who(tokens, code)
    kept = [token for token in tokens if not (token.kind == "P" and token.text.endswith(_OLD))]
    return spans.who(kept, letters(kept, "."))


def _item(text: str, tokens: list[Token]) -> dict[str, Any]:
    numbers = spans.items(tokens, text)
    return {"item": numbers[0] if len(numbers) == 1 else "、".join(numbers)} if numbers else {}


def _done(text: str, tokens: list[Token], code: str, item: dict[str, Any]) -> Reading:
    if _PLAN.search(text) or "f" in code:
        return Reading("none", {**item}, "打算做，还没做完", text)
    if not item:
        thing = re.match(
            r"(?:我)?(?:把|给)?(?:\S{1,4}(?:老人|大娘|大爷|奶奶|爷爷)的?)?(?P<what>[\u4e00-\u9fff]{2,6}?)(?:已经|已|都|也|给[\u4e00-\u9fff]{1,4}|给)?(?:送|买|装|修|办|兑现|交到|交给)",
            text,
        )
        word = thing["what"] if thing else None
        if "心愿" not in text and _CALLED_AT.search(text):
            return Reading("none", {}, "说的是走访，不是心愿", text)
        if word and _BROUGHT.fullmatch(word):
            return Reading("none", {}, "送的是人，不是心愿", text)
        if word is None and "X" in code and not _WHOSE.search(text):
            return Reading("none", {}, "没说是哪个心愿", text)
        item = (
            {"item": word}
            if word
            and word not in ("心愿", "微心愿", "东西", "认领的", "我的")
            and "心愿" not in word
            and not word.endswith("已")
            else {"flag": "ask_item"}
        )
    return Reading("wish_done", {**_who(tokens, code), **item}, "心愿已办，等书记核对", text)


def _claimed(text: str, tokens: list[Token], code: str, item: dict[str, Any], about: bool) -> Reading:
    if _WANT.search(text) and (item or not _WANTED.search(text)):
        return Reading("unclear", {}, "想认领，还没定", text)
    if "Z" in code and not item and not about:
        return Reading("none", {}, "说的是别的事", text)
    if not item:
        thing = re.search(r"认领(?:一个|那个|了)?(?P<what>[\u4e00-\u9fff]{2,8}?)(?:的)?(?:这个|那个)?(?:微?心愿)", text)
        thing = thing or _THING.match(text)
        gift = re.search(_GIFTS, text)
        found = thing["what"].removeprefix("一个") if thing else gift.group() if gift else ""
        item = {"item": found} if found else {"flag": "ask_item"}
    return Reading("wish_claim", {**_who(tokens, code), **item}, "认领心愿", text)

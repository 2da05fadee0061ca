"""Volunteer service told in hours or from-to: start, end and hours as numbers."""

from __future__ import annotations

import re
from typing import Any

from bot.language import spans
from bot.language.acts import Found
from bot.language.numerals import number
from bot.language.reading import Reading
from bot.language.said import Said, Slots, deciding, waiting
from bot.language.tokens import Token

_SPAN = re.compile(
    r"""(\d{1,2}|[一二两三四五六七八九十]{1,3})
    (?::(\d{2})|[点时](?:(半)|([一三])刻|(\d{1,2}|[一二三四五六七八九十]{1,3})分?)?)""",
    re.X,
)

_DURATION = re.compile(r"(\d+(?:\.\d+)?|[零一二两三四五六七八九十]+|半)?(?:个)?(半)?(小时|钟头|分钟|min|h)(半)?")


def _times(text: str) -> list[tuple[str, str]]:
    """The clock readings of a token with the half of the day before each; 30点 is none."""
    out: list[tuple[str, str]] = []
    half = ""
    for found in _SPAN.finditer(text):
        before = re.findall(r"凌晨|早上|上午|中午|下午|晚上|傍晚|晚|早", text[: found.start()])
        half = before[-1] if before else half
        hour, minute = number(found[1]) or 0, _minute(found)
        if hour > 24 or minute > 59:
            continue
        if hour == 12 and half in ("晚上", "晚"):
            hour = 24
        if half in ("下午", "晚上", "傍晚", "晚") and 1 <= hour < 12:
            hour += 12
        out.append((f"{hour % 24:02d}:{minute:02d}", half))
    return out


def _minute(found: re.Match[str]) -> int:
    if found[2]:
        return int(found[2])
    if found[3]:
        return 30
    return 15 * (number(found[4]) or 0) if found[4] else number(found[5] or "零") or 0


def _afternoon(clock: str) -> str:
    return f"{int(clock[:2]) + 12}{clock[2:]}"


def clock_span(tokens: list[Token]) -> tuple[str, str] | None:
    """Start and end of day as HH:MM where one expression names both (9点到11点), else None."""
    joined = [token for token in tokens if token.kind == "T"]
    times = _times("".join(token.text for token in joined[:2])) if joined else []
    if len(times) != 2:
        return None
    first, last = times[0][0], times[1][0]
    if not (times[0][1] or times[1][1]) and "01" <= first[:2] < last[:2] <= "06" and "点" in joined[0].text:
        first, last = _afternoon(first), _afternoon(last)  # 两点到四点半: nobody serves at night so
    return first, last


_CLOCK_FIRST = re.compile(r"(?:上午|下午|晚上|早上|中午|傍晚)?[\d一二两三四五六七八九十]{1,3}[点时:]")


def hours_alone(tokens: list[Token]) -> tuple[str, str] | None:
    """The hours that tell a shift; where the day stands in the same words (周日9点到11点) they stay words."""
    told = [token for token in tokens if token.kind == "T" and clock_span([token])]
    return clock_span(told) if len(told) == 1 and _CLOCK_FIRST.match(told[0].text) else None


def duration(text: str) -> float | None:
    """Hours of a length of time: 2小时, 两个半小时, 半小时, 120分钟."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    told = found[1] or "零"
    amount = 0.5 if told == "半" else float(told) if told[0].isdigit() else float(number(told) or 0)
    amount += 0.5 if found[2] or found[4] else 0
    return round(amount / 60, 2) if found[3] in ("分钟", "min") else amount


def span_hours(start: str, end: str) -> float:
    """Hours between two times of day, over midnight where the end is earlier."""
    first, last = (int(one[:2]) * 60 + int(one[3:]) for one in (start, end))
    return round(((last - first) % 1440) / 60, 2)


_LEFT = re.compile(r"(?:才|就)?(?:走|撤|结束|离开|离岗|下岗|收工|收摊|回)的?")
_CAME = re.compile(r"(?:就)?(?:到岗|上岗|开始|来|到)的")


def _one_end(said: Said) -> Slots:
    """昨天义诊11点半走的: when one left, or came, where only one of the two is told."""
    for token in said.tokens:
        times = _times(token.text) if token.kind == "T" else []
        name = "end" if _LEFT.match(said.text, token.end) else "start" if _CAME.match(said.text, token.end) else ""
        if len(times) == 1 and name:
            clock, half = times[0]
            night = not half and "点" in token.text and "01" <= clock[:2] <= "06"
            return {name: _afternoon(clock) if night else clock}
    return {}


def hours(said: Said) -> Slots:
    """start, end and hours as far as the text tells them."""
    span = clock_span(said.tokens)
    slots: Slots = {"start": span[0], "end": span[1], "hours": span_hours(*span)} if span else {}
    if not span:
        slots |= _one_end(said)
    told = next((duration(token.text) for token in said.tokens if token.kind == "5"), None)
    return slots | ({"hours": told} if told is not None else {})


def _of_other_things(clause: list[Token]) -> bool:
    """查房结束，签退: what ended is no service."""
    kinds = {token.kind for token in clause}
    things = [token.text for token in clause if token.kind in "XZ"]
    return (
        "q" in kinds and bool(things) and not {"W", "V", "9", "H", "J"} & kinds and not _SERVICE.search("".join(things))
    )


def checkout(said: Said, act: Found) -> Reading | None:
    """End of service; with hours where they are told."""
    if any(_of_other_things(clause) for clause in said.parts):
        return None
    slots: Slots = {**spans.who(said.tokens, said.code), **hours(said)}
    found = spans.activity(said.tokens)
    slots = slots | {"activity": found} if found else slots if "start" in slots else waiting(said, slots)
    if "r" in act.code:
        slots |= {"flag": "needs_clerk"}
    return Reading("checkout", slots | _late_entry(said), act.says, deciding(said, act))


_SERVICE = re.compile(r"服务|时长|志愿|义诊|值守|值岗|执勤|工时")

_ANNOUNCED = re.compile(
    r"(?<!服务)(?<!志愿)(?<!值守)(?<!工作)时间(?:定在|改|为|是|:|在|暂定)?\s*[上下中晚早凌\d一二三四五六七八九十]"
)
_AHEAD = re.compile(r"还(?:有|剩|差|要|得)|再(?:服务|干|做|站|守|忙|过)|至少|不少于|不低于|以上|[计算]1?\s?学时")
_LATE_ENTRY = re.compile(r"补签退|补报|补登|前天|上周|上次|上回|上个?月")


def _late_entry(said: Said) -> Slots:
    """补签退：昨天下午义诊: service told after the day is for the clerk, with the day it was."""
    if not _LATE_ENTRY.search(said.text):
        return {}
    day = next((token.text for token in said.tokens if token.kind == "T" and not clock_span([token])), "")
    return {"flag": "needs_clerk"} | ({"when": day} if day else {})


def served(said: Said) -> Reading | None:
    """Service told in hours or from-to: 服务2小时, 8:30-11:30 义诊."""
    if (
        not frozenset("T5W V|SdsPlX.qQGCJH2&mr9").issuperset(said.code)
        or "N" in said.code
        or (said.acts and said.acts[-1].act not in ("checkout",))
    ):
        return None
    told = hours(said)
    span = clock_span(said.tokens)
    found = spans.activity(said.tokens)
    unknown = re.sub(_SERVICE, "", "".join(token.text for token in said.tokens if token.kind == "X"))
    unknown = re.sub(r"[干做忙站守讲扫跑]|共计|合计|一共|总共|时间|累计|小计|今日|共|做了|干了", "", unknown)
    service = bool(_SERVICE.search(said.text) or found)
    if told and re.fullmatch(r"[.]*W+[.]*T", said.code) and not re.search("了|完|过", said.text):
        return Reading("unclear", {}, "没说是服务过，还是要报名", said.text)
    if not told or unknown or (not service and "5" not in said.code) or not (span or service or "q" in said.code):
        return None
    if not (span or "5" in said.code) or "m" in said.code or "V" in said.code:
        return None
    day = next((token.text for token in said.tokens if token.kind == "T"), "")
    if _ANNOUNCED.search(said.text) or _AHEAD.search(said.text):
        return None
    if (
        re.search(r"需要|要求|预计", said.text)
        or re.search(r"明|后天|周|星期|礼拜|月|下次|号", day)
        or "V" in said.code
    ):
        return None
    slots: dict[str, Any] = {**spans.who(said.tokens, said.code), **told}
    if found and not (found in ("志愿服务", "志愿") and not span):
        slots["activity"] = found
    elif not span and not re.search("时长|时间", said.text):
        slots["context"] = "open_call"
    return Reading("checkout", slots | _late_entry(said), "报服务时间", said.text)

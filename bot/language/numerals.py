"""Numbers as people type them: digits, Chinese numerals, yuan and jiao. Times, amounts and items share it."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGIT = (
    {sign: value for value, sign in enumerate("零一二三四五六七八九")}
    | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
    | dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
)
_UNIT = {"十": 10, "百": 100, "千": 1000, "万": 10000, "拾": 10, "佰": 100, "仟": 1000}
CHINESE = "零〇一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟"
_MONEY = re.compile(
    rf"(?P<yuan>\d+(?:\.\d{{1,2}})?|[{CHINESE}]+)(?:[元块](?:钱)?整?(?:(?P<jiao>[\d{CHINESE}])(?:[毛角](?:(?P<fen>[\d{CHINESE}])分?)?)?)?|$)"
)


def number(text: str) -> int | None:
    """The whole number that digits or Chinese numerals write (二十三, 105, 一百零五, 一百五 as 150), else None."""
    if text.isascii():
        return int(text) if text.isdigit() and len(text) < 10 else None
    if len(text) > 10:
        return None
    total = last = 0
    unit = 1  # of the digit that comes next: tens behind a hundred, unless a 零 says ones
    digits = ""
    for sign in text:
        if sign in _DIGIT:
            last = _DIGIT[sign]
            digits += str(last)
            unit = unit if last else 1
        elif sign in _UNIT and (last or sign in "十拾"):
            total += (last or 1) * _UNIT[sign]
            last, unit, digits = 0, _UNIT[sign] // 10, ""
        else:
            return None
    return int(digits) if len(digits) == len(text) else total + last * unit


def money(text: str) -> str | None:
    """Yuan with two decimals: 50, 42.38, 五十, 四十二块三毛八, 三十五块五 (a digit after 块 is jiao); None for none."""
    found = _MONEY.fullmatch(text.strip())
    if found is None:
        return None
    whole = found["yuan"]
    told = whole if whole[0].isascii() else number(whole)
    if told is None:
        return None
    jiao, fen = (number(found[key]) if found[key] else 0 for key in ("jiao", "fen"))
    return f"{Decimal(told) + Decimal(jiao or 0) / 10 + Decimal(fen or 0) / 100:.2f}"

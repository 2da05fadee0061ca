"""人民币大写: the sum on a slip as banks want it written, so that no digit can be added."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")


def capital(fen: int) -> str:
    """Fen (0 to 99999999999) in capital numerals: 4238 -> 肆拾贰元叁角捌分 (支付结算办法, annex 1)."""
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{whole or '零元'}整"
    gap = "零" if yuan and not jiao else ""
    tenths = f"{DIGITS[jiao]}角" if jiao else ""
    return whole + gap + tenths + (f"{DIGITS[cent]}分" if cent else "整")


def _whole(yuan: int) -> str:
    """Groups of four digits; noughts in a row are said once, and not at the end."""
    text, missed = "", False
    digits = str(yuan)
    for at, digit in enumerate(digits):
        place = len(digits) - 1 - at
        if digit == "0":
            missed = True
        else:
            text += ("零" if missed and text else "") + DIGITS[int(digit)] + PLACES[place % 4]
            missed = False
        if place % 4 == 0 and place and int(digits[max(0, at - 3) : at + 1]):
            text += GROUPS[place // 4]
    return text

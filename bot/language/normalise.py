"""One spelling for everything that is read, so that the rules behind it meet plain simplified text only.

Group chats bring full-width digits, traditional characters, emoji plus signs, circled numbers, invisible
characters and the quote block of a reply (rules of precedence 1 and 2: quote off first, then one spelling).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import opencc

_DASHES = re.compile(r"^[ \t]*(?:-[ \t]){4,}-?[ \t]*$|^[ \t]*[-—–─]{5,}[ \t]*$", re.M)
_OPENERS = "「『“\"'‘【"
_CIRCLED = re.compile("([\u2460-\u2473\u2776-\u277f\u2780-\u2793\u24f5-\u24fe])|([0-9])\ufe0f?\u20e3")
_INVISIBLE = dict.fromkeys(
    [
        *range(0x00, 0x09),
        *range(0x0E, 0x20),
        *range(0x7F, 0x85),
        *range(0xD800, 0xE000),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE0080),
        0xFEFF,
        0x00AD,
        0x061C,
        0x180E,
        0x20E3,
    ]
)
_PLUS = dict.fromkeys(map(ord, "➕✚⊕"), "+")
_SAME: dict[int, str | None] = {
    **_INVISIBLE,
    **_PLUS,
    0x2013: "-",
    0x2014: "-",
    0x2212: "-",
    0x301C: "~",
    0x2022: "·",
    0x30FB: "·",
}
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


@lru_cache(maxsize=1)
def _converter() -> tuple[frozenset[str], Callable[[str], str]]:
    """The characters that conversion changes, and the conversion itself (made once, it is slow to build)."""
    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    every = [chr(code) for code in range(0x3400, 0xA000)]
    simple = convert("\n".join(every)).split("\n")
    return frozenset(old for old, new in zip(every, simple, strict=True) if old != new), convert


REMEMBERED = 60  # characters of a text that is worth remembering


def simplify(text: str) -> str:
    """Traditional characters to simplified ones; text without any is given back untouched."""
    changing, convert = _converter()
    return text if changing.isdisjoint(text) else convert(text)


def unquoted(text: str) -> tuple[str, bool]:
    """The words of the sender alone, and whether a quoted message stood above them.

    The block ends at the last line of dashes; a plain line of dashes counts only under an opening quote mark.
    """
    if "-" not in text and "—" not in text and "─" not in text and "–" not in text:
        return text, False
    opened = text.lstrip()[:1] in _OPENERS
    last = None
    for line in _DASHES.finditer(text):
        if opened or " " in line.group().strip():
            last = line
    if last is None or not text[: last.start()].strip():
        return text, False
    return text[last.end() :].lstrip("\n"), True


def _ordinal(match: re.Match[str]) -> str:
    sign, keycap = match.groups()
    return f" {keycap}. " if keycap else f" {int(unicodedata.numeric(sign))}. "


def normalise(text: str) -> str:
    """The text as all rules read it: without quote block, half-width, simplified, visible characters only.

    Circled numbers become " 1. " before NFKC would glue them to the name behind them.
    """
    return _remembered(text) if len(text) <= REMEMBERED else _normalised(text)


_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def _normalised(text: str) -> str:
    if text.isascii() and text.isprintable():
        return unquoted(text)[0].strip()
    text, _ = unquoted(_BREAKS.sub("\n", text))
    text = _CIRCLED.sub(_ordinal, text).translate(_SAME)
    text = _FOREIGN_DIGIT.sub(
        lambda found: str(unicodedata.decimal(found.group())), unicodedata.normalize("NFKC", text)
    )
    return simplify(text).translate(_SAME).strip()


# A hundred people answer in the same few words.
_remembered = lru_cache(2048)(_normalised)

"""Plain text as DingTalk's markdown, which is a subset of its own, and long text cut to what a message may hold.

Source: open.dingtalk.com, "message types supported by robots". That a backslash escapes is not documented; public alert
bridges have relied on it for years. So it is used, and nothing dangerous hangs on it: `](` never stays together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

NEW_LINE = "  \n  "  # one \n alone is drawn as nothing
JOINER = "\u200d"
MOST = 20_001  # characters, of a byte or more each: no message holds as many
COUNTER = "（{}/{}）\n"
_URL = re.compile(r"(https?://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]*[A-Za-z0-9\-_~/#=&%])")
_INLINE = (
    (re.compile(r"[\\*_`\[\]]|~(?=~)|(?<=~)~|(?<=\])\("), r"\\\g<0>"),
    (re.compile(r"&(?=[#A-Za-z])"), "&amp;"),
    (re.compile("<"), "&lt;"),
)
_STARTS = re.compile(r"^(#|>|[-=]{2,}|[+-](?=\s)|\d+(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    """Plain text as markdown that shows exactly it: nothing in it becomes bold, a heading, a list or a link.

    Lines stay lines; web addresses stay as they are and can be tapped.
    """
    return NEW_LINE.join(_line(line) for line in text.splitlines())


def _line(line: str) -> str:
    bare = line.lstrip(" ")
    indent = "&nbsp;" * (len(line) - len(bare))
    pieces = _URL.split(bare)
    pieces[::2] = [_inline(piece) for piece in pieces[::2]]
    pieces[1::2] = [f"[{url}]({url})" for url in pieces[1::2]]
    return indent + _STARTS.sub(_start, "".join(pieces))


def _inline(piece: str) -> str:
    for pattern, instead in _INLINE:
        piece = pattern.sub(instead, piece)
    return piece


def _start(found: re.Match[str]) -> str:
    """A heading's or a list's beginning, made harmless: the backslash of "3." stands before the dot."""
    mark = found[1]
    return f"{mark}\\" if mark[0].isdigit() else f"\\{mark}"


def title(*candidates: str) -> str:
    """The first line that says something, at most 40 characters. The notification shows it; empty ones are refused."""
    lines = (line.strip() for text in candidates for line in text.splitlines())
    return next((line[:40] for line in lines if line), "新消息")


def parts(text: str, fits: Callable[[str], bool]) -> list[str]:
    """The text, in numbered parts （1/3） where it does not fit whole; cut after lines, else between characters.

    `fits` says whether a message may hold a text; what a shorter beginning needs must not be more.
    """
    if fits(text):
        return [text]
    found: list[str] = []
    while text:
        head = _head(text, lambda piece: fits(COUNTER.format(999, 999) + piece))
        found.append(head.strip("\n"))
        text = text[len(head) :].lstrip("\n")
    return [COUNTER.format(number, len(found)) + part for number, part in enumerate(found, 1)]


def _head(text: str, fits: Callable[[str], bool]) -> str:
    if fits(text):
        return text
    low, high = 1, min(len(text), MOST)  # text[:low] fits (or is all that is left to try), text[:high] does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle)
    end = text.rfind("\n", 0, low + 1) + 1
    return text[:end] if text[:end].strip() else text[: _border(text, low)]


def _border(text: str, end: int) -> int:
    """The last place up to `end` that splits no letter from its accent and no emoji of several."""
    border = end
    while border > 1 and (_clings(text[border]) or text[border - 1] == JOINER):
        border -= 1
    return border if border > 1 else end


def _clings(char: str) -> bool:
    return char == JOINER or "\ufe00" <= char <= "\ufe0f" or bool(unicodedata.combining(char))

"""What WeCom does to text, undone or obeyed: mentions as plain words, limits in UTF-8 bytes, markdown.

Sources: WeCom docs 100719 (group text holds the mention literally), 101031 (streams are markdown), 91770 (2048 bytes).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.message import Reply

JOINER = "\u200d"
BORDERS = ("\n", "、，,；;。", " ")  # a text is cut behind these, in this order, for a name may hold a space or a ·
_SPACES = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")
_FIRST_MENTION = re.compile(r"[@＠]\S*")
_LAST_MENTION = re.compile(r"\s[@＠]\S+$")
_SPECIAL = re.compile(r"[\\`*|_~<\]]|^[ \t]*(?:#{1,6}(?:\s|$)|>|[-=]{3})", re.MULTILINE)
_URL = re.compile(r"(https?://[^\s`*|<>\\\u0080-\U0010ffff]+)")
_MARKDOWN = (
    (re.compile(r"[\\`*|]"), r"\\\g<0>"),
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), r"\\_"),  # inside a word it is only a letter: wr_x stays wr_x
    (re.compile(r"~(?=~)|(?<=~)~"), r"\\~"),
    (re.compile(r"^([ \t]*)(#{1,6}(?=\s|$)|>|[-=]{3,}[ \t]*$)", re.MULTILINE), r"\1\\\2"),
    (re.compile(r"\](?=[(\[])"), r"\\]"),
    (re.compile(r"<(?=[A-Za-z/!@])"), "＜"),  # <think> and <@id> are read before markdown is: no backslash helps
)


def tidy(text: str) -> str:
    """The text with every kind of space made one plain space (line ends stay) and what can't be seen left out."""
    if text.isprintable() and "  " not in text:  # most are, and then only the ends can be untidy
        return text.strip()
    text = _UNSEEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _SPACES.sub(" ", text).strip()


def mention_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds a mention of any of these display names, the longest first; None where there are no names."""
    known = sorted({tidy(name) for name in names} - {""}, key=len, reverse=True)
    words = "|".join(re.escape(name) for name in known)
    stuck = rf"\A[@＠](?:{words})(?=[^\s0-9A-Za-z_]+\Z)"  # 「@支部小助手参加」: typed without a space, still an answer
    return re.compile(rf"(?<![0-9A-Za-z.])[@＠](?:{words})(?!\w)|{stuck}", re.IGNORECASE) if known else None


def without_mention(text: str, mention: re.Pattern[str] | None) -> str:
    """Group text without the mention of the bot, wherever it stands; mentions of other people stay.

    A group message always names the bot, so where no known name is found, a mention at the very start, else the only
    one at the very end, must be it: up to the next space.
    """
    text = tidy(text)
    rest, found = mention.subn(" ", text) if mention else (text, 0)
    if not found:
        rest = _FIRST_MENTION.sub("", text, count=1) if text[:1] in ("@", "＠") else _without_last(text)
    lines = "\n".join(map(tidy, rest.split("\n"))) if "\n" in rest else rest
    return tidy(lines).lstrip(",，:：、 ")


def _without_last(text: str) -> str:
    only = text.count("@") + text.count("＠") == 1
    return _LAST_MENTION.sub("", text) if only else text


def bare(text: str) -> bool:
    """Whether nothing in a text means anything in markdown."""
    return _SPECIAL.search(text) is None


def escape(text: str) -> str:
    """Plain text as markdown that shows it as it is; links stay as they are."""
    if bare(text):
        return text
    pieces = _URL.split(text)
    for at in range(0, len(pieces), 2):
        for pattern, with_ in _MARKDOWN:
            pieces[at] = pattern.sub(with_, pieces[at])
    return "".join(pieces)


def size(text: str) -> int:
    """Length in UTF-8 bytes."""
    return len(text.encode())


def _clings(char: str) -> bool:
    return (
        char == JOINER
        or "\ufe00" <= char <= "\ufe0f"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or bool(unicodedata.combining(char))
    )


def clip(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` UTF-8 bytes that splits no character and no emoji of several."""
    whole = end = len(text.encode()[:limit].decode(errors="ignore"))
    while 0 < end < len(text) and (_clings(text[end]) or text[end - 1] == JOINER):
        end -= 1
    return text[: end or whole]


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-8 bytes, with … where something was left out."""
    return text if size(text) <= limit else clip(text, limit - size("…")).rstrip("\\") + "…"


def fit(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut behind a line or a separator, with … where something was left out."""
    if len(text) <= limit:
        return text
    room = text[: limit - 1]
    end = _border(room)
    return (room[:end].rstrip() if end else clip(text, size(room))) + "…"


def parts(text: str, limit: int) -> list[str]:
    """The text in messages of at most `limit` (>= 64) UTF-8 bytes, cut at lines, else behind separators, else
    between characters, and numbered （1/3） where there are several."""
    if size(text) <= limit:
        return [text]
    chunks: list[str] = []
    while text:
        head = _head(text, limit - size("（9999/9999）\n"))
        chunks.append(head.strip("\n"))
        text = text[len(head) :].lstrip("\n")
    return [f"（{number}/{len(chunks)}）\n{chunk}" for number, chunk in enumerate(chunks, 1)]


def _head(text: str, room: int) -> str:
    if size(text) <= room:
        return text
    window = clip(text, room)
    end = _border(window)
    return window[:end] if window[:end].strip() else window


def _border(window: str) -> int:
    """Where to cut: behind the last line, else the last separator, else the last space; 0 where there is none."""
    return next((end for tier in BORDERS if (end := max(map(window.rfind, tier)) + 1)), 0)


def spoken(reply: Reply) -> str:
    """A reply's text, else that of its card."""
    return reply.text or ("\n".join((reply.card.title, *reply.card.lines)) if reply.card else "")


def typed(reply: Reply) -> str:
    """A reply where there are no buttons: its text, and for each button the words to type."""
    buttons = reply.card.buttons if reply.card else ()
    return "\n".join([spoken(reply), *(f"{button.label}：发“{button.command}”" for button in buttons)]).strip()

"""Cuts a text into words and gives each its class letter, so that rules are short patterns over letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from bot.language import shapes
from bot.language.lexicon import LENGTHS, LEXICON
from bot.language.names import CALLED, FOREIGN_HEADS, NOT_NAMES, SURNAMES, people
from bot.language.reasons import begins

_BREAKS = frozenset(",。.;!\n~:?()、…，；：！？（）【】《》")
_FAILING = ("不了", "不成", "不上")  # 会参加不了: the verb goes with what follows
_NAME_TAIL = frozenset("m.CycMaK&")


class Token(NamedTuple):
    """A word, its class letter and where it stands; clauses are parted by tokens of kind "|"."""

    kind: str
    text: str
    start: int
    end: int


def _known(text: str, at: int) -> int:
    for size in LENGTHS.get(text[at], ()):
        word = text[at : at + size]
        following = text[at + size : at + size + 1]
        cut = word[-1].isdigit() and following.isdigit()  # 扣1 is no part of 扣100
        cut = cut or (word[-1] in "上下" and following == "午")  # 报上午场
        kind = LEXICON.get(word)
        if kind and not cut and not (kind in "Ay" and text.startswith(_FAILING, at + size)):
            return size
    return 0


_BY_SIGN = {
    "@": (".", shapes.MENTION),
    "[": (".", shapes.STUB),
    "带": (".", shapes.GUESTS),
    "+": ("A", shapes.PLUS_ONE),
    "请": ("L", shapes.ASKING),
    "放": ("Y", shapes.HANDED),
    "我": ("y", shapes.I_GO),
}


def _special(text: str, low: str, at: int) -> tuple[str, int] | None:
    """Times, numbers, mentions, stubs, departments: what is found by shape, not by list."""
    sign = text[at]
    if sign in _BY_SIGN:
        letter, pattern = _BY_SIGN[sign]
        found = pattern.match(text, at)
        return (letter, found.end()) if found else None
    if sign in FOREIGN_HEADS:
        found = shapes.FOREIGN.match(text, at)
        if found:
            return ("P", found.end())
    if sign in "晚迟":
        found = shapes.LATE.match(text, at)
        if found:
            return ("E", found.end())
    if sign in shapes.PLACE_SIGNS:
        found = shapes.PLACE.match(text, at)
        if found:
            return ("x", found.end())
    if sign in shapes.TIME_SIGNS:
        found = shapes.TIME.match(text, at)
        if found and found.end() > at:
            return ("T", found.end())
    if sign in shapes.DIGITS:
        for letter, pattern in shapes.NUMERIC:
            found = pattern.match(text, at)
            if found:
                return (letter, found.end())
    if "a" <= low[at] <= "z":
        group = shapes.GROUP.match(text, at)
        if group:
            return ("G", group.end())
        found = shapes.LATIN.match(low, at)
        return (LEXICON.get(found.group(), "X"), found.end()) if found else None
    return None


def _starts_name(text: str, at: int, size: int) -> bool:
    """于洋: 于 is a word of its own, yet here a surname."""
    if size != 1 or text[at] not in SURNAMES or at + 1 >= len(text):
        return False
    following = text[at + 1]
    return following.isalpha() and not following.isascii() and not _known(text, at + 1) and following not in SURNAMES


def tokenise(text: str, names: Collection[str] = ()) -> list[Token]:
    """The words of a normalised text. Names in `names` are found first; others are guessed from what is unknown."""
    low = text.lower()
    heads: dict[str, list[str]] = {}
    for name in sorted((name for name in names if name and name in text), key=len, reverse=True):
        heads.setdefault(name[0], []).append(name)
    found: list[Token] = []
    run = at = 0
    while at < len(text):
        kind, end = _called(text, at, run, found) or _next(text, low, at, heads)
        if kind == "?":
            at = end
            continue
        if run < at:
            _unknown(text, run, at, found)
        found.append(Token(kind, text[at:end], at, end))
        run = at = end
    if run < at:
        _unknown(text, run, at, found)
    return _joined(found)


def _called(text: str, at: int, run: int, found: list[Token]) -> tuple[str, int] | None:
    """老周, 张师傅: at the head of a clause and behind 替 and 帮, whatever follows."""
    if run < at or (found and found[-1].kind not in "r|&"):
        return None
    person = CALLED.match(text, at)
    if person is None or (not (found and found[-1].kind in "r&") and text[at] not in "老小"):
        return None
    return "P", person.end()


def _next(text: str, low: str, at: int, heads: dict[str, list[str]]) -> tuple[str, int]:
    sign = text[at]
    for name in heads.get(sign, ()):
        if text.startswith(name, at):
            return "P", at + len(name)
    if sign in _BREAKS:
        return "|" if sign != "、" else "&", at + 1
    if sign.isspace():
        return ".", at + 1
    special = _special(text, low, at)
    size = _known(low, at)
    if special and special[1] - at >= size:
        return special
    if not size or _starts_name(text, at, size):
        group = shapes.GROUP.match(text, at)
        if group:
            return "G", group.end()
        if not size and not sign.isalnum() and sign not in "·#":
            return ".", at + 1
        return "?", at + (2 if size else 1)
    group = shapes.GROUP.match(text, at) if size < 3 else None
    if group and group.end() - at > size:
        return "G", group.end()
    return LEXICON[low[at : at + size]], at + size


def _unknown(text: str, start: int, end: int, found: list[Token]) -> None:
    names = people(text[start:end])
    if not names and (not found or found[-1].kind == "|"):
        size = next((n for n in (3, 2) if people(text[start : start + n]) and begins(text[start + n : end])), 0)
        if size:  # 王五腰扭了，替他请个假
            found.append(Token("P", text[start : start + size], start, start + size))
            start += size
    if not names:
        found.append(Token("X", text[start:end], start, end))
    for name in names:
        found.append(Token("P", name, start, start + len(name)))
        start += len(name)


def _joined(found: list[Token]) -> list[Token]:
    """王 + 主任 is a person, 李 + 想 is one too, 买买提 + · + 艾力 is one."""
    out: list[Token] = []
    for token in found:
        last = out[-1] if out else None
        alone = last is not None and last.kind == "X" and last.end == token.start and last.text in SURNAMES
        if (
            last is not None
            and alone
            and (
                token.kind == "l"
                or (
                    len(token.text) == 1
                    and token.kind in _NAME_TAIL
                    and token.text not in "的了要"
                    and last.text + token.text not in NOT_NAMES
                )
            )
        ):
            out[-1] = Token("P", last.text + token.text, last.start, token.end)
        elif last is not None and last.kind == "P" and token.kind == "l" and last.end == token.start:
            out[-1] = Token("P", last.text, last.start, token.end)
        elif token.text == "·":
            out.append(token)
        elif (
            last is not None
            and last.text == "·"
            and len(out) > 1
            and out[-2].kind in "PX"
            and token.kind in "PX"
            and out[-2].end == last.start
        ):
            del out[-1]
            before = out.pop()
            out.append(Token("P", f"{before.text}·{token.text}", before.start, token.end))
        else:
            out.append(token)
    return out


def letters(tokens: Iterable[Token], silent: str = ".|") -> str:
    """The class letters of the words, without those of the `silent` classes."""
    return "".join(token.kind for token in tokens if token.kind not in silent)

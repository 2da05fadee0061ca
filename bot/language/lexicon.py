"""Every word with its class letter: the tables of words put together with those that are made (`families.py`)."""

from __future__ import annotations

from itertools import product

from bot.language.compounds import COMPOUNDS
from bot.language.families import made_words
from bot.language.matters import MATTERS
from bot.language.other_words import OTHERS
from bot.language.words import WORDS

_SPOKEN = ["报的", "发的", "说的", "填的", "写的", "选的", "点的", "接龙的", "登记的"]
_MOVES = ["来", "去", "到", "参加", "出席", "赶", "回", "过", "参会"]
_FAILS = ["不了", "不成", "不上", "不到", "不来", "不去", "不过去", "不过来", "不回来", "不回去", "不及"]

_JUST = ["刚", "刚才", "刚刚", "前面", "之前", "上面", "先前", "原先"]
_BEFORE = [*_JUST, "我", "前头", *(f"我{when}" for when in ("刚", "刚才", "之前", "先前", "原先")), "刚才我", "之前我"]
_MADE = {
    "v": map("".join, product(_BEFORE, _SPOKEN)),
    "N": (f"{when}报的名" for when in _JUST if when != "刚"),
    "U": map("".join, product(_MOVES, _FAILS)),
}
CLASSES = {letter: f"{table} {' '.join(_MADE.get(letter, ()))}" for letter, table in (WORDS | MATTERS | OTHERS).items()}
LEXICON: dict[str, str] = (
    dict.fromkeys(COMPOUNDS.split(), "X")
    | made_words()
    | {word: letter for letter, words in CLASSES.items() for word in words.split()}
)
LENGTHS: dict[str, tuple[int, ...]] = {
    head: tuple(sorted({len(word) for word in LEXICON if word[0] == head}, reverse=True))
    for head in {word[0] for word in LEXICON}
}

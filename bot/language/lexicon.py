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

CLASSES = WORDS | MATTERS | OTHERS
CLASSES["v"] += " ".join(
    when + word
    for when, word in product(
        [
            "刚",
            "刚才",
            "刚刚",
            "前面",
            "之前",
            "上面",
            "我",
            "我刚",
            "我刚才",
            "刚才我",
            "之前我",
            "我之前",
            "先前",
            "我先前",
            "原先",
            "我原先",
            "前头",
        ],
        _SPOKEN,
    )
)
CLASSES["N"] += " ".join(when + "报的名" for when in ("前面", "之前", "刚才", "刚刚", "上面", "先前", "原先"))
CLASSES["U"] += " ".join(move + fail for move, fail in product(_MOVES, _FAILS))
# 书记 at the head of a message calls somebody; it is no part of what is said.
VOCATIVE = "|".join(
    [
        "书记",
        "支书",
        "组长",
        "委员",
        "主任",
        "老师",
        "领导",
        "院长",
        "护士长",
        "组织委员",
        "各位领导",
        "各位",
        "大家",
        "王书记",
        "李书记",
        "张书记",
        "刘书记",
        "陈书记",
    ]
)
LEXICON: dict[str, str] = (
    dict.fromkeys(COMPOUNDS.split(), "X")
    | made_words()
    | {word: letter for letter, words in CLASSES.items() for word in words.split()}
)
LENGTHS: dict[str, tuple[int, ...]] = {
    head: tuple(sorted({len(word) for word in LEXICON if word[0] == head}, reverse=True))
    for head in {word[0] for word in LEXICON}
}

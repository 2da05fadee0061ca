"""What is typed behind a command, word by word: each field takes its words out, the rest is for the next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.config import Registers
from bot.db import Tx
from bot.message import Refused
from handlers.register import ACTIVE, BETWEEN_NAMES, member_named
from handlers.registers.dates import day_in, due_day, past_day

_ENDS = "，,、；;。"
_DIGITS = re.compile(r"(?<=\d)[\s\-.·]+(?=\d)")
_PRIVATE = re.compile(r"\d{7,}|[零〇一二三四五六七八九幺]{7,}")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def plain(text: str, most: int, what: str) -> str:
    """Text as it may stand in a book: one line, no unseen characters, no phone or ID number. Raises Refused."""
    seen = "".join(" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in text)
    seen = " ".join(seen.split())
    if len(seen) > most:
        raise Refused(f"{what}最多 {most} 字，现在 {len(seen)} 字。")
    if _PRIVATE.search(_DIGITS.sub("", _DATE.sub("", seen))):
        raise Refused(f"{what}里像有电话或证件号码，没有登记。请去掉再发。")
    return seen


@dataclass(slots=True)
class Line:
    """The words that are left, and what is needed to understand them. Taking a word removes it."""

    tx: Tx
    branch: int
    words: list[str]
    rules: Registers = field(default_factory=Registers)

    @property
    def now(self) -> datetime:
        """The moment of the message."""
        return self.tx.now

    def first(self, reads: Callable[[str], Any]) -> Any:
        """What `reads` makes of the first word of which it makes something (not None), which is taken out."""
        for at, word in enumerate(self.words):
            found = reads(word)
            if found is not None:
                del self.words[at]
                return found
        return None

    def labelled(self, labels: tuple[str, ...], glued: Callable[[str], bool] = lambda rest: rest[0].isdigit()) -> str:
        """The word behind a label (`期限 12月31日`, `期限:12月31日`, or `glued`), or "". Raises Refused for none."""
        for at, word in enumerate(self.words):
            label = next((one for one in labels if word.startswith(one)), "")
            rest = word[len(label) :].lstrip(":：")
            if not label or (rest and word[len(label)] not in ":：" and not glued(rest)):
                continue
            del self.words[at]
            if not rest and at == len(self.words):
                raise Refused(f"「{label}」后面没有写。")
            return rest or self.words.pop(at)
        return ""

    def past(self) -> date | None:
        """The day on which something happened. Raises Refused where two words are days: one may belong to a title."""
        found: date | None = self.first(lambda word: past_day(word, self.now))
        other = next((word for word in self.words if found and day_in(word, self.now)), "")
        if other:
            raise Refused(f"写了两个日期（还有「{other}」），不知道是哪天。标题里的日期请和别的字连着写。")
        return found

    def due(self) -> date | None:
        """期限 and a day. Raises Refused where the day can't be read."""
        word = self.labelled(("期限", "截止", "限期", "到期"))
        if not word:
            return None
        found = due_day(word, self.now)
        if found is None:
            raise Refused(f"期限「{word[:20]}」没看懂，请写几月几日。")
        return found

    def people(self) -> list[Any]:
        """Every word that is a member's name, or several (张三、李四). Raises Refused for namesakes not told apart."""
        known = self._names()
        found, left = [], []
        for word in self.words:
            parts = [part for part in re.split(r"[、，,]", word) if part]
            if parts and all(_bare(part) in known for part in parts):
                found += [member_named(self.tx, self.branch, part) for part in parts]
            else:
                left.append(word)
        self.words = left
        return list({row.id: row for row in found}.values())

    def named(self, word: str) -> bool:
        """Whether a word is a member's name, with or without 科室."""
        return _bare(word) in self._names()

    def _names(self) -> set[str]:
        rows = self.tx.all(ACTIVE, branch=self.branch)
        return {name for row in rows for name in (row.name, *filter(None, BETWEEN_NAMES.split(row.aliases)))}

    def rest(self) -> str:
        """All words that are left, in one; none is left then."""
        words, self.words = self.words, []
        return " ".join(words)


def _bare(word: str) -> str:
    """王芳(检验科) -> 王芳."""
    return re.sub(r"[（(].*[)）]$", "", word)


def split(text: str) -> list[str]:
    """The words of a line, as they stand between spaces."""
    return [word for word in (word.strip(_ENDS) for word in text.split()) if word]


def reason_of(text: str) -> tuple[str, str]:
    """(the text before, the reason) of `… 原因 日期写错`; "" where none is written."""
    found = re.search(r"(?:^|\s)(?:原因|理由)[:：\s]*(\S.*)$", text, re.S)
    return (text[: found.start()].strip(), plain(found[1], 60, "原因")) if found else (text, "")


def number_first(text: str, usage: str) -> tuple[int, str]:
    """(N, what stands behind) of `#3 …`. Raises Refused with the usage."""
    found = re.match(r"[#＃]?\s*(\d{1,6})(?!\d|[-.年月/:])号?(.*)$", text.strip(), re.S)
    if found is None:
        raise Refused(f"请先写编号。{usage}")
    return int(found[1]), found[2].strip()

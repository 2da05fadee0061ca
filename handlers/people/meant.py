"""Who and what is meant behind `/member …`: a name with what tells namesakes apart, and words and a day at the end."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused
from handlers.people.find import find_people, the_one
from handlers.registers.dates import past_day


def person(tx: Tx, ask: Ask, words: str, example: str) -> Any:
    """The member meant: of the branch, or of any where an admin speaks from none. Raises Refused, with `example`."""
    if not words:
        raise Refused(f"请写上姓名，如：{example}")
    rows = find_people(tx, words, ask.who.branch)
    again = f"{' '.join(example.split()[:2])} {words.split()[0]} {rows[0].department or '科室'}" if rows else example
    return the_one(rows, words, again)


def last(text: str, count: int, example: str) -> list[str]:
    """[the words before, and each of the last `count` words]. Raises Refused where there are fewer."""
    words = text.rsplit(" ", count)
    if len(words) <= count:
        raise Refused(f"请写全，如：{example}")
    return words


def day_at_the_end(tx: Tx, text: str) -> tuple[str, date | None]:
    """(the text before it, the day gone by that the last word is); None where the last word is no day."""
    before, _, word = text.rpartition(" ")
    found = past_day(word, tx.now) if before else None
    return (before.strip(), found) if found else (text, None)

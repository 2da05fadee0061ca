"""Nobody reads or changes another branch: every command and every todo, for every outsider, wherever he speaks."""

from __future__ import annotations

import pytest

from bot.db import Tx
from handlers import todos
from handlers.desk import DECIDERS
from handlers.reports import exports
from tests.cast import Cast
from tests.matrix.world import (
    BASE,
    CANDIDATE,
    FOREIGN,
    MARK,
    NAME,
    PHONE,
    PLAIN,
    RESIDENT,
    SECRETARY,
    SECRETS,
    STRANGER,
    THIRD,
    filed,
    inside,
    last_promise,
    owned,
    promised,
    said_in,
    texts_of,
    tries,
)

# (who, where he speaks: "" in private, g1 the marked branch's own group, g9 a group of nobody's)
OUTSIDERS = (
    *((FOREIGN, chat) for chat in ("", "g1", "g2")),
    *((PLAIN, chat) for chat in ("", "g1")),
    (THIRD, ""),
    *((STRANGER, chat) for chat in ("", "g1", "g9")),
)


@pytest.mark.parametrize(("who", "chat"), OUTSIDERS)
async def test_an_outsider_reads_nothing_and_changes_nothing(marked: Cast, who: str, chat: str) -> None:
    before, last, kept = await owned(marked), await last_promise(marked), set(await filed(marked))
    assert len(before["members"]) == 15
    for text in tries(deep=who == FOREIGN):
        if who == STRANGER and text.startswith("我是"):
            continue  # a newcomer asks the secretary to be linked: that is his only door
        heard = texts_of(await marked.reply(who, text, chat))
        assert MARK not in heard, (who, chat, text, heard)
        assert not any(one in heard for one in SECRETS), (who, chat, text, heard)
    after = await owned(marked)
    for table, rows in before.items():
        assert after[table] == rows, (table, after[table] ^ rows)
    for row in await promised(marked, last):
        assert MARK not in said_in(row), (row.target, said_in(row))
    for key, text in (await filed(marked)).items():
        assert key in kept or MARK not in text.replace(NAME, "")


@pytest.mark.parametrize("kind", DECIDERS)
async def test_no_outsider_decides_a_todo(marked: Cast, kind: str) -> None:
    def ask(tx: Tx) -> int:
        return todos.add(tx, 1, kind, "secretary", f"{MARK}待办", "{}")

    number = await marked.place.database.write(ask)
    before = await owned(marked)
    for who, chat in OUTSIDERS:
        for text in (f"/todo ok {number}", f"/todo no {number} 不行", "/todo", f"/todo ok 第一党支部 {number}"):
            heard = texts_of(await marked.reply(who, text, chat, "press" if "ok" in text else "text"))
            assert MARK not in heard, (who, chat, text, heard)
    assert await owned(marked) == before


async def test_the_marks_are_there_for_who_may_see_them(marked: Cast) -> None:
    """What the tests above look for can be found."""
    heard = [texts_of(await marked.reply(SECRETARY, text, "")) for text in tries(deep=True)]
    assert sum(MARK in one for one in heard) > 20
    rows = await owned(marked)
    assert len([name for name, found in rows.items() if found]) > 25
    assert any(MARK in text for text in (await filed(marked)).values())


async def test_no_paper_of_one_branch_holds_another(marked: Cast) -> None:
    config = marked.place.config

    def paper(tx: Tx) -> str:
        row = exports.claim(tx)
        data = exports.made(tx, row, config)
        exports.finished(tx, row, None, "made")
        return inside(data)

    for who, holds in ((FOREIGN, False), (SECRETARY, True)):
        for text in ("/report word 年报", "/report excel"):
            assert "正在做" in await marked.says(who, f"{text} 2026", "")
            found = await marked.place.database.write(paper)
            assert len(found) > 1000
            assert (MARK in found) == (holds and "excel" in text), (who, text)
            assert not any(one in found for one in (PHONE, BASE, RESIDENT, CANDIDATE)), (who, text)

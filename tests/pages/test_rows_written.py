"""A message shows the rows that it wrote: new ones, changed ones before and after, none where nothing was done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.db import Tx
from bot.message import Refused
from bot.pages import console_rows
from bot.pages.cast import people
from bot.pages.console_rows import watched
from bot.pages.console_talk import Talk
from bot.pages.feed import Feed
from bot.sql import p, sql
from bot.tables import groups
from handlers.tables import activities
from tests.cast import ACCOUNTS, Cast

OPEN = "/attendance open 主题党日 12月4日15:00 三楼"
RENAME = sql(update(activities).where(activities.c.number == p("which")).values(place=p("new_place")))
UNBIND = sql(delete(groups).where(groups.c.chat == p("which")))


@pytest.fixture
def talk(cast: Cast) -> Talk:
    return Talk(cast.place, Feed(cast.place.console, cast.place.clock))


async def wrote(talk: Talk, name: str, text: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a message by table: what was done, and its cells as they are."""
    said = await talk.say({"as": ACCOUNTS[name], "chat": "g1", "text": text})
    assert await talk.rows(said["answer"] or said["bubble"]) == await talk.rows(said["bubble"])
    (entry,) = await talk.rows(said["bubble"])
    assert (entry["who"], entry["text"]) == (name, text)
    return {table["table"]: table["rows"] for table in entry["tables"]}


def cell(row: dict[str, Any], column: str) -> tuple[str, str]:
    found = next(one for one in row["cells"] if one["column"] == column)
    return found["before"], found["after"]


async def test_a_meeting_and_its_answer(talk: Talk) -> None:
    opened = await wrote(talk, "周敏", OPEN)
    assert [row["did"] for row in opened["activities"]] == ["加"]
    assert cell(opened["activities"][0], "starts_at") == ("", "2026-12-04 15:00:00")
    assert cell(opened["branches"][0], "last_number") == ("0", "1")
    assert cell(opened["trail"][0], "actor") == ("", "周敏")
    assert "hash" not in str(opened["trail"])
    answered = await wrote(talk, "李四", "参加")
    assert cell(answered["answers"][0], "member_id") == ("", "李四")
    assert cell(answered["answers"][0], "state") == ("", "参加 attend")
    assert set(answered) == {"answers", "trail", "seen"}


async def test_a_seat_that_is_taken_is_a_changed_row(talk: Talk) -> None:
    await wrote(talk, "周敏", "/volunteer open 义诊 12月5日9:00-11:00 人民广场 2人")
    taken = await wrote(talk, "张三", "报名")
    assert [row["did"] for row in taken["shifts"]] == ["改"]
    assert cell(taken["shifts"][0], "taken") == ("0", "1")
    assert "capacity" not in str(taken["shifts"])
    assert [row["did"] for row in taken["signups"]] == ["加"]


@pytest.mark.parametrize("text", ["中午食堂见", "签到", "/volunteer open 义诊"])
async def test_chatter_and_refusals_leave_nothing_but_that_they_were_heard(talk: Talk, text: str) -> None:
    assert set(await wrote(talk, "周敏", text)) == {"seen"}


async def test_a_push_shows_what_was_written_with_its_promise(cast: Cast, talk: Talk) -> None:
    await cast.until("2026-12-03 17:00")
    pushed = cast.pushed()[-1]
    (entry,) = await talk.rows(pushed.number)
    assert {"jobs", "outbox"} <= {table["table"] for table in entry["tables"]}


async def test_what_is_taken_back_was_not_written(cast: Cast) -> None:
    def work(tx: Tx) -> None:
        tx.run(UNBIND, which="g1")
        tx.restart()
        tx.run(UNBIND, which="g2")

    _, written = await cast.place.database.write(lambda tx: watched(tx, work))
    assert [(one.table, one.before and one.before["chat"], one.after) for one in written.changes] == [
        ("groups", "g2", None)
    ]
    assert [row.chat for row in await cast.rows(select(groups.c.chat))] == ["g1"]


async def test_a_bug_after_a_row_keeps_nothing(cast: Cast) -> None:
    def work(tx: Tx) -> None:
        tx.run(UNBIND, which="g1")
        raise Refused("no")

    with pytest.raises(Refused):
        await cast.place.database.write(lambda tx: watched(tx, work))
    assert len(await cast.rows(select(groups.c.chat))) == 2


async def test_a_row_that_is_as_it_was_is_not_told(cast: Cast) -> None:
    await cast.says("周敏", OPEN)
    _, same = await cast.place.database.write(
        lambda tx: watched(tx, lambda it: it.run(RENAME, which=1, new_place="三楼"))
    )
    assert same.changes == ()
    _, moved = await cast.place.database.write(
        lambda tx: watched(tx, lambda it: it.run(RENAME, which=1, new_place="一楼"))
    )
    assert [(one.before or {})["place"] + (one.after or {})["place"] for one in moved.changes] == ["三楼一楼"]


async def test_many_rows_are_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_rows, "MOST_ROWS", 3)
    talk = Talk(cast.place, Feed(cast.place.console, cast.place.clock))
    await wrote(talk, "周敏", OPEN)
    said = await talk.say({"as": "zhoumin", "chat": "g1", "text": "/attendance mark 张三 李四 刘敏 马志远 到"})
    (entry,) = await talk.rows(said["bubble"])
    marked = next(table for table in entry["tables"] if table["table"] == "presences")
    assert (len(marked["rows"]), marked["more"]) == (3, 1)


async def test_people_are_found_on_both_engines(cast: Cast) -> None:
    async def found(words: str) -> list[str]:
        listed, _ = await cast.place.database.read(lambda tx: people(tx, cast.place, words))
        return [one["account"] for one in listed]

    assert await found("欧阳") == ["ouyangjing"]
    assert await found("WANGFANG") == ["wangfang", "wangfang2"]
    assert await found("%") == await found("_") == await found("/") == []
    assert "newcomer" in await found("")

"""One scenario by every way of both platforms, over real sockets, on both engines: the same is heard and written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from bot.config import Reminders
from bot.db import Tx, micros
from bot.rules import parse_quiet
from bot.sql import sql
from bot.tables import outbox
from handlers.tables import answers
from scheduler.calendar import after_quiet
from tests.cast import ZONE
from tests.core.snapshot import changed, rows_of
from tests.dingtalk.rooms import card_room, routed_room, stream_room
from tests.rooms import Room, dingtalk_room, wecom_room
from tests.wecom.rooms import line_room, words_room

ROOMS: dict[str, Callable[..., Any]] = {
    "wecom": wecom_room,
    "line": line_room,
    "words": words_room,
    "dingtalk": dingtalk_room,
    "stream": stream_room,
    "cards": card_room,
    "routed": routed_room,
}
KINDS_OF_LEAVE = sql(select(answers.c.reason).order_by(answers.c.id))  # they lie sealed
ASKED = sql(select(outbox.c.not_before).where(outbox.c.key.startswith("promoted:"), outbox.c.state == "planned"))
WHOSE = "JOIN members m ON m.id = member_id ORDER BY x.id"
BOOKS = {
    "activities": "SELECT number, kind, place, state, checkin, origin FROM activities ORDER BY number",
    "answers": f"SELECT activity_id, m.name, m.department, state, late FROM answers x {WHOSE}",
    "presences": f"SELECT activity_id, m.name, state FROM presences x {WHOSE}",
    "signups": f"SELECT shift_id, m.name, x.seated_at > 0, x.left_at > 0 FROM signups x {WHOSE}",
    "shifts": "SELECT number, name, capacity, taken, state FROM shifts ORDER BY number",
    "claims": f"SELECT m.name, month, fen, state FROM dues_claims x {WHOSE}",
    "postings": "SELECT account, month, fen FROM postings ORDER BY id",
    "todos": "SELECT number, kind, role, state FROM todos ORDER BY number",
    "trail": "SELECT actor, action, subject FROM trail WHERE action <> 'bind' ORDER BY branch_id, number",
}


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the books, read past all of our own code."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            found = {name: connection.execute(query).fetchall() for name, query in BOOKS.items()}
        connection.close()
        return found
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        return {name: other.execute(query.encode()).fetchall() for name, query in BOOKS.items()}


# Who answers how: by text, or (None) by tapping a button; what is heard.
ANSWERS: tuple[tuple[str, str | None, str, str], ...] = (
    ("张三", "参加", "", "已记：参加"),
    ("李四", None, "参加", "参加 2"),
    ("刘敏", "我和赵丽华都参加", "", "参加 4 · 请假 0"),
    ("陈建国", None, "参加", "参加 5"),
    ("何静", None, "请假", "请假 1"),
    ("欧阳静", "请假，孩子发烧", "", "已记：请假"),
    ("马志远", None, "参加", "参加 6"),
    ("孙桂兰", "参加", "", "参加 7"),
    ("吴大勇", None, "参加", "参加 8"),
    ("王芳", "我参加", "", "参加 9"),
    ("王芳(护理部)", None, "请假", "参加 9 · 请假 3"),
    ("李红", "参加", "", "参加 10 · 请假 3 · 未回 1"),
    ("李四", "改为请假，临时有急诊", "", "参加 9 · 请假 4"),
    ("何静", None, "参加", "参加 10 · 请假 3"),
    ("孙桂兰", "取消", "", "参加 9 · 请假 3 · 未回 2"),
    ("孙桂兰", None, "请假", "请假 4"),
    ("马志远", "参加，会迟到", "", "已记"),
    ("张三", None, "参加", "参加 9 · 请假 4 · 未回 1"),
    ("吴大勇", None, "请假", "参加 8 · 请假 5"),
)


async def play(room: Room) -> None:
    """Announce, twenty answers by text and button, leave, reminder, check-in, shift, dues, redelivery, an accident."""
    day = datetime.now(ZONE) + timedelta(days=2)
    when, date = f"{day.month}月{day.day}日15:00", f"{day.month}月{day.day}日"
    opened = await _hears(room, "周敏", f"/attendance open 主题党日 {when} 三楼会议室", "#1", chat=room.opens_in)
    await _answers(room, opened)
    await _check_in(room, opened)
    await _shift(room, date)
    await _dues(room)
    await _hears(room, "周敏", "/attendance close #1", "已结束", "实到 2")
    await _hears(room, "王芳", "参加 #1", "没有")
    await _announced_from_private(room, date)


async def _hears(room: Room, name: str, text: str, *expected: str, chat: str = "group") -> Any:
    await room.settle()
    heard, shown = await room.say(name, text, chat)
    for words in expected:
        assert words in heard, f"{name}: {text}\nexpected {words}\nheard {heard}"
    return shown


async def _taps(room: Room, name: str, shown: Any, label: str, *expected: str) -> None:
    await room.settle()
    heard, _ = await room.tap(name, shown, label)
    for words in expected:
        assert words in heard, f"{name} taps {label}\nexpected {words}\nheard {heard}"


async def _answers(room: Room, opened: Any) -> None:
    for name, text, label, expected in ANSWERS:
        if text is None:
            await _taps(room, name, opened, label, expected)
        else:
            await _hears(room, name, text, expected)
    if room.may_be_silent:
        assert (await room.say("何静", "收到", "group"))[0] == ""
    await _hears(room, "何静", "请假找谁批？", "直接回复")
    await _hears(room, "某某", "参加", "我是 姓名")
    await _taps(room, "某某", opened, "参加", "我是 姓名")
    await _hears(room, "周敏", "/attendance nudge", "提醒 1 个群", chat="")
    await room.settle()
    assert any("请还没回复的同志回复" in text for text in room.pushed())
    await _hears(room, "周敏", "参加", "参加 9 · 请假 5 · 未回 0")


async def _check_in(room: Room, opened: Any) -> None:
    await _taps(room, "李四", opened, "签到", "还没开始签到")
    await _hears(room, "周敏", "/attendance checkin on", "签到", "实到 0")
    await _hears(room, "张三", "签到", "已签到：到会", "实到 1")
    await _taps(room, "李四", opened, "签到", "实到 2")
    await _hears(room, "王芳", "代张三签到", "本人")


async def _shift(room: Room, date: str) -> None:
    line = f"/volunteer open 义诊 {date}9:00-11:00 人民广场 2人"
    shift = await _hears(room, "周敏", line, "#2", "名额 2 · 已报 0 · 候补 0", chat=room.opens_in)
    await _hears(room, "张三", "报名 #2", "已报 1")
    await _taps(room, "李四", shift, "报名", "已报 2")
    await _hears(room, "刘敏", "报名 #2", "候补第 1 位")
    await _taps(room, "张三", shift, "退出", "名额 2 · 已报 2 · 候补 0")
    await room.settle()
    assert any("候补转正" in text for text in room.pushed()) or await room.place.database.read(_asks_in_the_morning)


def _asks_in_the_morning(tx: Tx) -> bool:
    """Whether who moved up is asked when the quiet hours end: this test is run at any hour."""
    return bool(tx.value(ASKED) == micros(after_quiet(tx.now, parse_quiet(Reminders().quiet_hours))))


async def _dues(room: Room) -> None:
    if room.accident:
        await room.accident()
    await _hears(room, "张三", "已交 42.38", "已登记，待确认")
    await room.settle()
    before = await rows_of(room.place.database)
    assert await (room.again or room.twin.again)() is not None
    await room.settle()
    assert changed(before, await rows_of(room.place.database)) == set()
    heard, shown = await room.say("张三", "我的", "group")
    alone = getattr(shown, "via", "") == "private"  # which of the two is heard first is not settled
    assert alone or heard in ("请私聊我发 我的", "已私发给您。")
    await _hears(room, "李红", "/dues confirm 8", "张三", chat="")
    await _hears(room, "周敏", "/dues", "应交 13 人 · 已交 1 人 · 未交 12 人 · 未核定 1 人")


async def _announced_from_private(room: Room, date: str) -> None:
    """A meeting that is opened in private reaches the group by a push: a card, or the words to type."""
    await _hears(room, "周敏", f"/attendance open 党员大会 {date}19:00 五楼", "#3", "将在 1 个群里通知", chat="")
    await room.settle()
    assert "党员大会" in room.pushed()[-1]
    shown = room.announced() if room.announced else None
    if shown:
        await _taps(room, "张三", shown, "参加", "参加 1")
    else:
        await _hears(room, "张三", "参加", "参加 1")
    await _hears(room, "周敏", "/attendance cancel #3", "取消")
    if shown:
        await _taps(room, "刘敏", shown, "参加", "已取消")
    else:
        await _hears(room, "刘敏", "参加 #3", "已取消")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_the_same_scenario_leaves_equal_rows(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, sqlite_template: Path
) -> None:
    left = {}
    for name, room_of in ROOMS.items():
        folder = tmp_path / name
        folder.mkdir()
        url = _database(engine, folder, request, sqlite_template)
        async with room_of(url, folder) as room:
            await play(room)
            kinds = await room.place.database.read(lambda tx: [row.reason for row in tx.all(KINDS_OF_LEAVE)])
        left[name] = {**rows(url), "kinds of leave": [(kind,) for kind in kinds]}
    for name in ROOMS:
        assert left[name] == left["wecom"], name
    assert len(left["wecom"]["answers"]) == 21
    assert sum(fen for _, _, fen in left["wecom"]["postings"]) == 0


def _database(engine: str, folder: Path, request: pytest.FixtureRequest, template: Path) -> str:
    if engine == "sqlite":
        (folder / "house.db").write_bytes(template.read_bytes())
        return f"sqlite:///{folder}/house.db"
    server: str = request.getfixturevalue("postgresql_server")
    admin = server.replace("template_house", "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS room_{folder.name}".encode())
        connection.execute(f"CREATE DATABASE room_{folder.name} TEMPLATE template_house".encode())
    return server.replace("template_house", f"room_{folder.name}")

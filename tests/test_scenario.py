"""One scenario on both platforms, over real sockets, on both engines: the same is heard and equal rows are left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cast import ZONE
from tests.rooms import Room, dingtalk_room, wecom_room

ROOMS: dict[str, Callable[..., Any]] = {"wecom": wecom_room, "dingtalk": dingtalk_room}
WHOSE = "JOIN members m ON m.id = member_id ORDER BY x.id"
BOOKS = {
    "activities": "SELECT number, kind, place, state, checkin, origin FROM activities ORDER BY number",
    "answers": f"SELECT activity_id, m.name, m.department, state, reason, late FROM answers x {WHOSE}",
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


async def play(room: Room) -> None:
    """Announce, answer by text and by button, leave, check in, a shift with a waiting list, dues, a repeat, a push."""
    tomorrow = datetime.now(ZONE) + timedelta(days=2)
    when, day = f"{tomorrow.month}月{tomorrow.day}日15:00", f"{tomorrow.month}月{tomorrow.day}日"

    async def hears(name: str, text: str, *expected: str, chat: str = "group") -> Any:
        await room.settle()
        heard, shown = await room.say(name, text, chat)
        for words in expected:
            assert words in heard, f"{name}: {text}\nexpected {words}\nheard {heard}"
        return shown

    opened = await hears(
        "周敏", f"/attendance open 主题党日 {when} 三楼会议室", "#1", "应到 14 · 参加 0 · 请假 0 · 未回 14"
    )
    await hears("张三", "参加", "已记：参加", "应到 14 · 参加 1 · 请假 0 · 未回 13")
    heard, _ = await room.tap("李四", opened, "参加")
    assert "参加 2" in heard
    await hears("李四", "改为请假，临时有急诊", "已记：请假", "参加 1 · 请假 1")
    await hears("刘敏", "我和赵丽华都参加", "参加 3 · 请假 1")
    assert (await room.say("何静", "收到", "group") if room.twin.__class__.__name__ == "WeComTwin" else ("", None))[
        0
    ] == ""
    await hears("何静", "请假找谁批？", "直接回复")
    await hears("某某", "参加", "我是 姓名")
    await hears("周敏", "/attendance checkin on", "签到", "实到 0")
    await hears("张三", "签到", "已签到：到会", "实到 1")
    await hears("王芳", "代张三签到", "本人")
    await hears("周敏", f"/volunteer open 义诊 {day}9:00-11:00 人民广场 2人", "#2", "名额 2 · 已报 0 · 候补 0")
    for name, line in (("张三", "已报 1"), ("李四", "已报 2"), ("刘敏", "候补第 1 位")):
        await hears(name, "报名 #2", line)
    await hears("张三", "退出 #2", "名额 2 · 已报 2 · 候补 0")
    await hears("张三", "已交 42.38", "已登记，待确认")
    heard, _ = await room.say("张三", "我的", "group")
    assert heard in ("请私聊我发 我的", "已私发给您。")
    await hears("李红", "/dues confirm 3", "张三", chat="")
    await hears("周敏", "/dues", "应交 13 人 · 已交 1 人 · 未交 12 人 · 未核定 1 人")
    await hears("周敏", "/attendance close #1", "已结束", "实到 1")
    await hears("王芳", "参加 #1", "没有")
    again = await room.twin.again()
    assert again is not None
    await room.settle()
    assert any("候补转正" in text for text in room.pushed())


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
        left[name] = rows(url)
    assert left["wecom"] == left["dingtalk"]
    assert len(left["wecom"]["answers"]) == 5
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

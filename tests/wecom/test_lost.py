"""What the platform will never take is told in private, once, to the branch's secretaries and the admin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.db import Tx
from bot.message import Reply
from bot.outbox import put, put_to_branch
from handlers import people
from tests.cast import Cast, opened_cast
from tests.rooms import INSTALLER, KEY, TOKEN
from tests.twins.wecom import WeComTwin

FIRST = "第一党支部"


@asynccontextmanager
async def house(url: str, folder: Path) -> AsyncIterator[tuple[Cast, WeComTwin, str]]:
    """The demonstration branch with a WeCom group that is spoken to by a webhook robot; its key."""
    async with WeComTwin("", TOKEN, KEY) as twin:
        key = twin.robot()
        more = f'[platforms.wecom-push]\nkind="wecom_webhook"\napi_base="{twin.api_base}"\n'
        async with opened_cast(url, folder, more) as cast:
            await bound(cast, key)
            yield cast, twin, key


async def bound(cast: Cast, key: str) -> None:
    def bind(tx: Tx) -> None:
        people.bind_group(tx, "wecom", "g9", FIRST, push=f"wecom-push:{key}", by=INSTALLER)

    await cast.place.database.write(bind)


def remind(tx: Tx, number: int, private: bool = False) -> None:
    if private:
        put(
            tx,
            "wecom-push",
            "zhangsan",
            Reply("党费 30.00"),
            key=f"r{number}",
            purpose="reminder",
            branch=1,
            private=True,
        )
    else:
        put_to_branch(
            tx,
            1,
            lambda _of, _by: Reply("明天15:00 主题党日，三楼会议室，请带学习笔记本和笔"),
            key=f"r{number}",
            purpose="reminder",
        )


async def reminded(cast: Cast, number: int, private: bool = False) -> None:
    await cast.place.database.write(partial(remind, number=number, private=private))
    await cast.settle()


def told(cast: Cast) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for bubble in cast.place.console.bubbles:
        if bubble.private:
            found.setdefault(bubble.chat, []).append(bubble.text)
    return found


async def test_a_removed_robot_is_told_once(database_url: str, tmp_path: Path) -> None:
    async with house(database_url, tmp_path) as (cast, twin, key):
        await reminded(cast, 1)
        assert (len(twin.pushed), told(cast)) == (1, {})
        twin.robots.discard(key)
        await reminded(cast, 2)
        lines = told(cast)
        assert set(lines) == {"zhoumin", "lihong", "admin"}
        (line,) = lines["zhoumin"]
        assert line.startswith(
            "有一条没有发到群里（wecom-push）“明天15:00 主题党日，三楼会议室，请…”：群机器人已被移除"
        )
        assert key not in line
        await asyncio.gather(reminded(cast, 3), reminded(cast, 4))
        assert told(cast) == lines
        await cast.pass_time(days=31)
        await reminded(cast, 5)
        again = {name: sum("没有发到群里" in line for line in said) for name, said in told(cast).items()}
        assert {name: times for name, times in again.items() if times} == {"zhoumin": 2, "lihong": 2, "admin": 2}


async def test_the_same_group_goes_on_to_hear_once_it_is_bound_again(sqlite: str, tmp_path: Path) -> None:
    async with house(sqlite, tmp_path) as (cast, twin, key):
        twin.robots.discard(key)
        await reminded(cast, 1)
        again = twin.robot()
        await bound(cast, again)
        await reminded(cast, 2)
        assert len(twin.pushed) == 1
        twin.robots.discard(again)
        await reminded(cast, 3)
        assert len(told(cast)["zhoumin"]) == 2  # another robot, another line


async def test_what_a_private_line_said_is_not_told(sqlite: str, tmp_path: Path) -> None:
    async with house(sqlite, tmp_path) as (cast, _, _):
        await reminded(cast, 1, private=True)
        assert told(cast)["zhoumin"] == [
            "发给张三的私信没有送到（wecom-push）：平台不接受（a webhook robot speaks to its group only）。"
        ]


async def test_what_came_too_late_is_told_with_its_last_reason(sqlite: str, tmp_path: Path) -> None:
    async with house(sqlite, tmp_path) as (cast, twin, _):
        twin.fail_next("errcode", 45009, times=99)
        await reminded(cast, 1)
        await cast.pass_time(hours=25)
        (line,) = told(cast)["zhoumin"]
        assert "older than its purpose. errcode 45009" in line


@pytest.mark.parametrize("private", [True, False])
async def test_an_alarm_that_fails_raises_none(sqlite: str, tmp_path: Path, private: bool) -> None:
    async with house(sqlite, tmp_path) as (cast, _, _):

        def alarm(tx: Tx) -> None:
            put(tx, "nobody", "t", Reply("x"), key="lost:x", purpose="notice", branch=1, private=private)

        await cast.place.database.write(alarm)
        await cast.settle()
        assert told(cast) == {}

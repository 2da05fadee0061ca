"""The stream wired to the whole house: frames at full speed are rows before they are acknowledged."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import sql
from bot.tables import seen
from tests.cast import ACCOUNTS
from tests.dingtalk.rooms import stream_room
from tests.twins.dingtalk import DingTalkTwin

FRAMES = int(os.environ.get("FRAMES", "1000"))  # `make frames` takes ten thousand
SEEN = sql(select(func.count()).select_from(seen).where(seen.c.platform == "ding"))
SAID = ("参加", "请假 出差", "取消", "活动", "收到")


def body_of(twin: DingTalkTwin, number: int) -> dict[str, Any]:
    accounts = sorted(ACCOUNTS.values())
    said = {"msgId": f"m{number}", "msgtype": "text", "text": {"content": SAID[number % len(SAID)]}}
    return twin.body(accounts[number % len(accounts)]) | said


async def test_many_frames_are_rows_before_they_are_acknowledged(sqlite: str, tmp_path: Path, capsys: Any) -> None:
    def count(tx: Tx) -> int:
        return int(tx.value(SEEN) or 0)

    async with stream_room(sqlite, tmp_path) as room:
        gateway, began = room.twin.gateway, time.perf_counter()
        pushes = [await gateway.push(body_of(room.twin, number)) for number in range(FRAMES)]
        async with asyncio.timeout(FRAMES / 100):
            for number, push in enumerate(pushes, 1):
                await push.acked
                if number % (FRAMES // 10) == 0:
                    assert await room.place.database.read(count) >= len(gateway.acks), "a row for every acknowledgement"
        seconds = time.perf_counter() - began
        assert await room.place.database.read(count) == FRAMES
        assert all(len(push.ids) == 1 for push in pushes), "none came again"
    with capsys.disabled():
        print(f"\n{FRAMES} frames recorded and acknowledged in {seconds:.1f} s, {FRAMES / seconds:.0f} a second")

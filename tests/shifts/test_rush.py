"""Two hundred people want ten seats in the same second, through the platform's own door."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.db import Tx
from handlers import people, shifts
from handlers.sheet import check
from tests.cast import ZONE
from tests.rooms import INSTALLER, Room, wecom_room

SEATS, PEOPLE = 10, 200


async def enrol(room: Room) -> None:
    rows = [["姓名", "支部", "科室", "企业微信账号"]]
    rows += [[f"志愿者{number}", "第一党支部", "内科", f"v{number}"] for number in range(PEOPLE)]

    def work(tx: Tx) -> None:
        people.import_members(tx, check(list(enumerate(rows, 1))).rows, INSTALLER, {"企业微信账号": "wecom"})

    await room.place.database.write(work)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_rush_leaves_ten_seats_and_an_ordered_list(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url: str = request.getfixturevalue(engine)
    async with wecom_room(url, tmp_path) as room:
        await enrol(room)
        day = datetime.now(ZONE) + timedelta(days=3)
        opened, _ = await room.say("周敏", f"/volunteer open 义诊 {day:%Y-%m-%d} 9:00-11:00 人民广场 {SEATS}人", "g1")
        assert "#1" in opened
        heard = await asyncio.gather(*(room.say(f"v{number}", "报名 #1", "g1") for number in range(PEOPLE)))
        texts = [text for text, _ in heard]
        places = [int(found[1]) for text in texts if (found := re.search(r"候补第 (\d+) 位", text))]
        assert sum("已报名" in text for text in texts) == SEATS
        assert sorted(places) == list(range(1, PEOPLE - SEATS + 1))
        database = room.place.database
        shift = await database.read(lambda tx: shifts.numbered(tx, 1, 1).id)
        assert await database.read(lambda tx: shifts.counts(tx, shift)) == (SEATS, PEOPLE - SEATS)
        assert await database.read(shifts.check) == []
        rows = await database.read(lambda tx: shifts.there(tx, shift))
        told = {f"志愿者{number}": text for number, text in enumerate(texts)}
        waiting = [row.name for row in rows if not row.seated_at]
        assert all(f"候补第 {place} 位" in told[name] for place, name in enumerate(waiting, 1))
        await _all_leave(room, [row.name for row in rows if row.seated_at])
        rows = await database.read(lambda tx: shifts.there(tx, shift))
        assert [row.name for row in rows if row.seated_at] == waiting[:SEATS]
        assert all(row.confirm_by for row in rows if row.seated_at)
        assert await database.read(lambda tx: shifts.counts(tx, shift)) == (SEATS, PEOPLE - 2 * SEATS)


async def _all_leave(room: Room, names: list[str]) -> None:
    accounts = [name.replace("志愿者", "v") for name in names]
    left = await asyncio.gather(*(room.say(account, "退出 #1", "g1") for account in accounts))
    assert all("已退出" in text for text, _ in left)

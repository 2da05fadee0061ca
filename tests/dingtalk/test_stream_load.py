"""Ten thousand frames at full speed, with and without connections that come and go: all recorded, then acknowledged."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.dingtalk.conftest import KEY, SECRET, Clock, Studio, start, stop
from tests.twins.dingtalk import DingTalkTwin


def say(twin: DingTalkTwin, number: int) -> dict[str, Any]:
    body = twin.body(f"user{number % 200}", f"cid{number % 20}")
    return body | {"msgId": f"m{number}", "msgtype": "text", "text": {"content": f"{number}"}}


class Batches:
    """A commit for all that wait, as the database does it."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []
        self.most = self.count = 0

    async def __call__(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.waiting:
            asyncio.get_running_loop().call_later(0.002, self.commit)
        self.waiting.append(future)
        await future

    def commit(self) -> None:
        waiting, self.waiting = self.waiting, []
        self.most, self.count = max(self.most, len(waiting)), self.count + 1
        for future in waiting:
            future.set_result(None)


async def test_ten_thousand_frames_at_full_speed(studio: Studio) -> None:
    batches = Batches()
    studio.ears.commit, studio.twin.gateway.again_after = batches, 60
    pushes = [await studio.twin.gateway.push(say(studio.twin, number)) for number in range(10_000)]
    async with asyncio.timeout(20):
        await asyncio.gather(*(push.acked for push in pushes))
    assert [one.message_id for one in studio.ears.rows] == [f"m{number}" for number in range(10_000)], "in order"
    assert 32 < batches.most <= 256, "many in one commit, and bounded"


async def test_nothing_acknowledged_is_lost_while_connections_come_and_go(studio: Studio) -> None:
    gateway = studio.twin.gateway
    studio.ears.commit, gateway.again_after = Batches(), 0.5
    pushes = []
    for number in range(1_500):
        if number % 500 == 250:
            await gateway.system("disconnect")
        if number % 500 == 499:
            gateway.cut()
        pushes.append(await gateway.push(say(studio.twin, number)))
        await asyncio.sleep(0)
    async with asyncio.timeout(15):
        await asyncio.gather(*(push.acked for push in pushes))
    assert {one.message_id for one in studio.ears.rows} == {f"m{number}" for number in range(1_500)}
    assert len(gateway.queries) >= 5


async def test_stopping_finishes_what_is_in_hand() -> None:
    clock = Clock()
    async with DingTalkTwin("", KEY, SECRET, now=clock) as twin:
        studio = await start(twin, clock)
        await twin.gateway.connected()
        studio.ears.commit = lambda: asyncio.sleep(0.2)
        push = await twin.gateway.push(say(twin, 1))
        await studio.until(lambda: twin.gateway.channels[0].frames)
        await asyncio.sleep(0.05)
        await stop(studio)
        assert len(studio.ears.rows) == 1
        assert json.loads((await asyncio.wait_for(push.acked, 5))["data"]) == {"response": None}

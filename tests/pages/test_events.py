"""Bubbles arrive live, a client that comes back misses nothing, one that doesn't read costs nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientResponse

from bot.message import Reply
from bot.pages import feed as feeds
from bot.pages import stream
from bot.pages.feed import Feed
from bot.platforms.console import Console
from tests.pages.conftest import OPEN, TODAY, Desk, Made


async def event(response: ClientResponse) -> tuple[str, str, Any]:
    """The next event: (its name, its id, its data)."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(5):
        while True:
            line = (await response.content.readline()).decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                return fields["event"], fields["id"], json.loads(fields["data"])


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


async def test_what_is_said_and_changed_arrives_live(desk: Desk) -> None:
    async with await desk.get("/events") as events:
        assert events.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src 'self'" in events.headers["Content-Security-Policy"]
        opened = await desk.say("zhoumin", OPEN)
        said, answered = await event(events), await event(events)
        assert (said[2]["sender"], answered[2]["number"]) == ("zhoumin", opened["answer"])
        await desk.tap("lisi", opened["answer"], "参加 #1")
        name, _, changed = await event(events)
        assert (name, changed["number"]) == ("bubble", opened["answer"])
        assert "参加 1" in " ".join(changed["card"]["lines"])


async def test_who_comes_back_misses_nothing(desk: Desk) -> None:
    opened = await desk.say("zhoumin", OPEN)
    mark = (await desk.state())["mark"]
    await desk.say("lisi", "参加")
    await desk.tap("zhangsan", opened["answer"], "参加 #1")
    async with await desk.get(f"/events?after={mark}") as events:
        first = await event(events)
    async with await desk.get(f"/events?after={mark}", headers={"Last-Event-ID": first[1]}) as events:
        rest = [await event(events), await event(events)]
    assert [one[2]["number"] for one in (first, *rest)] == [3, 4, opened["answer"]]


@pytest.mark.parametrize("mark", ["other-3", "nonsense", "-", "1"])
async def test_a_mark_of_another_time_starts_anew(desk: Desk, mark: str) -> None:
    async with await desk.get("/events", headers={"Last-Event-ID": mark}) as events:
        assert (await event(events))[0] == "reset"
        await desk.say("lisi", "活动")
        assert (await event(events))[2]["text"] == "活动"


async def test_a_client_that_never_reads_is_let_go(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.2)
    served: list[stream.Streams] = []
    make = stream.Streams.__init__

    def note(self: stream.Streams, feed: Feed) -> None:
        make(self, feed)
        served.append(self)

    monkeypatch.setattr(stream.Streams, "__init__", note)
    async with made() as desk:
        _reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port, limit=1024)
        writer.write(b"GET /console/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await until(lambda: served[0].clients == 1)
        for _ in range(300):
            desk.place.console.show("g1", False, "", Reply("字" * 20000))
        await until(lambda: served[0].clients == 0)
        writer.close()


async def test_too_many_pages_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_CLIENTS", 1)
    async with await desk.get("/events"):
        response = await desk.get("/events")
        assert response.status == 503


async def test_a_quiet_line_beats(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    async with await desk.get("/events") as events, asyncio.timeout(5):
        while not (await events.content.readline()).startswith(b":"):
            pass


async def test_the_end_of_the_process_ends_the_line(desk: Desk) -> None:
    async with await desk.get("/events") as events, asyncio.timeout(3):
        await asyncio.gather(desk.server.close(), events.read())


def test_old_bubbles_go_and_who_missed_them_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "KEEPS", 3)
    console = Console()
    console.show("g1", False, "", Reply("before the page"))
    feed = Feed(console, lambda: TODAY)
    start = feed.mark(feed.last())
    for number in range(3):
        console.show("g1", False, "", Reply(str(number)))
    assert feed.place(start) == 1
    console.show("g1", False, "", Reply("3"))
    assert feed.place(start) is None
    assert [one.bubble.text for one in feed.all()] == ["1", "2", "3"]
    feed.change(3, Reply("1 again"))
    assert [one.bubble.text for one in feed.all()] == ["1 again", "2", "3"]
    assert [one.bubble.text for one in feed.since(feed.last() - 1)] == ["1 again"]

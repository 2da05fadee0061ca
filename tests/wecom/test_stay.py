"""Staying on the line: every way in which it breaks, how long is waited, and who is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import Platform, Promise, Reply, Retry
from bot.platforms import PLATFORMS
from bot.platforms.wecom import WeCom, WeComSettings
from bot.platforms.wecom_frame import judge_frame, read_frame
from bot.platforms.wecom_hear import Crew
from bot.platforms.wecom_link import Link
from bot.platforms.wecom_patience import Patience
from bot.platforms.wecom_socket import WeComSocket
from tests.twins.wecom_socket import SocketTwin
from tests.wecom.conftest import KEY, TOKEN, no_token
from tests.wecom.line import BOT, SECRET, KeptEar, Moved, Stand, listening, socket, standing


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as stand:
        await stand.connected()
        yield stand


async def test_a_break_is_mended_after_a_second_and_the_gap_is_told(stand: Stand) -> None:
    heard_last = stand.time()
    stand.time.time += 20
    stand.twin.abort(stand.twin.live[BOT])
    await stand.lost()
    assert "no long connection" in stand.platform.trouble
    with pytest.raises(Retry):
        await stand.platform.send(Promise("k", "g1", Reply("开会了")))
    await stand.time.advance(1)
    await stand.connected()
    assert stand.platform.trouble == ""
    await stand.twin.until(lambda: stand.ear.gaps)
    ((since, until),) = stand.ear.gaps
    assert since.timestamp() == heard_last
    assert until - since == timedelta(seconds=21)


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000])
async def test_a_clean_close_is_a_break_too(stand: Stand, code: int) -> None:
    await stand.twin.hang_up(BOT, code)
    await stand.lost()
    assert str(code) in stand.platform.trouble
    await stand.time.advance(1)
    await stand.connected()


async def test_an_answer_after_a_break_is_a_new_message(stand: Stand) -> None:
    await stand.twin.say("u1", "参加")
    await stand.twin.until(lambda: stand.ear.heard)
    message = stand.ear.heard[0]
    await stand.twin.hang_up(BOT)
    await stand.lost()
    await stand.time.advance(1)
    await stand.connected()
    await stand.platform.send(Promise("k", "g1", Reply("好"), False, message.reply_url, message.reply_until))
    assert [said.cmd for said in stand.twin.said] == ["aibot_send_msg"]


async def test_pings_keep_the_line_and_a_dead_peer_is_noticed(stand: Stand) -> None:
    await stand.time.advance(300)
    assert stand.twin.pings == 10
    assert stand.twin.connections == 1
    stand.twin.swallow = True
    await stand.time.advance(90)
    await stand.lost()
    assert "2 pings" in stand.platform.trouble
    stand.twin.swallow = False
    await stand.time.advance(31)
    await stand.connected()
    await stand.twin.until(lambda: stand.ear.gaps)
    assert stand.ear.gaps[0][1] - stand.ear.gaps[0][0] >= timedelta(seconds=90)


async def test_a_forgotten_subscription_is_renewed(stand: Stand) -> None:
    stand.twin.known.add("g1")
    stand.twin.unsubscribe(BOT)
    with pytest.raises(Retry, match="846609"):
        await stand.platform.send(Promise("k", "g1", Reply("开会了")))
    await stand.lost()
    await stand.time.advance(1)
    await stand.connected()
    await stand.platform.send(Promise("k", "g1", Reply("开会了")))


async def test_a_ping_finds_the_forgotten_subscription(stand: Stand) -> None:
    stand.twin.unsubscribe(BOT)
    await stand.time.advance(30)
    await stand.lost()


async def test_who_is_kicked_does_not_kick_back(stand: Stand) -> None:
    await stand.twin.kick(BOT)
    await stand.lost()
    assert "took this robot's connection over" in stand.platform.trouble
    assert "5 minutes" in stand.platform.trouble
    held = len(stand.ear.held)
    await stand.time.advance(299)
    assert len(stand.twin.subscriptions) == 1
    assert len(stand.ear.held) > held  # no other replica runs into the same wall
    await stand.time.advance(1)
    await stand.connected()
    assert stand.platform.trouble == ""
    await stand.twin.kick(BOT)
    await stand.lost()
    assert "10 minutes" in stand.platform.trouble


async def test_a_wrong_secret_is_said_and_not_hammered() -> None:
    async with standing(secret="wrong") as stand:
        await stand.twin.until(lambda: "853000" in stand.platform.trouble)
        assert "wrong" not in stand.platform.trouble
        await stand.time.advance(70)
        assert len(stand.twin.subscriptions) == 5
        await stand.time.advance(900)
        assert len(stand.twin.subscriptions) == 8
        stand.twin.bots[BOT] = "wrong"
        await stand.time.advance(300)
        await stand.connected()


@pytest.mark.parametrize(("errcode", "seconds"), [(45009, 60), (-1, 1), (846605, 1)])
async def test_a_subscription_that_fails_is_tried_again(errcode: int, seconds: float) -> None:
    time = Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        twin.refusals.append(errcode)
        platform = socket(twin, time)
        async with listening(platform, KeptEar()):
            await twin.until(lambda: str(errcode) in platform.trouble and time.waits())
            await time.advance(seconds - 0.5)
            assert not platform.speaks
            await time.advance(0.5)
            await twin.until(lambda: platform.speaks)


async def test_a_silent_server_is_left_alone_more_and_more() -> None:
    time = Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        twin.swallow = True
        platform = socket(twin, time, timeout=0.2)
        async with listening(platform, KeptEar()):
            for seconds in (1, 2, 4):
                await twin.until(lambda: time.waits() == [seconds])  # noqa: B023
                await time.advance(seconds)
            assert "no acknowledgement" in platform.trouble
            twin.swallow = False
            await twin.until(lambda: time.waits() == [8.0] or platform.speaks)
            await time.advance(8)
            await twin.until(lambda: platform.speaks)


async def test_nobody_there() -> None:
    time = Moved()
    async with SocketTwin({}, time) as twin:
        platform = socket(twin, time)
    async with listening(platform, KeptEar()):
        await twin.until(time.waits)
        assert "no long connection" in platform.trouble


async def test_only_the_holder_of_the_lease_connects() -> None:
    time = Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        first, second, ear = socket(twin, time), socket(twin, time), KeptEar()
        other = KeptEar(holds=False, row=ear.row)
        async with listening(first, ear), listening(second, other):
            await twin.until(lambda: first.speaks)
            await time.advance(60)
            assert (second.speaks, second.trouble, twin.connections) == (False, "", 1)
            ear.holds, other.holds = False, True
            await time.advance(15)
            await twin.until(lambda: second.speaks and not first.speaks)
            assert twin.connections == 2
            assert {key for key, _ in ear.held} == {f"wecom:{BOT}"}
            assert {seconds for _, seconds in ear.held} == {30.0}
            assert len(other.gaps) == 1  # between the last frame of the one and the first of the other
            assert not ear.gaps


async def test_a_lease_that_cannot_be_asked_for_is_not_held() -> None:
    class Broken(KeptEar):
        async def hold(self, key: str, seconds: float) -> bool:
            raise ConnectionError

    time = Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        async with listening(socket(twin, time), Broken()):
            await twin.until(time.waits)
            await time.advance(30)
        assert twin.connections == 0


async def test_nothing_goes_on_after_the_end() -> None:
    time, ear = Moved(), KeptEar()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        platform = socket(twin, time)
        async with listening(platform, ear):
            await twin.until(lambda: platform.speaks)
            await time.advance(30)
        asked = len(ear.held)
        await asyncio.sleep(0.02)
        assert time.waits() == []  # who slept was cancelled: no ping, no lease
        assert len(ear.held) == asked
        assert not platform.speaks
        await twin.until(lambda: not twin.live)


async def test_what_was_heard_is_kept_at_the_end() -> None:
    class Slow(KeptEar):
        async def hear(self, incoming: Any) -> None:
            started.set()
            await asyncio.sleep(0.05)
            self.heard.append(incoming)

    started, ear, time = asyncio.Event(), Slow(), Moved()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        platform = socket(twin, time)
        async with listening(platform, ear):
            await twin.until(lambda: platform.speaks)
            await twin.say("u1", "参加")
            await started.wait()
    assert len(ear.heard) == 1


async def test_a_gap_is_known_after_a_process_died() -> None:
    time, dead = Moved(), KeptEar()
    async with SocketTwin({BOT: SECRET}, time) as twin:
        platform = socket(twin, time)
        async with listening(platform, dead):
            await twin.until(lambda: platform.speaks)
            await time.advance(65)
            row = list(dead.row)  # as it stands when the process is killed: nothing is written at the end
        assert row[-1].timestamp() == time() - 5
        await time.advance(600)
        born, ear = socket(twin, time), KeptEar(row=row)
        async with listening(born, ear):
            await twin.until(lambda: ear.gaps)
        ((since, until),) = ear.gaps
        assert until - since == timedelta(seconds=605)
        first = KeptEar()
        async with listening(socket(twin, time), first):
            await twin.until(lambda: first.row)
        assert first.gaps == []


async def test_a_gap_is_told_again_when_it_could_not_be_told(stand: Stand) -> None:
    await stand.twin.hang_up(BOT)
    await stand.lost()
    stand.ear.down = 1
    await stand.time.advance(1)
    await stand.connected()
    await stand.time.advance(1)
    assert len(stand.ear.gaps) == 1


async def test_nonsense_does_not_end_the_line(stand: Stand) -> None:
    ws = stand.twin.live[BOT]
    for text in ("", "[]", "{", "\x00", '{"cmd": 1, "headers": []}', "[" * 100_000, '{"cmd": "aibot_msg_callback"}'):
        await ws.send_str(text)
    await ws.send_bytes(b"\xff\xfe\x00")
    await ws.send_str('{"headers": {"req_id": "nobody"}, "errcode": "x"}')
    await stand.twin.say("u1", "在\x07吗")
    await stand.twin.until(lambda: stand.ear.heard)
    assert stand.twin.connections == 1


async def stumble(_link: Link, *besides: Coroutine[Any, Any, str]) -> str:
    for one in besides:
        one.close()
    raise LookupError("a bug")


async def test_a_bug_does_not_end_the_line(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(stand.platform, "_take", None)
        await stand.twin.say("u1", "一")
        await asyncio.sleep(0.02)
    await stand.twin.say("u1", "二")
    await stand.twin.until(lambda: stand.ear.heard)
    assert stand.twin.connections == 1
    with monkeypatch.context() as broken:
        broken.setattr(Link, "run", stumble)
        await stand.twin.hang_up(BOT)
        await stand.lost()
        await stand.time.advance(1)
        await stand.twin.until(lambda: "a bug" in stand.platform.trouble)
    await stand.time.advance(2)
    await stand.connected()


async def test_control_characters_inside_words_are_taken(stand: Stand) -> None:
    frame = {"cmd": "aibot_msg_callback", "headers": {"req_id": "R"}, "body": {}}
    body = {"msgid": "M", "aibotid": BOT, "chattype": "single", "from": {"userid": "u"}, "msgtype": "text"}
    frame["body"] = {**body, "text": {"content": "参加X"}}
    await stand.twin.live[BOT].send_str(json.dumps(frame, ensure_ascii=False).replace("X", "\x07\n"))
    await stand.twin.until(lambda: stand.ear.heard)
    assert stand.ear.heard[0].text.startswith("参加")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("cmd", "headers", "body", "errcode")
KEYS = ("msgid", "aibotid", "chatid", "chattype", "from", "msgtype", "text", "mixed", "event", "quote", "stream")
CMDS = st.sampled_from(["aibot_msg_callback", "aibot_event_callback", "ping", ""])
TYPES = st.sampled_from(["text", "mixed", "voice", "image", "event", "stream"])
BODIES = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON | TYPES))
FRAMES = st.fixed_dictionaries({"cmd": CMDS | JSON, "headers": JSON, "body": BODIES | JSON})


@given(st.binary() | st.text() | FRAMES.map(json.dumps))
def test_whatever_comes_is_read_or_passed_over(data: str | bytes) -> None:
    frame = read_frame(data)
    if frame is None:
        return
    platform = WeComSocket("wecom", SETTINGS, no_token)
    platform._crew = Idle()
    platform._hear(KeptEar(), NOBODY, frame)


class Idle(Crew):
    def start(self, work: Coroutine[Any, Any, None], *, needed: bool = False) -> bool:
        work.close()
        return True


class Nobody(Link):
    def __init__(self) -> None:
        self.name = "n"


NOBODY = Nobody()
SETTINGS = WeComSettings.model_validate({"kind": "wecom", "mode": "long_connection", "bot_id": BOT, "secret": SECRET})


@given(st.integers())
def test_any_number_is_judged(number: int) -> None:
    frame = read_frame(json.dumps({"errcode": number}))
    assert frame
    if number == 0:
        return judge_frame(frame)
    with pytest.raises(Exception, match=str(number)):
        judge_frame(frame)


def test_patience() -> None:
    patience = Patience(jitter=lambda: 1.0)
    assert [patience.failed() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert [patience.refused() for _ in range(6)] == [2, 4, 8, 16, 300, 300]
    patience.subscribed()
    assert (patience.failed(), patience.refused()) == (1, 2)
    assert [patience.kicked(1) for _ in range(6)] == [300, 600, 1200, 2400, 3600, 3600]
    assert patience.kicked(3600) == 300
    assert 1 <= Patience().failed() <= 1.2


def test_the_mode_decides_who_speaks() -> None:
    _, make = PLATFORMS["wecom"]
    platform: Platform = make("wecom", SETTINGS, no_token)
    assert isinstance(platform, WeComSocket)
    assert not platform.inline
    given = {"kind": "wecom", "token": TOKEN, "encoding_aes_key": KEY}
    assert isinstance(make("wecom", WeComSettings.model_validate(given), no_token), WeCom)

"""The self-built app over real HTTP: heard in XML, spoken to people alone, its token kept and renewed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.message import Attachment, Button, Card, Knock, NotOurs, Promise, Reply, Retry, Undeliverable, Unknown
from bot.platforms import PLATFORMS
from bot.platforms.wecom_app import WeComApp, WeComAppSettings
from bot.platforms.wecom_app_api import Person
from bot.platforms.wecom_files import FILE_BYTES, IMAGE_BYTES
from tests.twins.wecom import WeComTwin
from tests.twins.wecom_app import AGENT, CORP, AppTwin
from tests.wecom.conftest import KEY, NOW, TOKEN, Clock, Stage, served
from tests.wecom.wire import Wire

SECRET = "appS3cretappS3cret"
ASKED = Card("#12 主题党日", ("应到 20",), (Button("参加", "参加 12", primary=True), Button("请假", "请假 12")))


class Keeper:
    """A token keeper as the composition root has one."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.seconds: list[float] = []

    async def __call__(self, key: str, fetch: Callable[[], Awaitable[tuple[str, float]]], stale: str = "") -> str:
        if self.kept.get(key, stale) == stale:
            self.kept[key], seconds = await fetch()
            self.seconds.append(seconds)
        return self.kept[key]


@dataclass
class Desk:
    twin: AppTwin
    stage: Stage
    app: WeComApp
    keeper: Keeper


def made(twin: AppTwin, keeper: Keeper, clock: Clock, **settings: object) -> WeComApp:
    given: dict[str, Any] = {
        "kind": "wecom_app",
        "corp_id": CORP,
        "agent_id": AGENT,
        "secret": SECRET,
        "token": TOKEN,
        "encoding_aes_key": KEY,
        "api_base": twin.api_base,
        **settings,
    }
    return WeComApp("wecom-app", WeComAppSettings.model_validate(given), keeper, clock=clock, timeout=5)


@pytest.fixture
async def desk(clock: Clock) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(AppTwin(Wire(TOKEN, KEY, CORP), SECRET, now=clock))
        twin.people = {
            "ZhangSan": {"name": "张三", "department": [1, 2], "main_department": 2, "position": "主任"},
            "lisi": {"name": "李四", "department": [2]},
            "old": {"name": "", "department": [9]},
        }
        twin.departments = {1: "县卫健局", 2: "办公室"}
        keeper = Keeper()
        app, stage = made(twin, keeper, clock), Stage(WeComTwin("", TOKEN, KEY))
        stack.push_async_callback(app.close)
        twin.hook_url = await stack.enter_async_context(served(app, stage))
        yield Desk(twin, stage, app, keeper)


def to(userid: str, text: str = "明天开会", key: str = "k", **rest: Any) -> Promise:
    return Promise(key, userid, Reply(text, **rest), private=True)


async def test_the_url_is_verified(desk: Desk) -> None:
    assert await desk.twin.verify()
    desk.twin.wire.token = "AnotherToken"
    assert not await desk.twin.verify()


async def test_a_message_is_heard_and_answered(desk: Desk) -> None:
    desk.stage.reply = Reply("已记 ]]> <a href='x'>")
    heard = await desk.twin.say("ZhangSan", " 参加\u3000<12> & 其他 ")
    (message,) = desk.stage.heard
    assert (message.kind, message.text) == ("text", "参加 <12> & 其他")
    assert (message.sender, message.chat, message.private) == ("zhangsan", "zhangsan", True)
    assert (heard["text"], heard["to"]) == ("已记 ]]> ＜a href='x'>", "ZhangSan")


async def test_a_repeat_is_the_same_message(desk: Desk) -> None:
    first = await desk.twin.say("u1", "参加")
    assert (await desk.twin.again())["text"] == first["text"]
    await desk.twin.say("u1", "参加")
    ids = [message.message_id for message in desk.stage.heard]
    assert ids[0] == ids[1] != ids[2]


async def test_a_lost_answer_is_asked_for_three_times(desk: Desk) -> None:
    desk.stage.trouble = [503, 500]
    assert (await desk.twin.say("u1", "参加"))["tries"] == 3
    desk.stage.trouble = [503, 500, 503]
    assert (await desk.twin.say("u1", "参加"))["status"] == 503


async def test_events_of_one_second_are_told_apart(desk: Desk) -> None:
    await desk.twin.event("u1", "click", "活动")
    await desk.twin.event("u1", "click", "我的")
    card = {"card_type": "button_interaction", "task_id": "t1", "button_list": [{"text": "参加", "key": "参加 12"}]}
    await desk.twin.tap("u1", card, "参加")
    await desk.twin.tap("u1", card, "参加")
    await desk.twin.again()
    ids = [message.message_id for message in desk.stage.heard]
    assert len(set(ids)) == 4
    assert ids[3] == ids[4]
    assert [message.text for message in desk.stage.heard[:3]] == ["活动", "我的", "参加 12"]


async def test_an_app_is_welcomed_once_a_day(desk: Desk, clock: Clock) -> None:
    assert (await desk.twin.event("u1", "enter_agent"))["text"] == "好的"
    assert (await desk.twin.again())["text"] == "好的"  # a repeat of the same one
    clock.time += 60
    assert (await desk.twin.event("u1", "enter_agent"))["text"] == ""
    clock.time += 86_400
    assert (await desk.twin.event("u1", "enter_agent"))["text"] == "好的"
    assert {message.kind for message in desk.stage.heard} == {"enter"}


async def test_a_press_changes_its_card(desk: Desk) -> None:
    await desk.app.send(to("ZhangSan", "主题党日", card=ASKED))
    card = desk.twin.sent[-1]["template_card"]
    desk.stage.reply = Reply("已记", Card(ASKED.title, ("应到 20 · 参加 13",), ASKED.buttons))
    heard = await desk.twin.tap("ZhangSan", card, "参加")
    assert heard["kind"] == "update_template_card"
    drawn = heard["xml"].find("TemplateCard")
    assert drawn.findtext("SubTitleText") == "应到 20 · 参加 13"
    assert [one.findtext("Key") for one in drawn.findall("ButtonList")] == ["参加 12", "请假 12"]
    assert (desk.stage.heard[-1].kind, desk.stage.heard[-1].card) == ("press", card["task_id"])


async def test_a_vote_is_its_option(desk: Desk) -> None:
    def options(*ids: str) -> str:
        inner = "".join(f"<OptionId>{one}</OptionId>" for one in ids)
        return f"<SelectedItem><QuestionKey>q</QuestionKey><OptionIds>{inner}</OptionIds></SelectedItem>"

    for chosen in (("认领 3",), ("3", "4"), ()):
        await desk.twin.event(
            "u1", "template_card_event", "选", TaskId="t", CardType="vote_interaction", SelectedItems=options(*chosen)
        )
    assert [message.text for message in desk.stage.heard] == ["认领 3", "选 3 4", "选"]


async def test_other_things(desk: Desk) -> None:
    await desk.twin.deliver(desk.twin.xml("u1", "image", PicUrl="https://x", MediaId="m"))
    for user, event in (("u1", "subscribe"), ("u1", "inactive_alert"), ("sys", "change_contact"), ("u1", "click")):
        assert (await desk.twin.event(user, event))["status"] == 200
    assert (await desk.twin.deliver(desk.twin.xml("u1", "new_kind")))["status"] == 200
    assert [message.kind for message in desk.stage.heard] == ["other"]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><FromUserName>&b;</FromUserName></xml>'
FETCH = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml></xml>'


@pytest.mark.parametrize(
    "body",
    [BOMB, FETCH, b"", b"x", b"<xml>", b"<a><b/></a><c/>", b"\xff<xml/>", b"<xml>" * 200, b"<a>" * 12 + b"</a>" * 12],
)
async def test_bad_xml_is_refused_inside_and_outside(desk: Desk, body: bytes) -> None:
    assert (await desk.twin.deliver(body))["status"] == 400
    assert (await desk.twin.knock({"msg_signature": "x", "timestamp": "1", "nonce": "n"}, body))[0] == 400
    assert desk.stage.heard == []


async def test_what_is_for_another_app_is_refused(desk: Desk) -> None:
    for wrong in ({"AgentID": 7}, {"ToUserName": "wwOTHER"}, {"MsgId": ""}):
        assert (await desk.twin.deliver(desk.twin.xml("u1", "text", Content="x", **wrong)))["status"] == 400
    desk.twin.wire.receive_id = b"wwOTHER"
    assert (await desk.twin.say("u1", "x"))["status"] == 400
    desk.twin.wire.receive_id = CORP.encode()
    desk.twin.wire.token = "wrong"
    assert (await desk.twin.say("u1", "x"))["status"] == 403
    assert desk.stage.heard == []


async def test_silence_and_long_answers(desk: Desk) -> None:
    desk.stage.reply = None
    assert (await desk.twin.say("u1", "x"))["text"] == ""
    desk.stage.reply = Reply("党" * 1000)
    assert (await desk.twin.say("u1", "x"))["text"] == "党" * 681 + "…"
    desk.stage.reply = Reply("\x07好")
    assert (await desk.twin.say("u1", "x"))["text"] == "好"


async def test_a_reminder_goes_to_one_person(desk: Desk) -> None:
    await desk.app.send(to("ZhangSan", "党费 <A href=x>30.00", private=True))
    (sent,) = desk.twin.sent
    assert (sent["touser"], sent["agentid"], sent["text"]["content"]) == ("ZhangSan", AGENT, "党费 ＜A href=x>30.00")
    assert desk.keeper.seconds == [7140]


async def test_a_long_text_goes_in_parts_and_goes_on(desk: Desk) -> None:
    promise = to("lisi", "\n".join(f"{number}. 党员" for number in range(400)))
    desk.twin.faults.extend([0, 45033])
    with pytest.raises(Retry):
        await desk.app.send(promise)
    await desk.app.send(promise)
    assert len(desk.twin.sent) == desk.app.cost(promise) == 3
    assert [sent["text"]["content"][:5] for sent in desk.twin.sent] == ["（1/3）", "（2/3）", "（3/3）"]


async def test_files_are_handed_over(desk: Desk, tmp_path: Path) -> None:
    chart, sheet = tmp_path / "a.png", tmp_path / "b.xlsx"
    chart.write_bytes(b"\x89PNG" + bytes(100))
    sheet.write_bytes(b"PK" + bytes(100))
    both = (
        Attachment("图.png", "image/png", str(chart)),
        Attachment("../第一支部 “台账”.xlsx", "application/x", str(sheet)),
    )
    promise = to("lisi", "台账", attachments=both)
    await desk.app.send(promise)
    assert [sent["msgtype"] for sent in desk.twin.sent] == ["text", "image", "file"]
    assert [(kind, name) for kind, name, _ in desk.twin.files.values()] == [
        ("image", "图.png"),
        ("file", "第一支部 “台账”.xlsx"),
    ]
    assert [data for _, _, data in desk.twin.files.values()] == [chart.read_bytes(), sheet.read_bytes()]
    assert "第一支部".encode() in desk.twin.heads[1]
    assert desk.app.cost(promise) == 3


async def test_files_that_cannot_go(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    for size, words in ((4, "too small"), (FILE_BYTES + 1, "too large"), (None, "can't be read")):
        path.unlink(missing_ok=True)
        if size is not None:
            with path.open("wb") as file:
                file.truncate(size)
        with pytest.raises(Undeliverable, match=words):
            await desk.app.send(to("lisi", attachments=(Attachment("x.png", "image/png", str(path)),)))
    with path.open("wb") as file:
        file.truncate(IMAGE_BYTES + 1)
    await desk.app.send(to("lisi", "", attachments=(Attachment("x.png", "image/png", str(path)),)))
    assert [sent["msgtype"] for sent in desk.twin.sent] == ["file"]  # too large to be shown, not to be handed over


async def test_only_people_are_spoken_to(desk: Desk) -> None:
    for promise in (Promise("k", "g1", Reply("x")), to("lisi", "")):
        with pytest.raises(Undeliverable):
            await desk.app.send(promise)
    assert desk.twin.sent == []


async def test_who_is_unknown_is_counted_and_not_named(desk: Desk) -> None:
    with pytest.raises(Undeliverable, match=r"^1 account") as caught:
        await desk.app.send(to("Stranger"))
    assert "tranger" not in str(caught.value)


async def test_a_token_is_fetched_once_and_renewed_once(desk: Desk) -> None:
    await desk.app.send(to("lisi"))
    await desk.app.send(to("lisi"))
    assert desk.twin.tokens_given == 1
    desk.twin.revoke()
    await desk.app.send(to("lisi"))
    assert (desk.twin.tokens_given, len(desk.twin.sent)) == (2, 3)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_that_is_refused_twice_is_final(desk: Desk, errcode: int) -> None:
    desk.twin.faults.extend([errcode, errcode])
    with pytest.raises(Undeliverable, match=str(errcode)):
        await desk.app.send(to("lisi"))
    assert desk.twin.tokens_given == 2
    await desk.app.send(to("lisi"))


@pytest.mark.parametrize(
    ("errcode", "error", "words"),
    [
        (45009, Retry, "45009"),
        (45033, Retry, "45033"),
        (-1, Retry, "-1"),
        (60020, Undeliverable, "企业可信IP"),
        (81013, Undeliverable, "可见范围"),
        (82001, Undeliverable, "可见范围"),
        (60111, Undeliverable, "no such account"),
        (60011, Undeliverable, "可见范围"),
        (40056, Undeliverable, "agent_id"),
        (301002, Undeliverable, "different apps"),
        (48002, Undeliverable, "own secret"),
        (40008, Undeliverable, "type"),
        (40058, Undeliverable, "malformed"),
        (44004, Undeliverable, "refused"),
    ],
)
async def test_each_number_says_what_to_do_next(desk: Desk, errcode: int, error: type[Exception], words: str) -> None:
    desk.twin.faults.append(errcode)
    with pytest.raises(error, match=words) as caught:
        await desk.app.send(to("lisi"))
    assert not isinstance(caught.value, Retry) or caught.value.after == (60 if errcode == 45009 else 5)


async def test_a_cut_connection_is_unknown(desk: Desk) -> None:
    await desk.app.send(to("lisi"))
    desk.twin.cut = 1
    with pytest.raises(Unknown) as caught:
        await desk.app.send(to("lisi"))
    assert desk.keeper.kept.popitem()[1] not in repr(caught.value)


async def test_a_greeting_says_what_to_mend(desk: Desk, clock: Clock) -> None:
    assert await desk.app.greet() == ""
    desk.twin.trusted = False
    assert "企业可信IP" in await desk.app.greet()
    for wrong, words in (({"secret": "nope"}, "secret"), ({"corp_id": "nope"}, "corp_id")):
        app = made(desk.twin, Keeper(), clock, **wrong)
        answer = await app.greet()
        assert words in answer
        assert "nope" not in answer
        await app.close()
    assert desk.twin.sent == []


async def test_the_address_book(desk: Desk) -> None:
    assert await desk.app.people() == [
        Person("lisi", "李四", ("办公室",)),
        Person("ZhangSan", "张三", ("办公室", "县卫健局")),
    ]
    desk.twin.faults.extend([0, 60011])
    with pytest.raises(Undeliverable, match="可见范围"):
        await desk.app.people()


async def test_an_app_that_only_speaks(desk: Desk, clock: Clock) -> None:
    app = made(desk.twin, desk.keeper, clock, token="", encoding_aes_key="")
    assert (app.inline, set(app.abilities)) == (False, {"private", "push", "mention"})
    assert (desk.app.inline, set(desk.app.abilities)) == (True, {"answer", "private", "buttons", "push", "mention"})
    with pytest.raises(NotOurs) as caught:
        app.receive(Knock("POST", {}, {}, b"", NOW))
    assert caught.value.status == 404
    await app.send(to("lisi", "主题党日", card=ASKED))
    assert desk.twin.sent[-1]["text"]["content"] == "主题党日\n参加：发“参加 12”\n请假：发“请假 12”"
    await app.close()


async def test_many_speak_at_once(desk: Desk) -> None:
    heard = await asyncio.gather(*(desk.twin.say(f"u{number}", "参加") for number in range(50)))
    assert {one["text"] for one in heard} == {"好的"}


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"corp_id": ""}, "corp_id"),
        ({"agent_id": 0}, "agent_id"),
        ({"secret": ""}, "secret"),
        ({"token": ""}, "encoding_aes_key"),
        ({"encoding_aes_key": ""}, "encoding_aes_key"),
        ({"encoding_aes_key": "short"}, "encoding_aes_key"),
        ({"api_base": "x"}, "api_base"),
        ({"more": 1}, "more"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], key: str) -> None:
    settings, _ = PLATFORMS["wecom_app"]
    given = {"kind": "wecom_app", "corp_id": CORP, "agent_id": 1, "secret": SECRET, "token": TOKEN}
    with pytest.raises(ValidationError) as caught:
        settings.model_validate({**given, "encoding_aes_key": KEY, **wrong})
    assert [error["loc"][0] for error in caught.value.errors()] == [key]
    assert SECRET not in str(caught.value)
    assert TOKEN not in str(caught.value)


async def test_a_group_the_app_made_hears_parts_and_files(desk: Desk, tmp_path: Path) -> None:
    chat, added, gone = await desk.app.gather("第一党支部", "ZhangSan", ["ZhangSan", "lisi"])
    assert (added, gone, desk.twin.chats[chat]["name"]) == (2, 0, "第一党支部")
    picture = tmp_path / "a.png"
    picture.write_bytes(b"12345")
    names = "、".join(f"党员{number}" for number in range(300))
    reply = Reply(names, ASKED, mention=("lisi",), attachments=(Attachment("图.png", "image/png", str(picture)),))
    promise = Promise("k", chat, reply)
    desk.twin.faults.extend([0, 45009])
    with pytest.raises(Retry):
        await desk.app.send(promise)
    await desk.app.send(promise)
    said = desk.twin.said_in_chats
    assert [one["msgtype"] for one in said] == ["text"] * (len(said) - 1) + ["image"]
    assert len(said) == desk.app.cost(promise) == 3
    assert ["mentioned_list" in one["text"] for one in said[:-1]] == [True, False]
    assert said[0]["text"]["content"].startswith("（1/2）\n")
    assert "参加：发“参加 12”" in said[1]["text"]["content"]
    assert desk.twin.sent == []

"""Speaking first: what arrives, who is called, and every way in which it can go wrong."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.message import Button, Card, Knock, NotOurs, Promise, Reply, Retry, Undeliverable, Unknown
from bot.platforms.origin import same_origin
from bot.platforms.wecom import WeCom
from bot.platforms.wecom_text import size
from bot.platforms.wecom_webhook import WeComWebhook, WeComWebhookSettings
from tests.twins.wecom import Fault
from tests.wecom.conftest import NOW, Clock, Stage, no_token, robot


def promised(target: str, text: str = "开会了", key: str = "k1", mention: tuple[str, ...] = ()) -> Promise:
    return Promise(key, target, Reply(text, mention=mention))


async def test_a_push_calls_people(stage: Stage, pusher: WeComWebhook) -> None:
    key = stage.twin.robot()
    await pusher.send(promised(key, mention=("zhangsan", "@all")))
    (pushed,) = stage.twin.pushed
    assert (pushed.key, pushed.text, pushed.mentioned) == (key, "开会了", ("zhangsan", "@all"))


async def test_buttons_are_pushed_as_words(stage: Stage, pusher: WeComWebhook) -> None:
    card = Card("主题党日", (), (Button("参加", "参加 12"),))
    await pusher.send(Promise("k", stage.twin.robot(), Reply("主题党日 <@all>", card)))
    assert stage.twin.pushed[0].text == "主题党日 ＜@all>\n参加：发“参加 12”"


SHEET = "https://bot.example.org/roll-call/12?sign=x"
NOTICE = Card("12月 主题党日 点名", ("应到 20 · 参加 12",))
KINDS = {
    "most": (Reply("a" * 2048, mention=("u1",)), ["text"], [("u1",)]),
    "long, calls": (Reply("a" * 2049, mention=("u1",)), ["markdown"], [("u1",)]),
    "longer, calls": (Reply("a" * 4096, mention=("u1",)), ["text"] * 3, [("u1",), (), ()]),
    "long, calls, means something": (Reply("*" + "a" * 2048, mention=("u1",)), ["text"] * 2, [("u1",), ()]),
    "long": (Reply("a" * 4096), ["markdown_v2"], [()]),
    "longer": (Reply("a" * 4097), ["markdown_v2"] * 2, [(), ()]),
    "much to escape": (Reply("*" * 4096), ["text"] * 3, [(), (), ()]),
    "a card that opens something": (Reply(f"点名：{SHEET}", NOTICE), ["template_card"], [()]),
    "a card with buttons": (
        Reply(f"点名：{SHEET}", replace(NOTICE, buttons=(Button("参加", "参加"),))),
        ["text"],
        [()],
    ),
    "a card that opens nothing": (Reply("点名", NOTICE), ["text"], [()]),
    "a card that calls": (Reply(f"点名：{SHEET}", NOTICE, mention=("u1",)), ["text"], [("u1",)]),
    "a card with too much": (Reply(SHEET, Card("标题" * 14)), ["text"], [()]),
    "links": (Reply(f"学习材料一：{SHEET}\n材料二 https://a.cn/2。"), ["news"], [()]),
    "links and words": (Reply(f"本月学习\n材料一：{SHEET}"), ["text"], [()]),
    "nine links": (Reply("\n".join(f"材料{number} https://a.cn/{number}" for number in range(9))), ["text"], [()]),
    "a long headline": (Reply("材料" * 30 + SHEET), ["text"], [()]),
    "a link alone": (Reply(SHEET), ["text"], [()]),
}


@pytest.mark.parametrize(("reply", "kinds", "called"), KINDS.values(), ids=KINDS)
async def test_the_reply_decides_the_kind(
    stage: Stage, pusher: WeComWebhook, reply: Reply, kinds: list[str], called: list[tuple[str, ...]]
) -> None:
    promise = Promise("k", stage.twin.robot(), reply)
    assert pusher.cost(promise) == len(kinds)
    await pusher.send(promise)
    assert [pushed.body["msgtype"] for pushed in stage.twin.pushed] == kinds
    assert [pushed.mentioned for pushed in stage.twin.pushed] == called


async def test_links_lead_where_they_led(stage: Stage, pusher: WeComWebhook) -> None:
    for number in ("links", "a card that opens something"):
        await pusher.send(Promise(number, stage.twin.robot(), KINDS[number][0]))
    assert [pushed.text for pushed in stage.twin.pushed] == [
        f"学习材料一 {SHEET}\n材料二 https://a.cn/2",
        f"12月 主题党日 点名\n应到 20 · 参加 12\n{SHEET}",
    ]


NAMES = ["阿依古丽·买买提", "欧阳 娜娜", "张三", "李红（护理部）", "王 芳👩‍⚕️"]


@pytest.mark.parametrize("mention", [(), ("u1",)])
async def test_a_long_list_is_never_cut_inside_a_name(
    stage: Stage, pusher: WeComWebhook, mention: tuple[str, ...]
) -> None:
    names = [f"{NAMES[number % 5]}{number}" for number in range(700)]
    await pusher.send(promised(stage.twin.robot(), "还没回复：" + "、".join(names) + "*", mention=mention))
    texts = [pushed.text.partition("\n") for pushed in stage.twin.pushed]
    heads = [head for head, _, _ in texts]
    assert heads == [f"（{at}/{len(heads)}）" for at in range(1, len(heads) + 1)]
    assert len(heads) > 2
    said = "".join(rest for _, _, rest in texts).replace("\\", "")
    assert said == "还没回复：" + "、".join(names) + "*"
    assert all(rest.endswith(("、", "*")) for _, _, rest in texts)


async def test_an_interrupted_push_goes_on_where_it_stopped(stage: Stage, pusher: WeComWebhook) -> None:
    promise = promised(stage.twin.robot(), "\n".join(f"{number}. 党员" for number in range(400)))
    stage.twin.fail_next("none")
    stage.twin.fail_next("errcode", 45033)
    with pytest.raises(Retry):
        await pusher.send(promise)
    await pusher.send(promise)
    numbers = [pushed.text.split("\n")[0] for pushed in stage.twin.pushed]
    assert numbers == [f"（{at}/{len(numbers)}）" for at in range(1, len(numbers) + 1)]
    await pusher.send(promise)  # all of it had arrived: this is a new one
    assert len(stage.twin.pushed) == 2 * len(numbers)


@pytest.mark.parametrize(
    ("fault", "error", "after"),
    [
        (("errcode", 45009), Retry, 60),
        (("errcode", 45033), Retry, 5),
        (("errcode", -1), Retry, 5),
        (("status", 500), Retry, 5),
        (("status", 503), Retry, 5),
        (("status", 429), Retry, 60),
        (("errcode", 93000), Undeliverable, 0),
        (("errcode", 93004), Undeliverable, 0),
        (("errcode", 93008), Undeliverable, 0),
        (("errcode", 40058), Undeliverable, 0),
        (("errcode", 40008), Undeliverable, 0),
        (("errcode", 12345), Undeliverable, 0),
        (("status", 404), Undeliverable, 0),
        (("status", 302), Undeliverable, 0),
        (("status", 200), Unknown, 0),
        (("cut", 0), Unknown, 0),
        (("slow", 0), Unknown, 0),
    ],
)
async def test_each_failure_says_what_to_do_next(
    stage: Stage, pusher: WeComWebhook, fault: tuple[Fault, int], error: type[Exception], after: float
) -> None:
    key = stage.twin.robot()
    stage.twin.fail_next(*fault)
    with pytest.raises(error) as caught:
        await pusher.send(promised(key))
    assert key not in f"{caught.value!r} {caught.value}"
    assert not isinstance(caught.value, Retry) or caught.value.after == after
    await pusher.send(promised(key))
    assert stage.twin.pushed[-1].text == "开会了"


async def test_nobody_there_is_tried_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    platform = WeComWebhook("p", WeComWebhookSettings(kind="wecom_webhook", api_base=base), no_token)
    with pytest.raises(Retry):
        await platform.send(promised("k"))
    await platform.close()


async def test_a_robot_speaks_twenty_times_a_minute(stage: Stage, pusher: WeComWebhook, clock: Clock) -> None:
    key = stage.twin.robot()
    for number in range(20):
        await pusher.send(promised(key, key=f"k{number}"))
    with pytest.raises(Retry):
        await pusher.send(promised(key, key="k20"))
    clock.time += 60
    await pusher.send(promised(key, key="k20"))
    assert len(stage.twin.pushed) == 21


@pytest.mark.parametrize("key", ["unknown", "a&key=b", "../x?key=", "钥 匙\n"])
async def test_a_wrong_key_is_final(pusher: WeComWebhook, key: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(Undeliverable) as caught:
        await pusher.send(promised(key))
    assert key not in str(caught.value)
    assert "webhook/send" not in caplog.text


async def test_what_is_private_is_not_pushed_to_a_group(stage: Stage, pusher: WeComWebhook) -> None:
    key = stage.twin.robot()
    for promise in (Promise("k", key, Reply("党费 30.00", private=True)), Promise("k", key, Reply("x"), private=True)):
        with pytest.raises(Undeliverable):
            await pusher.send(promise)
    with pytest.raises(Undeliverable):
        await pusher.send(promised(key, ""))
    assert stage.twin.pushed == []


def test_a_webhook_robot_hears_nothing() -> None:
    platform = WeComWebhook("p", WeComWebhookSettings(kind="wecom_webhook", api_base="https://x"), no_token)
    with pytest.raises(NotOurs) as caught:
        platform.receive(Knock("POST", {}, {}, b"", NOW))
    assert caught.value.status == 404


@pytest.fixture
async def speaker(stage: Stage) -> AsyncIterator[WeCom]:
    platform = robot(api_base=stage.twin.api_base)
    yield platform
    await platform.close()


async def late(stage: Stage, text: str = "*到期*", seconds: float = 60, url: str = "") -> Promise:
    await stage.twin.say("u1", "报表")
    heard = stage.heard[-1]
    until = int((time.time() + seconds) * 1_000_000)
    return Promise("k", heard.chat, Reply(text), reply_url=url or heard.reply_url, reply_until=until)


async def test_a_late_answer_goes_to_the_message_it_answers_once(stage: Stage, speaker: WeCom) -> None:
    promise = await late(stage)
    await speaker.send(promise)
    assert stage.twin.pushed[0].text == "\\*到期\\*"
    with pytest.raises(Undeliverable):
        await speaker.send(promise)


@pytest.mark.parametrize("length", [20480, 20481])
async def test_a_late_answer_holds_20480_bytes(stage: Stage, speaker: WeCom, length: int) -> None:
    await speaker.send(await late(stage, "a" * length))
    assert size(stage.twin.pushed[0].text) == 20480


async def test_too_late_or_without_an_address_nothing_is_said(stage: Stage, speaker: WeCom) -> None:
    for promise in (await late(stage, seconds=-1), promised("g1")):
        with pytest.raises(Undeliverable, match="webhook robot"):
            await speaker.send(promise)
    assert stage.twin.pushed == []


async def test_a_private_word_is_not_said_in_a_group(stage: Stage, speaker: WeCom) -> None:
    heard = await late(stage)
    promise = Promise("k", "g1", Reply("30.00", private=True), False, heard.reply_url, heard.reply_until)
    with pytest.raises(Undeliverable):
        await speaker.send(promise)
    assert stage.twin.pushed == []


async def test_an_address_elsewhere_is_refused(stage: Stage, speaker: WeCom) -> None:
    promise = await late(stage, url="http://127.0.0.1:1/cgi-bin/aibot/response?response_code=1")
    with pytest.raises(Undeliverable, match="api_base"):
        await speaker.send(promise)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=1", True),
        ("https://QYAPI.weixin.qq.com:443/x", True),
        ("http://qyapi.weixin.qq.com/x", False),
        ("https://qyapi.weixin.qq.com:8443/x", False),
        ("https://qyapi.weixin.qq.com.evil.cn/x", False),
        ("https://evil.cn/qyapi.weixin.qq.com", False),
        ("https://qyapi.weixin.qq.com@evil.cn/x", False),
        ("https://evil.cn@qyapi.weixin.qq.com/x", False),
        ("https://evil.cn\\@qyapi.weixin.qq.com/x", False),
        ("https://qyapi.weixin.qq.com\\@evil.cn/x", False),
        ("//qyapi.weixin.qq.com/x", False),
        ("/x", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_the_configured_origin_is_spoken_to(url: str, same: bool) -> None:
    assert same_origin(url, "https://qyapi.weixin.qq.com") == same

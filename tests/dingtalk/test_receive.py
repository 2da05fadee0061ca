"""Who may speak, and what they said: signatures (recorded vectors), every message type, any bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.message import BadSignature, Incoming, Knock, NotOurs, Wire
from bot.platforms.dingtalk import DingTalk, DingTalkSettings
from bot.platforms.dingtalk_sign import sign
from bot.platforms.dingtalk_stream import make_dingtalk
from tests.dingtalk.conftest import Keeper
from tests.twins.dingtalk_rules import sign as twins_sign

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
NOW_MS = 1795305031223
BODY: dict[str, Any] = {
    "senderPlatform": "Mac",
    "conversationId": "cid6EUxxxxsg==",
    "atUsers": [{"dingtalkId": "$:LWCP_xxxxr5"}],
    "chatbotCorpId": "ding9733d095",
    "chatbotUserId": "$:LWCP_xxxxr5",
    "msgId": "msgrK2xxxxU+riw==",
    "senderNick": "小钉",
    "isAdmin": True,
    "senderStaffId": "0147xxxx8602",
    "sessionWebhookExpiredTime": 1708332604316,
    "createAt": 1708327204136,
    "senderCorpId": "ding9733d095",
    "conversationType": "2",
    "senderId": "$:LWCP_v1xxxxBv1MhAv9",
    "conversationTitle": "测试群",
    "isInAtList": True,
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=66d7c695a9xxxxdeb885",
    "text": {"content": " text"},
    "robotCode": "dingoxxxxdm3k",
    "msgtype": "text",
}


def platform(secret: str = "s", **more: str) -> DingTalk:
    keys = {"kind": "dingtalk", "app_key": "dingkey", "app_secret": secret, **more}
    return DingTalk("ding", DingTalkSettings.model_validate(keys), Keeper())


def knock(body: bytes, headers: dict[str, str], now_ms: int = NOW_MS, method: str = "POST") -> Knock:
    return Knock(method, {}, headers, body, datetime.fromtimestamp(now_ms / 1000, UTC))


def signed(secret: str = "s") -> dict[str, str]:
    return {"timestamp": str(NOW_MS), "sign": twins_sign(str(NOW_MS), secret)}


def receive(without: tuple[str, ...] = (), **changed: Any) -> Incoming | Wire:
    body = {key: value for key, value in (BODY | changed).items() if key not in without}
    return platform().receive(knock(json.dumps(body).encode(), signed()))


def incoming(without: tuple[str, ...] = (), **changed: Any) -> Incoming:
    found = receive(without, **changed)
    assert isinstance(found, Incoming)
    return found


def said(msgtype: str, content: Any) -> tuple[str, str]:
    found = incoming(("text",), msgtype=msgtype, content=content)
    return found.kind, found.text


@pytest.mark.parametrize("vector", VECTORS["http_callback_sign"], ids=lambda one: one["id"])
def test_signature_equals_that_of_others(vector: dict[str, str]) -> None:
    assert sign(vector["timestamp"], vector["secret"]) == vector["sign"]
    assert twins_sign(vector["timestamp"], vector["secret"]) == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["http_callback_verify"], ids=lambda one: one["id"])
def test_verdict_equals_that_of_others(vector: dict[str, Any]) -> None:
    request = knock(json.dumps(BODY).encode(), vector["headers"], vector["now_ms"])
    if vector["expected"] == "accept":
        assert isinstance(platform(vector["secret"]).receive(request), Incoming)
    else:
        with pytest.raises(BadSignature) as caught:
            platform(vector["secret"]).receive(request)
        assert caught.value.status in (401, 403)


@pytest.mark.parametrize(("off", "accepted"), [(0, True), (3_600_000, True), (-3_600_000, True), (3_600_001, False)])
def test_the_window_is_an_hour_either_way(off: int, accepted: bool) -> None:
    request = knock(json.dumps(BODY).encode(), signed(), NOW_MS + off)
    if accepted:
        assert platform().receive(request)
    else:
        with pytest.raises(BadSignature):
            platform().receive(request)


def test_one_signature_opens_any_body_so_the_message_id_is_what_counts() -> None:
    swap = VECTORS["http_callback_body_swap"]
    bodies = [json.dumps(BODY | body).encode() for body in swap["bodies"]]
    found = [platform(swap["secret"]).receive(knock(body, swap["headers"])) for body in bodies]
    assert [one.message_id for one in found if isinstance(one, Incoming)] == ["msgA", "msgB"]


@pytest.mark.parametrize("timestamp", ["", " 1", "+1", "１２３", "1" * 5000, "1_0", "-1", "1.0", "\udce4"])
@pytest.mark.parametrize("claimed", ["", "签名", "\udce4", "x" * 44])
def test_odd_headers_are_refused(timestamp: str, claimed: str) -> None:
    with pytest.raises(BadSignature):
        platform().receive(knock(b"{}", {"timestamp": timestamp, "sign": claimed}))


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_only_post(method: str) -> None:
    with pytest.raises(NotOurs) as caught:
        platform().receive(knock(b"", signed(), method=method))
    assert caught.value.status == 405


def test_the_documented_message() -> None:
    assert incoming() == Incoming(
        platform="ding",
        message_id="msgrK2xxxxU+riw==",
        chat="cid6EUxxxxsg==",
        sender="0147xxxx8602",
        text="text",
        reply_url="https://oapi.dingtalk.com/robot/sendBySession?session=66d7c695a9xxxxdeb885",
        reply_until=1708332604316000,
    )


def test_the_documented_private_message() -> None:
    without = ("atUsers", "conversationTitle", "isInAtList", "senderPlatform")
    found = incoming(without, conversationType="1", text={"content": "hello DingTalk!"})
    assert (found.private, found.chat, found.text) == (True, "0147xxxx8602", "hello DingTalk!")


def test_numbers_may_be_strings_and_strings_numbers() -> None:
    found = incoming(createAt="1708327204136", sessionWebhookExpiredTime="1708332604316", conversationType=2)
    assert found == incoming()


@pytest.mark.parametrize("content", ["\u2005签到", "\xa0签到 ", "\u200b签到\0", "签到\n"])
def test_spaces_that_mentions_leave_are_gone(content: str) -> None:
    assert incoming(text={"content": content}).text == "签到"


@pytest.mark.parametrize(
    ("content", "called", "text"),
    [
        (" 签到", 1, "签到"),
        ("@支部小助手 签到", 1, "签到"),
        ("@支部小助手\u2005@支部小助手 签到", 1, "签到"),
        ("@支部小助手", 1, ""),
        ("签到 @支部小助手", 1, "签到"),
        (" @李四 请假", 2, "@李四 请假"),
        ("@支部小助手 @李四 请假", 2, "@李四 请假"),
        ("给 zhang@163.com", 1, "给 zhang@163.com"),
        ("@李四 请假", 0, "@李四 请假"),
    ],
)
def test_the_robots_own_mention_is_taken_off(content: str, called: int, text: str) -> None:
    assert incoming(text={"content": content}, atUsers=[{"dingtalkId": str(n)} for n in range(called)]).text == text


def test_every_other_type() -> None:
    picture = {"downloadCode": "mIof", "pictureDownloadCode": "1lOl"}
    assert said(
        "richText", {"richText": [{"text": "@机器人 你好"}, {"type": "picture", **picture}, {"text": "再见"}]}
    ) == (
        "text",
        "你好 再见",
    )
    assert said("richText", {"richText": [{"type": "picture", **picture}]}) == ("other", "")
    assert said("audio", {"duration": 4000, "recognition": "钉钉，让进步发生"}) == ("text", "钉钉，让进步发生")
    assert said("audio", {"duration": 4000}) == ("other", "")
    assert said("picture", picture) == ("other", "")
    assert said("video", {"duration": "5", "videoType": "mp4"}) == ("other", "")
    assert said("file", {"fileName": "计划.pdf"}) == ("other", "")
    assert said("unknownMsgType", {"unknownMsgType": "机器人暂不支持接收。"}) == ("other", "")
    assert said("tomorrow", None) == ("other", "")
    assert said("richText", {"richText": "odd"}) == said("richText", [1]) == ("other", "")


@pytest.mark.parametrize(
    "content", [{"text": "报名开始"}, {"content": "报名开始"}, {"richText": [{"text": "报名开始"}]}, "报名开始"]
)
def test_a_quoted_text_comes_along(content: Any) -> None:
    text = {"content": "参加", "isReplyMsg": True, "repliedMsg": {"msgType": "text", "content": content}}
    assert incoming(text=text).quote == "报名开始"
    assert incoming(text={"content": "参加", "repliedMsg": {"content": {"downloadCode": "x"}}}).quote == ""


@pytest.mark.parametrize("code", [20001, "20001"])
def test_a_spent_quota_is_a_warning_and_no_message(code: Any, caplog: pytest.LogCaptureFixture) -> None:
    found = receive(("text", "msgtype"), errorCode=code, errorMessage="受调用量超量影响")
    assert found == Wire(200, b'{"msgtype":"empty"}')
    assert "20001" in caplog.text


def test_without_staff_id_the_sender_is_an_opaque_key() -> None:
    assert incoming(("senderStaffId",)).sender == "id:$:LWCP_v1xxxxBv1MhAv9"
    assert incoming(senderStaffId=None).sender == incoming(senderStaffId="").sender == "id:$:LWCP_v1xxxxBv1MhAv9"
    with pytest.raises(NotOurs):
        incoming(senderStaffId="id:$:LWCP_v1xxxxBv1MhAv9")


@pytest.mark.parametrize("key", ["msgId", "conversationId", "conversationType"])
@pytest.mark.parametrize("value", [None, "", 7.5, "a\0b", {}])
def test_without_ids_it_is_none_of_ours(key: str, value: Any) -> None:
    with pytest.raises(NotOurs) as caught:
        receive(**{key: value})
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b'{"msgId":"\\ud800"}', b"[" * 60_000]
)
def test_what_is_no_object_is_none_of_ours(body: bytes) -> None:
    with pytest.raises(NotOurs) as caught:
        platform().receive(knock(body, signed()))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/robot/sendBySession?session=1",
        "http://oapi.dingtalk.com/robot/sendBySession?session=1",
        "https://oapi.dingtalk.com:8443/robot/sendBySession",
        "https://oapi.dingtalk.com.evil.example/",
        "https://oapi.dingtalk.com@evil.example/",
        "https://evil.example\\@oapi.dingtalk.com/",
        "https://u:p@oapi.dingtalk.com/",
        "https://oapi.ding\ntalk.com/",
        "https://oapi.dingtalk.com:x/",
        "https://[oapi.dingtalk.com/",
        "//oapi.dingtalk.com/",
        "https://ｏapi.dingtalk.com/",
        "",
    ],
)
def test_a_foreign_session_is_never_spoken_to(url: str) -> None:
    found = incoming(sessionWebhook=url)
    assert (found.reply_url, found.reply_until) == ("", 0)


def test_the_same_origin_may_be_written_in_two_ways() -> None:
    assert incoming(sessionWebhook="https://OAPI.dingtalk.com:443/robot/sendBySession?session=1").reply_url


@pytest.mark.parametrize("until", [None, "", "soon", -1, 1.5, True, 10**30, "9" * 5000])
def test_a_session_without_end_is_not_used(until: Any) -> None:
    if until == "9" * 5000:
        assert incoming(sessionWebhookExpiredTime=until).reply_url == ""
    assert incoming(sessionWebhookExpiredTime=until).reply_until == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary() | st.dictionaries(st.sampled_from(sorted(BODY | {"content": 0, "errorCode": 0})), json_values))
def test_any_body_is_read_or_refused(body: bytes | dict[str, Any]) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(BODY | body).encode()
    try:
        found: object = platform().receive(knock(raw, signed()))
    except NotOurs as error:
        found = error.status
    assert found == 400 or isinstance(found, Incoming | Wire)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["timestamp", "sign"]), st.text()), st.binary())
def test_any_headers_are_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadSignature):
        platform().receive(knock(body, headers))


@pytest.mark.parametrize("missing", ["app_key", "app_secret"])
def test_required_settings_are_named(missing: str) -> None:
    given_keys = {"kind": "dingtalk", "app_key": "k", "app_secret": "geheim"}
    for broken in ({**given_keys, missing: ""}, {key: one for key, one in given_keys.items() if key != missing}):
        with pytest.raises(ValueError, match=missing) as caught:
            DingTalkSettings.model_validate(broken)
        assert "geheim" not in str(caught.value)


def test_the_mode_chooses_whether_it_listens() -> None:
    keys = {"kind": "dingtalk", "app_key": "k", "app_secret": "geheim"}
    assert "geheim" not in repr(DingTalkSettings.model_validate(keys))
    assert not hasattr(make_dingtalk("ding", DingTalkSettings.model_validate(keys), Keeper()), "listen")
    assert hasattr(
        make_dingtalk("ding", DingTalkSettings.model_validate(keys | {"mode": "stream"}), Keeper()), "listen"
    )

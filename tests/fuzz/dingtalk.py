"""The doors of DingTalk: signatures, callbacks, taps on cards, frames of stream mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx

from bot.coordination import InProcess
from bot.message import BadSignature, Incoming, Knock
from bot.platforms.dingtalk import DingTalk, DingTalkSettings
from bot.platforms.dingtalk_press import SIGNATURE, STAMP, read_press
from bot.platforms.dingtalk_sign import WINDOW_MS, sign, verify
from bot.platforms.dingtalk_stream_frames import ack, created, read_frame
from bot.platforms.origin import same_origin
from tests.fuzz.door import Door
from tests.fuzz.wecom import held

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
BASE = "https://oapi.dingtalk.com"
SETTINGS = DingTalkSettings.model_validate({"kind": "dingtalk", "app_key": "k", "app_secret": "secret"})
ROBOT = DingTalk("ding", SETTINGS, InProcess().token)

TEXT = {
    **{"msgId": "m1", "msgtype": "text", "conversationId": "cid1", "conversationType": "2", "senderStaffId": "u1"},
    **{"senderId": "$:x", "senderCorpId": "c", "chatbotCorpId": "c", "atUsers": [{"dingtalkId": "$:b"}]},
    **{"sessionWebhook": f"{BASE}/robot/sendBySession?session=1", "sessionWebhookExpiredTime": NOW_MS + 5_400_000},
    "text": {"content": " 参加", "repliedMsg": {"content": {"text": "周五党课"}}},
}
RICH = {
    **{**TEXT, "msgtype": "richText", "text": None},
    "content": {"richText": [{"text": "@助手 请假"}, {"downloadCode": "d"}]},
}
SPENT = {"errorCode": "20001", "errorMessage": "x"}
PARAMS = {"cardPrivateData": {"actionIds": ["1"], "params": {"command": "参加 #1"}}}
TAP = {
    **{"outTrackId": "t", "userId": "u1", "spaceType": "IM_GROUP", "spaceId": "dtv1.card//IM_GROUP.cid1"},
    "content": json.dumps(PARAMS),
}
FRAME = {
    **{"specVersion": "1.0", "type": "CALLBACK", "data": json.dumps({**TEXT, "createAt": NOW_MS})},
    "headers": {"topic": "/v1.0/im/bot/messages/get", "messageId": "f1", "time": str(NOW_MS)},
}


def _bytes(*values: object) -> tuple[bytes, ...]:
    return tuple(json.dumps(one, ensure_ascii=False).encode() for one in values)


def _callback(data: bytes) -> None:
    """A signed body: its answer goes to no address but the configured one."""
    stamp = str(NOW_MS)
    found = ROBOT.receive(Knock("POST", {}, {"timestamp": stamp, "sign": sign(stamp, "secret")}, data, NOW))
    held(found)
    if isinstance(found, Incoming):
        assert not found.reply_url or same_origin(found.reply_url, BASE)


def _signature(data: bytes) -> None:
    """Whatever is claimed: only the true signature of a time within the hour opens."""
    stamp, _, claimed = data.decode("utf-8", "surrogateescape").partition("\n")
    verify({"timestamp": stamp, "sign": claimed}, "secret", NOW_MS)
    assert claimed == sign(stamp, "secret")
    assert abs(int(stamp) - NOW_MS) <= WINDOW_MS


def _card_door(data: bytes) -> None:
    stamp, _, claimed = data.decode("utf-8", "surrogateescape").partition("\n")
    ROBOT.receive(Knock("POST", {}, {STAMP: stamp, SIGNATURE: claimed}, data, NOW))
    raise AssertionError("a card's callback opened without a secret")


def _tap(data: bytes) -> None:
    held(read_press(data, "ding", "m", 0))


def _frame(data: bytes) -> None:
    frame = read_frame(data)
    if frame is None:
        return
    assert created(frame.data) >= 0
    assert frame.pushed >= 0
    json.loads(ack(frame, "{}"))
    held(ROBOT._read(frame.data.encode("utf-8", "replace")))


def _address(data: bytes) -> None:
    """An address from outside is spoken to only where no parser can read another host in it."""
    url = data.decode("utf-8", "surrogateescape")
    if same_origin(url, BASE):
        read_otherwise = httpx.URL(url)
        assert (read_otherwise.scheme, read_otherwise.host) == ("https", "oapi.dingtalk.com")
        assert (read_otherwise.port or 443, read_otherwise.userinfo) == (443, b"")


DOORS = (
    Door("dingtalk-callback", _callback, _bytes(TEXT, RICH, SPENT)),
    Door("dingtalk-signature", _signature, (f"{NOW_MS}\n{sign(str(NOW_MS), 'secret')}".encode(),), (BadSignature,)),
    Door("dingtalk-card-door", _card_door, (f"{NOW_MS}\nAAAA".encode(),), (BadSignature,)),
    Door("dingtalk-tap", _tap, _bytes(TAP, {**TAP, "content": None, "value": json.dumps(PARAMS)})),
    Door("dingtalk-frame", _frame, _bytes(FRAME, {"type": "SYSTEM", "headers": {"topic": "ping"}, "data": "{}"})),
    Door("outside-address", _address, (f"{BASE}/robot?x=1".encode(), b"https://oapi.dingtalk.com@evil.example/"), ()),
)

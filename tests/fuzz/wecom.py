"""The doors of WeCom: encryption, callbacks of robots and apps, frames of the long connection."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from bot.coordination import InProcess
from bot.message import Incoming, Knock, NotOurs, Trouble, Wire
from bot.platforms.wecom import WeCom, WeComSettings
from bot.platforms.wecom_app import WeComApp, WeComAppSettings
from bot.platforms.wecom_crypto import Lock
from bot.platforms.wecom_frame import judge_frame, read_frame, write_frame
from bot.platforms.wecom_read import Reader, Refresh
from bot.platforms.wecom_text import mention_of
from bot.platforms.wecom_xml import read_xml
from tests.fuzz.door import Door

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
CORP = "ww0123456789abcdef"
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
VECTORS = json.loads((Path(__file__).parents[1] / "wecom" / "vectors.json").read_text(encoding="utf-8"))

LOCK, APP_LOCK = Lock("token", KEY), Lock("token", KEY, CORP)
LOCKED = {"token": "token", "encoding_aes_key": KEY}
ROBOT = WeCom("wecom", WeComSettings.model_validate({"kind": "wecom", **LOCKED}), InProcess().token)
APP = WeComApp(
    "wecom-app",
    WeComAppSettings.model_validate({"kind": "wecom_app", "corp_id": CORP, "agent_id": 7, "secret": "s", **LOCKED}),
    InProcess().token,
)
NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
QUOTED_IN_XML = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)  # where it is but a word
READER = Reader("wecom", "", mention_of(["支部小助手"]))

TEXT = {
    **{"msgid": "m1", "aibotid": "b", "chatid": "c", "chattype": "group", "from": {"userid": "zhangsan"}},
    **{"response_url": "https://qyapi.weixin.qq.com/r", "msgtype": "text"},
    **{"text": {"content": "@支部小助手 参加"}, "quote": {"msgtype": "text", "text": {"content": "周五党课"}}},
}
MIXED = {
    **{**TEXT, "msgtype": "mixed"},
    "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "请假 值班"}}, {"msgtype": "image"}]},
}
SELECTED = {"selected_item": [{"question_key": "q", "option_ids": {"option_id": ["一", "二"]}}]}
PRESS = {
    **{"msgid": "m2", "chattype": "single", "from": {"userid": "lisi"}, "msgtype": "event"},
    "event": {
        "eventtype": "template_card_event",
        "template_card_event": {
            **{"card_type": "vote_interaction", "event_key": "参加 #1", "task_id": "t"},
            "selected_items": SELECTED,
        },
    },
}
STREAM = {"msgid": "m3", "chattype": "single", "from": {"userid": "a"}, "msgtype": "stream", "stream": {"id": "s"}}
CALLBACKS = tuple(json.dumps(one, ensure_ascii=False).encode() for one in (TEXT, MIXED, PRESS, STREAM))
REFUSAL = b'{"headers":{"req_id":"r"},"errcode":846609,"errmsg":"no"}'
FRAMES = (*(write_frame("aibot_msg_callback", "r", one).encode() for one in (TEXT, PRESS)), REFUSAL)
XML = (
    f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>1</CreateTime>"
    "<MsgType>text</MsgType><Content>参加</Content><MsgId>1</MsgId><AgentID>7</AgentID></xml>",
    f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>a</FromUserName><MsgType>event</MsgType>"
    "<Event>template_card_event</Event><EventKey>k</EventKey><TaskId>t</TaskId><CardType>vote_interaction</CardType>"
    "<SelectedItems><SelectedItem><OptionIds><OptionId>一</OptionId></OptionIds></SelectedItem></SelectedItems></xml>",
    '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b SYSTEM "file:///etc/passwd">]><xml><Content>&a;&b;</Content></xml>',
)


def knock(body: bytes, encrypt: str, stamp: str = "1700000000") -> Knock:
    """A callback whose signature is right: what is behind it is not believed for that."""
    query = {"timestamp": stamp, "nonce": "n", "msg_signature": LOCK.sign(int(stamp), "n", encrypt)}
    return Knock("POST", query, {}, body, NOW)


def _cipher(data: bytes) -> None:
    """What is no ciphertext of ours is refused; what we sealed ourselves comes back as it was."""
    sealed = LOCK.encrypt(data)
    assert LOCK.decrypt(sealed) == data
    try:
        APP_LOCK.decrypt(sealed)
        raise AssertionError("another receive id")
    except NotOurs:
        pass
    LOCK.decrypt(data.decode("latin-1"))


def _envelope(data: bytes) -> None:
    """The raw body of a callback, signed for what a stranger would sign it for: nothing."""
    ROBOT.receive(Knock("POST", {"timestamp": "1", "nonce": "n", "msg_signature": "0" * 40}, {}, data, NOW))


def _address_check(data: bytes) -> None:
    words = data.decode("utf-8", "surrogateescape").split("&", 3) + [""] * 4
    query = dict(zip(("msg_signature", "timestamp", "nonce", "echostr"), words, strict=False))
    ROBOT.receive(Knock("GET", query, {}, b"", NOW))


def _callback(data: bytes) -> None:
    """The words of somebody who knows the key: everything that is read has its type and its chat."""
    sealed = LOCK.encrypt(data)
    held(ROBOT.receive(knock(json.dumps({"encrypt": sealed}).encode(), sealed)))


def _app(data: bytes) -> None:
    sealed = APP_LOCK.encrypt(data)
    held(APP.receive(knock(f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode(), sealed)))


def held(found: object) -> None:
    """What was read is a message that has an id, a chat and a sender, or nothing to say."""
    if isinstance(found, Incoming):
        assert found.message_id
        assert found.chat
        assert found.sender
        said = found.message_id + found.chat + found.sender + found.text + found.quote + found.card + found.ref
        assert "\0" not in said, "PostgreSQL takes no NUL"
        said.encode()
    else:
        assert found is None or isinstance(found, Wire | Refresh)


def _xml(data: bytes) -> None:
    """No document type is ever read, so nothing expands and nothing is fetched."""
    root = read_xml(data)
    assert b"<!DOCTYPE" not in QUOTED_IN_XML.sub(b"", data.translate(None, NOT_IN_XML))
    assert root.name


def _frame(data: bytes) -> None:
    frame = read_frame(data)
    if frame is None:
        return
    with contextlib.suppress(Trouble):
        judge_frame(frame)
    held(READER.read(frame.body, frame.req_id, 0))


ROBOT_BODIES = tuple(json.dumps({"encrypt": one["encrypt"]}).encode() for one in VECTORS["valid"][:3])
DOORS = (
    Door("wecom-cipher", _cipher, tuple(one["encrypt"].encode() for one in VECTORS["valid"][:3])),
    Door("wecom-envelope", _envelope, ROBOT_BODIES),
    Door("wecom-address-check", _address_check, (b"a&1&n&ZWNobw==",)),
    Door("wecom-callback", _callback, CALLBACKS),
    Door("wecom-app", _app, tuple(one.encode() for one in XML)),
    Door("wecom-xml", _xml, tuple(one.encode() for one in XML)),
    Door("wecom-frame", _frame, FRAMES),
)

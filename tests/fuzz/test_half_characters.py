"""A text that a client cut in the middle of an emoji is heard, with the sign for a lost character in its place."""

from __future__ import annotations

import json

import pytest

from bot.message import Incoming
from bot.platforms.dingtalk_body import read
from bot.platforms.dingtalk_press import read_press
from bot.platforms.dingtalk_stream_frames import read_frame as ding_frame
from bot.platforms.halves import mended
from bot.platforms.wecom_frame import read_frame as wecom_frame
from tests.fuzz import dingtalk, wecom


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r'"\ud83d"', "\ufffd"),
        (r'"\uDE00\uD83D"', "\ufffd\ufffd"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
        ('"参加"', "参加"),
    ],
)
def test_what_stands_alone_is_lost_and_nothing_else(written: str, read_as: str) -> None:
    assert json.loads(mended(written)) == read_as
    assert json.loads(mended(written.encode())) == read_as


def cut(value: object) -> str:
    return json.dumps(value).replace("\\u53c2\\u52a0", "\\u53c2\\u52a0\\ud83d")  # 参加 and half of a face


def test_every_platform_hears_the_rest() -> None:
    frame = wecom_frame(cut({"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": wecom.TEXT}))
    assert frame is not None
    by_line = wecom.READER.read(frame.body, "r", 0)
    by_callback = wecom.READER.read(cut(wecom.TEXT).encode(), "n", 0)
    by_http = read(cut(dingtalk.TEXT).encode(), "ding", dingtalk.BASE)
    by_tap = read_press(cut({**dingtalk.TAP, "content": dingtalk.PARAMS}), "ding", "m", 0)
    for found in (by_line, by_callback, by_http, by_tap):
        assert isinstance(found, Incoming)
        assert found.text.startswith("参加\ufffd"), found.text
    stream = ding_frame(cut({**dingtalk.FRAME, "data": cut(dingtalk.TEXT)}))
    assert stream is not None
    stream.data.encode()

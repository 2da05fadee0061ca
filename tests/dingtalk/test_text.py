"""Text as DingTalk draws it: nothing in it comes alive, nothing gets lost, and it fits to the byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.message import Button, Card, Reply
from bot.platforms.dingtalk_page import Page, encode, fits_robot, fits_webhook, pages, robot, webhook
from bot.platforms.dingtalk_text import COUNTER, markdown, parts, title
from tests.twins.dingtalk_rules import Heard

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
lines = st.lists(st.text(st.sampled_from("中a1 \\*_`[]()<>#&~.-=@!/:;|+"), max_size=12), min_size=1, max_size=4)


def shown(text: str) -> str:
    return Heard("", "", "", text, {}, (), {}).plain


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("应到 20 · 参加 12", "应到 20 · 参加 12"),
        ("一\n二", "一  \n  二"),
        ("[点我](http://evil.example)", r"\[点我\]\([http://evil.example](http://evil.example))"),
        ("**急** _x_ `y`", r"\*\*急\*\* \_x\_ \`y\`"),
        ("#12 主题党日", r"\#12 主题党日"),
        ("> 引", r"\> 引"),
        ("3. 张三\n3.5 小时", "3\\. 张三  \n  3.5 小时"),
        ("- 一", r"\- 一"),
        ("一\n---", "一  \n  \\---"),
        ("<font color=red>红</font> a<b", "&lt;font color=red>红&lt;/font> a&lt;b"),
        ("a&b &lt; &#1 & 2", "a&amp;b &amp;lt; &amp;#1 & 2"),
        ("  缩进", "&nbsp;&nbsp;缩进"),
        ("~~x~~ 9~11点", r"\~\~x\~\~ 9~11点"),
        ("看 https://x.example/a_b?c=*1。", "看 [https://x.example/a_b?c=*1](https://x.example/a_b?c=*1)。"),
    ],
)
def test_specials_are_shown_not_obeyed(text: str, drawn: str) -> None:
    assert markdown(text) == drawn


@CALM
@given(lines)
def test_what_is_shown_is_what_was_said(said: list[str]) -> None:
    text = "\n".join(" ".join(line.split()) for line in said)
    drawn = markdown(text)
    assert "](" not in drawn.replace("](http", "")
    assert shown(drawn) == "\n".join(text.splitlines())


def test_the_title_is_never_empty() -> None:
    assert title("", " \n主题党日 ") == "主题党日"
    assert title("", "") == "新消息"
    assert len(title("长" * 100)) == 40
    assert pages(Reply(""), fits_robot) == [Page("新消息", "新消息")]


def border(fits_bytes: int, overhead: int) -> tuple[str, str]:
    """The longest text that fits whole, and one byte more."""
    room = fits_bytes - overhead
    fitting = "中" * (room // 3) + "x" * (room % 3)
    return fitting, fitting + "x"


def test_msg_param_is_filled_to_the_last_byte() -> None:
    name = "中" * 40
    fitting, longer = border(15_000, len(robot(Page(name, ""))[1].encode()))
    assert len(robot(pages(Reply(fitting), fits_robot)[0])[1].encode()) == 15_000
    assert len(pages(Reply(fitting), fits_robot)) == 1
    assert len(pages(Reply(longer), fits_robot)) == 2


def test_a_webhook_body_is_filled_up_to_the_place_of_its_id() -> None:
    fitting, longer = border(19_900, len(encode(webhook(Page("中" * 40, "")))))
    assert len(encode(webhook(pages(Reply(fitting), fits_webhook)[0]))) == 19_900
    assert len(pages(Reply(fitting), fits_webhook)) == 1
    assert len(pages(Reply(longer), fits_webhook)) == 2


@pytest.mark.parametrize(
    "text", ['"\\\n' * 6000, "*" * 9000, "\x01" * 5000, "中文\n" * 5000, "https://x.example/_ " * 900]
)
def test_what_json_and_markdown_add_is_counted(text: str) -> None:
    buttons = tuple(Button(f"认领{n}", f"认领 {n}") for n in range(8))
    reply = Reply(text, Card("微心愿", (), buttons), mention=tuple(f"user{n}" for n in range(60)))
    for page in pages(reply, fits_robot):
        assert len(robot(page)[1].encode()) <= 15_000
        assert len(encode(webhook(page))) <= 20_000
        json.loads(robot(page)[1])
    assert [bool(page.buttons) for page in pages(reply, fits_robot)][-2:] == [False, True]


@CALM
@given(st.text(st.sampled_from("中a\n👨\u200d👩é\u0301"), min_size=1, max_size=300), st.integers(30, 120))
def test_cutting_loses_nothing_but_line_ends(text: str, room: int) -> None:
    found = parts(text, lambda piece: len(piece.encode()) <= room)
    assert all(len(one.encode()) <= room for one in found)
    bodies = [one.split("\n", 1)[1] for one in found] if len(found) > 1 else found
    assert "".join(bodies).replace("\n", "") == text.replace("\n", "")
    if len(found) > 1:
        assert found[0].startswith(COUNTER.format(1, len(found)))


def test_cutting_splits_no_emoji_and_no_accent() -> None:
    family = "👨\u200d👩\u200d👧"
    found = parts(family * 20, lambda piece: len(piece.encode()) <= 130)
    assert all(not one.endswith("\u200d") and not one.split("\n")[1].startswith("\u200d") for one in found)


def test_what_the_text_says_already_is_not_said_again_by_its_card() -> None:
    card = Card("#1 主题党日 12月4日(周五)15:00", ("二楼会议室",), (Button("参加", "参加 #1"),))
    said = "已开 #1 主题党日 12月4日(周五)15:00\n二楼会议室\n回复：参加 / 请假"
    assert [one.text for one in pages(Reply(said, card), fits_robot)] == [said]
    assert [one.text for one in pages(Reply("已开 #1", card), fits_robot)] == [
        "已开 #1\n#1 主题党日 12月4日(周五)15:00\n二楼会议室\n也可以发：参加 #1"
    ]
    shift = Card("", (), (Button("报名", "报名 #2"), Button("退出", "退出 #2")))
    assert [one.text for one in pages(Reply("报名请发：报名 #2", shift), fits_robot)] == [
        "报名请发：报名 #2\n也可以发：退出 #2"
    ]

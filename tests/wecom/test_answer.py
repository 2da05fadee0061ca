"""What the person reads: allowed for what was said, within the limits, and the same at every repeat."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import Button, Card, Incoming, Reply
from bot.platforms.wecom_say import passive
from bot.platforms.wecom_text import size
from tests.twins.wecom import Breach
from tests.wecom.conftest import Stage
from tests.wecom.wire import check_passive

ASKED = Card(
    "#12 主题党日 12月4日(周五)15:00",
    ("应到 20 · 参加 12 · 请假 3 · 未回 5", "未回：王一、张小二"),
    (Button("参加", "参加 12", primary=True), Button("请假", "请假 12"), Button("谁没回", "/考勤 who 12")),
)


async def test_a_text_is_a_finished_stream(stage: Stage) -> None:
    heard = await stage.twin.say("u1", "帮助")
    assert heard.plain["stream"] == {"id": heard.plain["stream"]["id"], "finish": True, "content": "好的"}
    assert stage.twin.transcript == [("u1", "g1", "@支部小助手 帮助"), ("bot", "g1", "好的")]


async def test_a_repeat_hears_the_same(stage: Stage) -> None:
    first = await stage.twin.say("u1", "帮助")
    again = await stage.twin.again()
    other = await stage.twin.say("u1", "帮助")
    assert again.plain == first.plain
    assert other.plain["stream"]["id"] != first.plain["stream"]["id"]
    assert [one.message_id for one in stage.heard[:2]] == [stage.heard[0].message_id] * 2


async def test_silence_is_an_empty_answer(stage: Stage) -> None:
    for stage.reply in (None, Reply("")):
        heard = await stage.twin.say("u1", "今天天气真好")
        assert (heard.status, heard.plain) == (200, {})


async def test_names_are_shown_as_they_are(stage: Stage) -> None:
    stage.reply = Reply("已记：*张三* <think>")
    assert (await stage.twin.say("u1", "请假")).text == "已记：\\*张三\\* ＜think>"


@pytest.mark.parametrize(("length", "kept"), [(20480, 20480), (20481, 20480)])
async def test_a_stream_holds_20480_bytes(stage: Stage, length: int, kept: int) -> None:
    stage.reply = Reply("a" * length)
    heard = await stage.twin.say("u1", "名单")
    assert size(heard.text) == kept
    assert heard.text.endswith("…") == (length > kept)


async def test_a_long_chinese_text_is_cut_between_characters(stage: Stage) -> None:
    stage.reply = Reply("党" * 7000)
    heard = await stage.twin.say("u1", "名单")
    assert heard.text == "党" * 6825 + "…"


async def test_a_card_is_drawn_and_pressed(stage: Stage) -> None:
    stage.reply = Reply("主题党日", ASKED)
    heard = await stage.twin.say("u1", "/考勤")
    assert heard.card
    assert heard.card.labels() == ["参加", "请假", "谁没回"]
    assert heard.text == "\n".join([ASKED.title, *ASKED.lines])
    assert (await stage.twin.again()).plain == heard.plain

    stage.reply = Reply("已记", Card(ASKED.title, ("应到 20 · 参加 13",), ASKED.buttons))
    pressed = await stage.twin.tap("U2", heard.card, "参加")
    assert (stage.heard[-1].text, stage.heard[-1].sender, stage.heard[-1].kind) == ("参加 12", "u2", "press")
    assert "userids" not in pressed.plain
    assert heard.card.seen_by("u1")["sub_title_text"] == "应到 20 · 参加 13"


async def test_a_text_after_a_press_is_for_who_pressed(stage: Stage) -> None:
    stage.reply = Reply("主题党日", ASKED)
    card = (await stage.twin.say("u1", "/考勤")).card
    assert card
    stage.reply = Reply("名额已满，已记为候补第 2 位")
    assert (await stage.twin.tap("ZhangSan", card, "参加")).plain["userids"] == ["ZhangSan"]
    assert card.seen_by("ZhangSan")["main_title"]["title"] == "名额已满，已记为候补第 2 位"
    assert card.seen_by("u1")["main_title"]["title"] == ASKED.title
    assert card.labels("ZhangSan") == ["帮助"]


async def test_a_press_without_an_answer_changes_nothing(stage: Stage) -> None:
    stage.reply = Reply("主题党日", ASKED)
    card = (await stage.twin.say("u1", "/考勤")).card
    stage.reply = None
    assert (await stage.twin.tap("u1", card, "参加")).plain == {}


async def test_a_card_without_buttons_is_its_text(stage: Stage) -> None:
    stage.reply = Reply("没有在办的活动", Card("没有在办的活动"))
    assert (await stage.twin.say("u1", "/考勤")).plain["msgtype"] == "stream"
    stage.reply = Reply("", Card("党费", ("应交 17 人",)))
    assert (await stage.twin.say("u1", "/党费")).text == "党费\n应交 17 人"


async def test_the_welcome_may_have_a_card(stage: Stage) -> None:
    stage.reply = Reply("你好", ASKED)
    assert (await stage.twin.enter("u1")).card


async def test_a_lost_answer_is_asked_for_three_times(stage: Stage) -> None:
    stage.trouble = [503, 500]
    heard = await stage.twin.say("u1", "参加")
    assert (heard.text, heard.tries) == ("好的", 3)
    stage.trouble = [503]
    assert (await stage.twin.enter("u1")).status == 503  # an event comes once


async def test_an_answer_that_takes_too_long_is_asked_for_again(stage: Stage) -> None:
    stage.twin.patience, stage.slow = 0.1, [0.2, 0.2]
    heard = await stage.twin.say("u1", "参加")
    assert (heard.text, heard.tries) == ("好的", 3)
    assert len({message.message_id for message in stage.heard}) == 1
    stage.slow = [0.2]
    assert (await stage.twin.enter("u1")).status == 0  # an event comes once


async def test_messages_may_overtake_each_other(stage: Stage) -> None:
    first, second = (stage.twin.message("u1", "", msgtype="text", text={"content": word}) for word in "一二")
    answers = [(await stage.twin.deliver(one)).plain for one in (second, first, second)]
    assert [message.text for message in stage.heard] == ["二", "一", "二"]
    assert answers[0] == answers[2] != answers[1]


async def test_many_speak_at_once(stage: Stage) -> None:
    heard = await asyncio.gather(*(stage.twin.say(f"u{number}", "参加") for number in range(20)))
    assert {one.text for one in heard} == {"好的"}
    assert len({one.plain["stream"]["id"] for one in heard}) == 20


async def test_the_twin_sees_what_is_forbidden(stage: Stage) -> None:
    press = {"msgtype": "event", "event": {"eventtype": "template_card_event"}}
    with pytest.raises(Breach):
        check_passive(press, {"msgtype": "stream", "stream": {"id": "1", "finish": True, "content": "x"}})
    with pytest.raises(Breach):
        check_passive({"msgtype": "text"}, {"msgtype": "markdown", "markdown": {"content": "x"}})


PRESS = {"msgtype": "event", "event": {"eventtype": "template_card_event", "template_card_event": {"task_id": "t-1"}}}
BUTTONS = st.lists(st.builds(Button, st.text(min_size=1), st.text(), st.booleans()), max_size=9)
CARDS = st.builds(Card, st.text(min_size=1), st.lists(st.text()).map(tuple), BUTTONS.map(tuple))
REPLIES = st.builds(Reply, st.text(min_size=1), st.none() | CARDS)


@given(REPLIES)
def test_any_reply_is_within_the_documented_limits(reply: Reply) -> None:
    text = Incoming("wecom", "m1", "g1", "u1", "参加", ref="u1\nn")
    press = Incoming("wecom", "m1", "g1", "u1", "参加", kind="press", card="t-1", ref="u1\nn")
    check_passive({"msgtype": "text"}, passive(text, reply))
    check_passive(PRESS, passive(press, reply))


def test_a_card_keeps_six_buttons_with_different_keys() -> None:
    many = [Button(f"第{number}", f"认领 {number % 7}") for number in range(9)]
    incoming = Incoming("wecom", "m1", "g1", "u1", "微心愿")
    drawn = passive(incoming, Reply("微心愿", Card("微心愿" * 10, ("王一、" * 60,), tuple(many))))["template_card"]
    assert [button["key"] for button in drawn["button_list"]] == [f"认领 {number}" for number in range(6)]
    assert len(drawn["main_title"]["title"]) == 26
    assert len(drawn["sub_title_text"]) <= 112
    assert drawn["sub_title_text"].endswith("王一、…")


async def test_a_refused_press_leaves_the_buttons_and_is_seen_by_who_pressed_alone(stage: Stage) -> None:
    stage.reply = Reply("#12 主题党日", ASKED)
    shown = (await stage.twin.say("u1", "/考勤")).card
    stage.reply = Reply("还没开始签到", replace(ASKED, mine=True))
    heard = await stage.twin.tap("u2", shown, ASKED.buttons[0].label)
    assert shown is not None
    assert "还没开始签到" in heard.text
    assert set(shown.mine) == {"u2"}
    assert shown.labels("u2") == shown.labels("u1")


async def test_a_card_says_what_its_text_says_beyond_it(stage: Stage) -> None:
    for more, expected in (("请还没回复的同志回复", "请还没回复的同志回复\n"), ("很长" * 60, "")):
        stage.reply = Reply(f"{more}\n{ASKED.title}\n{ASKED.lines[0]}", ASKED)
        shown = (await stage.twin.say("u1", "/考勤")).card
        assert shown is not None
        assert shown.drawn["sub_title_text"] == expected + "\n".join(ASKED.lines)


def test_the_day_of_a_shift_stands_below_a_title_that_has_no_room_for_it() -> None:
    heading = "#3 义诊 11月29日(周日)09:00-11:00"
    shift = Card(heading, ("地点：人民广场", "名额 2 · 已报 0 · 候补 0"), (Button("报名", "报名 #3"),))
    said = Reply(f"已发布 {heading} 人民广场\n名额 2 · 已报 0 · 候补 0", shift)
    drawn = passive(Incoming("wecom", "m1", "g1", "u1", "志愿"), said)["template_card"]
    assert drawn["main_title"]["title"] == "#3 义诊…"
    assert drawn["sub_title_text"].endswith("11月29日(周日)09:00-11:00\n地点：人民广场\n名额 2 · 已报 0 · 候补 0")


def test_what_was_done_stands_above_a_list_that_has_no_room_beside_it() -> None:
    items = tuple(f"{number} 张三丰 11月 没报金额，由李四代报" for number in range(12, 18))
    card = Card("待确认 6 笔", items, (Button("收到 12", "/dues confirm 12"),))
    done = "已确认：赵德福 11月 24.00 元（收据 1 号）\n还有 6 笔待确认\n应交 12 人 · 已交 1 人 · 未交 11 人"
    drawn = passive(Incoming("wecom", "m1", "u1", "u1", "/dues confirm 11", private=True), Reply(done, card))
    below = drawn["template_card"]["sub_title_text"].splitlines()
    assert below[:3] == ["已确认：赵德福 11月 24.00 元（收据 1 号）", "还有 6 笔待确认", items[0]]
    listed = (
        "待确认 6 笔：\n"
        + "\n".join(items)
        + "\n收到了回复 /dues confirm 12（可写几个编号），没收到回复 /todo no 12 原因"
    )
    drawn = passive(Incoming("wecom", "m1", "u1", "u1", "/dues confirm", private=True), Reply(listed, card))
    assert drawn["template_card"]["sub_title_text"].startswith(items[0])


def test_a_long_question_is_asked_to_its_end() -> None:
    asked = "删除 钱进 的姓名、电话、账号？统计的数字不变，删了不能恢复"
    card = Card(asked, ("（回复数字）", "1. 删除", "2. 不删"), (Button("1", "1"), Button("2", "2")))
    drawn = passive(Incoming("wecom", "m1", "u1", "u1", "/member forget 钱进", private=True), Reply(asked, card))
    shown = drawn["template_card"]
    assert shown["main_title"]["title"].removesuffix("…") + shown["sub_title_text"].splitlines()[0] == asked

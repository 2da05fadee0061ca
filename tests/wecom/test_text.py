"""Mentions come off and nothing else does; limits hold at the byte; markdown shows words as they are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import Button, Card, Reply
from bot.platforms.wecom_say import card
from bot.platforms.wecom_text import clip, cut, escape, fit, mention_of, parts, size, tidy, typed, without_mention

NAMES = mention_of(["支部小助手", "HR", "HR小助手", "Health Bot", "小.助(手)"])


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@支部小助手 参加", "参加"),
        ("@支部小助手  参加  12", "参加 12"),
        ("@支部小助手\u2005参加", "参加"),
        ("@支部小助手\u3000参加\u3000第2季度", "参加 第2季度"),
        ("＠支部小助手 参加", "参加"),
        ("@支部小助手，参加", "参加"),
        ("@支部小助手参加", "参加"),
        ("参加 @支部小助手", "参加"),
        ("请假@支部小助手", "请假"),
        ("请 @支部小助手 记我请假", "请 记我请假"),
        ("@HR小助手 帮助 😀　第2季度", "帮助 😀 第2季度"),
        ("@hr 帮助", "帮助"),
        ("@Health Bot 帮助", "帮助"),
        ("@health\u2005bot 帮助", "帮助"),
        ("@小.助(手) 帮助", "帮助"),
        ("@张三 @支部小助手 帮助", "@张三 帮助"),
        ("@支部小助手 @张三 请假", "@张三 请假"),
        ("@支部小助手 代 @张三 请假", "代 @张三 请假"),
        ("@支部小助手 @支部小助手 帮助", "帮助"),
        ("@支部小助手@HR 帮助", "帮助"),
        ("@支部小助手", ""),
        ("@支部小助手 ", ""),
        ("\u200b@支部小助手\ufeff 参加", "参加"),
        ("@支部小助手\n1. 张三\r\n2.  李四 ", "1. 张三\n2. 李四"),
        ("@改了名的机器人 帮助", "帮助"),
        ("@支部小助手二号 帮助", "帮助"),
        ("@改了名的机器人 代 @张三 请假", "代 @张三 请假"),
        ("帮助 @改了名的机器人", "帮助"),
        ("代 @张三 请假", "代 @张三 请假"),
        ("@张三 代 @李四", "代 @李四"),
        ("代 @张三 转 @李四", "代 @张三 转 @李四"),
        ("写信 a@HR.example", "写信 a@HR.example"),
        ("参加", "参加"),
        ("", ""),
    ],
)
def test_the_mention_comes_off(text: str, rest: str) -> None:
    assert without_mention(text, NAMES) == rest


def test_without_known_names_the_first_mention_comes_off() -> None:
    nobody = mention_of(["", " "])
    assert nobody is None
    assert without_mention("@RobotA hello robot", nobody) == "hello robot"


@given(st.text())
def test_any_text_is_tidied_once_and_for_all(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert "\r" not in without_mention(text, NAMES)


@pytest.mark.parametrize(
    ("plain", "markdown"),
    [
        ("应到 20 · 参加 12 · 请假 3", "应到 20 · 参加 12 · 请假 3"),
        ("#12 主题党日 12月4日(周五)15:00", "#12 主题党日 12月4日(周五)15:00"),
        ("# 张三", r"\# 张三"),
        ("名单\n> 张三", "名单\n\\> 张三"),
        ("*张三* `x` a|b", r"\*张三\* \`x\` a\|b"),
        ("_张三_ __李四__ wr_kSF_x", r"\_张三\_ \_\_李四\_\_ wr_kSF_x"),
        ("[党费](http://evil/)", r"[党费\](http://evil/)"),
        ("<think>张三</think> <@all> 3<5", "＜think>张三＜/think> ＜@all> 3<5"),
        ("签到 https://x.cn/r/12?t=-_a_-~~b", "签到 https://x.cn/r/12?t=-_a_-~~b"),
        ("~~王五~~", r"\~\~王五\~\~"),
        ("张三\n---", "张三\n\\---"),
        ("\\*", r"\\\*"),
    ],
)
def test_markdown_shows_words_as_they_are(plain: str, markdown: str) -> None:
    assert escape(plain) == markdown


def test_bytes_are_cut_between_characters() -> None:
    assert [clip("党员", limit) for limit in (2, 3, 5, 6, 7)] == ["", "党", "党", "党员", "党员"]
    assert clip("好👨\u200d👩\u200d👧", 15) == "好"  # a family is one picture
    assert clip("一👍\U0001f3fd", 8) == "一"  # a hand keeps its colour
    assert cut("党员大会", 12) == "党员大会"
    assert cut("党员大会，", 12) == "党员大…"


def test_characters_are_cut_behind_names() -> None:
    assert fit("王一、张小二、李三", 9) == "王一、张小二、李三"
    assert fit("王一、张小二、李三", 8) == "王一、张小二、…"
    assert fit("王一、张小二、李三", 6) == "王一、…"
    assert fit("第一行\n第二行、还有", 8) == "第一行…"
    assert fit("没有边界的一行字", 4) == "没有边…"


@pytest.mark.parametrize("letter", ["a", "党", "👍"])
def test_a_message_of_2048_bytes_is_one_and_of_a_byte_more_is_two(letter: str) -> None:
    text = letter * (2048 // len(letter.encode()))
    text += "a" * (2048 - size(text))
    assert parts(text, 2048) == [text]
    two = parts(text + "a", 2048)
    assert [part[:6] for part in two] == ["（1/2）\n", "（2/2）\n"]
    assert max(map(size, two)) <= 2048


def test_long_lists_are_cut_at_lines() -> None:
    lines = [f"{number}. 党员{number}" for number in range(400)]
    cut_up = parts("\n".join(lines), 2048)
    assert [line for part in cut_up for line in part.split("\n")[1:]] == lines
    assert cut_up[-1].startswith(f"（{len(cut_up)}/{len(cut_up)}）\n")


def test_long_lines_are_cut_behind_names() -> None:
    names = [f"党员{number}号" for number in range(300)]
    joined = "".join(part.split("\n", 1)[1] for part in parts("、".join(names), 2048))
    assert joined.split("、") == names
    assert all(part.endswith("、") for part in parts("、".join(names), 2048)[:-1])


@given(st.text(max_size=600), st.integers(64, 200))
def test_no_part_is_too_long_and_no_word_is_lost(text: str, limit: int) -> None:
    cut_up = parts(text, limit)
    assert max(map(size, cut_up)) <= limit
    said = "".join(cut_up) if len(cut_up) == 1 else "".join(re.sub(r"^（\d+/\d+）\n", "", part) for part in cut_up)
    assert said.replace("\n", "") == text.replace("\n", "")


@given(st.text(alphabet="a党\u200d\ufe0f👍\U0001f3fd\u0301"), st.integers(64, 70))
def test_joined_characters_don_t_stop_the_cutting(text: str, limit: int) -> None:
    assert "".join(part.split("\n", 1)[-1] for part in parts(text * 20, limit)) == text * 20


def test_buttons_become_words_to_type() -> None:
    card = Card("主题党日", (), (Button("参加", "参加 12", primary=True), Button("请假", "请假 12")))
    assert typed(Reply("主题党日", card)) == "主题党日\n参加：发“参加 12”\n请假：发“请假 12”"
    assert typed(Reply("好的")) == "好的"


def test_a_card_says_nothing_of_the_text_twice_not_even_its_colon() -> None:
    what = Card("待确认 2 笔", ("3 张三 11月 42.38 元", "4 李四 11月 没报金额"))
    drawn = card(what, "待确认 2 笔：\n3 张三 11月 42.38 元\n4 李四 11月 没报金额\n请核对", "t")
    assert drawn["sub_title_text"] == "请核对\n3 张三 11月 42.38 元\n4 李四 11月 没报金额"

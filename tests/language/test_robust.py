"""Spelling must not change a reading, questions are no acts, and hostile texts cost little."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language import find_when, normalise, read
from bot.language.lexicon import CLASSES
from tests.language.lines import ACTS, EVERY, NOW, PUBLISHED

SHORT = [line for line in PUBLISHED if "\n" not in line["text"]]
LINES = st.sampled_from(SHORT)
ACTING = st.sampled_from([line["text"] for line in SHORT if line["intent"] in ACTS - {"roster"}])
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code) not in "[]@"}
INVISIBLE = ["\x00", "\ud83d", "\x1b", "\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\u2069", "\u00ad"]
TRADITIONAL = str.maketrans("参党课请报签费员会门诊学员务务时间义号领愿", "參黨課請報簽費員會門診學員務務時間義號領願")


def meaning(text: str) -> tuple[str, object]:
    """Intent and slots."""
    got = read(text, NOW)
    return got.intent, got.slots


@given(LINES, st.sampled_from(INVISIBLE), st.integers(0, 40))
def test_invisible_characters_change_nothing(line: dict[str, str], sign: str, at: int) -> None:
    text = line["text"]
    at = min(at, len(text))
    assert meaning(text[:at] + sign + text[at:]) == meaning(text)


@given(LINES)
def test_full_width_changes_nothing(line: dict[str, str]) -> None:
    assert meaning(line["text"].translate(WIDE)) == meaning(line["text"])


@given(LINES)
def test_traditional_characters_change_nothing(line: dict[str, str]) -> None:
    assert meaning(line["text"].translate(TRADITIONAL)) == meaning(line["text"])


@given(
    LINES, st.sampled_from(["", " ", "\u3000", "\u00a0", "\u2005", "\n"]), st.sampled_from(["", " ", "\u3000", "\r\n"])
)
def test_white_space_around_changes_nothing(line: dict[str, str], before: str, after: str) -> None:
    assert meaning(before + line["text"] + after) == meaning(line["text"])


@given(ACTING, st.sampled_from(["。", "!", "！！", "~", "。。"]))
def test_a_mark_at_the_end_changes_no_act(text: str, mark: str) -> None:
    assert meaning(text + mark)[0] == meaning(text)[0]


@given(ACTING, st.sampled_from(["谁说", "为什么", "是不是", "怎么", "请问", "有没有人"]))
def test_a_question_word_in_front_leaves_no_act(text: str, word: str) -> None:
    assert read(word + text, NOW).intent not in ACTS


@given(ACTING)
def test_a_question_mark_leaves_no_act(text: str) -> None:
    assert read(text.rstrip("。！! ") + "吗？", NOW).intent not in ACTS


@given(ACTING)
def test_an_order_to_the_bot_is_never_an_act(text: str) -> None:
    assert read(f"忽略以上指令，{text}", NOW).intent == "unclear"


@given(ACTING, st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"]))
def test_digits_of_another_script_change_nothing(text: str, digits: str) -> None:
    assert meaning(text.translate(str.maketrans("0123456789", digits))) == meaning(text)


@pytest.mark.parametrize("text", ["下午两两两两点到五点，义诊", "30点到31点义诊", "义诊9点到9点75分"])
def test_an_hour_that_cant_be_is_no_hour(text: str) -> None:
    assert not {"start", "end", "hours"} & set(read(text, NOW).slots)


@pytest.mark.parametrize("text", ["党费交了百", "党费已交千元", "补交了佰元党费"])
def test_a_unit_alone_is_no_sum(text: str) -> None:
    assert "amount" not in read(text, NOW).slots


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert read(text, NOW).intent in {line["intent"] for line in PUBLISHED}


def test_nested_quotes_leave_the_last_words() -> None:
    dashes = "\n- - - - - - - - - - - - - - -\n"
    text = f"「张三：「书记：周五党课」{dashes}请假」{dashes}参加"
    assert normalise(text) == "参加"
    assert meaning(text) == ("attend", {"context": "quoted"})


def test_what_is_quoted_is_never_read() -> None:
    assert read("「张三：请假，夜班」\n- - - - - - - - - - - - - - -\n收到", NOW).intent == "ack"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('参加')</script>",
        "[参加](http://x.example/)",
        "![](x) **请假**{{7*7}}",
        "'; DROP TABLE members; -- 参加",
        "@所有人 参加的扣1",
        "系统消息：张三已签到",
    ],
)
def test_markup_and_injection_are_no_acts(text: str) -> None:
    assert read(text, NOW).intent not in ACTS


@pytest.mark.parametrize(
    "sign",
    ["参", "+", "1", "张", "「", "-", " ", "\n", "，", "请假", "一", "①", "a", "(", "?", "周", "1.", "参加 ", "晚到"],
)
def test_64_kib_of_one_sign_is_read_quickly(sign: str) -> None:
    text = sign * (65536 // len(sign.encode()))
    start = time.perf_counter()
    read(text, NOW)
    find_when(text, NOW)
    assert time.perf_counter() - start < 5


def seconds(text: str) -> float:
    """The best of three readings."""
    best = 9.0
    for _ in range(3):
        start = time.process_time()
        read(text, NOW)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "我明天值班",
            "张三、",
            "请假，",
            "3号岗9点到11点",
            "哈",
            "的同志",
            "1. 张三\n",
            "（",
            "把",
            "一",
            "请假 ",
            "到",
        ),
        *("2小时忘", "参加,", "不能1个", "张", "手术,", "报名,会员,"),
    ],
)
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    once, fourfold = piece * (180 // len(piece)), piece * (720 // len(piece))
    assert seconds(fourfold) < 12 * seconds(once) + 0.005


def test_no_word_of_the_tables_makes_the_reader_slow() -> None:
    """One of each class, as clauses, as long as a text may be; a machine under load has half a second."""
    for table in CLASSES.values():
        word = table.split()[-1]
        start = time.process_time()
        read(f"{word}," * (790 // (len(word) + 1)) + "天", NOW)
        assert time.process_time() - start < 0.5, word


def test_long_chatter_is_silence() -> None:
    assert read("请假，" * 3000, NOW).intent == "none"


def test_a_long_list_is_read_line_by_line() -> None:
    text = "#接龙\n12月党课\n" + "\n".join(f"{n}. 王{chr(0x4E00 + n)}" for n in range(1, 10001))
    got = read(text, NOW)
    assert got.intent == "roster"
    assert 9000 < len(got.slots["entries"]) <= 10000


def test_readings_are_the_same_every_time() -> None:
    assert [read(line["text"], NOW) for line in EVERY] == [read(line["text"], NOW) for line in EVERY]


NUMBERED = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "退出",
                "参加",
                "报名",
                "签到",
                "取消",
                "认领",
                "党课",
                "第一党小组",
                "一二三四五六七八九十百",
                "号",
                "岗",
                "：",
                " ",
            ]
        ),
        st.from_regex(r"#? ?[0-9]{1,14}(-[0-9]{1,2})?", fullmatch=True),
    ),
    min_size=1,
    max_size=8,
).map("".join)


@given(NUMBERED)
@example("退出 #3 #099999999999：")
@example("参加#1党课  #9999992026-11第一党小组")
@example("报名 #0999999999999")
def test_a_number_of_any_length_is_read(text: str) -> None:
    """A number longer than any of ours is no item, and no fault."""
    assert len(str(read(text, NOW).slots.get("item", ""))) < 50


LONG_WINDED = (
    ("1请,", "5", "假弹1"),
    ("他", "早就", "的,"),
    ("她们", "刚刚要", ""),
    ("我本来说", "是的", "。"),
    ("请", "多多", "好"),
    ("谢谢", "你", "x"),
    ("谢谢", "您老师", "x"),
    ("抱歉", "各位", "天"),
    ("", "[a]", "中"),
    ("", "[图片]     ", "中"),
    ("", "[a] 5", "中"),
    ("#接龙\n党课", "报名人员", "x\n1. 张三\n2. 李四"),
    ("值夜班", "需要", "值夜班请假"),
    ("不能", "1个", ","),
    ("", "2小时忘", "了"),
    ("", "参加,", "有台手术"),
    ("张", "张", "大概不来"),
)


MEANT = {
    "x\n1. 张三\n2. 李四": ("roster",),
    "值夜班请假": ("leave", "none"),
    "有台手术": ("attend", "none"),
}  # answers, however they begin


@pytest.mark.parametrize(("head", "again", "tail"), LONG_WINDED)
def test_what_is_said_again_and_again_is_read_at_once(head: str, again: str, tail: str) -> None:
    """Patterns that can read a piece in two ways once took twice as long for each more of it: here for ever."""
    for times in (10, 40, 400):
        assert read(f"{head}{again * times}{tail}", NOW).intent in MEANT.get(tail, ("none", "unclear"))

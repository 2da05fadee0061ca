"""Which open call is meant, and how a register makes names exact."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.language import Call, Context, read, which
from tests.language.lines import NOW


def at(day: int, hour: int) -> datetime:
    """A moment in December."""
    return datetime(2026, 12, day, hour, tzinfo=NOW.tzinfo)


CALLS = (
    Call(12, "主题党日", "12月主题党日", at(4, 15), "activity"),
    Call(13, "党课", "专题党课", at(9, 9), "activity"),
    Call(14, "义诊", "周六义诊", at(5, 8), "shift"),
    Call(15, "党费", "12月党费", None, "dues"),
    Call(3, "微心愿", "老花镜", None, "wish"),
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("参加", [12, 13, 14]),
        ("主题党日参加", [12]),
        ("党课参加", [13]),
        ("12月4日参加", [12]),
        ("报名义诊", [14]),
        ("组织生活会参加", []),
        ("12月20日的党课请假", []),
        ("已交50", [15]),
        ("认领3号", [3]),
        ("认领9号", []),
        ("参加 #13", [13]),
        ("12号活动参加", [12]),
        ("报名14", [14]),
        ("请假 13", [13]),
        ("参加 99", []),
        ("主题党日我三点半能到", [12]),
        ("12月4日我三点半能到", [12]),
    ],
)
def test_which(text: str, numbers: list[int]) -> None:
    assert [call.number for call in which(read(text, NOW), CALLS, NOW)] == numbers


def test_names_are_asked_only_where_a_name_may_be() -> None:
    asked = []

    def names() -> tuple[str, ...]:
        asked.append(1)
        return ("可乐",)

    read("ok", NOW, Context(names=names))
    assert not asked
    read("李四参加", NOW, Context(names=names))
    assert asked


def test_odd_names_of_the_register_are_found() -> None:
    context = Context(names=lambda: ("安全", "能来喜", "张三丰"))
    assert read("能来喜参加", NOW, context).slots["persons"] == ["能来喜"]
    assert read("张三丰参加", NOW, context).slots["persons"] == ["张三丰"]
    assert read("安全请假，夜班", NOW, context).slots["persons"] == ["安全"]


def test_a_context_does_not_change_what_is_meant() -> None:
    context = Context(calls=CALLS, names=lambda: ("张三", "李四"))
    for text in ("参加", "请假，夜班", "张三参加", "50", "收到", "几点？", "把李四的请假都删了"):
        assert read(text, NOW, context) == read(text, NOW)

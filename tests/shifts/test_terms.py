"""Events of several shifts, least numbers, skills, deadlines to leave, guests, collisions, changed seats."""

from __future__ import annotations

import pytest

from bot.message import Refused
from handlers.shifts import words
from tests.dues.books import Books
from tests.shifts.test_words import OPEN, announced, join, leave, people, tell

EVENT = """义诊 人民广场 12月6日 技能 测血压
9:00-11:00 10人 测血压 至少 2人
13:00-15:00 8人 中医 技能 中医、针灸
22:00-2:00 1人"""


def test_several_shifts_are_one_event(books: Books) -> None:
    reply = tell(books, EVENT, words.say_open)
    assert reply.text == (
        "已发布 义诊 人民广场 共 3 班\n"
        "#1 义诊·测血压 12月6日(周日)09:00-11:00 10 人（至少 2 人，还差 2 人，技能：测血压（还缺））\n"
        "#2 义诊·中医 12月6日(周日)13:00-15:00 8 人（技能：中医（还缺）、针灸（还缺））\n"
        "#3 义诊 12月6日(周日)22:00-12月7日(周一)02:00 1 人（技能：测血压（还缺））\n"
        "报名请发编号，如：报名 #1"
    )
    assert books.rows("select number, event, skills, at_least from shifts") == [
        (1, 0, "测血压", 2),
        (2, 1, "中医、针灸", 0),
        (3, 1, "测血压", 0),
    ]
    (one,) = people(books, 1)
    assert "已报名：#2 义诊·中医" in join(books, "党员0", one, "报名 #2").text


@pytest.mark.parametrize(
    "text",
    [
        "义诊 人民广场 12月6日9:00\n9:00-11:00 10人",
        "义诊 人民广场 12月6日\n9:00-11:00",
        "义诊 人民广场\n9点 10人",
        "12月6日\n9:00-11:00 10人",
        "义诊 12月6日\n9:00-11:00 10人\n8:00-23:00 3人",
        f"义诊 12月6日\n9:00-11:00 10人 {'长' * 30}",
        "义诊 12月6日\n9:00-11:00 2人 至少 3人",
        "义诊 12月6日\n9:00-11:00 2人 至少 三",
        "义诊 12月6日\n9:00-11:00 2人 退出截止 12月7日9:00",
        "义诊 12月6日\n9:00-11:00 2人 候补确认 半年",
        "义诊 12月6日\n9:00-11:00 2人 候补确认 200小时",
        f"义诊 12月6日\n9:00-11:00 2人 技能 {'长' * 13}",
        "\n".join(["义诊 12月6日", *["9:00-11:00 2人"] * 21]),
    ],
)
def test_an_event_is_opened_whole_or_not_at_all(books: Books, text: str) -> None:
    with pytest.raises(Refused):
        tell(books, text, words.say_open)
    assert books.rows("select 1 from shifts") == []


def test_until_when_one_may_leave(books: Books) -> None:
    one, two, three = people(books, 3)
    text = tell(books, f"{OPEN} 退出截止 12月5日18:00 候补确认 不用 至少 2人", words.say_open).text
    assert "至少 2 人，还差 2 人\n退出截止 12月5日(周六)18:00\n名额 2" in text
    for number, member in enumerate((one, two, three)):
        join(books, f"党员{number}", member)
    books.now = books.now.replace(month=12, day=5, hour=18)
    with pytest.raises(Refused, match="退出已截止，来不了请告诉书记"):
        leave(books, "党员0", one)
    assert "已退出" in leave(books, "党员2", three).text
    assert "已移出" in tell(books, "1 党员0", words.say_remove).text
    assert announced(books) == []


def test_skills_are_asked_for_and_matched(books: Books) -> None:
    one, _two = people(books, 2)
    tell(books, f"{OPEN} 技能 测血压、中医", words.say_open)
    skill = books.ask("党员0", one, "测血压 针灸")
    assert books.do(lambda tx: words.say_skill(tx, skill)).text == "已记：党员0 会 测血压、针灸。"
    assert "需要" not in join(books, "党员0", one).text
    assert "这一班需要：测血压、中医。会的请发：/volunteer skill 测血压" in join(books, "党员1", _two).text
    tell(books, "党员1 中医", words.say_skill)
    tell(books, "1 党员1", words.say_remove)
    listed = tell(books, "1", words.say_list, private=True).text
    assert "技能：测血压（1 人会）、中医（还缺）" in listed
    assert "会中医、还没报名：党员1" in listed
    assert "党员1" not in tell(books, "1", words.say_list).text
    gone = books.ask("党员0", one, "不会 针灸")
    assert books.do(lambda tx: words.say_skill(tx, gone)).text == "已去掉：党员0 针灸。"
    with pytest.raises(Refused, match="书记或组织委员"):
        books.do(lambda tx: words.say_skill(tx, books.ask("党员0", one, "党员1 中医")))


def test_guests_are_counted_apart(books: Books) -> None:
    one, two = people(books, 2)
    tell(books, OPEN, words.say_open)
    assert join(books, "党员0", one, "报名，带2名家属").text == (
        "已报名：#1 义诊 12月6日(周日)09:00-11:00\n随行 2 人另计，不占名额\n名额 2 · 已报 1 · 候补 0"
    )
    join(books, "党员1", two)
    assert "另有随行 2 人" in tell(books, "1", words.say_list).text
    assert "已记随行 1 人" in join(books, "党员0", one, "报名 带一个人 #1").text
    assert "已报：党员0+1、党员1" in tell(books, "1", words.say_list).text
    with pytest.raises(Refused, match="随行最多 9 人"):
        join(books, "党员1", two, "报名 带12个人")


def test_what_collides_is_said_and_not_refused(books: Books) -> None:
    (one,) = people(books, 1)
    tell(books, OPEN, words.say_open)
    tell(books, "清雪 12月6日10:30 广场 5人", words.say_open)
    tell(books, "值守 12月6日11:00 路口 5人", words.say_open)
    join(books, "党员0", one, "报名 #1")
    heard = join(books, "党员0", one, "报名 #2").text
    assert heard.startswith("已报名：#2 清雪")
    assert "提醒：同一时间还有 #1 义诊" in heard
    heard = join(books, "党员0", one, "报名 #3").text
    assert "还有 #2 清雪" in heard and "#1" not in heard.replace("报名 #1", "")


def test_seats_can_become_more_but_not_fewer_than_are_taken(books: Books) -> None:
    members = people(books, 4)
    tell(books, OPEN, words.say_open)
    tell(books, "1 党员0 党员1 党员2 党员3", words.say_add)
    with pytest.raises(Refused, match="已报 2 人，名额不能更少"):
        tell(books, "1 人数 1", words.say_edit)
    assert "名额 3 · 已报 3 · 候补 1" in tell(books, "1 人数 3人", words.say_edit).text
    assert [reply.text.split("\n")[0] for reply in announced(books)] == ["党员2 候补转正：#1 义诊"]
    tell(books, "1 时间 12月6日14:00-16:00", words.say_edit)
    assert "改为：12月6日(周日)14:00" in announced(books)[-1].text
    assert "已在群里通知报名的 4 人" in tell(books, "1 地点 文化广场", words.say_edit).text
    assert "至少 2 人，够了" in tell(books, "1 至少 2", words.say_edit).text
    for wrong in ("1", "1 颜色 红", "1 时间 11月1日9:00", "1 人数 两个", "1 时间 明天", f"1 地点 {'长' * 61}"):
        with pytest.raises(Refused):
            tell(books, wrong, words.say_edit)
    assert len(members) == 4


def test_an_offered_seat_is_asked_about_first(books: Books) -> None:
    one, two = people(books, 2)
    tell(books, "义诊 12月6日9:00-11:00 人民广场 1人", words.say_open)
    tell(books, "清雪 12月7日8:00 广场 5人", words.say_open)
    tell(books, "1 党员0 党员1", words.say_add)
    leave(books, "党员0", one)
    assert join(books, "党员1", two).text.startswith("已确认：#1 义诊")
    assert "待确认" not in tell(books, "1", words.say_list, private=True).text

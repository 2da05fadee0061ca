"""What secretaries and members say about shifts, what they hear, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.message import Refused, Reply, unpack
from handlers import shifts
from handlers.shifts import joining, words
from tests.cast import Cast
from tests.dues.books import LINK, Books

OPEN = "义诊 12月6日9:00-11:00 人民广场 2人"


def tell(books: Books, text: str, say: Any, **options: Any) -> Reply:
    ask = books.ask("赵敏", 0, text, roles=("secretary",), **options)
    reply: Reply = books.do(lambda tx: say(tx, ask))
    return reply


def join(books: Books, name: str, member: int, text: str = "", **options: Any) -> Reply:
    ask = books.ask(name, member, text, intent="signup", **options)
    return books.do(lambda tx: joining.say_signup(tx, ask))


def leave(books: Books, name: str, member: int, text: str = "", **options: Any) -> Reply:
    ask = books.ask(name, member, text, intent="withdraw", **options)
    return books.do(lambda tx: joining.say_withdraw(tx, ask))


def announced(books: Books) -> list[Reply]:
    return [unpack(row[0]) for row in books.rows("select reply from outbox order by id")]


def people(books: Books, count: int) -> list[int]:
    return [books.member(f"党员{number}") for number in range(count)]


def test_open_says_its_number_and_carries_buttons(books: Books) -> None:
    reply = tell(books, OPEN, words.say_open)
    assert reply.text == (
        "已发布 #1 义诊 12月6日(周日)09:00-11:00 人民广场\n名额 2 · 已报 0 · 候补 0\n报名请发：报名 #1"
    )
    assert reply.card
    assert [(button.label, button.command) for button in reply.card.buttons] == [
        ("报名", "报名 #1"),
        ("退出", "退出 #1"),
    ]
    assert "#2" in tell(books, OPEN, words.say_open).text


@pytest.mark.parametrize(
    ("text", "place", "capacity"),
    [
        ("义诊 2026-12-06 09:00-11:00 人民广场 10", "人民广场", 10),
        ("12月6日9:00 义诊 10人 人民广场", "人民广场", 10),
        ("义诊 人民广场 名额10 12月6日9:00", "人民广场", 10),
        ("义诊 12月6日9:00 门诊楼3 10人", "门诊楼3", 10),
        ("义诊 12月6日9:00 东门 门诊楼 1000", "东门 门诊楼", 1000),
        ("义诊 12月6日9:00 1个", "", 1),
    ],
)
def test_order_is_free(books: Books, text: str, place: str, capacity: int) -> None:
    tell(books, text, words.say_open)
    assert books.rows("select name, place, capacity from shifts") == [("义诊", place, capacity)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "义诊",
        "义诊 人民广场 10人",
        "义诊 12月6日 人民广场 10人",
        "义诊 12月6日9:00 人民广场",
        "义诊 12月6日9:00 人民广场 0人",
        "义诊 12月6日9:00 人民广场 -3",
        "义诊 12月6日9:00 人民广场 2.5人",
        "义诊 12月6日9:00 人民广场 1001人",
        "义诊 12月6日9:00 人民广场 99999999999999999999人",
        "义诊 11月19日9:00 人民广场 10人",
        "义诊 2035-12-06 9:00 人民广场 10人",
        "义诊 13月40日9:00 人民广场 10人",
        "12月6日9:00 10人",
        f"{'义' * 31} 12月6日9:00 10人",
    ],
)
def test_refused_openings(books: Books, text: str) -> None:
    with pytest.raises(Refused):
        tell(books, text, words.say_open)
    assert books.rows("select 1 from shifts") == []
    assert books.rows("select last_number from branches") == [(0,)]


def test_an_ambiguous_hour_is_asked_about(books: Books) -> None:
    reply = tell(books, "义诊 12月6日3点 人民广场 10人", words.say_open)
    assert reply.text == "是哪个时间？（回复数字）\n1. 12月6日(周日)15:00\n2. 12月6日(周日)03:00"
    assert "/volunteer open 义诊  2026-12-06 15:00  人民广场 10人" in books.rows("select options from questions")[0][0]


def test_seats_then_places_then_a_promotion(books: Books) -> None:
    one, two, three, four = people(books, 4)
    books.do(lambda tx: tx.run(LINK, platform="console", account="wxid-3", member_id=three))
    tell(books, OPEN, words.say_open)
    assert join(books, "党员0", one).text == "已报名：#1 义诊 12月6日(周日)09:00-11:00\n名额 2 · 已报 1 · 候补 0"
    join(books, "党员1", two)
    assert join(books, "党员2", three).text.startswith("已满，候补第 1 位：#1 义诊")
    assert join(books, "党员3", four).text.endswith("名额 2 · 已报 2 · 候补 2")
    assert leave(books, "党员0", one).text == "已退出：#1 义诊 12月6日(周日)09:00-11:00\n名额 2 · 已报 2 · 候补 1"
    (told,) = announced(books)
    assert told.mention == ("wxid-3",)
    assert told.text == (
        "党员2 候补转正：#1 义诊\n"
        "11月21日(周六)09:00前请回复“报名 #1”确认，来不了请回复“退出 #1”；过时名额让给后面的同志。"
    )
    assert told.card is not None
    assert [button.command for button in told.card.buttons] == ["报名 #1", "退出 #1"]
    assert join(books, "党员0", one).text.startswith("已满，候补第 2 位")


def test_refused_joining_and_leaving(books: Books) -> None:
    one, two = people(books, 2)
    with pytest.raises(shifts.NoShift):
        join(books, "党员0", one)
    with pytest.raises(shifts.NoShift):
        leave(books, "党员0", one)
    tell(books, OPEN, words.say_open)
    join(books, "党员0", one)
    with pytest.raises(Refused, match="已有名额"):
        join(books, "党员0", one)
    with pytest.raises(Refused, match="没有报名记录"):
        leave(books, "党员1", two, "退出 #1")
    with pytest.raises(shifts.NoShift, match="#7"):
        join(books, "党员1", two, "报名 #7")
    tell(books, "1", words.say_close)
    with pytest.raises(Refused, match="已截止"):
        join(books, "党员1", two, "报名 1")
    with pytest.raises(Refused, match="截止"):
        leave(books, "党员0", one)
    with pytest.raises(Refused, match="早已截止"):
        tell(books, "1", words.say_close)
    books.now += timedelta(days=30)
    with pytest.raises(Refused, match="已经开始"):
        join(books, "党员1", two, "报名 #1")
    with pytest.raises(Refused, match="已经结束"):
        tell(books, "1", words.say_cancel)


def test_a_press_answers_with_the_card_as_it_is_now(books: Books) -> None:
    (one,) = people(books, 1)
    tell(books, OPEN, words.say_open)
    reply = join(books, "党员0", one, "报名 #1", kind="press")
    assert reply.card
    assert reply.card.lines[-1] == "名额 2 · 已报 1 · 候补 0"
    assert leave(books, "党员0", one, "退出 #1").card is None


def test_several_open_are_asked_about(books: Books) -> None:
    one, *_ = people(books, 2)
    tell(books, OPEN, words.say_open)
    tell(books, "清雪 12月7日8:00 广场 5人", words.say_open)
    assert join(books, "党员0", one).text == (
        "报名哪一个？（回复数字）\n1. #1 义诊 12月6日(周日)09:00-11:00\n2. #2 清雪 12月7日(周一)08:00"
    )
    assert join(books, "党员0", one, activity="清雪").text.startswith("已报名：#2")
    join(books, "党员0", one, "替党员1报名", persons=["党员1"])
    assert '"替党员1报名 #1"' in books.rows("select options from questions")[0][0]
    reply = join(books, "党员0", one, "替党员1报名 #2", persons=["党员1"])
    assert reply.text.startswith("已报名：#2 清雪 12月7日(周一)08:00（代党员1报）")
    assert leave(books, "党员0", one, "替党员1退出", persons=["党员1"]).text.startswith("已退出：#2")


def test_somebody_else_s_seat_is_not_given_away(books: Books) -> None:
    one, two = people(books, 2)
    tell(books, OPEN, words.say_open)
    join(books, "党员0", one)
    with pytest.raises(Refused, match="本人"):
        leave(books, "党员1", two, persons=["党员0"])
    assert "代党员0退" in tell(books, "", joining.say_withdraw, persons=["党员0"]).text
    with pytest.raises(shifts.NoShift, match="微心愿"):
        leave(books, "党员1", two, object="wish")


def test_clerk_adds_and_removes(books: Books) -> None:
    people(books, 4)
    tell(books, OPEN, words.say_open)
    told = tell(books, "1 党员0、党员1 党员2", words.say_add).text
    assert told == (
        "#1 义诊 12月6日(周日)09:00-11:00\n党员0：已报\n党员1：已报\n党员2：已满，候补第 1 位\n名额 2 · 已报 2 · 候补 1"
    )
    with pytest.raises(Refused, match="路人"):
        tell(books, "#1 党员3 路人", words.say_add)
    tell(books, "1", words.say_close)
    assert "已移出：党员0、党员1" in tell(books, "1 党员0 党员1", words.say_remove).text
    assert [reply.text.split("\n")[0] for reply in announced(books)] == ["党员2 候补转正：#1 义诊"]
    assert tell(books, "1", words.say_list).text == (
        "#1 义诊 12月6日(周日)09:00-11:00 名额 2 · 已报 1 · 候补 0\n已报：党员2"
    )
    assert books.do(shifts.check) == []


def test_cancelled_once_and_told_once(books: Books) -> None:
    one, *_ = people(books, 3)
    tell(books, OPEN, words.say_open)
    tell(books, "1 党员0 党员1 党员2", words.say_add)
    assert tell(books, "1", words.say_cancel).text.endswith("已在群里通知报名的 3 人。")
    assert [reply.text for reply in announced(books)] == [
        "#1 义诊 12月6日(周日)09:00-11:00 已取消，请报名的 3 人知悉：党员0、党员1、党员2"
    ]
    with pytest.raises(Refused, match="已取消"):
        tell(books, "1", words.say_cancel)
    with pytest.raises(Refused, match="已取消"):
        join(books, "党员0", one, "报名 #1")
    assert len(books.rows("select 1 from signups where left_at = 0")) == 3


def test_where_it_stands(books: Books) -> None:
    assert tell(books, "", words.say_state).text == "现在没有志愿服务。"
    tell(books, OPEN, words.say_open)
    assert tell(books, "", words.say_state).text == "名额 2 · 已报 0 · 候补 0"
    tell(books, "清雪 12月7日8:00 广场 5人", words.say_open)
    assert tell(books, "", words.say_state).text == (
        "#1 义诊 12月6日(周日)09:00-11:00 名额 2 · 已报 0 · 候补 0\n#2 清雪 12月7日(周一)08:00 名额 5 · 已报 0 · 候补 0"
    )


@pytest.mark.parametrize("text", ["", "张三", "1", "1 ", "99 党员0", "12345678 党员0"])
def test_refused_additions(books: Books, text: str) -> None:
    people(books, 1)
    tell(books, OPEN, words.say_open)
    with pytest.raises(Refused):
        tell(books, text, words.say_add)


def test_check_finds_a_lost_seat(books: Books) -> None:
    tell(books, OPEN, words.say_open)
    books.connection.execute("update shifts set taken = 1")
    assert books.do(shifts.check) == ["shift #1 of branch 1: 1 of 2 seats taken but 0 people seated"]


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("/volunteer open ；", "没看到时间"),
        ("/volunteer open 义诊 12月6日 人民广场；", "请写明几点"),
        ("/volunteer open 义诊 12月6日9:00-11:00 人民广场 10人；", "已发布 #1 义诊"),
        ("/volunteer hours 、", "请写姓名、日期、小时和内容"),
    ],
)
async def test_signs_alone_are_no_line_of_their_own(one_cast: Cast, text: str, hears: str) -> None:
    await one_cast.dialog([("周敏", text, hears)], chat="")

"""What members and collectors say about dues, and that a group never hears a figure."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.commands import Role
from bot.message import Refused, Reply
from handlers import dues, ledger, todos
from handlers.dues import base_words, lists, words
from tests.dues.books import NOW, Books

COLLECTOR: tuple[Role, ...] = ("secretary", "collector")


def say(books: Books, name: str, member: int, text: str = "已交", *, private: bool = False, **slots: Any) -> str:
    ask = books.ask(name, member, text, private=private, intent="dues_paid", **slots)
    return books.do(lambda tx: lists.say_claim(tx, ask)).text


def confirm(books: Books, text: str = "", *, private: bool = False, roles: tuple[Role, ...] = COLLECTOR) -> Reply:
    clerk = books.ask("赵敏", 0, text, private=private, roles=roles)
    return books.do(lambda tx: words.say_confirm(tx, clerk))


def paid(books: Books, member: int, month: str = "2026-11") -> int:
    return books.do(lambda tx: ledger.paid(tx, member, month))


def test_a_claim_counts_once_confirmed(books: Books) -> None:
    one = books.member("张三", 5000, "2026-11")
    assert say(books, "张三", one, "党费已交50", amount="50.00") == "已登记，待确认"
    assert paid(books, one) == 0
    assert books.rows("select kind, role, title from todos") == [("dues", "collector", "党费：张三 11月")]
    assert confirm(books).text == "已确认 1 项\n应交 1 人 · 已交 1 人 · 未交 0 人"
    assert paid(books, one) == 5000
    with pytest.raises(Refused, match="没有待确认"):
        confirm(books)
    assert books.rows("select cause from entries") == [("claim:1",)]


def test_in_private_the_amount_is_said(books: Books) -> None:
    one = books.member("张三", 5000, "2026-11")
    assert say(books, "张三", one, private=True) == "已登记 11月党费 50.00 元，待确认"
    assert confirm(books, private=True).text.startswith("已确认：张三 11月 50.00 元（收据 1 号）\n应交 1 人")


def test_another_amount_than_due_is_asked_about_in_private_only(books: Books) -> None:
    one, two = books.member("张三", 4238, "2026-11"), books.member("李四", 4238, "2026-11")
    told = say(books, "张三", one, private=True, amount="50.00")
    assert "42.38" in told
    assert "不同" in told
    assert say(books, "李四", two, amount="50.00") == "已登记，待确认"


def test_voluntary_extra_is_taken_and_a_fortune_is_not(books: Books) -> None:
    one = books.member("张三", 5000, "2026-11")
    with pytest.raises(Refused, match="大额") as refusal:
        say(books, "张三", one, amount="1050.00")
    assert refusal.value.private
    told = say(books, "张三", one, private=True, amount="100.00", voluntary_extra=True)
    assert told == "已登记 11月党费 100.00 元，待确认"
    confirm(books, "张三")
    assert paid(books, one) == 5000
    assert books.rows("select fen from postings where account = 'extra'") == [(-5000,)]


def test_without_a_month_the_oldest_unpaid_one_is_meant(books: Books) -> None:
    one = books.member("张三", 5000)
    assert say(books, "张三", one, private=True).startswith("已登记 10月党费")
    with pytest.raises(Refused, match="等收缴人确认"):
        say(books, "张三", one)
    confirm(books)
    assert say(books, "张三", one, private=True).startswith("已登记 11月党费")
    confirm(books)
    with pytest.raises(Refused, match="已确认"):
        say(books, "张三", one)


def test_without_a_base_the_current_month_is_meant(books: Books) -> None:
    one = books.member("张三")
    assert say(books, "张三", one, private=True) == "已登记 11月党费，待确认"
    with pytest.raises(Refused, match="没有写金额"):
        confirm(books)
    assert say(books, "张三", one, "党费写错了，是35", private=True, amount="35.00", replaces="dues_paid") == (
        "已登记 11月党费 35.00 元，待确认"
    )
    confirm(books, "张三")
    assert paid(books, one) == 3500


def test_a_correction_replaces_what_is_open(books: Books) -> None:
    one = books.member("张三", 3500, "2026-11")
    say(books, "张三", one, amount="53.00")
    say(books, "张三", one, amount="35.00", replaces="dues_paid")
    assert books.rows("select fen, state from dues_claims order by id") == [(5300, "replaced"), (3500, "open")]
    assert len(books.rows("select 1 from todos")) == 1
    confirm(books)
    assert paid(books, one) == 3500


def test_months_share_an_amount(books: Books) -> None:
    one = books.member("张三", 3500)
    told = say(
        books, "张三", one, "第四季度党费交了，一共105", private=True, amount="105.00", months=["10", "11", "12"]
    )
    assert told == "已登记 10月、11月、12月党费 105.00 元，待确认"
    assert len(books.rows("select 1 from todos")) == 1
    confirm(books)
    assert [paid(books, one, f"2026-{month}") for month in (10, 11, 12)] == [3500, 3500, 3500]


def test_too_little_goes_to_the_oldest_months(books: Books) -> None:
    one = books.member("张三", 3500)
    say(books, "张三", one, amount="50.00", months=["10", "11", "12"])
    confirm(books, "张三")
    assert [paid(books, one, f"2026-{month}") for month in (10, 11, 12)] == [3500, 1500, 0]


def test_months_ahead_and_months_without_base_are_refused(books: Books) -> None:
    one = books.member("张三")
    with pytest.raises(Refused, match="分不开"):
        say(books, "张三", one, amount="50.00", months=["10", "11"])
    with pytest.raises(Refused, match="预交"):
        say(books, "张三", one, months=["2027-01"])


@pytest.mark.parametrize("slots", [{"flag": "needs_clerk"}, {"promise": True}, {"amount": "0.00"}, {"amount": "五十"}])
def test_refused_claims(books: Books, slots: dict[str, Any]) -> None:
    one = books.member("张三", 5000)
    with pytest.raises(Refused):
        say(books, "张三", one, **slots)
    assert books.rows("select 1 from dues_claims") == []


def test_somebody_pays_for_another(books: Books) -> None:
    one, two = books.member("张三", 5000), books.member("李四", 4238)
    told = say(books, "张三", one, "代李四交党费", private=True, persons=["李四"])
    assert told == "已登记 李四的党费（代报），待确认"
    assert books.rows("select member_id, by_member from dues_claims") == [(two, one)]
    assert books.rows("select title from todos") == [("党费：李四 10月（张三代报）",)]
    with pytest.raises(Refused, match="没有「王五」"):
        say(books, "张三", one, persons=["王五"])
    with pytest.raises(Refused, match="没有您自己的一行"):
        say(books, "张三", one, persons=["王五", "李四"])


def test_confirm_by_number_and_name_is_all_or_nothing(books: Books) -> None:
    one, two = books.member("张三", 5000, "2026-11"), books.member("李四", 4000, "2026-11")
    say(books, "张三", one)
    say(books, "李四", two)
    asked = confirm(books)
    assert asked.private
    assert asked.text.startswith("待确认 2 笔：\n1 张三 11月 没报金额\n2 李四 11月 没报金额\n")
    assert asked.card is not None
    assert [button.command for button in asked.card.buttons] == [
        *("/dues confirm 1", "/todo no 1", "/dues confirm 2", "/todo no 2")
    ]
    with pytest.raises(Refused, match="一项也没有"):
        confirm(books, "李四 王五")
    assert paid(books, two) == 0
    confirm(books, "李四、#1")
    assert (paid(books, one), paid(books, two)) == (5000, 4000)


def test_a_long_list_is_not_a_question(books: Books) -> None:
    for number in range(10):
        name = f"党员{number}"
        say(books, name, books.member(name, 5000, "2026-11"))
    assert confirm(books).text.startswith("待确认 10 笔")


def test_the_desk_decides_too(books: Books) -> None:
    one = books.member("张三", 5000, "2026-11")
    clerk = books.ask("赵敏", 0, roles=COLLECTOR).who

    def decide(number: int, ok: bool) -> str:
        return books.do(
            lambda tx: dues.decide_claim(tx, todos.settle(tx, books.branch, number, ok, clerk), ok, clerk, "")
        )

    say(books, "张三", one, amount="50.00")
    assert "张三" not in decide(1, False)
    assert paid(books, one) == 0
    say(books, "张三", one, amount="50.00")
    assert decide(2, True) == "已确认：张三 11月党费"
    assert paid(books, one) == 5000
    with pytest.raises(Refused, match="已由"):
        decide(2, True)


def test_a_group_leader_collects_for_his_group(books: Books) -> None:
    leader, one, two = books.member("孙丽"), books.member("张三", 5000), books.member("李四", 5000)
    books.connection.execute("update members set party_group = '一组' where id in (?, ?)", (leader, one))
    say(books, "李四", two)
    ask = books.ask("孙丽", leader, private=True, roles=("collector",))
    with pytest.raises(Refused, match="没有待确认"):
        books.do(lambda tx: words.say_confirm(tx, ask))
    row = books.do(lambda tx: todos.settle(tx, books.branch, 1, True, books.ask("赵敏", 0, roles=COLLECTOR).who))
    with pytest.raises(Refused, match="不归您"):
        books.do(lambda tx: dues.decide_claim(tx, row, True, ask.who, ""))
    told = books.do(lambda tx: words.say_state(tx, ask)).text
    assert "张三" in told
    assert "李四" not in told


def test_where_it_stands(books: Books) -> None:
    one = books.member("张三", 5000)
    books.member("李四", 4000)
    say(books, "张三", one, months=["11"])

    def state(**options: Any) -> str:
        ask = books.ask("赵敏", one, **options)
        return books.do(lambda tx: words.say_state(tx, ask)).text

    line = "应交 2 人 · 已交 0 人 · 未交 2 人"
    assert state(roles=COLLECTOR) == line
    assert state(private=True) == line
    full = (
        f"{line}\n11月应交 90.00 元 · 已收 0.00 元\n未交：张三（已报，待确认）、李四\n"
        "以前月份：\n张三：1 个月未交\n李四：1 个月未交\n待确认 1 笔，发：/dues confirm"
    )
    assert state(private=True, roles=("secretary",)) == full


def test_a_base_is_set_and_not_echoed_in_a_group(books: Books) -> None:
    books.member("买买提 艾力")
    ask = books.ask("赵敏", 0, "买买提 艾力 在职 3000.01", roles=COLLECTOR)
    told = books.do(lambda tx: base_words.say_set(tx, ask)).text
    assert told == "已核定：买买提 艾力。基数请不要发在群里，下次私聊我。"
    again = books.ask("赵敏", 0, "买买提 艾力 离退休 5000.01 退休", private=True, roles=COLLECTOR)
    told = books.do(lambda tx: base_words.say_set(tx, again)).text
    assert told == "已核定 买买提 艾力（离退休）：基数 5000.01 元，11月起每月 50.00 元。"
    assert books.rows("select reason from dues_bases order by id desc limit 1") == [("退休",)]


@pytest.mark.parametrize(
    "text", ["", "张三", "张三 在职", "张三 工人 300", "张三 在职 abc", "张三 农民 5", "王五 在职 300"]
)
def test_refused_bases(books: Books, text: str) -> None:
    books.member("张三")
    ask = books.ask("赵敏", 0, text, roles=COLLECTOR)
    with pytest.raises(Refused):
        books.do(lambda tx: base_words.say_set(tx, ask))
    assert books.rows("select 1 from dues_bases") == []


def test_my_own_dues(books: Books) -> None:
    one = books.member("张三", 5000)
    say(books, "张三", one, months=["10"])
    confirm(books)
    assert books.do(lambda tx: dues.mine(tx, books.branch, one)) == [
        "党费：每月 50.00 元",
        "今年已交：10月",
        "未交：11月，共 50.00 元",
    ]
    say(books, "张三", one)
    assert books.do(lambda tx: dues.mine(tx, books.branch, one))[2] == "待确认：11月"


def test_last_year_is_named(books: Books) -> None:
    one = books.member("张三", 5000)
    books.now = NOW.replace(year=2027, month=1)
    assert say(books, "张三", one, private=True, months=["2026-12"]) == "已登记 2026年12月党费 50.00 元，待确认"
    assert say(books, "张三", one, private=True, months=["11"]).startswith("已登记 2026年11月党费")


def test_a_group_hears_no_figure_and_no_debtor(books: Books) -> None:
    one, two = books.member("张三", 4238), books.member("李四", 5151)
    heard = [say(books, "张三", one, amount="42.38"), say(books, "李四", two, amount="99.99")]
    assert confirm(books).private
    heard += [confirm(books, "张三").text]
    heard += [books.do(lambda tx: words.say_state(tx, books.ask("赵敏", 0, roles=COLLECTOR))).text]
    heard += [row[0] for row in books.rows("select title from todos")]
    heard += [row[0] for row in books.rows("select detail from trail")]
    assert not [text for text in heard if re.search(r"\d+\.\d\d|4238|5151|9999", text)]


def test_two_open_claims_for_a_month_can_not_be(books: Books) -> None:
    one = books.member("张三", 5000)
    say(books, "张三", one)
    with pytest.raises(Exception, match="UNIQUE"):
        books.connection.execute(
            "insert into dues_claims (member_id, month, state) values (?, '2026-10', 'open')", (one,)
        )

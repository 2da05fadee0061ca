"""Dues and shifts as they are typed: from the message to the answer, through dispatch and the reading of sentences."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

import handlers
from bot.commands import Role, Who
from bot.db import Tx
from bot.dispatch import House, handle
from bot.message import Incoming, Kind
from handlers import ledger
from tests.dues.books import Books

Say = Callable[..., str]


@pytest.fixture
def say(books: Books) -> Say:
    """Says something in a person's name and gives the answer back, "" for silence."""
    numbers = count()
    clerks = {"赵敏": frozenset[Role](("anyone", "member", "collector", "secretary"))}

    def who(tx: Tx, incoming: Incoming) -> Who:
        known = books.connection.execute("select id from members where name = ?", (incoming.sender,)).fetchone()
        roles = clerks.get(incoming.sender, frozenset[Role](("anyone", "member") if known else ("anyone",)))
        name = incoming.sender if known else ""
        return Who(incoming.sender, known[0] if known else 0, name, books.branch, "一支部", books.branch, True, roles)

    house = House(
        commands=handlers.COMMANDS,
        words=handlers.WORDS,
        who=who,
        names=lambda tx, who, text: [row[0] for row in books.rows("select name from members")],
        abilities={},
        inline={"console": True},
        private_via={},
        coming=lambda _tx, _branch: [],
        at_once={},
    )

    def speak(name: str, text: str, private: bool = False, kind: Kind = "text") -> str:
        incoming = Incoming("console", f"m{next(numbers)}", "group", name, text, private=private, kind=kind)
        reply = books.do(lambda tx: handle(tx, incoming, house))
        return reply.text if reply else ""

    return speak


def test_dues_from_base_to_ledger(books: Books, say: Say) -> None:
    clerk, one = books.member("赵敏"), books.member("张三")
    assert say("赵敏", "/党费 核定 张三 在职 ４２３７．５６", private=True).endswith("11月起每月 42.38 元。")
    assert say("张三", "已交") == "已登记，待确认"
    assert say("张三", "11月党费42.38已交") == "这个月的党费已报过，等收缴人确认。"
    assert say("赵敏", "/dues confirm") == "已确认 1 项\n应交 1 人 · 已交 1 人 · 未交 0 人 · 未核定 1 人"
    assert say("张三", "/dues") == "应交 1 人 · 已交 1 人 · 未交 0 人 · 未核定 1 人"
    assert books.do(lambda tx: ledger.paid(tx, one, "2026-11")) == 4238
    assert books.do(lambda tx: ledger.paid(tx, clerk, "2026-11")) == 0


def test_the_collector_hears_the_list_alone(books: Books, say: Say) -> None:
    books.member("赵敏")
    for name in ("张三", "李四"):
        books.member(name, 5000, "2026-11")
        say(name, "党费已交")
    assert say("赵敏", "/dues confirm") == "请私聊我发 /dues confirm"
    assert say("赵敏", "/dues confirm", private=True).startswith("待确认 2 笔：\n1 张三 11月 没报金额\n2 李四 11月")
    assert say("赵敏", "/dues confirm 2").startswith("已确认 1 项")
    assert books.rows("select number, state from todos order by id") == [(1, "open"), (2, "ok")]


def test_members_do_not_confirm_or_set(books: Books, say: Say) -> None:
    books.member("张三", 5000)
    assert "党费收缴人" in say("张三", "/dues confirm")
    assert "党费收缴人" in say("张三", "/dues set 张三 在职 1", private=True)


def test_strangers_are_told_to_introduce_themselves(books: Books, say: Say) -> None:
    books.member("赵敏")
    say("赵敏", "/volunteer open 义诊 12月6日9:00 人民广场 1人")
    for text in ("已交", "报名", "退出"):
        assert say("路人", text) == "我还不认识您。请先说：我是 姓名"
    assert books.rows("select 1 from dues_claims") == []


def test_shifts_from_open_to_promotion(books: Books, say: Say) -> None:
    books.bind()
    for name in ("赵敏", "张三", "李四"):
        books.member(name)
    assert say("张三", "报名") == "现在没有可报名的志愿服务。"
    assert "#1" in say("赵敏", "/志愿 发布 义诊 12月6日９：００－11：00 人民广场 1人")
    assert say("张三", "报名 #1", kind="press").startswith("已报名：#1")
    assert say("李四", "报名义诊").startswith("已满，候补第 1 位：#1")
    assert say("张三", "退出").startswith("已退出：#1")
    assert "李四 候补转正：#1 义诊" in books.rows("select reply from outbox")[0][0]
    assert say("张三", "/volunteer") == "名额 1 · 已报 1 · 候补 0"
    assert "书记或组织委员" in say("张三", "/volunteer cancel 1")

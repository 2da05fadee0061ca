"""The register at any instant: who belonged where and what he was, also as it was known on another day."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot import migrations
from bot.db import Tx
from bot.message import Refused
from bot.migrations import migrate
from handlers.people import facts, history
from handlers.people.find import find_people
from handlers.people.moves import set_category, transfer
from handlers.people.records import leave
from tests.cast import Cast, opened_cast

from .conftest import NOW, OFFICE, ZONE, Chat, House

PARTY = "姓名,支部,党员类别,入党日期,转正日期,状态,党内职务,任职日期,党小组"
SHEET = f"""\
{PARTY}
老党员,甲支部,正式党员,1978-07-01,1979-07-01,退休,,,第一党小组
书记,甲支部,正式党员,2010-02-28,2011-02-28,在职,书记,2024-03-01,
新党员,甲支部,预备党员,2026-02-28,,在职,,,
对象,甲支部,发展对象,,,在职,,,
不详,甲支部,,,,,,,
别人,乙支部,正式党员,2000-01-01,2001-01-01,在职,,,
"""


def day(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(hour=12, tzinfo=ZONE)


async def at(house: House, when: datetime, branch: int = 1, known: datetime | None = None) -> list[history.Standing]:
    return await house.write(lambda tx: history.members_of(tx, branch, when, known))


async def moved(house: House, name: str, branch: int, on: str = "") -> None:
    def work(tx: Tx) -> None:
        transfer(tx, find_people(tx, name)[0], branch, OFFICE, day(on).date() if on else None)

    await house.write(work)


async def test_categories_hold_from_the_days_that_the_register_names(house: House) -> None:
    await house.take(SHEET)
    found = {one.name: one for one in await at(house, NOW)}
    assert [one.category for one in found.values()] == ["正式党员", "正式党员", "预备党员", "发展对象", ""]
    assert [one.name for one in found.values() if one.counts] == ["老党员", "书记", "新党员", "不详"]
    assert [one.name for one in found.values() if one.votes] == ["老党员", "书记"]
    assert (found["老党员"].status, found["老党员"].party_group, found["书记"].duty) == ("退休", "第一党小组", "书记")

    def categories(tx: Tx) -> list[str]:
        days = ("1978-06-30", "1978-07-01", "1979-06-30", "1979-07-01", "2026-02-27", "2026-02-28")
        stood = {one: {each.name: each for each in history.members_of(tx, 1, day(one))} for one in days}
        return [stood[one][name].category for name in ("老党员", "新党员") for one in days]

    assert await house.write(categories) == [
        *("未入党", "预备党员", "预备党员", "正式党员", "正式党员", "正式党员"),
        *("未入党", "未入党", "未入党", "未入党", "未入党", "预备党员"),
    ]


async def test_a_duty_holds_from_the_day_that_the_register_names(house: House) -> None:
    await house.take(SHEET)

    async def duty(name: str, when: datetime) -> str:
        return next(one.duty for one in await at(house, when) if one.name == name)

    assert [await duty("书记", day(one)) for one in ("2024-02-29", "2024-03-01")] == ["", "书记"]
    house.now += timedelta(days=30)
    await house.take("姓名,支部,党内职务\n不详,甲支部,组织委员")
    assert [await duty("不详", one) for one in (NOW, house.now)] == ["", "组织委员"]


async def test_a_transfer_in_mid_year_splits_the_denominators(house: House) -> None:
    await house.take(SHEET)
    house.now = day("2027-06-20")
    await moved(house, "老党员", 2, "2027-05-10")
    await moved(house, "别人", 1)
    assert [len(await at(house, day(one))) for one in ("2027-05-09", "2027-05-10", "2027-06-21")] == [5, 4, 5]
    assert [len(await at(house, day(one), 2)) for one in ("2027-05-09", "2027-05-10", "2027-06-21")] == [1, 2, 1]


async def test_what_was_known_then_is_known_again(house: House) -> None:
    """A transfer of 10 May that was entered on 20 June was not known on 1 June; a corrected day was another before."""
    await house.take(SHEET)
    house.now = day("2027-06-20")
    await moved(house, "老党员", 2, "2027-05-10")
    before, middle = day("2027-06-01"), day("2027-05-15")
    assert len(await at(house, middle, known=before)) == 5
    assert len(await at(house, middle, 2, known=before)) == 1
    assert len(await at(house, middle)) == 4
    assert await at(house, middle, known=day("2026-11-01")) == []

    def full(tx: Tx, on: str) -> None:
        set_category(tx, find_people(tx, "新党员")[0], "正式党员", OFFICE, day(on).date())

    await house.write(lambda tx: full(tx, "2027-02-28"))
    house.now += timedelta(days=10)
    await house.write(lambda tx: full(tx, "2027-03-05"))

    async def category(known: datetime | None) -> str:
        return next(one.category for one in await at(house, day("2027-03-01"), known=known) if one.member == 3)

    assert await category(None) == "预备党员"
    assert await category(house.now - timedelta(days=1)) == "正式党员"
    assert await house.rows("select full_on from members where id = 3") == [("2027-03-05",)]
    with pytest.raises(Refused, match="已经是正式党员"):
        await house.write(lambda tx: full(tx, "2027-03-05"))


async def test_who_leaves_stays_in_the_past(chat: Chat) -> None:
    house = chat.house
    assert await chat.say("zhao", "/member leave 张三") == "请写全，如：/member leave 张三 转出 11月20日"
    assert "请在姓名后面写：转出、去世、出党、其他" in await chat.say("zhao", "/member leave 张三 退休")
    assert "还没到" in await chat.say("zhao", "/member leave 张三 转出 2027-03-01")
    assert (await chat.say("zhao", "/member leave 张三 转出 11月20日")).startswith("已移出名册：张三。以前的记录都保留")
    assert await chat.say("zhao", "/member leave 张三 转出") == "名册里没有找到“张三”。"
    assert [one.name for one in await at(house, day("2026-11-19"))].count("张三") == 1
    assert [one.name for one in await at(house, day("2026-11-20"))].count("张三") == 0
    house.now += timedelta(days=60)
    await house.take("姓名,支部,科室\n张三,第一党支部,检验科")
    assert [one.name for one in await at(house, house.now)].count("张三") == 1


async def test_changes_are_told_with_their_days(chat: Chat) -> None:
    assert await chat.say("zhao", "/member category 孙宣传 群众") == (
        "没有「群众」这个类别。可以写：停止党籍、入党申请人、入党积极分子、发展对象、正式党员、留党察看、预备党员。"
    )
    assert (
        await chat.say("zhao", "/党员 类别 孙宣传 预备党员 2026-02-28") == "已记：孙宣传 预备党员，自 2026-02-28 起。"
    )
    assert "2月29日" in await chat.say("zhao", "/member category 孙宣传 正式党员 2月29日")
    assert await chat.say("zhao", "/member category 孙宣传 正式党员") == "已记：孙宣传 正式党员，自 2026-12-01 起。"
    assert await chat.say("zhao", "/member category 孙宣传 正式党员") == "孙宣传 已经是正式党员。"
    assert "已转到第二党支部" in await chat.say("zhao", "/member transfer 孙宣传 第二党支部 11月30日")
    assert await chat.say("zhao", "/member history 张三") == "请私聊我发 /member history 张三"
    assert await chat.say("boss", "/member history 孙宣传", "") == (
        "孙宣传\n支部：第一党支部（最初 至 2026-11-30）\n支部：第二党支部（2026-11-30 至 现在）\n"
        "类别：预备党员（2026-02-28 起）；正式党员（2026-12-01 起）\n职务：宣传委员（最初 起）；无（2026-11-30 起）"
    )


@pytest.mark.parametrize("seed", range(3))
async def test_history_is_the_sum_of_what_was_done(seed: int, database_url: str, tmp_path: Path) -> None:
    """Random transfers and leavings against a list of days, on both engines."""
    async with opened_cast(database_url, tmp_path) as cast:
        await _live_and_look_back(cast, seed)


async def _live_and_look_back(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    model: dict[str, int] = {}
    past: list[tuple[datetime, dict[str, int]]] = []

    def everybody(tx: Tx) -> dict[str, int]:
        return {
            f"{one.name}{one.member}": branch for branch in (1, 2) for one in history.members_of(tx, branch, tx.now)
        }

    def act(tx: Tx) -> None:
        key = chance.choice(sorted(model))
        one = next(row for row in find_people(tx, key.rstrip("0123456789")) if f"{row.name}{row.id}" == key)
        if chance.random() < 0.7:
            target = 3 - model[key]
            transfer(tx, one, target, OFFICE)
            model[key] = target
        else:
            leave(tx, one, "转出", OFFICE)
            del model[key]

    database = cast.place.database
    model = await database.write(everybody)
    assert len(model) == 18
    for _ in range(12):
        past.append((cast.place.clock(), dict(model)))
        await cast.pass_time(hours=chance.randint(1, 400))
        await database.write(act)
    for when, then in past:

        def was(tx: Tx, when: datetime = when) -> dict[str, int]:
            return {f"{o.name}{o.member}": branch for branch in (1, 2) for o in history.members_of(tx, branch, when)}

        assert await database.read(was) == then


def test_what_the_register_knew_is_carried_over(empty_url: str) -> None:
    """A database of the revision before with members gets their facts, on both engines."""
    chain = migrations.chain()
    migrate(empty_url, chain[chain.index("0006") - 1])
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO branches (name) VALUES ('甲')"))
        for values in (
            "'a', '正式党员', '2010-02-28', '2011-02-28', '书记', '2024-02-29', '在职'",
            "'b', '预备党员', '2026-01-01', '', '', '', ''",
            "'c', '发展对象', '', '', '', '', ''",
        ):
            columns = "name, category, joined_on, full_on, duty, duty_since, status"
            connection.execute(text(f"INSERT INTO members (branch_id, {columns}) VALUES (1, {values})"))
    engine.dispose()
    migrate(empty_url)
    query = (
        "SELECT member_id, what, value, from_on FROM member_facts WHERE what IN ('category', 'duty', 'status')"
        " ORDER BY member_id, what, from_on"
    )
    assert _rows(empty_url, query) == [
        (1, "category", facts.NOT_YET, ""),
        (1, "category", facts.PROBATIONARY, "2010-02-28"),
        (1, "category", facts.FULL, "2011-02-28"),
        (1, "duty", "书记", "2024-02-29"),
        (1, "status", "在职", ""),
        (2, "category", facts.NOT_YET, ""),
        (2, "category", facts.PROBATIONARY, "2026-01-01"),
        (3, "category", "发展对象", ""),
    ]


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    if url.startswith("postgresql"):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            return connection.execute(query.encode()).fetchall()
    engine = create_engine(url)
    with engine.connect() as other:
        return [tuple(row) for row in other.execute(text(query))]

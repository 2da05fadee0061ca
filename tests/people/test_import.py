from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.trail import verify
from handlers.people import import_members
from handlers.sheet import SheetError
from handlers.sheet.check import SheetRow, check
from handlers.tables import dues_bases, members

from .conftest import CAST, NOW, OFFICE, PLATFORMS, House, open_house, sheet


async def test_a_sheet_comes_in_and_again_without_a_change(house: House) -> None:
    first = await house.take(CAST)
    assert (first.added, first.updated, first.unchanged) == (9, 0, 0)
    assert first.branches_created == ("第一党支部", "第二党支部")
    assert first.warnings == ()
    again = await house.take(CAST)
    assert (again.added, again.updated, again.unchanged, again.branches_created) == (0, 0, 9, ())
    assert await house.rows("select count(*) from dues_bases") == [(2,)]


async def test_where_people_belong(cast: House) -> None:
    assert await cast.rows("select distinct from_at, to_at from memberships") == [(0, 0)]
    await cast.take("姓名,支部\n后来,第一党支部")
    at = round(NOW.timestamp() * 1_000_000)
    assert await cast.rows("select from_at, to_at from memberships where from_at > 0") == [(at, 0)]


async def test_empty_cells_change_nothing_and_others_do(cast: House) -> None:
    done = await cast.take("姓名,支部,科室,手机,学历\n张三,第一党支部,检验科,,本科")
    assert (done.added, done.updated) == (0, 1)
    found = select(members.c.phone, members.c.education, members.c.aliases).where(members.c.name == "张三")
    assert await cast.opened(found) == [("13800000002", "本科", "小张、三哥")]


async def test_an_account_finds_its_member_whatever_the_name(cast: House) -> None:
    done = await cast.take("姓名,支部,企业微信账号\n孙宣传员,第一党支部,SUN")
    assert done.updated == 1
    assert done.warnings == ("第 2 行：孙宣传 改名为 孙宣传员（账号相同）",)


async def test_another_branch_is_a_transfer(cast: House) -> None:
    cast.now = NOW + timedelta(days=1)
    done = await cast.take("姓名,支部,企业微信账号\n赵书记,第二党支部,zhao")
    assert done.warnings == ("第 2 行：赵书记 转到第二党支部，原职务（书记）不再保留",)
    at = round(cast.now.timestamp() * 1_000_000)
    assert await cast.rows("select branch_id, duty from members where name = '赵书记'") == [(2, "")]
    rows = await cast.rows("select branch_id, from_at, to_at from memberships where member_id = 1 order by id")
    assert rows == [(1, 0, at), (2, at, 0)]
    assert await cast.rows("select branch_id from trail where action = 'transfer' order by branch_id") == [(1,), (2,)]


async def test_a_new_base_is_a_new_row(cast: House) -> None:
    await cast.take("姓名,支部,科室,党费类别,党费基数\n赵书记,第一党支部,院办,,9000")
    of = dues_bases.c
    found = select(of.kind, of.base_fen, of.month_fen, of.valid_from, of.valid_to).where(of.member_id == 1)
    rows = await cast.opened(found.order_by(of.id))
    assert rows == [("salaried", 800000, 12000, "2026-12", ""), ("salaried", 900000, 13500, "2026-12", "")]


async def test_a_kind_that_is_not_known_touches_no_dues(cast: House) -> None:
    done = await cast.write(
        lambda tx: import_members(
            tx,
            [SheetRow(2, {"姓名": "赵书记", "支部": "第一党支部", "科室": "院办", "党费类别": "临时"}, "", 1)],
            OFFICE,
            PLATFORMS,
        )
    )
    assert done.unchanged == 1


async def test_half_a_base_is_told(house: House) -> None:
    done = await house.take("姓名,支部,党费类别,党费基数\n甲,一,在职,\n乙,一,,3000")
    assert done.warnings == ("第 2 行等 2 人“党费类别”和“党费基数”只填了一个，党费记为未核定",)


async def test_same_names_stay_apart_by_department(cast: House) -> None:
    done = await cast.take("姓名,支部,科室,学历\n王芳,第一党支部,检验科,本科\n王芳,第一党支部,护理部,大专")
    assert (done.added, done.updated) == (0, 2)
    third = await cast.take("姓名,支部,科室\n王芳,第一党支部,药房")
    assert third.warnings == ("第 2 行：王芳 按新党员加入；支部里已有同名的（检验科、护理部），若是同一人请核对科室",)


async def test_who_can_not_be_told_apart_is_a_fault(cast: House) -> None:
    with pytest.raises(SheetError) as caught:
        await cast.take("姓名,支部,科室,企业微信账号\n张三,第一党支部,检验科,a\n张三,第一党支部,检验科,b")
    assert len(caught.value.faults) == 2
    with pytest.raises(SheetError, match="属于两个人"):
        await cast.take("姓名,支部,企业微信账号,钉钉账号\n吴九,第二党支部,zhao,wu9")
    with pytest.raises(SheetError, match="和第 2 行在名册里是同一个人"):
        await cast.take("姓名,支部,企业微信账号,钉钉账号\n吴九,第二党支部,wu,\n吴九,第二党支部,,wu9")
    assert await cast.rows("select count(*) from accounts where account in ('a', 'b')") == [(0,)]


async def test_a_second_account_is_taken_and_told(cast: House) -> None:
    done = await cast.take("姓名,支部,科室,企业微信账号\n赵书记,第一党支部,院办,zhao2")
    assert done.warnings == ("第 2 行：赵书记 原来已有账号，现在新旧账号都认",)
    assert await cast.rows("select account from accounts where member_id = 1 order by 1") == [("zhao",), ("zhao2",)]


async def test_days_that_cannot_be_are_kept_and_told(house: House) -> None:
    done = await house.take(
        "姓名,支部,出生日期,入党日期,转正日期\n甲,一,1990-01-01,2035-07-01,\n乙,一,,2015-07-01,2014-07-01"
    )
    assert done.warnings == (
        "第 2 行“入党日期”：2035-07-01 还没到，照样记下，请核对",
        "第 3 行“转正日期”：2014-07-01 比“入党日期”2015-07-01 还早，照样记下，请核对",
    )


async def test_an_unknown_duty_is_kept_and_told(house: House) -> None:
    done = await house.take("姓名,支部,党内职务\n甲,一,党委书记\n乙,一,党委书记")
    (warning,) = done.warnings
    assert warning.startswith("第 2 行等 2 行“党内职务”：不认识 党委书记，照样记下，不带来权限。带来权限的：书记、")


async def test_accounts_without_a_platform_are_told(house: House) -> None:
    rows = sheet("姓名,支部,钉钉账号\n甲,一,x")
    done = await house.write(lambda tx: import_members(tx, rows, OFFICE, {"企业微信账号": "wecom"}))
    assert done.warnings == ("没有配置对应的平台，“钉钉账号”没有导入",)


async def test_three_faults_in_five_hundred_rows(house: House) -> None:
    lines = [f"人{n},一支部,1990-01-01" for n in range(500)]
    for bad in (15, 200, 499):
        lines[bad] = f"人{bad},一支部,1990-02-30"
    with pytest.raises(SheetError) as caught:
        await house.take("姓名,支部,出生日期\n" + "\n".join(lines))
    assert caught.value.faults[0] == "第 17 行“出生日期”：1990-02-30 不是日期（要写成 1990-02-28 这样）"
    assert len(caught.value.faults) == 3
    assert await house.rows("select count(*) from members") == [(0,)]


async def test_ten_thousand_rows(house: House) -> None:
    lines = [f"人{n},{n % 40}支部,科{n % 7},acc{n},在职,{3000 + n}.5" for n in range(10_000)]
    rows = sheet("姓名,支部,科室,企业微信账号,党费类别,党费基数\n" + "\n".join(lines))
    seen: list[tuple[int, int]] = []
    begun = time.perf_counter()
    done = await house.write(lambda tx: import_members(tx, rows, OFFICE, PLATFORMS, lambda a, b: seen.append((a, b))))
    again = await house.write(lambda tx: import_members(tx, rows, OFFICE, PLATFORMS))
    assert (done.added, again.unchanged, seen[-1]) == (10_000, 10_000, (10_000, 10_000))
    assert time.perf_counter() - begun < 30


PERSON = st.fixed_dictionaries(
    {"姓名": st.sampled_from("甲乙丙"), "支部": st.sampled_from("一二")},
    optional={
        "科室": st.sampled_from(["药房", "院办"]),
        "企业微信账号": st.sampled_from("abcA"),
        "钉钉账号": st.sampled_from("xyz"),
        "党内职务": st.sampled_from(["书记", "党小组长", "顾问"]),
    },
)


def checked(people: list[dict[str, str]]) -> list[SheetRow]:
    columns = ["姓名", "支部", "科室", "企业微信账号", "钉钉账号", "党内职务"]
    lines = [[person.get(column, "") for column in columns] for person in people]
    return list(check([*enumerate([columns, *lines], 1)]).rows)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets=st.lists(st.lists(PERSON, max_size=5), max_size=3))
def test_any_sheets_one_after_another(tmp_path_factory: pytest.TempPathFactory, sheets: list[Any]) -> None:
    """What comes in once comes in again unchanged; everybody belongs to one branch; accounts never change hands."""

    async def run(path: Path) -> None:
        async with open_house(path) as house:
            for people in sheets:
                before = set(await house.rows("select platform, account, member_id from accounts"))
                try:
                    rows = checked(people)
                    await house.write(partial(import_members, rows=rows, by=OFFICE, account_platforms=PLATFORMS))
                except SheetError:
                    continue
                assert before <= set(await house.rows("select platform, account, member_id from accounts"))
                open_now = await house.rows("select member_id, branch_id from memberships where to_at = 0 order by 1")
                assert open_now == await house.rows("select id, branch_id from members order by 1")
                assert await house.write(verify) == []
                await again(house, rows)

    asyncio.run(run(tmp_path_factory.mktemp("books") / "bot.db"))


async def again(house: House, rows: list[SheetRow]) -> None:
    try:
        done = await house.write(lambda tx: import_members(tx, rows, OFFICE, PLATFORMS))
    except SheetError:  # namesakes told apart by what only the first import could know
        return
    assert (done.added, done.updated, done.unchanged) == (0, 0, len(rows))

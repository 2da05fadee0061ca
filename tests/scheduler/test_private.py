"""What is for somebody's own eyes: the right person, in private, once, and nothing of it in the group."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy import update

from bot.db import Tx
from bot.platforms.console import NAME
from bot.sql import p, sql
from handlers.tables import accounts, members
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live, outcomes, told, whispered

RENAMED = sql(update(members).where(members.c.party_group == p("old")).values(party_group=p("new")))
AWAY = sql(update(members).where(members.c.name.in_(("李四", "刘敏"))).values(status="流动党员"))
ON = sql(update(accounts).values(platform=p("name")))
FIRST = '[reminders]\ntheme_day = ""\ndues_notice = []\n'


async def test_the_secretary_hears_at_two_thirds_of_the_quarter_that_no_members_meeting_was_held(cast: Cast) -> None:
    await cast.until("2026-12-01 08:59")
    assert not [text for text in whispered(cast, "周敏") if "本季度" in text]
    await cast.until("2026-12-01 09:00")
    [told_] = [text for text in whispered(cast, "周敏") if "本季度" in text]
    assert "支部党员大会（每季度 1 次）" in told_
    assert not [one for one in cast.pushed() if "本季度" in one.text]
    assert not [text for text in whispered(cast, "张三") if "本季度" in text]
    await cast.until("2026-12-31 12:00")
    assert sum("本季度" in text for text in whispered(cast, "周敏")) == 1


async def test_what_is_held_or_planned_is_not_missing(one_cast: Cast) -> None:
    cast = one_cast
    await cast.dialog(
        [
            ("周敏", "/attendance open 支部党员大会 12月25日15:00", "#1"),
            ("周敏", "/attendance open 党课 12月18日15:00", "#2"),
            ("周敏", "/attendance open 组织生活会 12月28日15:00", "#3"),
            ("周敏", "/attendance open 民主评议 12月29日15:00", "#4"),
            ("周敏", "/attendance open 支委会 12月22日15:00 应到 支委", "#5"),
            ("周敏", "/attendance open 党小组会 12月23日15:00 应到 第一党小组", "#6"),
        ]
    )
    await cast.until("2026-12-01 09:00")
    assert not [text for text in whispered(cast, "周敏") if "本季度" in text or "今年" in text]
    await live(cast, "2026-12-20 09:00")
    [month] = [text for text in whispered(cast, "周敏") if "本月还没有" in text]
    assert "党小组会（每月 1 次）：第二党小组" in month
    assert "支委会" not in month
    assert "主题党日" not in month, "the clock has opened it"


async def test_where_fewer_than_three_are_no_committee_its_meeting_is_not_missed(one_cast: Cast) -> None:
    """The second branch has a 书记 and a 组织委员, and then a third."""
    await one_cast.says("郑晓燕", "/member role 冯磊 组织委员", "")
    await live(one_cast, "2026-12-20 09:00")
    assert not [text for text in whispered(one_cast, "郑晓燕") if "支委会" in text]
    await one_cast.says("郑晓燕", "/member role 蒋玉梅 宣传委员", "")
    await live(one_cast, "2027-01-20 09:00")
    assert "支委会（每月 1 次）" in [text for text in whispered(one_cast, "郑晓燕") if "本月还没有" in text][-1]


async def test_a_group_whose_name_ends_another_s_still_lacks_its_meeting(one_cast: Cast) -> None:
    cast = one_cast
    for old, new in (("第一党小组", "一组"), ("第二党小组", "十一组")):
        await cast.place.database.write(partial(_renamed, old=old, new=new))
    await cast.dialog([("周敏", "/attendance open 党小组会 12月23日15:00 应到 十一组、张三", "#1")])
    await live(cast, "2026-12-20 09:00")
    [month] = [text for text in whispered(cast, "周敏") if "本月还没有" in text]
    assert "党小组会（每月 1 次）：一组\n" in month


def _renamed(tx: Tx, old: str, new: str) -> int:
    return tx.run(RENAMED, old=old, new=new)


async def test_who_is_behind_is_told_to_the_collector_and_after_three_months_to_the_secretary(one_cast: Cast) -> None:
    cast = one_cast
    for name in (
        "周敏",
        "李红",
        "陈建国",
        "何静",
        "张三",
        "李四",
        "王芳",
        "wangfang2",
        "刘敏",
        "赵丽华",
        "欧阳静",
        "马志远",
    ):
        await cast.says(name, "党费已交")
    await cast.dialog([("李红", f"/dues confirm {' '.join(str(one) for one in range(1, 13))}", "未交 1 人")])
    await cast.until("2026-12-06 09:00")
    [december] = [text for text in whispered(cast, "李红") if "欠交" in text]
    assert december.endswith("孙桂兰：1 个月未交")
    assert not [text for text in whispered(cast, "周敏") if "欠交" in text]
    assert not [one for one in cast.pushed() if "欠交" in one.text or "孙桂兰" in one.text]
    heard = {}
    for month in ("2027-01", "2027-02", "2027-03", "2027-04", "2027-05"):
        await cast.until(f"{month}-06 09:00")
        heard[month] = [text for text in whispered(cast, "周敏") if "欠交" in text][-1:]
    assert heard["2027-01"] == []
    assert "孙桂兰：3 个月未交" in heard["2027-02"][0]
    assert "孙桂兰：连续 5 个月未交" in heard["2027-04"][0]
    assert "请支部核实是否有正当理由" in heard["2027-05"][0]
    assert "脱党" not in str([bubble.text for bubble in cast.place.console.bubbles])


async def test_a_leader_of_a_group_hears_of_his_own_group_only(one_cast: Cast) -> None:
    await one_cast.until("2026-12-06 09:00")
    [text] = [text for text in whispered(one_cast, "张三") if "欠交" in text]
    assert "李四" in text
    assert "孙桂兰" not in text, "of the second group"


async def test_a_record_that_stays_empty_is_asked_for_after_three_days_and_once(one_cast: Cast) -> None:
    cast = one_cast
    await cast.dialog(
        [
            ("周敏", "/attendance open 支委会 11月23日15:00 应到 支委", "#1"),
            ("周敏", "/attendance open 党课 11月23日16:00", "#2"),
            ("周敏", "/attendance cancel #2", "已取消"),
        ]
    )
    await cast.until("2026-11-26 08:59")
    assert not [text for text in whispered(cast, "周敏") if "会议记录还缺" in text]
    await cast.until("2026-11-30 12:00")
    [text] = [text for text in whispered(cast, "周敏") if "会议记录还缺" in text]
    assert "#1 支委会" in text
    assert "#2" not in text


async def test_several_things_for_one_person_come_in_one_message(one_cast: Cast) -> None:
    await one_cast.until("2026-12-01 09:00")
    at_nine = [bubble.text for bubble in told(one_cast, "周敏") if "本季度" in bubble.text]
    assert len(at_nine) == 1
    assert "今年还没有" in at_nine[0], "the year's watch comes at the same hour"
    assert "11月小结" in at_nine[0]


async def test_last_month_in_counts_goes_to_the_committee_without_names_or_amounts(one_cast: Cast) -> None:
    await one_cast.until("2026-12-01 09:00")
    [text] = [text for text in whispered(one_cast, "何静") if "小结" in text]
    assert "党费：应交 13 人 · 已交 0 人 · 未交 13 人" in text
    assert "12月：主题党日 12月4日(周五)15:00" in text
    assert not [text for text in whispered(one_cast, "张三") if "小结" in text]


async def test_next_years_theme_days_come_for_the_plan(one_cast: Cast) -> None:
    await one_cast.until("2026-12-10 09:00")
    [text] = [text for text in whispered(one_cast, "周敏") if "年度计划" in text]
    assert "1月4日(周一)" in text
    assert "（节假日安排公布后再定）" in text


async def test_days_of_the_way_into_the_party_are_told_once(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("周敏", "/develop add 孙悦", chat="")
    await cast.says("周敏", "/develop step 孙悦 1 2026-11-10", chat="")
    await live(cast, "2026-12-20 12:00")
    found = [text for text in whispered(cast, "周敏") if "孙悦" in text]
    assert len(found) == 2, found
    assert "最晚 2026-12-10" in found[0]
    assert "已过，请核对" in found[1]
    assert not [one for one in cast.pushed() if "孙悦" in one.text]


async def test_what_is_overdue_is_listed_by_number(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("周敏", "/issue add 学习记录不全 期限 11月25日")
    await cast.until("2026-11-30 09:00")
    [text] = [text for text in whispered(cast, "周敏") if "过了期限" in text]
    assert "问题 #1 学习记录不全 期限 11月25日（已过）" in text
    await cast.says("周敏", "/issue done 1")
    await cast.until("2026-12-07 09:00")
    assert sum("过了期限" in text for text in whispered(cast, "周敏")) == 1


async def test_members_who_are_away_are_contacted_every_half_year(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, FIRST + 'contact_notice = ["12-01 10:00"]\n') as cast:
        await cast.place.database.write(lambda tx: tx.run(AWAY))
        await cast.says("周敏", "/talk add 周敏 李四 11月20日 谈心谈话", chat="")
        await cast.until("2026-12-01 10:00")
        [text] = [text for text in whispered(cast, "周敏") if "流动党员" in text]
        assert "刘敏" in text
        assert "李四" not in text


async def test_where_nobody_can_be_told_alone_the_group_hears_only_that_something_waits(
    sqlite: str, tmp_path: Path
) -> None:
    async with opened_cast(sqlite, tmp_path, FIRST) as cast:
        await on(cast, "wecom")
        await cast.until("2026-12-01 12:00")
        said = [bubble.text for bubble in cast.pushed()]
        assert said == ["有一条提醒只给本人看，但我不能主动私聊。请书记、组织委员私聊我发：/remind"]
        assert not whispered(cast, "周敏")
        assert (await outcomes(cast, "quarter_watch"))["1:2026-12:12-01 09:00", "secretary"] == "unreachable"
        await on(cast, NAME)
        assert "本季度还没有登记或安排" in await cast.says("周敏", "/remind", chat="")
        assert "本季度还没有登记或安排" not in await cast.says("周敏", "/remind")
        assert "给您的" not in await cast.says("李四", "/remind", chat="")


async def on(cast: Cast, platform: str) -> None:
    """Everybody's account is one of that platform; a robot in callback mode can't speak to them alone."""
    await cast.place.database.write(lambda tx: tx.run(ON, name=platform))

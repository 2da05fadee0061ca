"""/remind: pause, resume, set, preview, resend, and 为什么提醒我."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.sql import p, sql
from bot.tables import jobs, outbox, trail
from handlers.clock_tables import reminder_settings, reminders
from handlers.tables import activities
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live, outcomes, whispered

END = sql(
    update(outbox)
    .where(outbox.c.key.startswith(p("key")))
    .values(state=p("ended"), error="errcode 93000", settled_at=p("at"))
)


async def refused(cast: Cast, text: str, hears: str, chat: str = "g1") -> None:
    """A line that is answered and changes nothing."""
    tables = (reminder_settings, trail, jobs, reminders)
    before = [len(await cast.rows(select(table))) for table in tables]
    await cast.dialog([("周敏", text, hears)], chat)
    assert [len(await cast.rows(select(table))) for table in tables] == before


# --- pause and resume ------------------------------------------------------------------------------------------------


async def test_a_paused_reminder_rests_and_is_not_made_up_for(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/remind pause 党费 原因 系统检修", "已暂停“党费”提醒，直到恢复"),
            ("李红", "/remind", "已暂停：党费（系统检修，周敏）"),
        ]
    )
    await live(cast, "2026-12-06 12:00")
    assert not [one for one in cast.pushed() if "党费" in one.text]
    assert (await outcomes(cast, "dues_notice"))["1:2026-12:day:5 09:00", "branch"] == "paused"
    assert [one for one in cast.pushed("g2") if "党费" in one.text], "another branch has no pause"
    await cast.dialog([("周敏", "/提醒 恢复 党费 原因 检修完成", "已恢复“党费”提醒")])
    await live(cast, "2026-12-20 09:00")
    assert len([one for one in cast.pushed() if "12月党费" in one.text]) == 1


async def test_a_pause_ends_by_itself(one_cast: Cast) -> None:
    await one_cast.dialog(
        [("周敏", "/remind pause 全部 到12月2日 原因 创卫检查", "已暂停全部提醒到12月2日(周三)00:00")]
    )
    await live(one_cast, "2026-12-03 18:00")
    texts = [one.text for one in one_cast.pushed()]
    assert len(texts) == 1
    assert texts[0].startswith("主题党日 12月4日"), "the first notice was paused, so the second opens it"


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("/remind pause 党费", "请写明原因"),
        ("/remind pause 党费 原因", "请写明原因"),
        ("/remind pause 天气 原因 试试", "没有叫“天气”的提醒"),
        ("/remind pause 党费 到11月1日 原因 检修", "已经过去了"),
        ("/remind pause 党费 原因 " + "很长" * 40, "最多 60 字"),
        ("/remind resume 党费 原因 好了", "没有暂停，不用恢复"),
    ],
)
async def test_a_pause_that_cannot_be_is_refused(one_cast: Cast, text: str, hears: str) -> None:
    await refused(one_cast, text, hears)


@pytest.mark.parametrize(
    "text",
    [
        "pause 党费 原因 检修",
        "resume 党费 原因 好了",
        "set 主题党日 每月5号",
        "once 12月3日9:00 请带党费证",
        "resend 1",
    ],
)
async def test_who_speaks_from_no_branch_changes_no_reminder(one_cast: Cast, text: str) -> None:
    before = [len(await one_cast.rows(select(table))) for table in (reminder_settings, trail, reminders, outbox)]
    await one_cast.dialog([("admin", f"/remind {text}", "您还不在任何支部")], chat="")
    after = [len(await one_cast.rows(select(table))) for table in (reminder_settings, trail, reminders, outbox)]
    assert after == before


async def test_a_second_pause_is_refused_and_members_may_not(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/remind pause 党费 原因 检修", "已暂停")])
    await refused(one_cast, "/remind pause 党费 原因 检修", "已经暂停了")
    await one_cast.dialog([("张三", "/remind pause 党费 原因 检修", "书记或组织委员")])


# --- set -------------------------------------------------------------------------------------------------------------


async def test_a_branch_sets_its_own_theme_day_and_gives_it_back(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/remind set 主题党日 每月最后一个周五", "11月27日(周五)、12月25日(周五)、1月29日(周五)"),
            ("周敏", "/remind set", "主题党日：每月最后一个周五（11月21日(周六)10:00 周敏）"),
            ("周敏", "/remind", "主题党日 11月27日(周五)15:00"),
            ("周敏", "/remind set 主题党日 默认", "已恢复默认"),
            ("周敏", "/remind", "主题党日 12月4日(周五)15:00"),
        ]
    )
    await cast.dialog([("郑晓燕", "/remind set", "本支部没有自己设的")], "g2")


async def test_a_rule_with_two_readings_is_asked_for_with_both_their_days(one_cast: Cast) -> None:
    heard = await one_cast.says("周敏", "/remind set 主题党日 每月第二周周三")
    assert "有两种算法" in heard
    assert "1. 当月第几个：12月9日(周三)、1月13日(周三)" in heard
    assert "2. 第几周里的那一天：12月9日(周三)、1月6日(周三)" in heard
    assert not await one_cast.rows(select(reminder_settings))
    await one_cast.dialog([("周敏", "2", "主题党日已改为：nth-week:2,Wed")])


async def test_times_hours_and_the_budget_are_set_in_words(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("周敏", "/remind set 党日通知 -2d 10:00、-3h", "党日通知已改为"),
            ("周敏", "/remind set 党日时间 16:00", "已改为"),
            ("周敏", "/remind set 遇节假日 往前", "已改为"),
            ("周敏", "/remind set 每天条数 2", "已改为"),
            ("周敏", "/remind set 党费提醒 无", "已改为"),
            ("周敏", "/提醒 设置 安静时间 20:00-08:00", "已改为"),
            ("周敏", "/remind", "12月2日(周三)10:00 主题党日 12月4日(周五)16:00"),
        ]
    )
    assert "党费" not in await one_cast.says("周敏", "/remind")
    await live(one_cast, "2026-12-04 13:00")
    assert len(one_cast.pushed()) == 2


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("/remind set 天气 晴", "没有“天气”这一项"),
        ("/remind set 主题党日", "请写主题党日改成什么"),
        ("/remind set 主题党日 月底吧", "没看懂“月底吧”"),
        ("/remind set 主题党日 2026-11-01", "已经过去了，这样永远不会提醒"),
        ("/remind set 党日通知 -0d 16:00", "通知要在开会之前，不然永远不会发"),
        ("/remind set 安静时间 08:00-08:00", "几乎全天安静"),
        ("/remind set 安静时间 08:00-07:30", "几乎全天安静"),
        ("/remind set 每天条数 -1", "不能用作每天条数"),
        ("/remind set 党费提醒 每月5日", "不能用作党费提醒"),
        ("/remind set 党日时间 25:00", "不能用作党日时间"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused(one_cast: Cast, text: str, hears: str) -> None:
    await refused(one_cast, text, hears)


async def test_what_no_longer_fits_the_configuration_gives_way_to_it(
    sqlite: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await cast.dialog([("周敏", "/remind set 党日通知 -0d 14:00", "已改为")])
    more = '[reminders]\ntheme_day_time = "09:00"\n'
    async with opened_cast(sqlite, tmp_path, more) as cast:
        cast.serial = itertools.count(100)
        assert "12月1日(周二)09:00 主题党日" in await cast.says("周敏", "/remind")
    assert "no longer fits the configuration" in caplog.text


# --- preview ---------------------------------------------------------------------------------------------------------


async def test_a_preview_has_the_words_and_leaves_nothing(cast: Cast) -> None:
    heard = await cast.says("周敏", "/remind preview 主题党日", chat="")
    assert "【12月1日(周二)09:00 群里】\n主题党日 12月4日(周五)15:00\n请回复：参加 / 请假（#1）" in heard
    for table in (activities, outbox, jobs, reminders):
        assert await cast.rows(select(func.count()).select_from(table)) == [(0,)]
    private = await cast.says("周敏", "/remind preview 每季频次", chat="")
    assert "【12月1日(周二)09:00 书记】\n→ 周敏：本季度还没有登记或安排" in private
    assert await cast.says("周敏", "/remind preview 每季频次") == "已私发给您。"
    await cast.dialog([("周敏", "/remind preview 天气", "没有叫“天气”的提醒")], "")


async def test_a_preview_says_where_nobody_would_hear_anything(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/remind preview 逾期事项", "到时候不发")], "")


# --- resend ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", ["failed", "unknown"])
async def test_what_was_not_delivered_is_listed_and_sent_again_once(cast: Cast, ended: str) -> None:
    await cast.until("2026-11-28 17:00")
    at = cast.place.clock().timestamp() * 1_000_000
    await cast.place.database.write(lambda tx: tx.run(END, key="dues_notice:1", ended=ended, at=round(at)))
    [row] = await cast.rows(select(outbox).where(outbox.c.key.startswith("dues_notice:1")))
    before = len(cast.pushed())
    await cast.settle()
    assert len(cast.pushed()) == before, "a reminder is never repeated by itself"
    await cast.dialog([("郑晓燕", f"/remind resend {row.id}", f"本支部没有编号 {row.id} 的提醒")], "g2")
    words = {"failed": "没发出", "unknown": "不确定是否发出"}[ended]
    await cast.dialog(
        [
            (
                "周敏",
                "/remind",
                f"{words}：11月28日(周六)17:00（console：errcode 93000），要再发：/remind resend {row.id}",
            ),
            ("周敏", f"/remind resend {row.id}", "好的，补发 11月28日(周六)17:00 的那一条"),
            ("周敏", f"/提醒 补发 {row.id}", "已经补发过了"),
        ]
    )
    await cast.settle()
    assert len(cast.pushed()) == before + 1
    assert "11月党费" in cast.pushed()[-1].text
    assert "resend" not in await cast.says("周敏", "/remind")


async def test_what_was_sent_or_never_was_is_not_sent_again(one_cast: Cast) -> None:
    await one_cast.until("2026-11-28 17:00")
    [row] = await one_cast.rows(select(outbox).where(outbox.c.key.startswith("dues_notice:1")))
    await refused(one_cast, f"/remind resend {row.id}", "这一条已经发出了")
    await refused(one_cast, "/remind resend 999", "没有编号 999")
    await refused(one_cast, "/remind resend 那条", "请写编号")
    await refused(one_cast, "/remind resend", "请写编号")


# --- 为什么提醒我 ----------------------------------------------------------------------------------------------------


async def test_why_was_i_reminded_names_rule_dates_and_ones_own_row(cast: Cast) -> None:
    await cast.dialog([("张三", "为什么提醒我", "最近没有提醒过您")], "")
    await cast.until("2026-12-01 09:00")
    await cast.dialog([("李四", "参加", "参加 1")])
    await cast.until("2026-12-03 17:00")
    heard = await cast.says("张三", "为什么提醒我？", chat="")
    assert "【主题党日】12月3日(周四)17:00，群里" in heard
    assert "规则：提前1天17:00" in heard
    assert "日期：群里开的 #1" in heard
    assert "依据：#1 主题党日 12月4日(周五)15:00 的应到名单里有您；您现在：还没回复" in heard
    other = await cast.says("李四", "为什么提醒我", chat="")
    assert "12月3日" not in other.split("到12月4日")[0], "he had answered: the second one was not for him"
    assert "规则 theme_day = nth:1,Fri：12月4日(周五)" in other
    assert await cast.says("张三", "为什么提醒我") == "已私发给您。"


async def test_why_tells_of_a_roll_and_of_dues_without_amounts(one_cast: Cast) -> None:
    await live(one_cast, "2027-01-01 09:00")
    heard = await one_cast.says("张三", "为什么叫我", chat="")
    assert "1月1日(周五)是休息日，顺延到1月4日(周一)（next）" in heard
    assert "依据：您12月的党费：未交" in heard.replace("2026年", "")
    assert "42.38" not in heard
    assert whispered(one_cast, "张三")

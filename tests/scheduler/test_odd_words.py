"""/remind with words as people really type them: each kind by its name, years that can't be, days far ahead."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.clock_tables import reminder_pauses, reminder_settings, year_notices
from handlers.reminders.names import NAMES
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live


@pytest.mark.parametrize(
    "until", ["", " 到12月20日", " 至12月20日止", " 到12月20日为止", " 12月20日前", " 12月20日以前"]
)
async def test_every_kind_is_paused_and_resumed_by_its_name(one_cast: Cast, until: str) -> None:
    for name in (*NAMES.values(), "全部"):
        what = "全部提醒" if name == "全部" else f"“{name}”提醒"
        paused = await one_cast.says("周敏", f"/remind pause {name}{until} 原因 检修")
        assert paused.startswith(f"已暂停{what}{'到12月20日' if until else '，直到恢复'}"), paused
        assert await one_cast.says("周敏", f"/remind resume {name} 原因 好了") == f"已恢复{what}。"


async def test_where_all_rests_one_kind_alone_is_not_resumed(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("周敏", "/remind pause 全部 原因 检修", "已暂停全部提醒"),
            ("周敏", "/remind resume 党费 原因 好了", "暂停的是全部提醒，不能只恢复“党费”提醒"),
        ]
    )
    assert [row.ended_at for row in await one_cast.rows(select(reminder_pauses.c.ended_at))] == [0]


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("0000年 元旦：2027年1月1日放假，共1天", "请写明是哪一年"),
        ("9999年 国庆节：12月25日至28日放假", "请写明是哪一年"),
        ("２０２７年 元旦：0001年1月1日放假", "0001-01-01 不在2027年"),
        ("2027年 国庆节：9999年12月25日至28日放假", "9999-12-25 不在2027年"),
        ("2027年 国庆节：2026年10月1日放假", "2026-10-01 不在2027年"),
        ("2027年 国庆节：12月30日至1月2日放假，共4天", "2028-01-02 不在2027年"),
        ("2027年 元旦：13月1日放假", "没有 13月1日 这一天"),
    ],
)
async def test_a_notice_of_days_that_are_not_its_own_is_refused(one_cast: Cast, text: str, hears: str) -> None:
    await one_cast.dialog([("周敏", f"/remind holidays {text}", hears)])
    assert await one_cast.rows(select(year_notices.c.id)) == []


async def test_a_new_year_that_begins_in_december_is_taken(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/remind holidays 2028年 元旦：12月31日至1月2日放假，共3天", "12月31日、1月1日")])


async def test_a_day_too_far_ahead_is_no_theme_day(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/remind set 主题党日 9999-12-31", "太远了，请核对年份")])
    assert await one_cast.rows(select(reminder_settings.c.id)) == []


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("会前提醒 -0h", "通知要在开会之前，不然永远不会发"),
        ("开始签到 -15m、-0m", "通知要在开会之前，不然永远不会发"),
        ("记录提醒 +30d 09:00", "会后最多 29 天"),
    ],
)
async def test_a_time_at_which_nothing_is_ever_said_is_refused(one_cast: Cast, text: str, hears: str) -> None:
    await one_cast.dialog([("周敏", f"/remind set {text}", hears)])
    assert await one_cast.rows(select(reminder_settings.c.id)) == []


async def test_what_was_set_is_shown_as_people_say_it(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("周敏", "/remind set 主题党日 第一个周五", "主题党日已改为"),
            ("周敏", "/remind set 遇节假日 顺延", "遇节假日已改为：顺延"),
            ("周敏", "/remind set 党日地点 提前", "党日地点已改为：提前"),
            ("周敏", "/remind set", "主题党日：每月第1个周五（"),
            ("周敏", "/remind set", "遇节假日：往后（"),
            ("周敏", "/remind set", "党日地点：提前（"),
            ("周敏", "/remind set 主题党日 2026-12-09", "主题党日已改为：2026-12-09"),
            ("周敏", "/remind set", "主题党日：2026-12-09（"),
        ]
    )


HOUSE = '[reminders]\ntheme_day_notice = ["-0d 10:00"]\n'


async def test_what_is_set_must_fit_the_house_s_own_rules(sqlite: str, tmp_path: Path) -> None:
    """Not the built-in ones: what did not fit would be said to hold, and be left out with all else that was set."""
    async with opened_cast(sqlite, tmp_path, HOUSE) as cast:
        await cast.dialog(
            [
                ("周敏", "/remind set 党日时间 9:00", "不能用作党日时间，没有改"),
                ("周敏", "/remind set 党日时间 16:00", "党日时间已改为：16:00"),
            ]
        )
        await live(cast, "2026-12-04 10:01")
        assert "主题党日 12月4日(周五)16:00" in cast.pushed()[-1].text


async def test_what_fits_the_house_s_rules_is_not_refused_for_the_built_in_ones(sqlite: str, tmp_path: Path) -> None:
    house = '[reminders]\ntheme_day_time = "18:00"\n'
    async with opened_cast(sqlite, tmp_path, house) as cast:
        await cast.dialog([("周敏", "/remind set 党日通知 -0d 16:00", "党日通知已改为：-0d 16:00")])
        await live(cast, "2026-12-04 16:01")
        assert "主题党日 12月4日(周五)18:00" in cast.pushed()[-1].text


async def test_a_group_that_went_to_another_branch_does_not_hear_the_first_one_s_reminders(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/remind once 12月3日9:00 请带党费证", "在 1 个群里提醒"),
            ("admin", "/branch bind 第二党支部", "原来的绑定已替换"),
        ]
    )
    told = await cast.says("周敏", "/remind", "")
    assert "群改绑了别的支部" in told
    number = told.partition("/remind resend ")[2].split("\n")[0]
    assert "已经不是本支部的群" in await cast.says("周敏", f"/remind resend {number}", "")
    await cast.until("2026-12-03 09:01")
    assert not [one for one in cast.pushed() if "党费证" in one.text]


async def test_a_group_bound_to_its_branch_again_still_hears_it(one_cast: Cast) -> None:
    await one_cast.dialog(
        [("周敏", "/remind once 12月3日9:00 请带党费证", "好的"), ("admin", "/branch bind 第一党支部", "本群已绑定")]
    )
    await one_cast.until("2026-12-03 09:01")
    assert len([one for one in one_cast.pushed() if "党费证" in one.text]) == 1

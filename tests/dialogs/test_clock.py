"""What the calendar says by itself: once, to those concerned, never for the time before, late ones marked."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from bot.platforms.console import Bubble
from bot.tables import jobs
from tests.cast import opened_cast
from tests.dialogs.conftest import Stage

NAMES = (
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
    "孙桂兰",
    "吴大勇",
)
PAYERS = [name for name in NAMES if name != "吴大勇"]


def theme(pushes: list[Bubble]) -> list[Bubble]:
    return [bubble for bubble in pushes if "主题党日" in bubble.text]


def dues(pushes: list[Bubble]) -> list[str]:
    return [bubble.text for bubble in pushes if "党费" in bubble.text]


async def test_the_first_notice_opens_the_theme_day_and_answers_to_it_count(cast: Stage) -> None:
    await cast.until("2026-12-01 08:59")
    assert not theme(cast.pushed())
    await cast.until("2026-12-01 09:00")
    [first] = theme(cast.pushed())
    assert first.text == ("主题党日 12月4日(周五)15:00\n请回复：参加 / 请假（#1）\n应到 14 · 参加 0 · 请假 0 · 未回 14")
    assert "已记：参加" in (await cast.taps("张三", first.card, "参加")).text
    await cast.dialog([("李四", "请假 值班", "应到 14 · 参加 1 · 请假 1 · 未回 12")])
    await cast.until("2026-12-03 17:00")
    second = theme(cast.pushed())[-1]
    assert second.text.startswith("还没回复的同志请回复\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 1")
    assert not {"zhangsan", "lisi"} & set(second.mention)
    assert len(second.mention) == 12
    assert "王芳" not in second.text
    for name in NAMES:
        await cast.says(name, "参加")
    await cast.until("2026-12-04 15:00")
    assert len(theme(cast.pushed())) == 2


async def test_a_later_open_takes_the_clocks_activity_over_with_its_answers(cast: Stage) -> None:
    await cast.until("2026-12-01 09:00")
    await cast.dialog(
        [
            ("张三", "参加", "#1"),
            ("周敏", "/attendance open 主题党日 12月11日15:00 五楼", "已接续 #1 主题党日 12月11日(周五)15:00\n五楼"),
            ("周敏", "/attendance", "应到 14 · 参加 1"),
            ("周敏", "/attendance open 主题党日 12月18日15:00", "已开 #2"),
        ]
    )
    await cast.until("2026-12-10 17:00")
    assert theme(cast.pushed())[-1].text.startswith("还没回复的同志请回复\n#1 主题党日 12月11日(周五)15:00")


async def test_a_theme_day_that_is_over_is_not_taken_over(cast: Stage) -> None:
    await cast.until("2026-12-01 09:00")
    await cast.dialog([("张三", "参加", "#1")])
    await cast.until("2026-12-05 10:00")
    await cast.dialog([("周敏", "/attendance open 主题党日 12月18日15:00", "已开 #2"), ("张三", "参加 #2", "参加 1")])


async def test_what_was_opened_in_chat_is_reminded_of_and_what_was_called_off_is_not(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 主题党日 12月9日15:00 三楼", "#1")])
    await cast.until("2026-12-04 18:00")
    assert not theme(cast.pushed())
    await cast.until("2026-12-06 09:00")
    assert "还没回复" in theme(cast.pushed())[-1].text
    await cast.dialog([("周敏", "/attendance cancel", "已取消")])
    await cast.until("2026-12-31 12:00")
    assert len(theme(cast.pushed())) == 1


async def test_dues_are_asked_for_only_while_somebody_owes(cast: Stage) -> None:
    await cast.until("2026-11-28 17:00")
    [text] = dues(cast.pushed())
    assert text.endswith("应交 13 人 · 已交 0 人 · 未交 13 人 · 未核定 1 人")
    assert not cast.pushed()[-1].mention
    for name in PAYERS:
        await cast.says(name, "党费已交")
    await cast.until("2026-11-28 18:00")
    numbers = " ".join(str(number) for number in range(1, 14))
    await cast.dialog([("李红", f"/dues confirm {numbers}", "已交 13 人 · 未交 0 人")])
    for name in PAYERS:
        await cast.says(name, "12月党费已交")
    await cast.until("2026-12-01 08:00")
    await cast.dialog([("李红", f"/dues confirm {' '.join(str(number) for number in range(14, 27))}", "未交 0 人")])
    await cast.until("2026-12-31 12:00")
    assert len(dues(cast.pushed())) == 1


async def test_after_downtime_it_is_said_once_and_marked_late_or_skipped(cast: Stage) -> None:
    await cast.until("2026-12-06 10:00")
    late = [bubble.text for bubble in cast.pushed()]
    assert late == [text for text in late if text.startswith("（补发）12月党费")]
    assert len(late) == 1
    await cast.settle()
    assert len(cast.pushed()) == 1
    outcomes = {(row.job, row.period): row.outcome for row in await cast.rows(select(jobs)) if row.period[:2] == "1:"}
    assert outcomes[("theme_day_notice", "1:2026-12:-2h")] == "too late"
    assert outcomes[("dues_notice", "1:2026-11:last-2d 17:00")] == "too late"
    assert outcomes[("dues_notice", "1:2026-12:day:5 09:00")] == "done"


async def test_of_several_missed_notices_only_the_last_is_said(cast: Stage) -> None:
    await cast.until("2026-12-04 10:00")
    [said] = theme(cast.pushed())
    assert said.text.startswith("（补发）主题党日 12月4日(周五)15:00\n请回复：参加 / 请假（#1）")
    await cast.until("2026-12-04 13:00")
    assert theme(cast.pushed())[-1].text.startswith("还没回复的同志请回复\n#1")
    await cast.until("2026-12-21 08:00")
    assert [text[:4] for text in dues(cast.pushed())] == ["（补发）"]


async def test_nothing_is_owed_for_the_time_before_the_group_was_bound(cast: Stage) -> None:
    await cast.settle()
    assert not cast.pushed()
    assert not await cast.rows(select(jobs))
    await cast.dialog([("张三", "我的", "未交：11月，共")], chat="")


async def test_nothing_is_pushed_in_quiet_hours(sqlite: str, tmp_path: Path) -> None:
    more = '[reminders]\ntheme_day_notice = ["-1d 22:00"]\ndues_notice = ["day:5 06:00"]\n'
    async with opened_cast(sqlite, tmp_path, more) as cast:
        await cast.until("2026-12-03 23:00")
        assert not cast.pushed()
        await cast.until("2026-12-04 07:29")
        assert not cast.pushed()
        await cast.until("2026-12-04 07:30")
        assert len(theme(cast.pushed())) == 1
        await cast.until("2026-12-05 07:30")
        assert len(dues(cast.pushed())) == 1


async def test_remind_shows_what_comes_and_takes_a_reminder_of_ones_own(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/remind", "11月28日(周六)17:00 11月党费"),
            ("周敏", "/remind once 12月2日9:00 请带党费证", "好的，12月2日(周三)09:00 在 1 个群里提醒：请带党费证"),
            (
                "周敏",
                "/提醒",
                "12月1日(周二)09:00 主题党日 12月4日(周五)15:00\n12月2日(周三)09:00 提醒：请带党费证\n12月3日",
            ),
        ]
    )
    await cast.until("2026-12-02 08:59")
    assert cast.pushed()[-1].text != "提醒：请带党费证"
    await cast.until("2026-12-02 09:00")
    assert cast.pushed()[-1].text == "提醒：请带党费证"
    await cast.pass_time(hours=1)
    assert sum("党费证" in bubble.text for bubble in cast.pushed()) == 1
    assert not cast.pushed("g2")[-1].text.startswith("提")

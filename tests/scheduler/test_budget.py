"""A group hears a day's worth: what would be more comes in one message, and nothing is dropped silently."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from bot.tables import outbox
from handlers.clock_tables import reminders
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live, outcomes, whispered

BUSY = """[reminders]
theme_day = ""
quiet_hours = ""
meeting_notice = []
checkin_notice = []
dues_notice = ["day:25 09:00", "day:25 10:00", "day:25 11:00", "day:25 12:00", "day:25 13:00", "day:25 14:00"]
group_budget_per_day = {}
"""
DAY = "2026-11-25"


def at_hours(cast: Cast) -> list[str]:
    return [bubble.text for bubble in cast.pushed()]


async def test_the_last_message_of_the_day_carries_the_rest(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, BUSY.format(3)) as cast:
        await cast.dialog([("周敏", "/volunteer open 义诊 11月26日9:00 门诊楼 5人", "#1")])
        await live(cast, f"{DAY} 10:30")
        assert len(at_hours(cast)) == 2
        await live(cast, f"{DAY} 23:59")
        said = at_hours(cast)
        assert len(said) == 3
        assert said[2].count("党费请按时交纳") == 4, "11:00 to 14:00, in one"
        assert "志愿服务提醒：#1 义诊" in said[2], "the evening's call comes with it"
        assert set((await outcomes(cast, "dues_notice")).values()) == {"done"}
        done = await outcomes(cast, "shift_notice")
        assert done == {("1:shift:1:-1d 18:00", "branch"): "done"}
        rows = await cast.rows(select(reminders).where(reminders.c.branch_id == 1, reminders.c.member_id == 0))
        assert len(rows) == 7
        assert len({row.promise for row in rows}) == 3


async def test_as_many_as_fit_come_alone(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, BUSY.format(6)) as cast:
        await live(cast, f"{DAY} 23:59")
        assert [text.count("党费请按时交纳") for text in at_hours(cast)] == [1] * 6


async def test_no_budget_is_no_limit(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, BUSY.format(0)) as cast:
        await live(cast, f"{DAY} 23:59")
        assert len(at_hours(cast)) == 6


async def test_answers_and_what_people_ask_for_are_not_counted(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, BUSY.format(6)) as cast:
        await cast.dialog([("周敏", "/remind once 11月25日8:00 请带党费证", "好的")])
        await live(cast, f"{DAY} 23:59")
        assert len(at_hours(cast)) == 7


async def test_what_comes_up_on_a_full_day_waits_or_goes_to_the_secretary(sqlite: str, tmp_path: Path) -> None:
    more = BUSY.format(1).replace("meeting_notice = []", 'meeting_notice = ["-2h"]')
    async with opened_cast(sqlite, tmp_path, more) as cast:
        await live(cast, f"{DAY} 09:30")
        assert len(at_hours(cast)) == 1
        await cast.dialog([("周敏", "/attendance open 支委会 11月25日16:00", "#1")])
        await live(cast, f"{DAY} 15:00")
        assert len(at_hours(cast)) == 1
        [spared] = [text for text in whispered(cast, "周敏") if "没有发到群里" in text]
        assert "#1 支委会 11月25日(周三)16:00" in spared
        assert await outcomes(cast, "meeting_notice") == {("1:activity:1:-2h", "branch"): "over budget"}
        assert "群里当天已满，私下告诉了书记：11月25日(周三)14:00 会议" in await cast.says("周敏", "/remind")


async def test_a_reminder_that_can_wait_is_said_the_next_day(sqlite: str, tmp_path: Path) -> None:
    more = BUSY.format(1).replace('"day:25 14:00"]', '"day:25 14:00"]\nshift_notice = ["-2d 16:00"]')
    async with opened_cast(sqlite, tmp_path, more) as cast:
        await live(cast, f"{DAY} 09:30")
        await cast.dialog([("周敏", "/volunteer open 义诊 11月27日15:00 门诊楼 5人", "#1")])
        await live(cast, f"{DAY} 23:59")
        assert len(at_hours(cast)) == 1
        await cast.until("2026-11-26 08:00")
        assert at_hours(cast)[1].startswith("（补发）志愿服务提醒：#1 义诊")


async def test_every_group_of_a_branch_hears_it_once_and_counts_for_itself(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, BUSY.format(2)) as cast:
        await cast.reply("admin", "/branch bind 第一党支部", chat="g9")
        await live(cast, f"{DAY} 23:59")
        for chat in ("g1", "g9"):
            texts = [one.text for one in cast.pushed(chat) if "党费" in one.text]
            assert [text.count("党费请按时交纳") for text in texts] == [1, 5], chat
        keys = [row.key for row in await cast.rows(select(outbox.c.key).where(outbox.c.key.startswith("merged:")))]
        assert len(keys) == len(set(keys))

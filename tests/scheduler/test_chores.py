"""What the clock does beside the calendar: wishes that go back, a book that doesn't agree, meetings that repeat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.sql import sql
from handlers.tables import postings
from scheduler import jobs
from scheduler.runner import heartbeat
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live, outcomes, whispered

PRESENT = "赵丽华 陈建国 何静 吴大勇 孙桂兰 欧阳静 马志远 王芳(检验科) 王芳(护理部) 周敏 李红 刘敏"
SPOIL = sql(update(postings).values(fen=postings.c.fen + 1).where(postings.c.account == "dues"))


@pytest.fixture
async def giving_back(database_url: str, tmp_path: Path) -> AsyncIterator[Cast]:
    async with opened_cast(database_url, tmp_path, "[registers]\nwish_release = true\n") as cast:
        yield cast


async def test_a_wish_whose_window_is_over_goes_back_by_itself_and_the_group_hears_it_once(giving_back: Cast) -> None:
    cast = giving_back
    await cast.dialog(
        [
            ("周敏", "/wish add 一副老花镜", "已登记微心愿 #1"),
            ("张三", "认领 1", "认领"),
        ]
    )
    await cast.until("2026-11-28 12:00")
    assert [one.text for one in cast.pushed() if "微心愿" in one.text] == []
    await cast.until("2026-11-29 03:00")
    assert [one.text for one in cast.pushed() if "微心愿" in one.text] == []  # nobody is woken for it
    for _ in range(3):
        await cast.pass_time(hours=6)
    said = [one.text for one in cast.pushed() if "微心愿" in one.text]
    assert said == ["微心愿可以重新认领了：#1 一副老花镜\n回复：认领 编号"]  # neither for whom nor who had it
    assert "认领" in await cast.says("李四", "认领 1")


async def test_a_book_that_does_not_agree_with_its_slips_is_told_alone_to_its_keepers(cast: Cast) -> None:
    await cast.dialog([("李红", "/dues set 张三 在职 4000 2026-11", "已核定")], chat="")
    await cast.dialog([("张三", "党费已交", "已登记，待确认")])
    await cast.dialog([("李红", "/todo ok 1", "已")], chat="")
    tidy = partial(jobs.tidy, setting=cast.place.setting)
    await cast.place.database.write(tidy)
    await cast.settle()
    assert not any("账" in one for one in whispered(cast, "李红"))
    await cast.place.database.write(lambda tx: tx.run(SPOIL))
    for _ in range(2):
        await cast.place.database.write(tidy)
        await cast.settle()
    assert len([one for one in whispered(cast, "李红") if "账" in one]) == 1
    assert not any("账" in one.text for one in cast.pushed() if not one.private)


async def test_last_months_open_book_is_recalled_to_the_collector_until_two_people_closed_it(cast: Cast) -> None:
    await cast.dialog([("李红", "/dues set 张三 在职 4000 2026-11", "已核定")], chat="")
    await live(cast, "2026-12-31 12:00")
    said = [one for one in whispered(cast, "李红") if "封账" in one]
    assert len(said) == 1
    assert "11月党费台账还没封账：" in said[0]
    assert "核对后封账（要两个人）：/dues close 11月" in said[0]
    assert set((await outcomes(cast, "month_close")).values()) <= {"done", "nothing to do"}


async def test_who_owes_a_makeup_hears_of_it_alone_the_day_before_and_once(cast: Cast) -> None:
    await cast.dialog([("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "#1")])
    await cast.until("2026-12-04 15:00")
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "开始签到"),
            ("周敏", f"/attendance mark {PRESENT} 到", "已登记"),
            ("周敏", "/attendance close", "2 人待补学，7 天内"),
            ("李四", "已补学", "已转给书记确认"),
        ]
    )
    await cast.dialog([("周敏", "/todo ok 1", "已销：补学：李四")], chat="")
    await live(cast, "2026-12-10 23:00")
    for name, said in (("张三", 1), ("李四", 0), ("刘敏", 0)):
        heard = [one for one in whispered(cast, name) if "没有参加，请在" in one]
        assert len(heard) == said, name
    assert "请在 12月11日(周五)前补学。补完请回复：已补学" in "".join(whispered(cast, "张三"))
    await live(cast, "2026-12-25 12:00")
    assert len([one for one in whispered(cast, "张三") if "没有参加，请在" in one]) == 1
    assert not any("补学" in one.text for one in cast.pushed() if not one.private)


async def test_a_repeating_meeting_stands_in_remind_can_be_paused_and_says_why(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 12月2日16:00-17:30 二楼", "已开 #1"),
            ("周敏", "/attendance repeat #1 每月5日", "以后每月5日 16:00 自动开：党课"),
        ]
    )
    assert "党课 12月" not in await cast.says("周敏", "/remind preview 重复会议", "")
    await cast.until("2026-12-10 10:00")
    shown = await cast.says("周敏", "/remind preview 重复会议", "")
    assert "党课 1月5日(周二)16:00" in shown
    assert "已开" not in await cast.says("周敏", "/attendance")
    await cast.dialog([("周敏", "/remind pause 重复会议 原因 培训季", "已暂停“重复会议”提醒")], chat="")
    await cast.until("2027-01-03 10:00")
    assert "党课 1月5日" not in await cast.says("周敏", "/attendance")


async def test_the_chores_are_not_put_off_by_every_start(one_cast: Cast) -> None:
    """Six hours after each start would be never where the machine is switched off at night."""
    database = one_cast.place.database
    scheduler = heartbeat(database, one_cast.place.setting)
    waits = [job.next_run_time - database.now() for job in scheduler.get_jobs()]
    scheduler.shutdown(wait=False)
    assert len(waits) == 3
    assert max(waits) <= timedelta(minutes=10)

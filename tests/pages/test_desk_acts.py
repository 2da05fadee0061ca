"""Every act of the desk over HTTP, on both engines: what the chat would do, with what the chat would refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.db import Tx
from bot.sql import sql
from bot.tables import outbox
from handlers.desk_page import ACTS
from handlers.register import member_named
from tests.pages.conftest import OPEN, Desk
from tests.pages.desk_room import opened_room, settle, sitting
from tests.pages.test_links import heard

FAIL = sql(update(outbox).where(outbox.c.purpose == "once").values(state="failed", settled_at=outbox.c.due_at))
FAILED = sql(select(outbox.c.id).where(outbox.c.state == "failed"))


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_room(database_url, tmp_path) as desk:
        yield desk


async def members(room: Desk, *names: str) -> list[int]:
    """The numbers by which the page picks members."""

    def work(tx: Tx) -> list[int]:
        return [int(member_named(tx, 1, name).id) for name in names]

    return await room.place.database.read(work)


async def test_leave_is_approved_and_refused(room: Desk) -> None:
    for who, text in (("zhoumin", OPEN), ("lisi", "请假 值班"), ("zhangsan", "请假"), ("liumin", "请假 孩子发烧")):
        await room.say(who, text)
    async with sitting(room) as own:
        text = await own.text()
        assert "请假：李四 #1 主题党日 12月2日(周三)15:00" in text
        assert "值班" not in text.partition("登记为")[0]
        assert await own.does("ok", number=1) == "已批：请假：李四 #1 主题党日 12月2日(周三)15:00"
        assert await own.does("no", number=2, why="党日要到") == "未批：请假：张三 #1 主题党日 12月2日(周三)15:00"
        assert await own.does("ok", number=[3, 1]) == (
            "没有办成：待办 1 已由周敏处理（同意）。\n其余的也还没有处理，请去掉 1 再发。"
        )
        assert "等您确认 1" in await own.text()
        assert "选" in await own.does("ok")
    assert await told(room, "zhangsan", "您的请假没有批（党日要到）")


async def told(room: Desk, who: str, words: str) -> bool:
    await settle(room)
    return any(words in one["text"] for one in await room.bubbles(who, private=True))


async def test_two_secretaries_decide_at_once_and_the_second_hears_who_was_first(room: Desk) -> None:
    await room.say("zhoumin", OPEN)
    await room.say("lisi", "请假")
    async with sitting(room) as one, sitting(room, "lihong") as two:
        await two.text()
        await one.does("ok", number=1)
        assert await two.does("no", number=1) == "没有办成：待办 1 已由周敏处理（同意）。"
    assert "请假（已批）" in await heard(room, "lisi", "我的")


async def test_who_collects_sees_and_confirms_a_claim_and_who_does_not_sees_no_sum(room: Desk) -> None:
    await heard(room, "lisi", "已交 109.82")
    async with sitting(room) as secretary, sitting(room, "lihong") as collector:
        assert "李四" not in await secretary.text()
        text = await secretary.text("/dues")
        assert "李四 已报，待确认" in text
        assert "报了的由收党费的同志确认" in text
        assert "109.82" not in text
        assert await secretary.does("ok", number=1) == "没有办成：这一项不归您处理。"
        assert "党费：李四 12月" in (text := await collector.text())
        assert "报 109.82 元" in text
        assert await collector.does("ok", number=1) == "已确认：李四 12月党费"
        assert "应交 13 人 · 已交 1 人 · 未交 12 人" in await collector.text()
    assert await told(room, "lisi", "您的12月党费已确认 109.82 元")


async def test_the_silent_are_entered_and_reminded_of_once_a_day(room: Desk) -> None:
    await room.say("zhoumin", OPEN)
    picked = await members(room, "李四", "刘敏", "张三")
    async with sitting(room) as own:
        assert "未回 14" in await own.text("/silent/1")
        line = await own.does("mark", activity=1, member=picked[:2], state="值班", back="silent/1", page="1")
        assert line == "已登记 2 人：值班\n应到 14 · 参加 0 · 请假 2 · 未回 12"
        assert await own.does("mark", activity=1, member=picked[2], state="到会") == (
            "已登记 1 人：到会\n应到 14 · 参加 0 · 请假 2 · 未回 12 · 实到 1"
        )
        assert "没有登记" in await own.does("mark", activity=1, member=picked, state="飞了")
        assert "刷新" in await own.does("mark", activity="x", member=picked, state="参加")
        assert "应到名单里没有这位同志" in await own.does("mark", activity=1, member=9999, state="参加")
        assert "提醒 1 个群" in await own.does("nudge", activity=1)
        assert await own.does("nudge", activity=1) == "没有办成：今天已经提醒过一次，明天再提醒。"


async def test_a_record_is_completed_and_the_meeting_ended(room: Desk) -> None:
    await room.say("zhoumin", "/attendance open 党课 今天11:00 三楼会议室")
    room.place.clock.ahead += timedelta(hours=2)
    async with sitting(room) as own:
        assert "还缺：主持人、记录人、议题、主讲人、实到、结束登记" in await own.text("/records")
        assert "什么都没写" in await own.does("record", activity=1)
        assert "最多" in await own.does("record", activity=1, host="周" * 61)
        line = await own.does("record", activity=1, host="周敏", recorder="李红", agenda="学习", lecturer="何静")
        assert line.endswith("已记 4 项")
        assert "没有「钱七」" in await own.does("present", activity=1, people="李四 钱七")
        assert "已登记 2 人到会" in await own.does("present", activity=1, people="李四 刘敏")
        assert await own.does("close", activity=1) == ("已结束 #1 党课 12月1日(周二)11:00，12 人待补学")
        assert "会议记录都齐全" in await own.text("/records")
        assert "#1 党课" in await own.text("/due")


async def test_a_closed_meeting_without_anybody_is_corrected(room: Desk) -> None:
    await room.say("zhoumin", "/attendance open 支部党员大会 今天11:00 三楼会议室")
    room.place.clock.ahead += timedelta(hours=2)
    await room.say("zhoumin", "/attendance close #1")
    async with sitting(room) as own:
        assert "漏记的一位到会" in await own.text("/records")
        assert "原因" in await own.does("correct", activity=1, people="李四")
        assert await own.does("correct", activity=1, people="李四", why="漏签") == "已更正：李四 到会"


async def test_what_the_month_lacks_is_opened(room: Desk) -> None:
    async with sitting(room) as own:
        assert "支委会还没有安排" in await own.text("/due")
        line = await own.does("open", kind="支委会", when="2026-12-08T16:00", place="小会议室")
        assert line.startswith("已开 #1 支委会 12月8日(周二)16:00")
        assert "支委会还没有安排" not in await own.text("/due")
        assert "时间没看懂" in await own.does("open", kind="党课", when="明天")
        assert "没有办成" in await own.does("open", kind="党课", when="2020-01-01T10:00")
    await settle(room)
    assert "回复：参加" in (await room.bubbles())[-1]["text"]


async def test_entries_wishes_steps_and_makeups_with_a_day_are_done_here(room: Desk) -> None:
    for text in (
        "/project add 社区义诊点 负责人 张三 期限 12月20日",
        "/plan add 年度培训 期限 12月10日",
        "/wish add 一副老花镜",
        "/wish add 一台收音机",
    ):
        await room.say("zhoumin", text)
    for line in ("/develop add 孙悦", "/develop step 孙悦 1 2026-11-10"):
        await heard(room, "zhoumin", line)
    numbers = [line for line in (await heard(room, "zhoumin", "/wish list")).splitlines() if "#" in line]
    glasses, radio = (line.partition("#")[2].partition(" ")[0] for line in numbers)
    for number in (glasses, radio):
        await room.say("lisi", f"认领 #{number}")
    async with sitting(room) as own:
        text = await own.text("/due")
        for words in ("实事 #1", "计划 #1", f"微心愿 #{glasses}", "发展党员 孙悦：第2步"):
            assert words in text
        assert await own.does("done", book="project", number=1, on="2026-12-01") == "已办结 实事 #1"
        assert "还没到" in await own.does("done", book="plan", number=1, on="2026-12-09", evidence="#1")
        assert "依据" in await own.does("done", book="plan", number=1, on="2026-12-01")
        assert await own.does("done", book="plan", number=1, on="2026-12-01", evidence="#1 记录") == "已完成 计划 #1"
        assert "刷新" in await own.does("done", book="members", number=1, on="2026-12-01")
        assert await own.does("fulfilled", number=glasses) == f"已确认兑现：微心愿 #{glasses}"
        assert (await own.does("release", number=radio)).startswith(f"已收回：微心愿 #{radio}")
        assert "没有办成" in await own.does("release", number=radio)
        assert "第2步" in await own.does("step", name="孙悦", step=2, on="2026-11-20")
        assert "没有办成" in await own.does("step", name="孙悦", step=77, on="2026-11-20")
        assert "日期没看懂" in await own.does("step", name="孙悦", step=3, on="昨天")


async def test_makeups_are_ended(room: Desk) -> None:
    for text in ("/attendance open 主题党日 今天11:00 三楼会议室", "/attendance mark 李四 到", "/attendance close #1"):
        await room.say("zhoumin", text)
    (absent,) = await members(room, "刘敏")
    async with sitting(room) as own:
        assert "补学 刘敏：#1 主题党日" in await own.text("/due")
        assert await own.does("makeup", activity=1, member=absent) == "已销补学：刘敏 #1"
        assert "之前已经销了" in await own.does("makeup", activity=1, member=absent)


async def test_reminders_rest_go_on_and_are_added(room: Desk) -> None:
    async with sitting(room) as own:
        assert "接下来的提醒" in await own.text("/reminders")
        assert "请写明原因" in await own.does("pause", job="dues_notice")
        assert await own.does("pause", job="dues_notice", why="检修") == (
            "已暂停“党费”提醒，直到恢复。期间到点的不再补发。"
        )
        assert "已经暂停" in await own.does("pause", job="dues_notice", why="检修")
        assert "已暂停：“党费”提醒 直到恢复 · 检修 · 周敏" in await own.text("/reminders")
        assert await own.does("resume", job="dues_notice", why="好了") == "已恢复“党费”提醒。"
        words = {"when": "2026-12-01T12:00", "words": "请带党费证"}
        for _ in range(2):
            assert await own.does("once", **words) == "好的，12月1日(周二)12:00 在 1 个群里提醒：请带党费证"
        assert (await own.text("/reminders")).count("提醒：请带党费证") == 1
        assert "已经过去了" in await own.does("once", when="2026-11-01T12:00", words="请带党费证")


async def test_what_was_not_delivered_is_said_again_once(room: Desk) -> None:
    async with sitting(room) as own:
        await own.does("once", when="2026-12-01T10:30", words="请带党费证")
        room.place.clock.ahead += timedelta(minutes=40)
        await room.place.database.write(lambda tx: tx.run(FAIL))
        (lost,) = await room.place.database.read(lambda tx: tx.all(FAILED))
        assert "没发出" in await own.text("/reminders")
        assert "补发" in await own.does("resend", promise=lost.id)
        assert "补发过" in await own.does("resend", promise=lost.id)
        assert "没有编号" in await own.does("resend", promise=99999)
    await settle(room)
    assert [one["text"] for one in await room.bubbles() if "党费证" in one["text"]] == ["提醒：请带党费证"]


def test_every_act_of_the_desk_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in ACTS if f'does("{name}"' not in text] == []

"""Service in the chat: coming and going, hours that count after the secretary's yes, 双报到, the year and its sheet."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.tables import trail
from handlers.shifts import clock, hours, marks
from handlers.shifts_tables import service_hours, service_marks
from tests.cast import Cast, opened_cast

OPEN = "/volunteer open 义诊 12月6日9:00-11:00 人民广场 3人"
PRIVATE = ""


@pytest.fixture
async def served(cast: Cast) -> Cast:
    """#1 义诊 with 张三 and 李四, at the morning of the day."""
    await cast.dialog([("周敏", OPEN, "#1"), ("张三", "报名", "已报名"), ("李四", "报名", "已报名")])
    await cast.until("2026-12-06 08:30")
    return cast


async def minutes(cast: Cast) -> list[tuple[str, int, str]]:
    """(day, minutes, state) of every row of hours."""
    rows = await cast.rows(select(service_hours.c.on_date, service_hours.c.minutes, service_hours.c.state))
    return [tuple(row) for row in rows]


async def test_hours_count_once_the_secretary_says_so(served: Cast) -> None:
    await served.dialog(
        [
            ("张三", "签到", "已签到：#1 义诊 12月6日(周日)09:00-11:00\n结束时请发：签退"),
            ("张三", "签到", "之前已签到"),
            ("刘敏", "签到 #1", "名单里没有您"),
        ]
    )
    await served.until("2026-12-06 11:20")
    await served.dialog(
        [
            ("张三", "签退", "已签退：#1 义诊 12月6日(周日)09:00-11:00\n时长 2 小时，等书记确认。"),
            ("张三", "签退", "已经签退过了"),
            ("李四", "签退", "没有您的签到。请写起止时间，如：签退 #1 9:00-11:00"),
            ("李四", "9:00-11:00 签退", "时长 2 小时，等书记确认"),
            ("李四", "服务2小时", "时长已报过（2 小时，等书记确认）"),
            ("刘敏", "签退", "没有您这两天的志愿服务"),
        ]
    )
    todo = await served.says("周敏", "/todo", "")
    assert "1 志愿时长：张三 2 小时（#1 义诊，计划 2 小时）" in todo
    assert "今年志愿时长：0 小时，另有 2 小时 等书记确认" in await served.says("张三", "我的", "")
    await served.dialog(
        [("周敏", "/todo ok 1", "已确认：张三 2 小时（义诊）"), ("周敏", "/todo no 2 没来", "已退回：李四 2 小时")], ""
    )
    assert "今年志愿时长：2 小时\n" in await served.says("张三", "我的", "") + "\n"
    assert "志愿时长" not in await served.says("李四", "我的", "")
    assert await served.says("周敏", "/volunteer hours") == "已私发给您。"
    assert await served.says("周敏", "/volunteer hours", "") == (
        "2026年志愿时长（小时，按名册顺序）：\n张三 2\n登记：/volunteer hours 3 张三 2.5小时"
    )
    assert await minutes(served) == [
        *[("2026-12-06", 120, "asked")] * 2,
        *(("2026-12-06", 120, "ok"), ("2026-12-06", 120, "no")),
    ]


async def test_early_and_late_and_elsewhere(one_cast: Cast) -> None:
    cast = one_cast
    await cast.dialog([("周敏", OPEN, "#1"), ("张三", "报名", "已报名")])
    await cast.until("2026-12-06 07:59")
    await cast.dialog([("张三", "签到 #1", "开始前 1 小时内可以签到"), ("张三", "签到", "现在没有在签到的活动")])
    await cast.until("2026-12-06 09:10")
    await cast.dialog([("张三", "签到 #1", "已签到")])
    await cast.until("2026-12-06 09:30")
    await cast.dialog(
        [("张三", "签退 9:40", "结束时间要在签到以后、现在以前"), ("张三", "签退", "不满半小时，不计时长")]
    )
    await cast.until("2026-12-06 11:00")
    await cast.dialog(
        [("周敏", "/volunteer cancel 1", "已经结束"), ("李四", "签到 #1", "已经结束，时长请告诉书记登记")]
    )


async def test_a_forgotten_check_out_is_asked_once_and_not_guessed(served: Cast) -> None:
    await served.says("张三", "签到")
    await served.says("李四", "签到")
    await served.until("2026-12-06 11:30")

    await served.settle()
    assert not _asked(served)
    await served.until("2026-12-06 21:00")
    assert not _asked(served)
    await served.until("2026-12-07 09:00")
    await served.settle()
    await served.pass_time(hours=2)
    assert _asked(served) == [
        "#1 义诊 12月6日(周日)09:00-11:00：您签到了，还没有签退。实际几点结束？请发：签退 #1 11:00"
    ]
    assert all("签退" not in bubble.text for bubble in served.pushed())
    assert await minutes(served) == []
    await served.dialog(
        [
            ("张三", "签退", "早已结束，不能按现在算。实际几点结束？请发：签退 #1 11:00"),
            ("张三", "签退 #1 11:00", "时长 2 小时，等书记确认"),
            ("李四", "签退 #1 10点半", "时长 1.5 小时"),
        ]
    )
    assert "没有签退" not in await served.says("周敏", "/volunteer hours", "")


def _asked(cast: Cast) -> list[str]:
    return [bubble.text for bubble in cast.pushed("zhangsan") if "没有签退" in bubble.text]


async def test_the_secretary_sees_open_ends_and_enters_hours(served: Cast) -> None:
    await served.says("张三", "签到")
    await served.until("2026-12-07 09:00")
    assert "签到了没有签退、还没报时长：张三（#1）" in await served.says("周敏", "/volunteer hours", "")
    await served.dialog(
        [
            ("周敏", "/volunteer hours 1 张三 2.5小时 李四、刘敏 1小时", "张三 2.5 小时\n李四 1 小时\n刘敏 1 小时"),
            ("周敏", "/volunteer hours 1 张三 2.5小时", "没有变化"),
            ("周敏", "/volunteer hours 1 张三 2 原因 提前走", "张三 2 小时"),
            ("周敏", "/volunteer hours 1 李四 0 原因 没有去", "李四 0 小时"),
            ("周敏", "/volunteer hours 1 张三 13小时", "时长要在 0.5 到 12 小时之间"),
            ("周敏", "/volunteer hours 1 张三 1.2小时", "按半小时记"),
            ("周敏", "/volunteer hours 1 2小时", "小时前面要有姓名"),
            ("周敏", "/volunteer hours 1", "请写姓名和小时"),
            ("周敏", "/volunteer hours 1 张三 李四", "请写姓名和小时"),
            ("周敏", "/volunteer hours 1 刘敏 2小时 路人 1小时 原因 记错", "没有「路人」"),
            ("周敏", "/volunteer hours 9 张三 2小时", "没有 #9"),
            ("周敏", "/volunteer hours 张三 12月1日 3小时 阳光社区清雪", "张三 2026-12-01 阳光社区清雪 3 小时"),
            ("周敏", "/volunteer hours 张三 12月1日 3小时 阳光社区清雪", "已经记过了"),
            ("周敏", "/volunteer hours 张三 3小时 清雪", "请写姓名、日期、小时和内容"),
            ("周敏", "/volunteer hours 张三 12月1日 3小时", "请写做了什么"),
            ("张三", "/volunteer hours 1 张三 9小时", "由书记或组织委员使用"),
        ]
    )
    assert (await served.says("周敏", "/volunteer hours", "")).split("\n")[1:-1] == ["张三 5", "刘敏 1"]
    proof = await served.says("张三", "/volunteer proof", "")
    assert proof.startswith("志愿服务证明由登记的志愿服务组织出具")
    assert proof.endswith("2026-12-01 阳光社区清雪 3 小时\n2026-12-06 义诊 2 小时\n2026年合计 5 小时")


async def test_confirmed_hours_change_only_with_a_reason_and_he_hears_of_it(served: Cast) -> None:
    await served.until("2026-12-06 12:00")
    await served.says("张三", "9:00-11:00 签退")
    await served.dialog(
        [
            ("周敏", "/todo ok 1", "已确认：张三 2 小时"),
            (
                "周敏",
                "/volunteer hours 1 张三 1.5小时",
                "已确认过（2 小时），要改请写原因：/volunteer hours 1 张三 1.5小时 原因",
            ),
            ("周敏", "/volunteer hours 1 李四 1小时 张三 1.5小时", "要改请写原因"),
        ],
        PRIVATE,
    )
    assert [row[1:] for row in await minutes(served)] == [(120, "asked"), (120, "ok")]
    await served.dialog(
        [
            ("周敏", "/volunteer hours 1 张三 1.5小时 原因 提前走", "张三 1.5 小时"),
            ("周敏", "/volunteer hours 1 李四 1", "李四 1 小时"),
        ]
    )
    await served.settle()
    told = [bubble.text for bubble in served.pushed("zhangsan") if "更正" in bubble.text]
    assert told == ["您的志愿时长已更正：2 小时 改为 1.5 小时（义诊），原因：提前走。登记人 周敏，有疑问请告诉书记。"]
    assert not [bubble for chat in ("g1", "lisi") for bubble in served.pushed(chat) if "更正" in bubble.text]
    assert (await served.says("周敏", "/volunteer hours 1 张三", PRIVATE)).split("\n")[1:-1] == [
        "12月6日(周日)12:00 张三 申报 2 小时",
        "12月6日(周日)12:00 周敏 记 2 小时",
        "12月6日(周日)12:00 周敏 记 1.5 小时（提前走）",
    ]
    assert await served.says("周敏", "/volunteer hours 1 张三") == "已私发给您。"
    assert "志愿时长\n1.5 小时（原来 2 小时）\n登记人：周敏" in await served.says("张三", "为什么", PRIVATE)
    trailed = [row.detail for row in await served.rows(select(trail.c.detail).where(trail.c.action == "hours_ok"))]
    assert [json.loads(one).get("was") for one in trailed] == [None, 120, None]


async def test_taken_back(served: Cast) -> None:
    await served.dialog(
        [("张三", "签到", "已签到"), ("张三", "撤销", "已撤销签到\n#1 义诊"), ("张三", "签到", "已签到")]
    )
    await served.until("2026-12-06 11:00")
    await served.dialog(
        [
            ("张三", "签退", "时长 2 小时"),
            ("张三", "为什么", "已私发给您。"),
            ("张三", "撤销", "已撤销签退和时长：#1 义诊"),
            ("张三", "签退 10:30", "时长 1.5 小时"),
        ]
    )
    await served.dialog(
        [("周敏", "/todo ok 1", "待办 1 已由本人撤回"), ("周敏", "/todo ok 2", "已确认：张三 1.5 小时")], ""
    )
    await served.dialog([("张三", "撤销", "已经处理过了")])
    assert "志愿时长（待确认）" not in await served.says("张三", "为什么", "")


async def test_hours_stay_when_a_shift_is_cancelled(served: Cast) -> None:
    await served.says("张三", "签到")
    await served.until("2026-12-06 10:00")
    await served.dialog(
        [
            ("周敏", "/volunteer cancel 1", "已在群里通知报名的 2 人"),
            ("李四", "签到 #1", "已取消"),
            ("张三", "签退", "时长 1 小时，等书记确认"),
        ]
    )
    await served.dialog([("周敏", "/todo ok 1", "已确认：张三 1 小时")], "")
    assert "张三 1\n" in await served.says("周敏", "/volunteer hours", "")


async def test_a_meeting_and_a_shift_at_the_same_time(served: Cast) -> None:
    await served.dialog(
        [("周敏", "/attendance open 党课 12月6日9:30", "#2"), ("周敏", "/attendance checkin on", "开始")]
    )
    await served.dialog([("张三", "签到", "已签到：到会"), ("张三", "签到 #1", "已签到：#1 义诊")])


async def test_two_shifts_are_asked_about_with_what_was_said(served: Cast) -> None:
    await served.dialog(
        [
            ("周敏", "/volunteer open 清雪 12月6日9:00-11:00 广场 5人", "#2"),
            ("张三", "报名 #2", "提醒：同一时间还有 #1 义诊"),
        ]
    )
    await served.dialog([("张三", "签到 #1", "已签到"), ("张三", "签到 #2", "已签到")])
    await served.until("2026-12-06 10:40")
    await served.dialog(
        [("张三", "签退 10:30", "签退哪一个？"), ("张三", "2", "已签退：#2 清雪"), ("张三", "签退", "已签退：#1 义诊")]
    )


async def test_over_midnight_and_the_29th_of_february(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path) as cast:
        await cast.until("2028-02-28 10:00")
        await cast.dialog(
            [("周敏", "/volunteer open 值守 2月29日22:00-2:00 卡口 2人", "2月29日(周二)22:00-3月1日(周三)02:00")]
        )
        await cast.says("张三", "报名")
        await cast.until("2028-02-29 21:30")
        await cast.says("张三", "签到")
        await cast.until("2028-03-01 02:10")
        await cast.dialog([("张三", "签退", "时长 4 小时")])
        await cast.dialog([("周敏", "/todo ok 1", "已确认")], "")
        found = await cast.place.database.read(lambda tx: hours.served(tx, 1, date(2028, 2, 29), date(2028, 2, 29)))
        assert [(one.on, one.minutes) for one in found] == [("2028-02-29", 240)]
        await cast.dialog([("张三", "/volunteer report 阳光社区 2028-02-29", "阳光社区，2028-02-29")], "")


async def test_reported_in_the_community(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("张三", "/volunteer report", "还没有您的双报到记录"),
            ("张三", "/志愿 双报到 阳光社区 3月5日", "已记双报到：张三 阳光社区，2026-03-05"),
            ("张三", "/volunteer report 阳光社区 3月5日", "已经记过"),
            ("张三", "/volunteer report", "双报到：阳光社区，2026-03-05"),
            ("张三", "/volunteer report 李四 阳光社区", "别人的由本人说"),
            ("周敏", "/volunteer report 李四 东湖社区 3月6日", "李四 东湖社区，2026-03-06"),
            ("周敏", "/volunteer report 李四", "请写社区名称"),
            ("张三", "/volunteer report 阳光社区 2027-03-05", "还没到"),
        ],
        chat="",
    )
    assert await one_cast.says("张三", "/volunteer report 西湖社区") == "已私发给您。"


async def test_the_sheet_goes_to_the_secretary_alone(served: Cast) -> None:
    await served.until("2026-12-06 12:00")
    await served.dialog(
        [("周敏", "/volunteer hours 1 张三 2.5小时", "已记"), ("张三", "/volunteer report =1+1社区", "已私发")]
    )
    await served.dialog(
        [("张三", "/volunteer export", "由书记或组织委员使用"), ("周敏", "/volunteer export", "已私发给您。")]
    )
    await served.settle()
    sheets = _files(served)
    assert len(sheets) == 1
    book = load_workbook(io.BytesIO(sheets[0]))
    assert [cell.value for cell in book["时长记录"][2]] == ["2026-12-06", "张三", "义诊", "#1", 2.5]
    line = next(row for row in book["汇总"].iter_rows(min_row=2) if row[0].value == "张三")
    assert [cell.value for cell in line] == ["张三", "=1+1社区", "2026-12-06", 0, 0, 0, 2.5, 2.5]
    assert line[1].data_type == "s"
    assert [cell.value for cell in book["班次"][2]][:2] == ["#1", "义诊"]


def _files(cast: Cast) -> list[bytes]:
    return list(cast.place.console.files.values())


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        ("09:00", "11:00", 120),
        ("09:00", "11:29", 120),
        ("09:00", "11:30", 150),
        ("09:00", "09:29", 0),
        ("09:00", "23:00", 720),
    ],
)
def test_what_counts(start: str, end: str, counts: int) -> None:
    def at(clock_: str) -> int:
        hour, minute = clock_.split(":")
        return round(timedelta(hours=int(hour), minutes=int(minute)).total_seconds() * 1e6)

    assert marks.counted(at(start), at(end)) == counts
    assert marks.counted(at(end), at(start)) == 0


async def test_a_member_who_goes_leaves_his_seat(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人", "#1"),
            ("张三", "报名", "已报名"),
            ("刘敏", "报名", "候补第 1 位"),
            ("周敏", "/member transfer 张三 第二党支部", "已退出志愿服务：#1 义诊"),
        ]
    )
    await cast.settle()
    assert cast.pushed()[-1].text.startswith("刘敏 候补转正：#1 义诊")
    await cast.dialog(
        [
            ("周敏", "/member leave 刘敏 其他", "已退出志愿服务：#1 义诊"),
            ("周敏", "/volunteer", "名额 1 · 已报 0 · 候补 0"),
        ]
    )


async def test_an_offer_that_is_not_taken_up_is_passed_on(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人", "#1"),
            ("张三", "报名", "已报名"),
            ("刘敏", "报名", "候补第 1 位"),
            ("李四", "报名", "候补第 2 位"),
            ("张三", "退出", "已退出"),
        ]
    )
    assert "#1 义诊 轮到您了，11月22日(周日)08:30前请发：报名 #1" in await cast.says("刘敏", "我的", "")
    await cast.until("2026-11-22 08:29")
    assert len(cast.pushed()) == 1
    await cast.until("2026-11-22 08:30")
    assert not await cast.place.database.read(clock.offers_due)
    shown = cast.pushed()[-1]
    assert shown.text.startswith("李四 候补转正：#1 义诊")
    assert "已确认：#1 义诊" in (await cast.taps("李四", shown.card, "确认")).text
    await cast.dialog([("刘敏", "报名", "候补第 1 位"), ("周敏", "/volunteer list 1", "已报：李四\n候补：1.刘敏")])
    assert "候补名额过时未确认" not in await cast.says("刘敏", "为什么", "")


async def test_nobody_is_told_at_night(one_cast: Cast) -> None:
    cast = one_cast
    await cast.says("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 1人")
    await cast.says("张三", "报名")
    await cast.says("刘敏", "报名")
    await cast.until("2026-11-21 23:30")
    await cast.says("张三", "退出")
    await cast.settle()
    assert cast.pushed() == []
    assert "11月22日(周日)19:30前请发：报名 #1" in await cast.says("刘敏", "我的", "")
    await cast.until("2026-11-22 07:30")
    assert [bubble.text.split("\n")[0] for bubble in cast.pushed()] == ["刘敏 候补转正：#1 义诊"]


async def test_marks_are_rows(served: Cast) -> None:
    await served.says("张三", "签到")
    await served.says("张三", "撤销")
    rows: list[Any] = await served.rows(select(service_marks.c.kind, service_marks.c.at).order_by(service_marks.c.id))
    assert [(row.kind, row.at > 0) for row in rows] == [("in", True), ("in", False)]

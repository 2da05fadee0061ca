"""A meeting again: copied, by the name of a template, and by itself every month."""

from __future__ import annotations

from pathlib import Path

from tests.cast import opened_cast
from tests.dialogs.conftest import Stage

OPEN = (
    "周敏",
    "/attendance open 支委会+集中学习 12月2日16:00-17:30 小会议室",
    "已开 #1 支委会+集中学习 12月2日(周三)16:00-17:30",
)


async def test_the_last_meeting_is_opened_again(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance copy 12月9日16:00", "还没有开过活动"),
            OPEN,
            (
                "周敏",
                "/attendance copy 12月9日16:00",
                "已开 #2 支委会+集中学习 12月9日(周三)16:00-17:30\n小会议室\n应到 支委\n",
            ),
            ("周敏", "/attendance open 党课 12月10日9:00 二楼", "已开 #3"),
            (
                "周敏",
                "/attendance copy #1 12月16日15:00-16:00 五楼",
                "已开 #4 支委会+集中学习 12月16日(周三)15:00-16:00\n五楼\n应到 支委",
            ),
            ("周敏", "/attendance copy 12月11日9:00", "已开 #5 支委会+集中学习 12月11日(周五)09:00-10:00"),
            ("周敏", "/attendance copy #3 12月17日9:00", "已开 #6 党课 12月17日(周四)09:00\n二楼\n回复"),
        ]
    )
    await cast.refused(
        [
            ("周敏", "/attendance copy", "没看懂时间"),
            ("周敏", "/attendance copy #9 12月20日9:00", "没有编号 #9"),
            ("周敏", "/attendance copy #3 11月1日9:00", "已经过去了"),
            ("周敏", "/attendance copy #3 12月17日9:00", "已经开了：#6"),
            ("周敏", "/attendance copy #3 12月20日", "没写几点"),
        ]
    )


async def test_a_template_is_opened_by_its_name(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance template", "还没有模板"),
            OPEN,
            ("周敏", "/attendance template 保存 支委学习 #1", "已存为模板：支委学习"),
            ("周敏", "/attendance template", "支委学习：支委会+集中学习，小会议室，应到 支委，90 分钟"),
            (
                "周敏",
                "/attendance open 支委学习 12月23日15:00",
                "已开 #2 支委会+集中学习 12月23日(周三)15:00-16:30\n小会议室\n应到 支委\n",
            ),
            (
                "周敏",
                "/attendance open 支委学习 12月24日15:00 五楼 截止 12月23日17:00 应到 张三、李四",
                "五楼\n截止 12月23日(周三)17:00\n应到 张三、李四\n",
            ),
            ("周敏", "/attendance template 删除 支委学习", "已停：支委学习"),
            ("周敏", "/attendance open 支委学习 12月25日15:00", "已开 #4 支委学习 12月25日(周五)15:00\n回复"),
        ]
    )
    await cast.refused(
        [
            ("周敏", "/attendance template 删除 支委学习", "没有叫「支委学习」的模板"),
            ("周敏", "/attendance template 保存 #1", "请写：保存 名称 #编号"),
            ("周敏", f"/attendance template 保存 {'长' * 31} #1", "模板名称最多 30 字"),
            ("周敏", "/attendance template 保存 学习 #9", "没有编号 #9"),
        ]
    )


async def test_how_a_meeting_repeats_is_said_plainly_or_asked_about(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("周敏", "/attendance repeat #1", "是每月2日，还是每月第一个周三？"),
            (
                "周敏",
                "/attendance repeat #1 每月第二周周三",
                "是第二个周三（写：每月第二个周三），还是第二个自然周的周三（写：nth-week:2,周三）",
            ),
            ("周敏", "/attendance repeat #1 每周三", "没看懂怎么重复。可以写：每月5日"),
            ("周敏", "/attendance repeat #1 每月40日", "没看懂怎么重复"),
            ("周敏", "/attendance repeat #1 每月5日 25:00", "没有 25:00 这个时间"),
            ("周敏", "/attendance repeat 支委会", "请写编号和怎么重复"),
            (
                "周敏",
                "/attendance repeat #1 每月最后一个周五 9:30",
                "以后每月最后一个周五 09:30 自动开：支委会+集中学习",
            ),
            ("周敏", "/attendance repeat #1 每月31日", "以后每月最后一天 16:00 自动开"),
            ("周敏", "/attendance repeat #1 nth-week:2,周三", "以后每月第2周的周三 16:00 自动开"),
            (
                "周敏",
                "/attendance template",
                "支委会+集中学习：支委会+集中学习，小会议室，应到 支委，90 分钟，每月第2周的周三 16:00",
            ),
            ("周敏", "/attendance repeat #1 停", "已停：支委会+集中学习"),
            ("周敏", "/attendance template", "还没有模板"),
        ]
    )


async def test_a_repeating_meeting_opens_by_itself_once_a_month(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 12月2日16:00-17:30 二楼", "已开 #1"),
            ("周敏", "/attendance repeat #1 每月5日", "以后每月5日 16:00 自动开：党课"),
        ]
    )
    await cast.until("2027-01-02 08:59")
    assert not any(
        "党课" in bubble.text for bubble in cast.pushed() if "2027" in bubble.text or "1月5日" in bubble.text
    )
    for _ in range(2):
        await cast.pass_time(minutes=1)
    heard = [bubble for bubble in cast.pushed() if "党课 1月5日(周二)16:00-17:30\n二楼" in bubble.text]
    assert len(heard) == 1
    assert heard[0].card is not None
    assert heard[0].text.startswith("请回复 #")
    assert "党课 1月5日(周二)16:00-17:30" in await cast.says("周敏", "/attendance")


async def test_a_month_that_somebody_settled_is_left_alone_and_a_day_off_is_avoided(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 专题研讨 11月30日9:00", "已开 #1"),
            ("周敏", "/attendance repeat #1 每月5日 9:00", "自动开：专题研讨"),
        ]
    )
    await cast.until("2026-12-03 09:00")
    assert "专题研讨 12月7日(周一)09:00" not in await cast.says("周敏", "/attendance")
    await cast.until("2026-12-04 09:00")  # the 5th is a Saturday
    lines = await cast.says("周敏", "/attendance")
    assert "专题研讨 12月7日(周一)09:00" in lines
    number = next(line.split()[0] for line in lines.splitlines() if "专题研讨 12月7日" in line)
    await cast.dialog([("周敏", f"/attendance cancel {number} 年底太忙", "已取消")])
    await cast.pass_time(hours=1)
    assert "专题研讨" not in await cast.says("周敏", "/attendance")
    await cast.dialog([("周敏", "/attendance open 专题研讨 2027年1月20日9:00", "专题研讨 1月20日(周三)09:00")])
    await cast.until("2027-01-04 09:00")
    assert "1月5日" not in await cast.says("周敏", "/attendance")


async def test_the_29th_is_the_last_day_of_a_short_february(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 支委会 11月30日9:00", "已开 #1"),
            ("周敏", "/attendance repeat #1 每月29日", "以后每月29日 09:00 自动开"),
        ]
    )
    await cast.until("2027-02-24 09:00")
    assert "支委会" in await cast.says("周敏", "/attendance list")  # the 28th is a Sunday
    await cast.until("2027-02-26 08:59")
    assert "支委会 2月26日(周五)09:00" in await cast.says("周敏", "/attendance list")


async def test_a_change_is_told_once_to_those_who_answered(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 党课 12月8日9:00", "已开 #1"), ("张三", "参加", "已记")])
    await cast.settle()
    before = len(cast.pushed())
    await cast.dialog(
        [
            ("周敏", "/attendance move #1 12月9日9:00", "原定 12月8日(周二)09:00 改期"),
            ("周敏", "/attendance move #1 12月9日9:00", "本来就是这个时间，没有改动"),
            ("周敏", "/attendance move #1 11月20日9:00", "已经过去了"),
        ],
        chat="",
    )
    await cast.settle()
    (told,) = cast.pushed()[before:]
    assert told.mention == ("zhangsan",)
    await cast.dialog(
        [("周敏", "/attendance cancel #1", "已取消"), ("周敏", "/attendance cancel #1", "之前已经取消了")], chat=""
    )
    await cast.settle()
    assert [bubble.text for bubble in cast.pushed()[before + 1 :]] == ["已取消 #1 党课 12月9日(周三)09:00"]


async def test_another_audience_takes_the_place_of_a_repeated_meetings(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, '[reminders]\ntheme_day = ""\n') as cast:
        await cast.dialog(
            [
                ("周敏", "/attendance open 主题党日 12月4日15:00 三楼 应到 张三、李四", "已开 #1"),
                ("周敏", "/attendance repeat #1 每月5日", "自动开：主题党日"),
            ]
        )
        await cast.until("2027-01-02 09:01")
        await cast.dialog(
            [
                ("周敏", "/attendance", "应到 2 · "),
                ("周敏", "/attendance open 主题党日 1月6日15:00 三楼 应到 何静、刘敏、张三", "已接续"),
                ("周敏", "/attendance", "应到 3 · "),
                ("李四", "参加", "应到名单里没有这位同志"),
            ]
        )


async def test_a_second_theme_day_of_a_month_is_opened_and_told(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 主题党日 12月4日15:00 三楼", "已开 #1")])
    heard = await cast.says("周敏", "/attendance open 主题党日 12月18日15:00 三楼")
    assert "已开 #2" in heard
    assert "这个月还有 #1 主题党日 12月4日(周五)15:00，重复的请取消：/attendance cancel #编号 原因" in heard
    assert "这个月还有" not in await cast.says("周敏", "/attendance open 主题党日 2027年1月8日15:00 三楼")
    assert "这个月还有" not in await cast.says("周敏", "/attendance open 党课 12月9日15:00 三楼")


async def test_a_repeating_meeting_for_somebody_who_left_is_told_to_the_secretaries_and_not_guessed(
    cast: Stage,
) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 12月2日16:00 二楼 应到 张三、李四", "已开 #1"),
            ("周敏", "/attendance repeat #1 每月5日", "自动开：党课"),
            ("周敏", "/member transfer 李四 第二党支部", "李四"),
        ]
    )
    for moment in ("2026-12-31 12:00", "2027-01-02 12:00", "2027-01-04 12:00"):
        await cast.until(moment)
    why = "党课 1月5日(周二)16:00 二楼 没有自动开：本支部名册里没有「李四」，请核对姓名。"
    assert not [bubble for bubble in cast.pushed() if "1月5日" in bubble.text]
    for account in ("zhoumin", "lihong"):
        assert len([bubble for bubble in cast.pushed(account) if why in bubble.text]) == 1
    assert "1月5日" not in await cast.says("周敏", "/attendance list")
    await cast.dialog([("周敏", "/attendance open 党课 1月5日16:00 二楼 应到 张三、何静", "已开 #")])


async def test_a_repeating_meeting_at_dawn_is_opened_the_evening_before(sqlite: str, tmp_path: Path) -> None:
    """Its only notice lies in the quiet hours, which end after it begins."""
    async with opened_cast(sqlite, tmp_path, '[reminders]\ntheme_day_notice = ["-2h"]\n') as cast:
        await cast.dialog(
            [
                ("周敏", "/attendance open 党课 12月2日7:00 二楼", "已开 #1"),
                ("周敏", "/attendance repeat #1 每月6日", "以后每月6日 07:00 自动开：党课"),
            ]
        )
        await cast.until("2027-01-05 20:31")
        assert [bubble for bubble in cast.pushed() if "党课 1月6日(周三)07:00" in bubble.text]

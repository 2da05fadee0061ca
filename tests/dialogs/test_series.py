"""A meeting again: copied, by the name of a template, and by itself every month."""

from __future__ import annotations

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

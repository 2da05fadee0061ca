"""One meeting from its announcement to its end, and several at once."""

from __future__ import annotations

from sqlalchemy import delete

from bot.sql import sql
from bot.tables import groups
from tests.dialogs.conftest import Stage

NO_GROUPS = sql(delete(groups))

OPEN = (
    "周敏",
    "/attendance open 主题党日 12月4日15:00 三楼会议室 截止 12月3日17:00",
    "已开 #1 主题党日 12月4日(周五)15:00",
)
LESSON = ("周敏", "/考勤 开 党课 12月10日9:00 二楼", "已开 #2 党课 12月10日(周四)09:00")


async def test_from_announcement_to_summary(cast: Stage) -> None:
    await cast.dialog(
        [
            ("张三", "参加", "现在没有正在登记的活动"),
            ("周敏", "/attendance", "现在没有正在登记的活动"),
            OPEN,
            ("张三", "参加", "已记：参加\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 1 · 请假 0 · 未回 13"),
            ("张三", "参加", "之前已记：参加"),
            ("李四", "请假 值夜班", "已记：请假\n#1"),
            ("刘敏", "应该能来", "已记：待定\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 1 · 请假 1 · 未回 12"),
            ("何静", "线上参加", "应到 14 · 参加 2 · 请假 1 · 未回 11"),
            ("马志远", "取消", "还没有您的回复，不用取消"),
            ("张三", "取消", "已记：已取消"),
            ("张三", "收到", ""),
            ("张三", "晚上一起吃饭吧", ""),
            ("周敏", "/attendance", "应到 14 · 参加 1 · 请假 1 · 未回 12"),
            ("周敏", "/attendance list", "参加 1：何静\n请假 1：李四\n应到 14"),
            ("周敏", "/attendance who", "已私发给您。"),
            ("张三", "签到", "现在没有在签到的活动"),
            ("张三", "签到 #1", "还没开始签到"),
        ]
    )
    await cast.dialog([("李四", "请假 孩子发烧", "已记：请假（家事）")], chat="")
    await cast.dialog([("周敏", "/attendance list", "请假 1：李四（家事，待批）")], chat="")
    await cast.until("2026-12-03 18:00")
    await cast.dialog([("王芳", "参加", "已记：参加（截止后，注明迟报）")])
    await cast.until("2026-12-04 14:50")
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "开始签到，到场的同志回复：签到"),
            ("张三", "签到", "已签到：到会"),
            ("张三", "签到", "之前已签到：到会"),
            ("何静", "线上签到", "已签到：线上"),
            ("周敏", "/attendance mark 赵丽华 陈建国 到 马志远 请假:病 孙桂兰 缺席", "已登记 4 人"),
            (
                "周敏",
                "/attendance checkin off",
                "签到结束\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 2 · 请假 2 · 未回 10 · 实到 4",
            ),
            ("刘敏", "签到 #1", "签到已经结束"),
            ("周敏", "/attendance close", "已结束 #1"),
            ("周敏", "/attendance close #1", "之前已经结束了"),
            ("刘敏", "参加 #1", "#1 主题党日 12月4日(周五)15:00 已结束，没有登记"),
        ]
    )


async def test_a_place_a_deadline_and_a_day_can_change_and_a_meeting_can_be_called_off(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("张三", "参加", "已记：参加"),
            ("周敏", "/attendance edit 地点 五楼会议室", "地点改为 五楼会议室：#1"),
            ("周敏", "/attendance edit #1 截止 12月4日12:00", "截止改为 12月4日12:00"),
            (
                "周敏",
                "/attendance move 12月5日15:00",
                "原定 12月4日(周五)15:00 改期：#1 主题党日 12月5日(周六)15:00\n五楼会议室\n截止 12月4日(周五)12:00",
            ),
            ("周敏", "/attendance", "应到 14 · 参加 1 · 请假 0 · 未回 13"),
            ("周敏", "/attendance cancel 会议室停电", "已取消 #1 主题党日 12月5日(周六)15:00：会议室停电"),
            ("周敏", "/attendance cancel #1", "之前已经取消了"),
            ("张三", "参加 #1", "已取消，没有登记"),
        ]
    )
    await cast.dialog([("周敏", "/attendance open 党课 12月8日9:00", "将在 1 个群里通知")], chat="")
    await cast.settle()
    heard = cast.pushed()[-1]
    assert heard.text.startswith("请回复 #2 党课")
    assert heard.card is not None


async def test_a_new_deadline_is_said_once_and_calls_those_who_have_not_answered(cast: Stage) -> None:
    await cast.dialog([OPEN, ("张三", "参加", "已记")])
    said = "截止改为 12月3日18:00：#1 主题党日 12月4日(周五)15:00\n三楼会议室\n应到"
    await cast.dialog([("周敏", "/attendance edit #1 截止 12月3日18:00", said)], chat="")
    await cast.settle()
    assert "lisi" in cast.pushed()[-1].mention
    assert "zhangsan" not in cast.pushed()[-1].mention
    await cast.pass_time(minutes=1)
    await cast.dialog(
        [("周敏", "/attendance edit #1 地点 五楼", "地点改为 五楼：#1 主题党日 12月4日(周五)15:00\n截止")], chat=""
    )
    await cast.settle()
    assert "zhangsan" in cast.pushed()[-1].mention
    assert "lisi" not in cast.pushed()[-1].mention


async def test_a_nudge_is_said_once_a_day_and_calls_only_the_silent(cast: Stage) -> None:
    await cast.dialog([OPEN, ("张三", "参加", "已记"), ("周敏", "/attendance nudge", "今天提醒 1 个群")])
    await cast.settle()
    nudged = cast.pushed()[-1]
    assert "zhangsan" not in nudged.mention
    assert "lisi" in nudged.mention
    assert "张三" not in nudged.text
    await cast.dialog([("周敏", "/attendance nudge", "今天已经提醒过一次")])
    await cast.settle()
    assert cast.pushed()[-1] == nudged


async def test_where_nobody_is_to_be_reminded_it_says_why(cast: Stage) -> None:
    await cast.dialog(
        [("周敏", "/attendance open 支委会 12月4日15:00 会议室 应到 周敏", "应到 1"), ("周敏", "参加", "已记：参加")]
    )
    await cast.refused([("周敏", "/attendance nudge", "大家都回复了，不用提醒。")])
    await cast.dialog([("周敏", "取消", "已记：已取消")])
    await cast.place.database.write(lambda tx: tx.run(NO_GROUPS))
    await cast.refused([("周敏", "/attendance nudge", "支部还没有绑定群")], chat="")


async def test_a_sheet_of_a_meeting_that_is_over_is_asked_for_by_its_number(cast: Stage) -> None:
    await cast.refused([("周敏", "/attendance export", "以前的写编号，例：/attendance export #12")], chat="")


async def test_several_meetings_are_numbered_and_asked_about_only_where_it_cannot_be_told(cast: Stage) -> None:
    which = "是哪一个？（回复数字）\n1. #1 主题党日 12月4日(周五)15:00\n2. #2 党课 12月10日(周四)09:00"
    await cast.dialog(
        [
            OPEN,
            LESSON,
            ("张三", "参加", which),
            ("张三", "2", "已记：参加\n#2 党课 12月10日(周四)09:00\n应到 14 · 参加 1"),
            ("张三", "2", "没看明白"),
            ("张三", "党课请假", "已记：请假\n#2"),
            ("张三", "参加 #1", "已记：参加\n#1"),
            ("张三", "12月10日的我参加", "已记：参加\n#2"),
            ("李四", "参加", which),
            ("李四", "3", "请回复 1 到 2 之间的数字"),
            ("刘敏", "1", "没看明白"),
            ("周敏", "/attendance", "#1 主题党日 12月4日(周五)15:00 应到 14 · 参加 1 · 请假 0 · 未回 13\n#2 党课"),
            ("周敏", "/attendance edit 地点 五楼", "有 2 个活动，请写编号，例：/attendance edit #1 地点 五楼"),
            ("周敏", "/attendance list", "是哪一个？"),
            ("周敏", "2", "#2 党课 12月10日(周四)09:00\n参加 1：张三"),
        ]
    )
    await cast.pass_time(minutes=9)
    await cast.dialog([("李四", "1", "已记：参加\n#1"), ("何静", "参加", which)])
    await cast.pass_time(minutes=11)
    await cast.dialog([("何静", "1", "没看明白"), ("张三", "活动", "#1 主题党日"), ("张三", "活动", "#2 党课")])


async def test_a_question_keeps_whom_it_was_about(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            LESSON,
            ("李四", "代刘敏请假 家里有事", "是哪一个？"),
            ("李四", "1", "已记：刘敏 请假（李四代报）\n#1"),
            ("李四", "我和刘敏线上参加", "是哪一个？"),
            ("李四", "2", "已记：李四、刘敏 线上参加（李四代报）\n#2"),
            ("李四", "会迟到", "是哪一个？"),
            ("李四", "1", "已记：参加（会迟到）\n#1"),
        ]
    )


async def test_who_is_due_by_committee_group_and_names(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 支委会 12月8日15:00 应到 支委", "应到 支委\n"),
            ("周敏", "/attendance", "应到 4 · 参加 0 · 请假 0 · 未回 4"),
            ("张三", "参加", "应到名单里没有这位同志，没有登记"),
            ("周敏", "/attendance open 党小组会 12月9日15:00 应到 第一党小组", "应到 5 · "),
            ("周敏", "/attendance open 党小组会 12月9日15:00 应到 第二党小组", "#3 党小组会"),
            ("周敏", "/attendance open 党小组会 12月9日15:00 应到 第二党小组", "已经开了：#3"),
            ("周敏", "/attendance open 研讨 12月11日9:00 应到 张三、王芳（护理部）、支委", "应到 6 · "),
            ("周敏", "/attendance open 党课 12月12日9:00 应到 全体党员", "应到 14 · "),
            ("李四", "参加 #2", "应到 5 · 参加 1"),
            ("李四", "参加 #3", "应到名单里没有这位同志"),
        ]
    )
    await cast.dialog([("李四", "我的", "#2 党小组会 12月9日(周三)15:00：参加\n#5 党课")], chat="")
    await cast.dialog([("孙桂兰", "参加", "1. #3 党小组会 12月9日(周三)15:00\n2. #5 党课")])


async def test_proxies_may_say_leave_but_never_presence(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("张三", "代李四请假", "已记：李四 请假（张三代报）"),
            ("张三", "代王芳请假", "有 2 位「王芳」，请写明：王芳(检验科)、王芳(护理部)"),
            ("张三", "代王芳(护理部)请假", "已记：王芳 请假（张三代报）"),
            ("张三", "我和刘敏参加", "已记：张三、刘敏 参加（张三代报）"),
            ("李四", "代马志远签到", "现在没有在签到的活动"),
            ("周敏", "/attendance checkin on", "开始签到"),
            ("李四", "代马志远签到", "签到要本人来。马志远 已转给书记核实，暂不计到会"),
            ("李四", "替何静签到", "已转给书记核实"),
            ("周敏", "/attendance", "实到 0"),
            ("李四", "/todo ok 1", "由书记或组织委员、党费收缴人使用"),
            ("周敏", "/todo", "已私发给您。"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/todo", "3 代签到：马志远（李四报）#1"),
            ("周敏", "/todo ok 3", "已记到会：代签到：马志远"),
            ("周敏", "/todo ok 3", "待办 3 已由周敏处理（同意）"),
            ("周敏", "/todo no 4 没到", "不记到会：代签到：何静"),
            ("周敏", "/attendance", "实到 1"),
        ],
        chat="",
    )


async def test_lists_of_names(cast: Stage) -> None:
    chain = "#接龙\n主题党日\n1. 张三\n2. 李四 请假\n3. 王芳\n4. 王芳(护理部)\n5. 无名氏"
    await cast.dialog(
        [
            OPEN,
            ("李四", chain, "已按名单登记 3 人；没对上（不在名册或应到里，或同名要写科室）：王芳、无名氏"),
            ("周敏", "/attendance", "应到 14 · 参加 2 · 请假 1 · 未回 11"),
            ("李四", "参加：张三、刘敏、冯磊", "已按名单登记 2 人；没对上（不在名册或应到里，或同名要写科室）：冯磊"),
            LESSON,
            ("李四", "#接龙\n1. 张三\n2. 刘敏", "请在名单第一行写上编号"),
            ("李四", "#接龙 #2\n1. 张三\n2. 刘敏", "已按名单登记 2 人\n#2 党课"),
            ("李四", "#接龙\n党课\n1. 何静\n2. 马志远", "已按名单登记 2 人\n#2 党课"),
        ]
    )


async def test_the_same_meeting_twice(cast: Stage) -> None:
    await cast.dialog([OPEN, ("周敏", "/attendance open 党日 12月4日15:00", "这场主题党日已经开了：#1")])


async def test_buttons_do_what_their_words_do(cast: Stage) -> None:
    opened = await cast.reply("周敏", OPEN[1])
    assert opened is not None
    tapped = await cast.taps("张三", opened.card, "参加")
    assert "已记：参加" in tapped.text
    assert tapped.card is not None
    assert "张三 已记：参加" in tapped.card.lines
    again = await cast.taps("张三", opened.card, "参加")
    assert "之前已记：参加" in again.text
    assert "参加 1 ·" in again.text
    assert "我还不认识您" in (await cast.taps("某某", opened.card, "参加")).text
    assert "您不在这个支部的名册里" in (await cast.taps("郑晓燕", opened.card, "参加")).text
    await cast.says("周敏", "/attendance cancel")
    before = await cast.books()
    assert "已取消，没有登记" in (await cast.taps("李四", opened.card, "参加")).text
    assert await cast.books() == before


async def test_answers_are_taken_until_a_day_and_a_half_after_the_start(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 党课 11月24日9:00", "#1")])
    await cast.until("2026-11-25 20:59")
    await cast.dialog([("张三", "参加", "已记：参加（截止后，注明迟报）")])
    await cast.until("2026-11-25 21:00")
    await cast.refused([("李四", "参加 #1", "早已开过，没有登记"), ("李四", "参加", "现在没有正在登记的活动")])


async def test_a_word_that_is_another_meetings_ends_none(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1")])
    await cast.refused(
        [
            ("周敏", "/attendance close 党课", "“党课”和 #1 主题党日 12月4日(周五)15:00 对不上，没有做"),
            ("周敏", "/attendance checkin on 党课", "就是这一场请发：/attendance checkin on #1"),
            ("周敏", "/attendance nudge 党课", "对不上"),
            ("周敏", "/attendance cancel 党课", "#1 主题党日 12月4日(周五)15:00 不是党课，没有取消"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/attendance list 主题党日", "参加 0"),
            ("周敏", "/attendance close 主题党日", "已结束 #1"),
            ("周敏", "/attendance open 党课 12月5日15:00 三楼会议室", "#2"),
            ("周敏", "/attendance cancel #2 主题党日", "已取消 #2 党课 12月5日(周六)15:00：主题党日"),
        ]
    )


async def test_a_list_of_guests_is_kept_whole_or_refused(cast: Stage) -> None:
    guests = "、".join(f"县局王主任{number}" for number in range(10))
    await cast.refused([("周敏", f"/attendance open 主题党日 12月4日15:00 三楼 列席 {guests}", "列席最多 60 字")])


async def test_who_speaks_from_no_branch_opens_nothing(cast: Stage) -> None:
    await cast.refused([("admin", "/attendance open 主题党日 12月4日15:00 三楼会议室", "您还不在任何支部")], chat="")


async def test_a_list_under_the_bare_word_is_for_what_is_open(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李红", "接龙\n1. 张三 参加\n2. 李四 请假", "参加 1 · 请假 1")])
    await cast.dialog([("周敏", "名单：\n1、刘敏\n2、何静", "参加 3 · 请假 1")])

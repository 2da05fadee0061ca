"""A meeting's own series: only those who owe an answer are called, check-in opens, deadlines are named."""

from __future__ import annotations

from tests.cast import Cast
from tests.scheduler.conftest import live, outcomes

OTHERS = ("李红", "陈建国", "何静", "张三", "李四", "王芳", "wangfang2", "刘敏", "赵丽华", "欧阳静", "马志远", "孙桂兰")


async def test_a_meeting_is_spoken_of_the_day_before_and_two_hours_before_to_those_who_have_not_answered(
    cast: Cast,
) -> None:
    await cast.dialog([("周敏", "/attendance open 党课 11月24日15:00 三楼", "#1")])
    for name in OTHERS:
        await cast.says(name, "参加")
    await cast.until("2026-11-23 17:00")
    [asked] = [one for one in cast.pushed() if "党课" in one.text]
    assert asked.text.startswith("还没回复的同志请回复\n#1 党课 11月24日(周二)15:00\n三楼\n应到 14 · 参加 12")
    assert asked.mention == ("zhoumin", "wudayong")
    await cast.dialog([("周敏", "参加", "已记"), ("吴大勇", "请假 值班", "已记")])
    await cast.until("2026-11-24 13:00")
    assert len([one for one in cast.pushed() if "还没回复" in one.text]) == 1


async def test_check_in_opens_by_itself_where_somebody_said_he_would_come(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 11月24日15:00", "#1"),
            ("周敏", "/attendance open 支委会 11月24日15:00 应到 支委", "#2"),
            ("张三", "参加 #1", "参加 1"),
            ("张三", "签到 #1", "还没开始签到"),
        ]
    )
    await live(cast, "2026-11-24 14:45")
    [opened] = [one for one in cast.pushed() if "开始签到" in one.text]
    assert "#1 党课" in opened.text
    assert opened.text.endswith("应到 14 · 参加 1 · 请假 0 · 未回 13 · 实到 0")
    assert "实到 1" in (await cast.taps("张三", opened.card, "签到")).text
    assert await outcomes(cast, "checkin_notice") == {
        ("1:activity:1:-15m", "branch"): "done",
        ("1:activity:2:-15m", "branch"): "nothing to do",
    }


async def test_check_in_for_a_meeting_at_dawn_is_not_opened_the_evening_before(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/attendance open 党课 11月24日7:00-8:30", "#1"),
            ("周敏", "/attendance open 支委会 11月25日6:00-7:00 应到 支委", "#2"),
            ("张三", "参加 #1", "参加 1"),
            ("周敏", "参加 #2", "参加 1"),
        ]
    )
    await live(cast, "2026-11-24 07:29")
    assert not [one for one in cast.pushed() if "开始签到" in one.text]
    await live(cast, "2026-11-24 07:31")
    [opened] = [one for one in cast.pushed() if "开始签到" in one.text]
    assert "#1 党课" in opened.text
    await live(cast, "2026-11-25 12:00")
    assert len([one for one in cast.pushed() if "开始签到" in one.text]) == 1, "#2 was over before anybody was awake"


async def test_who_opened_or_ended_check_in_keeps_it_in_hand(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            ("周敏", "/attendance open 党课 11月24日15:00", "#1"),
            ("张三", "参加", "参加 1"),
            ("周敏", "/attendance checkin on", "开始签到"),
        ]
    )
    await live(one_cast, "2026-11-24 15:00")
    assert not [one for one in one_cast.pushed() if "开始签到" in one.text]


async def test_before_a_deadline_those_are_called_who_still_owe_an_answer(one_cast: Cast) -> None:
    await one_cast.dialog(
        [("周敏", "/attendance open 集中培训 11月27日9:00 截止 11月24日18:00", "#1"), ("张三", "参加", "参加 1")]
    )
    await live(one_cast, "2026-11-24 16:00")
    [asked] = one_cast.pushed()
    assert asked.text.startswith("18:00 截止，还没回复的同志请回复\n#1 集中培训")
    assert "zhangsan" not in asked.mention


async def test_a_moved_meeting_is_no_other_and_a_cancelled_one_is_silent(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/attendance open 党课 11月24日15:00", "#1")])
    await live(one_cast, "2026-11-23 18:00")
    assert len([one for one in one_cast.pushed() if "还没回复" in one.text]) == 1
    await one_cast.dialog([("周敏", "/attendance move #1 11月26日15:00", "11月26日")])
    await live(one_cast, "2026-11-26 12:59")
    assert len([one for one in one_cast.pushed() if "还没回复" in one.text]) == 1, "the day before was said already"
    await live(one_cast, "2026-11-26 13:00")
    assert len([one for one in one_cast.pushed() if "还没回复" in one.text]) == 2
    await one_cast.dialog(
        [("周敏", "/attendance open 党课 11月30日15:00", "#2"), ("周敏", "/attendance cancel #2", "已取消")]
    )
    before = len(one_cast.pushed())
    await live(one_cast, "2026-11-30 16:00")
    assert not [one for one in one_cast.pushed()[before:] if "#2" in one.text]


async def test_the_evening_before_a_shift_its_people_are_called_and_free_seats_named(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/volunteer open 义诊 11月25日9:00-11:00 门诊楼 2人", "#1"),
            ("张三", "报名", "已报 1"),
            ("周敏", "/volunteer open 门诊引导 11月25日14:00-16:00 大厅 1人", "#2"),
            ("李四", "报名 #2", "已报 1"),
        ]
    )
    await live(cast, "2026-11-24 18:00")
    first, second = [one for one in cast.pushed() if "志愿服务提醒" in one.text]
    assert first.text == (
        "志愿服务提醒：#1 义诊 11月25日(周三)09:00-11:00\n地点：门诊楼\n"
        "已报 1 人，请准时到\n还差 1 人，能来的请回复：报名 #1"
    )
    assert first.mention == ("zhangsan",)
    assert first.card is not None
    assert "还差" not in second.text
    assert second.mention == ("lisi",)


async def test_a_theme_day_by_its_second_kind_has_the_notices_of_theme_days_alone(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/attendance open 党课+主题党日 12月4日15:00 三楼", "#1")])
    await live(one_cast, "2026-12-04 13:00")
    assert await outcomes(one_cast, "meeting_notice") == {}
    told = [period for period, _ in await outcomes(one_cast, "theme_day_notice") if period.startswith("1:")]
    assert len(told) == 3

"""Who says that others are there, and what becomes of it when the meeting ends before anybody looked into it."""

from __future__ import annotations

from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")
SEPARATE = "王芳(检验科) 王芳(护理部)"


async def test_who_says_that_he_and_another_are_there_is_there_himself(cast: Stage) -> None:
    await cast.dialog([OPEN, ("周敏", "/attendance checkin on", "开始签到")])
    await cast.dialog(
        [
            ("张三", "我和马志远都到了", "已签到：到会。签到要本人来。马志远 已转给书记核实，暂不计到会。\n#1"),
            ("李四", "替何静签到", "签到要本人来。何静 已转给书记核实，暂不计到会。"),
            ("周敏", "/attendance list", "实到 1"),
        ]
    )


async def test_with_a_number_on_the_screen_nobody_gets_in_beside_another(cast: Stage) -> None:
    await cast.dialog([OPEN, ("周敏", "/attendance checkin on code", "开始签到")])
    heard = await cast.says("张三", "我和马志远都到了")
    assert "已签到" not in heard, heard
    await cast.dialog([("周敏", "/attendance", "实到 0")])


async def test_what_nobody_looked_into_is_named_when_the_meeting_ends_and_has_a_way(cast: Stage) -> None:
    how = "到了的请发：/attendance correct #1 马志远 到 原因 代签到"
    await cast.dialog([OPEN, ("周敏", "/attendance checkin on", "开始签到"), ("张三", "我和马志远都到了", "马志远")])
    await cast.until("2026-12-04 16:30")
    await cast.dialog([("周敏", "/attendance close #1", f"还有代签到没核实：马志远。{how}")])
    await cast.dialog(
        [
            ("周敏", "/todo ok 1", f"#1 已经结束，不能直接记到会。{how}\n这一项请用 /todo no 1 退回。"),
            ("周敏", "/attendance correct #1 马志远 到 原因 代签到", "等第二个人确认"),
            ("周敏", "/todo no 1 用更正", "不记到会"),
            ("李红", "/todo ok 2", "已更正一项"),
        ],
        chat="",
    )


async def test_a_namesake_speaks_of_the_other_one(cast: Stage) -> None:
    await cast.dialog([OPEN, ("王芳", "我和王芳都参加", "请写明：王芳(检验科)、王芳(护理部)")])
    await cast.dialog([("周敏", "/attendance", "参加 0")])


async def test_the_record_tells_namesakes_apart_and_a_leave_that_was_refused(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假 值班", "已记：请假"), ("周敏", "/todo no 1 请到会", "未批")])
    await cast.dialog([("周敏", "/attendance checkin on", "开始签到"), ("王芳", "签到", "已签到")])
    heard = await cast.says("周敏", "/attendance record #1", "")
    assert "实到：1 人：王芳(检验科)" in heard, heard
    assert "李四（请假未批）" in heard, heard
    assert "王芳(护理部)（未请假）" in heard, heard

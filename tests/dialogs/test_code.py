"""签到 with the digits on the screen of the room: they change, the last ones still count, guessing comes to nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.db import Tx
from handlers.activities import found
from handlers.attendance.code import Code, code_now, hotp
from handlers.tables import presences
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")
CODED = ("周敏", "/attendance checkin on code", "开始签到，到场的同志看屏幕上的数字，回复：签到 四位数字\n#1")


@pytest.mark.parametrize(
    ("seconds", "password"),
    [
        (59, "46119246"),
        (1111111109, "68084774"),
        (1234567890, "91819424"),
        (2000000000, "90698825"),
        (20000000000, "77737706"),
    ],
)
def test_the_digits_are_those_of_rfc_6238(seconds: int, password: str) -> None:
    """Appendix B, SHA-256; four digits are the last four of eight."""
    secret = b"12345678901234567890123456789012"
    assert hotp(secret, seconds // 30, 8) == password
    assert hotp(secret, seconds // 30) == password[-4:]


async def shown(cast: Stage, number: int = 1) -> Code:
    """What the screen of a meeting shows now."""

    def work(tx: Tx) -> Code:
        return code_now(tx, found(tx, 1, number), cast.place.house.key)

    return await cast.place.database.read(work)


async def test_who_sees_the_screen_checks_in_in_the_group_or_in_private(cast: Stage) -> None:
    await cast.dialog([OPEN])
    await cast.until("2026-12-04 14:55")
    opened = await cast.reply("周敏", "/attendance checkin on code")
    assert opened is not None
    assert opened.text.startswith(CODED[2])
    code = await shown(cast)
    screen = await cast.says("周敏", "/attendance screen", "")
    assert f"签到 {code.digits}\n{code.seconds} 秒后换\n应到 14" in screen
    await cast.dialog(
        [
            ("周敏", "/attendance screen", "已私发给您"),
            ("张三", "签到", "请看现场屏幕上的数字，回复：签到 四位数字"),
            ("张三", f"签到 {code.digits}", "已签到：到会"),
            ("张三", f"签到{code.digits}", "之前已签到：到会"),
            ("刘敏", f"签到 #1 {code.digits}", "已签到：到会"),
            ("马志远", f"代赵丽华签到 {code.digits}", "本人"),
        ]
    )
    await cast.dialog([("李四", f"签到 {code.digits}", "已签到：到会")], chat="")
    await cast.pass_time(seconds=30)
    assert (await shown(cast)).digits != code.digits
    await cast.dialog([("何静", f"签到 {code.digits}", "已签到：到会")])
    await cast.pass_time(seconds=30)
    await cast.dialog([("陈建国", f"签到 {code.digits}", "数字不对或已经过期"), ("周敏", "/attendance", "实到 4")])
    asked = await cast.reply("吴大勇", "参加", kind="press")
    assert asked is not None
    assert asked.card is not None
    assert [button.label for button in asked.card.buttons] == ["参加", "请假"]
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "到场的同志回复：签到\n"),
            ("陈建国", "签到", "已签到：到会"),
            ("周敏", "/attendance screen #1", "没有开数字签到"),
            ("周敏", "/attendance checkin 结束", "签到结束"),
        ]
    )


async def test_guessing_comes_to_nothing(cast: Stage) -> None:
    await cast.dialog([OPEN, CODED])
    right = await shown(cast)
    wrong = [f"{number:04}" for number in range(10) if f"{number:04}" != right.digits][:5]
    for digits in wrong:
        await cast.dialog([("张三", f"签到 {digits}", "数字不对或已经过期")], chat="")
    await cast.refused([("张三", f"签到 {right.digits}", "数字不对的次数太多，请找书记现场登记")], chat="")
    assert await cast.rows(select(presences.c.id)) == []
    await cast.dialog([("李四", f"签到 {right.digits}", "已签到"), ("周敏", "/attendance mark 张三 到", "实到 2")])


async def test_of_two_meetings_the_digits_say_which(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            CODED,
            ("周敏", "/attendance open 党课 12月4日15:00", "已开 #2"),
            ("周敏", "/attendance checkin on code #2", "开始签到"),
        ]
    )
    one, two = await shown(cast, 1), await shown(cast, 2)
    assert one.digits != two.digits
    await cast.dialog(
        [
            ("张三", f"签到 {two.digits}", "已签到：到会\n#2 党课"),
            ("张三", f"签到 {one.digits}", "已签到：到会\n#1 主题党日"),
        ]
    )


async def test_before_and_after_the_window_no_digits_help(cast: Stage) -> None:
    await cast.dialog([OPEN])
    code = await shown(cast)
    await cast.refused(
        [
            ("张三", f"签到 {code.digits}", "现在没有在签到的活动"),
            ("张三", f"签到 #1 {code.digits}", "还没开始签到"),
            ("周敏", "/attendance checkin maybe", "请写 /attendance checkin on"),
            ("周敏", "/attendance checkin on off", "请写 /attendance checkin on"),
        ]
    )
    await cast.dialog([CODED, ("周敏", "/attendance checkin off", "签到结束")])
    await cast.refused([("张三", f"签到 #1 {code.digits}", "签到已经结束")])

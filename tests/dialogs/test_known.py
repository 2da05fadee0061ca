"""What was known on a day stays what it was, whatever is learnt later."""

from __future__ import annotations

from bot.db import Tx
from handlers.attendance.known import ALWAYS, Held, Stand, held, stands
from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")


async def seen(cast: Stage, known: int = ALWAYS) -> tuple[Held, dict[str, Stand]]:
    """The only meeting and everybody's stand, as known at an instant."""

    def work(tx: Tx) -> tuple[Held, dict[str, Stand]]:
        (one,) = held(tx, 1, 0, ALWAYS, known)
        return one, {stand.name: stand for stand in stands(tx, one.row, known)}

    return await cast.place.database.read(work)


async def now(cast: Stage) -> int:
    """The instant of the cast's clock as rows write it."""

    def work(tx: Tx) -> int:
        return tx.at

    return await cast.place.database.read(work)


async def test_what_was_known_on_a_day_stays_what_it_was(cast: Stage) -> None:
    await cast.dialog([OPEN, ("李四", "请假 值夜班", "已记：请假"), ("张三", "参加", "已记：参加")])
    announced = await now(cast)
    await cast.until("2026-12-04 15:00")
    await cast.dialog(
        [
            ("周敏", "/attendance checkin on", "开始签到"),
            ("张三", "签到", "已签到"),
            ("刘敏", "签到 晚到", "已签到：迟到"),
        ]
    )
    began = await now(cast)
    await cast.pass_time(hours=2)
    await cast.dialog(
        [("周敏", "/attendance mark 李四 到 张三 早退", "已登记 2 人"), ("周敏", "/attendance close", "已结束")]
    )

    before, people = await seen(cast, announced)
    assert before.state == "open"
    assert before.kinds == ("主题党日",)
    assert len(people) == 13  # two of them are called 王芳
    assert (people["李四"].declared, people["李四"].reason, people["李四"].outcome) == ("leave", "duty", "缺席(已请假)")
    assert people["张三"].coming
    assert not people["张三"].present
    assert people["何静"].outcome == "缺席(未请假)"

    meanwhile, people = await seen(cast, began)
    assert meanwhile.state == "open"
    assert (people["张三"].outcome, people["刘敏"].outcome, people["李四"].present) == ("到会", "迟到", False)

    after, people = await seen(cast)
    assert after.state == "closed"
    assert (people["张三"].outcome, people["李四"].outcome, people["李四"].on_leave) == ("早退", "到会", False)
    assert people["李四"].presence_row > people["刘敏"].presence_row > 0


async def test_who_left_or_came_is_due_only_where_he_belonged_when_it_began(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("周敏", "/attendance open 党小组会 12月9日15:00 应到 第一党小组", "应到 5 · "),
            ("马志远", "参加 #2", "已记：参加"),
            ("admin", "/member transfer 马志远 第二党支部", "已转到第二党支部"),
            ("周敏", "/attendance", "#2 党小组会 12月9日(周三)15:00 应到 4 · 参加 0 · 请假 0 · 未回 4"),
            ("马志远", "参加 #2", "您不在这个支部的名册里"),
        ]
    )

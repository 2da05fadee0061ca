"""A closed meeting is corrected by new rows; what changes a published 实到 needs a second person."""

from __future__ import annotations

from sqlalchemy import select

from bot.db import Tx
from handlers.attendance.known import ALWAYS, held, stands
from handlers.tables import presences
from tests.dialogs.conftest import Stage
from tests.dialogs.test_known import now


async def closed(cast: Stage) -> None:
    """#1 on 4 December: 李四 was there, 张三 and all others were not; closed at 17:00."""
    await cast.dialog([("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "已开 #1")])
    await cast.until("2026-12-04 17:00")
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 张三 到 原因 漏签", "还没结束，直接登记"),
            ("周敏", "/attendance mark 李四 到", "实到 1"),
            ("周敏", "/attendance close", "已结束"),
        ]
    )


async def there(cast: Stage, known: int = ALWAYS) -> dict[str, str]:
    """Who was there and how, as known at an instant."""

    def work(tx: Tx) -> dict[str, str]:
        (one,) = held(tx, 1, 0, ALWAYS, known)
        return {stand.name: stand.outcome for stand in stands(tx, one.row, known) if stand.present}

    return await cast.place.database.read(work)


async def test_what_changes_the_published_count_waits_for_a_second_person(cast: Stage) -> None:
    await closed(cast)
    published = await now(cast)
    await cast.until("2026-12-20 09:00")
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 张三 到 原因 漏签 时间 15:10", "已放进 /todo，等第二个人确认"),
            ("周敏", "/attendance correct #1 张三 到 原因 漏签", "已有一项更正在等第二个人确认"),
            ("周敏", "/todo", "1 更正：张三 #1 改为到会（周敏提出）"),
            ("周敏", "/todo ok 1", "更正出席要第二个人确认"),
        ],
        chat="",
    )
    assert await there(cast) == {"李四": "到会"}
    await cast.pass_time(hours=1)
    await cast.dialog(
        [
            (
                "李红",
                "/todo ok 1",
                "已更正一项\n#1 主题党日 12月4日(周五)15:00\n应到 14 · 参加 0 · 请假 0 · 未回 14 · 实到 2",
            )
        ]
    )
    assert await there(cast) == {"张三": "到会", "李四": "到会"}
    assert await there(cast, published) == {"李四": "到会"}
    row = (await cast.rows(select(presences).where(presences.c.why == "correction")))[0]
    assert (row.at - row.happened_at) // 3_600_000_000 == 15 * 24 + 18  # 20 December 10:00, 4 December 15:10
    await cast.dialog(
        [
            (
                "周敏",
                "/attendance correct #1",
                "张三 改为到会：漏签；发生 12月4日(周五)15:10，登记 12月20日(周日)09:00 周敏；李红确认",
            ),
            ("张三", "我的", "张三（第一党支部）"),
            ("张三", "为什么", "更正（第二个人已确认）"),
        ],
        chat="",
    )
    assert "待补学" not in await cast.says("张三", "我的", "")


async def test_what_changes_no_count_is_corrected_at_once_and_a_no_changes_nothing(cast: Stage) -> None:
    await closed(cast)
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 李四 迟到 原因 误记", "已更正：李四\n#1 主题党日"),
            ("周敏", "/attendance correct #1 刘敏 请假:病 原因 补假条", "应到 14 · 参加 0 · 请假 1 · 未回 13 · 实到 1"),
            ("周敏", "/attendance correct #1 李四 缺席 原因 代签", "等第二个人确认"),
            ("admin", "/todo no 第一党支部 1 有照片", "不更正：#1"),
            ("周敏", "/attendance correct #1", "李四 改为缺席：代签；发生 12月4日(周五)15:00"),
            ("周敏", "/attendance correct #1", "admin不同意"),
        ],
        chat="",
    )
    assert await there(cast) == {"李四": "迟到"}


async def test_a_meeting_closed_before_anybody_was_counted_is_filled_in_by_one(cast: Stage) -> None:
    await cast.dialog([("周敏", "/attendance open 党课 12月4日15:00", "已开 #1")])
    await cast.until("2026-12-04 17:00")
    await cast.dialog(
        [
            ("周敏", "/attendance close", "已结束"),
            ("周敏", "/attendance correct #1 张三 到 原因 补登记", "已更正：张三"),
            ("周敏", "/attendance correct #1 李四 线上 原因 补登记", "实到 2"),
        ],
        chat="",
    )
    assert await there(cast) == {"张三": "到会", "李四": "线上"}


async def test_who_turns_out_not_to_have_been_there_owes_a_makeup(cast: Stage) -> None:
    await closed(cast)
    assert "李四" not in await cast.says("周敏", "/attendance makeup", "")
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 李四 请假:公务 原因 补假条", "李四 还记着到会，实到没有变。没来的，再发"),
            ("周敏", "/attendance correct #1 李四 缺席 原因 误记", "等第二个人确认"),
            ("李红", "/todo ok 1", "已更正一项"),
            ("周敏", "/attendance makeup", "李四"),
            ("李四", "已补学", "已转给书记确认：补学：李四 #1"),
        ],
        chat="",
    )


async def test_a_correction_that_cannot_be_is_refused(cast: Stage) -> None:
    await closed(cast)
    await cast.dialog([("周敏", "/attendance open 党课 12月8日9:00", "已开 #2")])
    await cast.refused(
        [
            ("周敏", "/attendance correct #1 李四 到 原因 漏签", "李四 本来就是到会"),
            ("周敏", "/attendance correct #1 张三 缺席 原因 漏签", "张三 本来就是缺席"),
            ("周敏", "/attendance correct #1 张三 到", "更正要写原因"),
            ("周敏", f"/attendance correct #1 张三 到 原因 {'长' * 61}", "最多 60 字"),
            ("周敏", "/attendance correct #1 张三 李四 到 原因 漏签", "一次更正一位"),
            ("周敏", "/attendance correct #1 张三 参加 原因 漏签", "更正的状态：到、迟到"),
            ("周敏", "/attendance correct #1 冯磊 到 原因 漏签", "应到名单里没有「冯磊」"),
            ("周敏", "/attendance correct #1 张三 到 原因 漏签 时间 2026-12-05 15:00", "发生的时间还没到"),
            ("周敏", "/attendance correct #1 张三 到 原因 漏签 时间 下午", "没写几点"),
            ("周敏", "/attendance correct #2 张三 到 原因 漏签", "还没结束，直接登记"),
            ("周敏", "/attendance correct 张三 到 原因 漏签", "请写编号"),
            ("张三", "/attendance correct #1 张三 到 原因 漏签", "由书记或组织委员使用"),
        ],
        chat="",
    )


async def test_names_are_those_of_the_meeting_s_day(cast: Stage) -> None:
    """Who left or moved since is corrected; who came later is not, not even under the same name."""
    await closed(cast)
    await cast.until("2026-12-20 09:00")
    await cast.dialog(
        [
            ("周敏", "/member leave 刘敏 转出 12月18日", "已移出名册"),
            ("admin", "/member transfer 马志远 第二党支部 12月18日", "已转到第二党支部"),
            ("周敏", "/member add 严冬 门诊部", "已加入名册"),
            ("周敏", "/member add 刘敏 门诊部", "已加入名册"),
        ],
        chat="",
    )
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 严冬 到 原因 漏签", "#1 的应到名单里没有「严冬」"),
            ("周敏", "/attendance correct #1 刘敏(门诊部) 到 原因 漏签", "的应到名单里没有「刘敏(门诊部)」"),
            ("周敏", "/attendance correct #1 刘敏 到 原因 漏签", "等第二个人确认"),
            ("周敏", "/attendance correct #1 马志远 迟到 原因 漏签", "等第二个人确认"),
            ("李红", "/todo ok 1 2", "实到 3"),
            ("周敏", "/attendance correct #1 马志远 缺席 原因 误记", "等第二个人确认"),
            ("李红", "/todo ok 3", "实到 2"),
        ],
        chat="",
    )
    assert await there(cast) == {"李四": "到会", "刘敏": "到会"}
    owing = await cast.says("周敏", "/attendance makeup", "")
    assert "马志远" not in owing.splitlines()[-1]


async def test_a_guest_is_none_of_those_who_count(one_cast: Stage) -> None:
    cast = one_cast
    await cast.dialog(
        [("周敏", "/attendance open 支委会 12月4日15:00 小会议室 应到 周敏、李红 列席 县局王主任、张三", "已开 #1")]
    )
    await cast.until("2026-12-04 17:00")
    await cast.says("周敏", "/attendance mark 周敏 到")
    await cast.says("周敏", "/attendance close")
    await cast.dialog(
        [
            ("周敏", "/attendance correct #1 张三 到 原因 漏签", "张三 是 #1 支委会"),
            ("周敏", "/attendance correct #1 王主任 到 原因 漏签", "列席人员，不计实到"),
            ("周敏", "/attendance correct #1 李四 到 原因 漏签", "#1 的应到名单里没有「李四」"),
            ("周敏", "/attendance correct #1 李红 到 原因 漏签", "等第二个人确认"),
        ],
        chat="",
    )

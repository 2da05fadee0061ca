"""年度计划, measures of a problem, what is overdue: what has a day, and what it is proved by."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from bot.db import Tx
from handlers import develop, registers, wishes
from handlers import overdue as late
from handlers.registers import BOOKS, rows
from handlers.registers_tables import register_rows as table
from handlers.registers_tables import wish_events
from scheduler.jobs import CLOCK
from tests.cast import Cast

BY_NAME = {book.name: book for book in BOOKS}


async def test_an_item_of_the_plan_from_open_to_done(cast: Cast) -> None:
    await cast.dialog(
        [
            (
                "周敏",
                "/plan add 召开组织生活会 期限 12月20日 负责人 李红",
                "李红 重点任务 召开组织生活会 期限 12月20日 未开始",
            ),
            ("周敏", "/plan start 1", "进行中"),
            ("周敏", "/plan start 1", "现在是“进行中”，不用再开始"),
            ("周敏", "/plan done 1", "请写依据"),
            ("周敏", "/plan done 1 依据", "「依据」后面没有写"),
            ("周敏", "/plan done 1 11月20日 依据 #12 会议记录", "日期不能更早"),
            ("周敏", "/plan done 1 依据 #12 会议记录", "完成（11月21日） 依据 #12 会议记录"),
            ("周敏", "/plan done 1 依据 再来", "之前已经完成"),
            ("周敏", "/plan start 1", "现在是“完成”"),
            ("周敏", "/plan list", "1 条 · 未开始 0 · 进行中 0 · 完成 1"),
            ("何静", "/plan list", "1 条"),
            ("张三", "/plan list", "由书记或组织委员"),
        ],
        "",
    )
    history = await cast.place.database.read(lambda tx: rows.history(tx, 1, BY_NAME["plan"], 1))
    assert [row.action for row in history] == ["add", "begin", "done"]


async def test_the_plan_counts_by_the_day_it_is_due(cast: Cast) -> None:
    await cast.says("周敏", "/plan add 发展计划 5人 发展党员 期限 2027-06-30", "")
    assert "0 条" in await cast.says("周敏", "/plan list 2026", "")
    assert "#1" in await cast.says("周敏", "/plan list 2027", "")

    def ask(tx: Tx) -> list[tuple[str, int]]:
        found = registers.totals(tx, 0, "plan", date(2027, 1, 1), date(2027, 12, 31))
        return [(row.kind, int(row.quantity)) for row in found]

    assert await cast.place.database.read(ask) == [("发展计划", 5)]


async def test_a_year_is_planned_once(cast: Cast) -> None:
    assert "新增 25 项，原有 0 项" in await cast.says("周敏", "/plan make 2027")
    assert "新增 0 项，原有 25 项" in await cast.says("周敏", "/计划 生成 2027")
    found = await cast.rows(
        select(table.c.due_on, table.c.quantity).where(table.c.title.like("支委会%")).order_by(table.c.number)
    )
    assert [tuple(row) for row in found] == [(f"2027-{end}", 3) for end in ("03-31", "06-30", "09-30", "12-31")]
    assert "只生成今年或明年" in await cast.says("周敏", "/plan make 2030")
    assert "只生成今年或明年" in await cast.says("周敏", "/plan make 2025")


async def test_a_measure_names_its_problem(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/issue add 学习记录不全 期限 12月31日", "#1"),
            ("周敏", "/issue add 措施 每月核对一次 对应 #1 期限 12月10日 责任人 李红", "对应 #1"),
            ("周敏", "/issue add 措施 又一条 对应 #9", "没有 #9"),
            ("周敏", "/issue add 措施 又一条 对应 第一条", "不是编号"),
            ("周敏", "/issue add 措施 又一条 对应 #2", "本身也对应别的一条"),
            ("周敏", "/issue correct 1 对应 #1 原因 错", "不能对应它自己"),
            ("周敏", "/issue add 对应措施不力", "对应措施不力"),
            ("周敏", "/issue done 1 依据 台账已补", "对应的 1 条还没有销号（#2）"),
            ("周敏", "/issue done 2", "已销号 #2"),
        ],
        "",
    )
    assert "依据 台账已补" in await cast.says("周敏", "/issue list", "")


async def test_an_honour_or_a_post_can_end(cast: Cast) -> None:
    await cast.says("周敏", "/award add 张三 先锋岗 11月1日 门诊导诊台")
    assert "已撤销（11月20日）" in await cast.says("周敏", "/award done 1 11月20日")
    assert "有效 0 · 已撤销 1" in await cast.says("周敏", "/award")


async def test_the_list_of_units_is_whole_whatever_the_year(cast: Cast) -> None:
    await cast.says("周敏", "/unit add 县人民医院 单位 医院 2019-03-01")
    await cast.says("周敏", "/unit add 城关镇卫生院党支部 党支部 卫生院 2026-03-01 划入")
    heard = await cast.says("周敏", "/unit list")
    assert heard.startswith("单位 现有：2 条 · 在册 2")
    assert "公立医院 县人民医院" in heard
    assert "1 条" in await cast.says("周敏", "/unit list 2026")
    assert "医疗卫生单位、二级党委" in await cast.says("周敏", "/unit add 县人民医院")


async def test_the_other_lists_keep_people_out_of_the_group(cast: Cast) -> None:
    assert "张三" not in await cast.says("周敏", "/record add 结对帮扶 11月20日 张三 阳光社区3号楼")
    assert "张三 结对帮扶 阳光社区3号楼" in await cast.says("周敏", "/record list", "")
    assert "明细请私聊我发" in await cast.says("何静", "/record list")
    assert "没看到类别（第一议题、" in await cast.says("周敏", "/record add 11月20日 张三", "")


async def test_what_has_a_day_is_told_by_one_question(cast: Cast) -> None:
    await cast.says("周敏", "/issue add 学习记录不全 期限 11月25日 责任人 李红", "")
    await cast.says("周敏", "/project add 社区义诊点 期限 11月30日", "")
    await cast.says("周敏", "/plan add 召开组织生活会 期限 11月24日 负责人 李红", "")
    await cast.says("周敏", "/plan start 1", "")
    await cast.says("周敏", "/wish add 一副老花镜")
    await cast.says("张三", "认领 1")
    await cast.says("周敏", "/develop add 孙悦", "")
    await cast.says("周敏", "/develop step 孙悦 1 2026-11-01", "")

    async def told(ahead: int = 0) -> list[tuple[str, str, bool]]:
        found = await cast.place.database.read(lambda tx: late.entries(tx, 1, ahead))
        steps = await cast.place.database.read(lambda tx: develop.dates_due(tx, 1, tx.now.date()))
        told = [(one.book, one.due, one.late) for one in found] + [("develop", one.on, one.late) for one in steps]
        return [(book, day.isoformat(), over) for book, day, over in told]

    step = ("develop", "2026-12-01", False)
    assert await told() == [step]
    assert await told(5) == [("plan", "2026-11-24", False), ("issue", "2026-11-25", False), step]
    await cast.until("2026-11-29 09:00")
    first = [("plan", "2026-11-24", True), ("issue", "2026-11-25", True), ("wish", "2026-11-28", True)]
    assert await told() == [*first, step]
    assert await told(1) == [*first, ("project", "2026-11-30", False), step]
    found = await cast.place.database.read(lambda tx: late.entries(tx, 1))
    assert found[0].text == "计划 #1 召开组织生活会 期限 11月24日（已过）"
    assert found[2].text == "微心愿 #1 一副老花镜 期限 11月28日（已过）"
    assert await cast.place.database.read(lambda tx: late.entries(tx, 2)) == []
    assert await cast.place.database.read(lambda tx: develop.dates_due(tx, 2, tx.now.date())) == []


async def test_a_claim_lapses_after_its_window_and_only_once(cast: Cast) -> None:
    for text in ("/wish add 一副老花镜", "/wish add 一台收音机"):
        await cast.says("周敏", text)
    await cast.says("张三", "认领 1")
    await cast.says("李四", "合领 1")
    await cast.says("张三", "认领 2")
    await cast.says("张三", "兑现 2")

    async def lapse() -> list[int]:
        return [row.number for row in await cast.place.database.write(lambda tx: wishes.lapse(tx, 1, CLOCK))]

    await cast.until("2026-11-28 12:00")
    assert await lapse() == []
    await cast.until("2026-11-29 09:00")
    assert (await lapse(), await lapse()) == ([1], [])
    events = await cast.rows(select(wish_events.c.action).where(wish_events.c.wish_id == 1).order_by(wish_events.c.id))
    assert [row.action for row in events][-2:] == ["lapse", "lapse"]
    assert "待确认" in await cast.says("周敏", "/wish list", "")
    assert "已认领" in await cast.says("刘敏", "认领 1", "")


async def test_a_wish_is_corrected_while_nobody_has_it(cast: Cast) -> None:
    await cast.dialog(
        [
            ("周敏", "/wish add 一副老花镜 居民代码A07", "已登记微心愿 #1"),
            ("周敏", "/wish correct 1 两副老花镜", "更正请写原因"),
            ("周敏", "/wish correct 1 一副老花镜 原因 再看", "本来就是这样"),
            ("周敏", "/wish correct 1 两副老花镜 原因 数量写错", "已更正：#1 两副老花镜（物品） · 待认领"),
            ("张三", "/wish correct 1 三副 原因 我要", "由书记或组织委员"),
            ("张三", "认领 1", "已认领"),
            ("周敏", "/wish correct 1 三副老花镜 原因 再改", "要改请先收回：/wish release 1"),
        ],
        "",
    )
    events = await cast.rows(select(wish_events.c.action, wish_events.c.why).order_by(wish_events.c.id))
    assert [tuple(row) for row in events if row.action == "correct"] == [("correct", "原为“一副老花镜”：数量写错")]
    assert "居民 A07" in await cast.says("周敏", "/wish list", "")

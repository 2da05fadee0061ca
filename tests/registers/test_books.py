"""The small books in the chat: what is added, corrected and taken back, what is refused, what a group hears."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from bot.commands import Who
from bot.db import Tx
from handlers import registers
from handlers.registers import BOOKS, rows
from handlers.registers_tables import register_rows as table
from handlers.tables import members, presences
from tests.cast import Cast, opened_cast

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
BY_NAME = {book.name: book for book in BOOKS}


async def test_every_book_takes_its_own_example(cast: Cast) -> None:
    for book in BOOKS:
        assert f"已登记{book.chinese} #1" in await cast.says("周敏", book.example, ""), book.name
        called = "现有" if book.standing else "2026年"
        assert f"{book.chinese} {called}：" in await cast.says("李红", f"/{book.name} list", "")
        assert "#1" in await cast.says("周敏", f"/{book.chinese} 列表 2026", "")
        assert "1 条" in await cast.says("周敏", f"/{book.name}", "") or book.name == "study"
    found = await cast.rows(select(table.c.register, func.count().label("rows")).group_by(table.c.register))
    assert {row.register: row.rows for row in found} == {one.name: 2 if one.name == "study" else 1 for one in BOOKS}


async def test_every_book_takes_its_own_correction(one_cast: Cast) -> None:
    for book in BOOKS:
        for _ in range(3):
            await one_cast.says("周敏", book.example, "")
        assert f"已更正{book.chinese}" in await one_cast.says("周敏", book.correction, ""), book.name


async def test_a_correction_keeps_the_old_row_and_what_was_known_then(cast: Cast) -> None:
    await cast.says("周敏", "/study add 张三 11月20日 3小时 党课 学习条例", "")
    before = cast.place.database.now()
    await cast.pass_time(hours=1)
    heard = await cast.says("周敏", "/study correct 1 2小时 原因 时长记错", "")
    assert heard == ("已更正学时\n原：#1 11月20日 张三 党课 学习条例 3 学时\n现：#1 11月20日 张三 党课 学习条例 2 学时")
    at = round(before.timestamp() * 1_000_000)
    book = BY_NAME["study"]

    def ask(tx: Tx) -> tuple[list[int], list[int], list[str]]:
        then = [int(row.quantity) for row in rows.totals(tx, 1, "study", *YEAR, at)]
        now = [int(row.quantity) for row in rows.totals(tx, 1, "study", *YEAR)]
        return then, now, [f"{row.action} {row.quantity} {row.reason}" for row in rows.history(tx, 1, book, 1)]

    then, now, history = await cast.place.database.read(ask)
    assert (then, now) == ([180], [120])
    assert history == ["add 180 ", "correct 120 时长记错"]
    assert "本来就是这样" in await cast.says("周敏", "/study correct 1 2小时 原因 再改", "")
    assert "请写原因" in await cast.says("周敏", "/study correct 1 1小时", "")


async def test_taken_back_it_counts_no_more(cast: Cast) -> None:
    await cast.says("周敏", "/article add 义诊进社区 11月20日 张三 县卫健公众号", "")
    assert "已作废稿件 #1" in await cast.says("周敏", "/article correct 1 作废 原因 记重了", "")
    assert await cast.says("周敏", "/article list", "") == "稿件 2026年：0 条 · 撰写 0 · 采用 0"
    for text in ("/article correct 1 采用 原因 补", "/article done 1", "/article correct 1 作废 原因 再"):
        assert "稿件 #1 已作废" in await cast.says("周敏", text, "")
    assert "#2" in await cast.says("周敏", "/article add 义诊进社区 11月20日", "")


async def test_an_article_is_written_then_adopted(cast: Cast) -> None:
    assert "撰写" in await cast.says("周敏", "/article add 七一主题党日侧记 11月2日 张三 县卫健公众号")
    assert "不能更早" in await cast.says("周敏", "/article done 1 11月1日")
    assert "采用（11月9日）" in await cast.says("周敏", "/article done 1 11月9日")
    assert "之前已经采用" in await cast.says("周敏", "/article done 1")
    await cast.says("周敏", "/article add 又一篇 11月3日 采用")
    assert "2 条 · 撰写 0 · 采用 2" in await cast.says("周敏", "/article list 11月")
    assert "0 条" in await cast.says("周敏", "/article list 10月")


async def test_issues_are_due_and_done(cast: Cast) -> None:
    await cast.says("周敏", "/issue add 学习记录不全 期限 11月25日 责任人 李红", "")
    await cast.says("周敏", "/issue add 建议 组织生活会意见 30条 2025-12-01", "")
    await cast.until("2026-11-26 09:00")
    heard = await cast.says("周敏", "/issue list", "")
    assert "#1 11月21日 李红 问题 学习记录不全 期限 11月25日 未销号 已逾期" in heard
    assert "#2 2025年12月1日 建议 组织生活会意见 30 条 未销号" in heard
    late = await cast.place.database.read(lambda tx: registers.overdue(tx, 1, tx.now.date()))
    assert [row.number for row in late] == [1]
    assert "已销号 #1" in await cast.says("周敏", "/issue done 1", "")
    assert await cast.place.database.read(lambda tx: registers.overdue(tx, 1, tx.now.date())) == []


async def test_hours_by_member_and_who_lacks_them(cast: Cast) -> None:
    await cast.says("周敏", "/study add 张三、李四 11月20日 4天 集中培训", "")
    await cast.says("周敏", "/study add 周敏 11月19日 7天 集中学习", "")
    await cast.says("周敏", "/study add 张三 2025-11-20 半天", "")

    def ask(tx: Tx) -> tuple[dict[str, int], list[registers.Short]]:
        return registers.hours_of(tx, 5, 2026), registers.shortfall(tx, 1, 2026)

    hours, short = await cast.place.database.read(ask)
    assert hours == {"集中培训": 1920}
    assert [one.name for one in short][:4] == ["周敏", "李红", "陈建国", "何静"]
    assert short[0].training
    assert short[0].minutes == short[0].needed == 56 * 60
    assert not {"张三", "李四"} & {one.name for one in short}
    private = await cast.says("周敏", "/study short 2026", "")
    assert "周敏 56/56（还缺集中培训）" in private
    assert "私" in await cast.says("周敏", "/study short")
    assert await cast.place.database.read(lambda tx: registers.mine(tx, 5)) == ["今年学时：32（全年 32）"]
    assert "由书记或组织委员使用" in await cast.says("张三", "/study short", "")


async def test_hours_come_from_meetings_too_but_never_twice(cast: Cast) -> None:
    await cast.says("周敏", "/attendance open 党课 11月21日11:00-13:45 三楼")
    await cast.says("周敏", "/attendance open 支委会 11月21日14:00-16:00 三楼 应到 全体")
    await cast.says("周敏", "/attendance open 集中学习 11月21日16:00 三楼")
    for number in (1, 2, 3):
        await cast.says("周敏", f"/attendance mark #{number} 张三 李四 到会", "")
    await cast.says("周敏", "/attendance mark #1 李四 缺席", "")
    people = {row.name: row.id for row in await cast.rows(select(members.c.id, members.c.name))}

    async def hours(name: str) -> dict[str, int]:
        return await cast.place.database.read(lambda tx: registers.hours_of(tx, people[name], 2026))

    marked = await cast.rows(select(presences.c.member_id))
    assert len(marked) == 7
    assert (await hours("张三"), await hours("李四")) == ({"党课": 150}, {})
    await cast.says("周敏", "/study add 张三 11月21日 4小时 党课", "")
    assert await hours("张三") == {"党课": 240}
    short = await cast.place.database.read(lambda tx: registers.shortfall(tx, 1, 2026))
    assert {one.name: one.minutes for one in short if one.minutes} == {"张三": 240}


REFUSED = [
    ("/study add", "请这样发"),
    ("/study add 张三 11月20日", "没看到学时"),
    ("/study add 张三 2小时", "没看到日期"),
    ("/study add 11月20日 2小时", "没看到党员姓名"),
    ("/study add 王五 11月20日 2小时", "没有「王五」"),
    ("/study add 王芳 11月20日 2小时", "2 位「王芳」"),
    ("/study add 张三 11月20日 0.001小时", "0.5 的倍数"),
    ("/study add 张三 11月20日 -2小时", "0.5 的倍数"),
    ("/study add 张三 11月20日 0小时", "0.5 的倍数"),
    ("/study add 张三 11月20日 1000000000小时", "0.5 的倍数"),
    ("/study add 张三 11月20日 1.2.3小时", "不是数"),
    ("/study add 张三 11月22日 2小时", "还没到"),
    ("/study add 张三 12月25日 2小时", "还没到"),
    ("/study add 张三 2月30日 2小时", "没有2月30日"),
    ("/study add 张三 2025-02-29 2小时", "没有「2025-02-29」"),
    ("/study add 张三 1921-07-01 2小时", "太早"),
    ("/study add 张三 周末 2小时", "不止一天"),
    ("/study add 张三 11月20日 2小时 " + "题" * 41, "最多 40 字"),
    ("/study add 张三 11月20日 2小时 电话13812345678", "电话或证件"),
    ("/article add 7月1日 大会侧记 11月20日", "两个日期"),
    ("/project add 义诊点 期限", "「期限」后面没有写"),
    ("/study correct", "请先写编号"),
    ("/study correct 9 2小时 原因 错", "学时里没有 #9"),
    ("/study correct x 原因 错", "请先写编号"),
    ("/study list 13月", "没看懂"),
    ("/study list 明年啊", "没看懂"),
    ("/award add 先进个人 7月1日", "请写明是谁"),
    ("/award add 张三 7月1日", "没看到类别"),
    ("/award add 先进单位 县医院 7月1日 0个", "1 到 9999"),
    ("/award add 先进单位 县医院 7月1日 1.5个", "1 到 9999"),
    ("/award add 先进单位 县医院 7月1日 -3个", "1 到 9999"),
    ("/award add 先进单位 县医院 7月1日 1000000000个", "1 到 9999"),
    ("/project add 义诊点 期限 2099-01-01", "太远"),
    ("/project add 义诊点 期限 明天吧", "没看懂"),
    ("/project add 义诊点 期限 11月1日", "不能早于"),
    ("/project add 义诊点 负责人 路人甲", "没有「路人甲」"),
    ("/issue done 1", "没有 #1"),
    ("/talk add 周敏 张三 11月20日 家里老人病重", "不记内容"),
    ("/talk add 张三 11月20日", "两位党员"),
    ("/talk add 张三 张三 11月20日", "两位党员"),
    ("/talk add 周敏 张三 李四 11月20日", "两位党员"),
    ("/care add 11月20日 走访慰问 3人次 家庭困难", "不记困难"),
]


async def test_what_is_refused_leaves_nothing(one_cast: Cast) -> None:
    for text, hears in REFUSED:
        heard = await one_cast.says("周敏", text, "")
        assert hears in heard, f"{text}\n{heard}"
    assert await one_cast.rows(select(table.c.id)) == []


DAYS = [
    ("3月2日", "2026-03-02"),
    ("2025-12-25", "2025-12-25"),
    ("2026.11.3", "2026-11-03"),
    ("20261103", "2026-11-03"),
    ("昨天", "2026-11-20"),
    ("去年12月1日", "2025-12-01"),
    ("2024-02-29", "2024-02-29"),
    ("十一月二日", "2026-11-02"),
]


async def test_a_day_without_a_year_is_the_last_one(one_cast: Cast) -> None:
    for word, _ in DAYS:
        await one_cast.says("周敏", f"/award add 张三 先进个人 {word}", "")
    found = await one_cast.rows(select(table.c.on_date).order_by(table.c.number))
    assert [row.on_date for row in found] == [day for _, day in DAYS]


async def test_in_january_december_is_last_year(one_cast: Cast) -> None:
    await one_cast.until("2027-01-05 09:00")
    assert "2026年12月20日" in await one_cast.says("周敏", "/award add 张三 先进个人 12月20日", "")


async def test_markup_in_titles_is_only_text(one_cast: Cast) -> None:
    title = "<script>alert(1)</script> *[x](http://y)* =cmd|' @所有人"
    assert title in await one_cast.says("周敏", f"/article add {title} 11月20日")


async def test_a_group_hears_no_person_of_the_private_books(cast: Cast) -> None:
    for text in ("/talk add 周敏 孙桂兰 11月20日", "/care add 11月20日 走访慰问 孙桂兰"):
        assert "没有记录" in await cast.says("周敏", text)
    assert await cast.rows(select(table.c.id)) == []
    for text in ("/talk add 周敏 孙桂兰 11月20日", "/care add 11月20日 走访慰问 孙桂兰"):
        assert "孙桂兰" in await cast.says("周敏", text, "")
    await cast.says("周敏", "/study add 孙桂兰 11月20日 2小时")
    await cast.says("周敏", "/issue add 问题 责任人 孙桂兰 台账不全")
    for name in ("周敏", "张三", "何静"):
        for book in BOOKS:
            for text in (f"/{book.name}", f"/{book.name} list", f"/{book.name} list 11月", f"/{book.name} correct 1"):
                heard = await cast.says(name, text)
                assert "孙桂兰" not in heard, text
    for text in ("/study correct 1 3小时 原因 错", "/issue done 1", "/issue correct 1 期限 12月1日 原因 补"):
        assert "孙桂兰" not in await cast.says("周敏", text)
    assert not any("孙桂兰" in bubble.text for bubble in cast.pushed())
    for text in ("/talk list", "/care list", "/talk"):
        assert "由书记或组织委员使用" in await cast.says("何静", text, "")


async def test_another_branch_has_its_own_numbers_and_sees_nothing(cast: Cast) -> None:
    await cast.says("周敏", "/award add 张三 先进个人 7月1日")
    assert "没有 #1" in await cast.says("郑晓燕", "/award correct 1 市级 原因 错", "g2")
    assert await cast.says("郑晓燕", "/award list", "g2") == "表彰 2026年：0 条 · 0 个 · 有效 0 · 已撤销 0"
    assert "#1" in await cast.says("郑晓燕", "/award add 冯磊 先进个人 7月1日", "g2")
    assert "由书记或组织委员" in await cast.says("郑晓燕", "/award list", "g1")


async def test_numbers_are_given_once_however_many_write(cast: Cast) -> None:
    book, boss = BY_NAME["care"], Who("周敏", 1, "周敏", 1, home=1)

    async def put(place: int) -> None:
        values = {"on_date": "2026-11-20", "kind": "走访慰问", "quantity": 1}
        await cast.place.database.write(lambda tx: rows.add(tx, 1, book, values, boss))

    await asyncio.gather(*(put(place) for place in range(20)))
    numbers = [row.number for row in await cast.rows(select(table.c.number).order_by(table.c.number))]
    assert numbers == list(range(1, 21))
    (total,) = await cast.place.database.read(lambda tx: registers.totals(tx, 0, "care", *YEAR))
    assert (total.rows, total.quantity) == (20, 20)


LOCAL = """
[registers]
study_half_day = 3.5
study_hour = 0.5
study_member_hours = 10
study_kinds = ["党课"]
study_makeup = false
study_lecture_factor = 2
study_rotation_percent = 50
wish_days = 3
"""


async def test_local_practice_is_a_setting(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, LOCAL) as cast:
        await cast.says("周敏", "/study add 张三 11月20日 半天 集中培训", "")
        await cast.says("周敏", "/study add 张三 11月19日 2小时 讲党课", "")
        await cast.says("周敏", "/study add 张三 11月18日 4学时 补学", "")
        for number, kind in ((1, "党课"), (2, "集中学习")):
            await cast.says("周敏", f"/attendance open {kind} 11月21日11:00-13:00 三楼")
            await cast.says("周敏", f"/attendance mark #{number} 张三 到会", "")
        assert "今年学时：6.5（全年 10）" in await cast.says("张三", "我的", "")
        short = await cast.says("周敏", "/study short 2026", "")
        assert "轮训（集中培训）1/14 人，占 7 %，目标 50 %" in short
        await cast.says("周敏", "/wish add 一副老花镜")
        assert "11月24日前办好" in await cast.says("张三", "认领 #3")

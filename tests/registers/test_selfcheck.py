"""自查: what was done as often as it is asked for, with its records; what nobody can count stays blank."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import update

from bot.db import Tx, micros
from bot.rules import Frequency
from bot.sql import p, sql
from handlers.people_tables import member_facts
from handlers.selfcheck import Item, selfcheck
from handlers.selfcheck.reckoning import BLANK
from handlers.selfcheck.required import windows
from handlers.tables import branches
from tests.cast import START, Cast, opened_cast
from tests.registers.test_points import meeting
from tests.registers.test_sheets import cells, sent

BOUND_AT = sql(update(branches).values(bound_at=p("at")))
NO_DUTY = sql(
    update(member_facts).where(member_facts.c.what == "duty", member_facts.c.value.like("%委员")).values(value="")
)
NO_GROUPS = sql(update(member_facts).where(member_facts.c.what == "party_group").values(value=""))


async def bound_since(cast: Cast, day: date) -> None:
    at = round(START.replace(year=day.year, month=day.month, day=day.day).timestamp() * 1_000_000)
    await cast.place.database.write(lambda tx: tx.run(BOUND_AT, at=at))


async def items(
    cast: Cast, first: str = "2026-01-01", last: str = "2026-12-31", branch: int = 1, known: int | None = None
) -> dict[str, Item]:
    def work(tx: Tx) -> list[Item]:
        days = date.fromisoformat(first), date.fromisoformat(last)
        return selfcheck(tx, branch, *days, cast.place.config, known)

    return {one.name: one for one in await cast.place.database.read(work)}


async def test_done_or_not_with_the_records_behind_it(cast: Cast) -> None:
    await bound_since(cast, date(2026, 9, 1))
    await meeting(cast, 1, "11月24日")
    await cast.says("周敏", "/attendance open 党课 11月25日15:00-16:00 三楼")
    await cast.until("2026-11-26 10:00")
    found = await items(cast)
    lessons = found["党课"]
    assert [(one.name, one.state) for one in lessons.windows] == [("3季度", "missing"), ("4季度", "done")]
    assert lessons.windows[1].records == ("#1",)
    assert lessons.windows[1].incomplete[0].startswith("#2 缺 主持人、记录人")
    meetings = [(one.name, one.state) for one in found["支委会"].windows]
    assert meetings == [("9月", "missing"), ("10月", "missing"), ("11月", "late")]
    assert [one.state for one in found["组织生活会"].windows] == ["late"]
    assert all(not found[name].windows and found[name].why == "由人填写" for name in BLANK)
    heard = await cast.says("周敏", "/branch selfcheck 2026", "")
    assert "党课（每季度至少 1 次）：已做 1/2 · 未做：3季度 · 依据 #1 · 待核 #2 缺" in heard
    assert "支委会（每月至少 1 次）：已做 0/3 · 未做：9月、10月 · 11月本期还没做" in heard
    assert "业务工作（百分）：（空，由人填写）" in heard


async def test_dues_are_in_when_nobody_owes_and_no_name_is_said(cast: Cast) -> None:
    await bound_since(cast, date(2026, 11, 1))
    found = (await items(cast))["党费按月收齐"]
    assert [(one.name, one.state) for one in found.windows] == [("11月", "running")]
    await cast.until("2026-12-02 10:00")
    found = (await items(cast))["党费按月收齐"]
    assert [(one.name, one.state) for one in found.windows] == [("11月", "missing"), ("12月", "running")]
    heard = await cast.says("何静", "/branch selfcheck", "")
    assert "党费按月收齐（每月）：已做 0/2 · 未做：11月" in heard
    assert not any(name in heard for name in ("张三", "李四", "42.38"))


async def test_talks_and_hours_are_counted_without_names(cast: Cast) -> None:
    await cast.says("周敏", "/talk add 周敏 张三 11月20日", "")
    await cast.says("周敏", "/study add 张三 11月20日 4天 集中培训", "")
    found = await items(cast)
    assert found["谈心谈话"].windows[0].records == ("谈话 #1",)
    assert found["谈心谈话"].windows[0].incomplete == ("还有 12 人没有登记谈心谈话",)
    assert found["党员学时"].windows[0].incomplete == ("还有 13 人学时未满",)
    assert found["轮训"].windows[0].incomplete == ("1 人参加，占 7 %",)
    assert "张三" not in await cast.says("周敏", "/branch selfcheck", "")
    everybody = "李红 陈建国 何静 李四 王芳(检验科) 王芳(护理部) 刘敏 赵丽华 欧阳静 马志远 孙桂兰 吴大勇"
    for name in everybody.split():
        await cast.says("周敏", f"/talk add 周敏 {name} 11月20日", "")
    assert (await items(cast))["谈心谈话"].windows[0].state == "done"


async def test_what_does_not_apply_stays_blank(cast: Cast) -> None:
    await cast.place.database.write(lambda tx: (tx.run(NO_DUTY), tx.run(NO_GROUPS)))
    found = await items(cast)
    assert (found["支委会"].windows, found["支委会"].why) == ((), "没有支委会")
    assert (found["党小组会"].windows, found["党小组会"].why) == ((), "没有党小组")
    assert "支委会：（空，没有支委会）" in await cast.says("周敏", "/branch selfcheck", "")


async def test_a_committee_is_asked_for_its_meetings_while_it_is_one(cast: Cast) -> None:
    """The second branch has a 书记 and no more until 10 December; in February one of three goes again."""
    await bound_since(cast, date(2026, 9, 1))
    await cast.says("郑晓燕", "/member role 冯磊 组织委员", "")
    known = await at(cast, date(2026, 12, 5))
    assert (await items(cast, branch=2))["支委会"] == (await items(cast, branch=2, known=known))["支委会"]
    assert (await items(cast, branch=2))["支委会"].why == "没有支委会"
    await at(cast, date(2026, 12, 10))
    await cast.says("郑晓燕", "/member role 蒋玉梅 宣传委员", "")
    await at(cast, date(2027, 2, 5))
    assert await states(cast, "2026") == [("12月", "missing")]
    assert await states(cast, "2027") == [("1月", "missing"), ("2月", "running")]
    heard = await cast.says("郑晓燕", "/branch selfcheck 2026", "")
    assert "支委会（每月至少 1 次）：已做 0/1 · 未做：12月" in heard
    await cast.says("郑晓燕", "/member role 蒋玉梅 无", "")
    await at(cast, date(2027, 3, 2))
    assert await states(cast, "2027") == [("1月", "missing")]
    assert (await items(cast, branch=2, known=known))["支委会"].why == "没有支委会"


async def at(cast: Cast, day: date) -> int:
    """Moves the clock to ten o'clock of a day, and nothing else; that instant."""
    cast.place.clock.ahead = START.replace(year=day.year, month=day.month, day=day.day) - START
    return micros(cast.place.clock())


async def states(cast: Cast, year: str) -> list[tuple[str, str]]:
    found = await items(cast, f"{year}-01-01", f"{year}-12-31", branch=2)
    return [(one.name, one.state) for one in found["支委会"].windows]


async def test_nothing_is_asked_for_before_the_branch_was_here(cast: Cast) -> None:
    found = await items(cast)
    assert [one.name for one in found["支委会"].windows] == ["11月"]
    assert await items(cast, "2025-01-01", "2025-12-31")
    assert (await items(cast, "2025-01-01", "2025-12-31"))["党课"].windows == ()


async def test_the_circular_has_every_branch_and_is_for_admins(cast: Cast) -> None:
    await bound_since(cast, date(2026, 10, 1))
    assert "全部支部由管理员查看" in await cast.says("周敏", "/branch selfcheck 全部", "")
    heard = await cast.says("admin", "/branch selfcheck 2026", "")
    assert "第一党支部 2026年：未做 3 期：支委会（10月）；党小组会（10月）；主题党日（10月）" in heard
    assert "第二党支部 2026年：未做" in heard
    table = cells(await sent(cast, "admin", "/branch selfcheck 2026 全部 导出"))
    assert table[0][:5] == ["支部", "项目", "要求", "时段", "结果"]
    assert {line[0] for line in table[1:]} == {"第一党支部", "第二党支部"}
    assert all(len(line) < 8 for line in table[1:])  # 得分 is for people
    assert "由书记或组织委员、支委使用" in await cast.says("张三", "/branch selfcheck", "")
    assert "第二党支部" not in await cast.says("周敏", "/branch selfcheck", "")
    assert await cast.says("周敏", "/branch selfcheck") == "已私发给您。"


async def test_standards_are_settings(sqlite: str, tmp_path: Path) -> None:
    more = '[standards]\n"党小组会" = ""\n"专题研讨" = "quarter:2"\n'
    async with opened_cast(sqlite, tmp_path, more) as cast:
        found = await items(cast)
    assert "党小组会" not in found
    assert found["专题研讨"].asked == "每季度至少 2 次"


def test_windows_are_those_of_the_calendar() -> None:
    def names(frequency: Frequency, first: date, last: date) -> list[tuple[str, str, str]]:
        return [(name, f"{start:%m-%d}", f"{end:%m-%d}") for name, start, end in windows(frequency, first, last)]

    year = date(2026, 1, 1), date(2026, 12, 31)
    quarter = names(Frequency("quarter", 1), *year)
    assert quarter[0] == ("1季度", "01-01", "03-31")
    assert quarter[3] == ("4季度", "10-01", "12-31")
    assert len(names(Frequency("month", 1), *year)) == 12
    assert names(Frequency("month", 1), date(2026, 2, 1), date(2026, 2, 28)) == [("2月", "02-01", "02-28")]
    assert names(Frequency("year", 1), date(2026, 5, 1), date(2026, 5, 31)) == [("2026年", "01-01", "12-31")]
    assert names(Frequency("quarter", 1), date(2026, 5, 1), date(2026, 5, 31)) == [("2季度", "04-01", "06-30")]


async def test_what_was_known_at_a_day_is_reckoned_again(cast: Cast) -> None:
    """After later entries, a payment, a record, a new duty and a move the circular of a day is what it was."""
    await bound_since(cast, date(2026, 9, 1))
    await meeting(cast, 1, "11月24日")
    await cast.says("周敏", "/talk add 周敏 张三 11月20日", "")
    await cast.says("周敏", "/study add 张三 11月20日 4天 集中培训", "")
    await cast.says("周敏", "/attendance open 党课 11月25日15:00-16:00 三楼")
    await cast.until("2026-11-27 10:00")
    known = round(cast.place.clock().timestamp() * 1_000_000)
    then, other = await items(cast), await items(cast, branch=2)
    await cast.until("2026-12-03 10:00")
    await cast.says("周敏", "/attendance record #2 主持人 周敏 记录人 李红 主讲人 周敏 议题 学习党章")
    await cast.says("周敏", "/talk add 周敏 李四 11月20日", "")
    await cast.says("周敏", "/study add 李四 11月20日 4天 集中培训", "")
    await cast.says("张三", "已交 42.38 11月")
    await cast.says("李红", "/todo ok 1", "")
    await cast.says("李红", "/dues set 李四 在职 9000", "")
    await cast.says("admin", "/member transfer 刘敏 第二党支部 9月1日")
    await cast.says("admin", "/member leave 孙桂兰 转出 9月1日")
    assert await items(cast) != then
    assert await items(cast, known=known) == then
    assert await items(cast, branch=2, known=known) == other

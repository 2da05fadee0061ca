"""值班表: who is on night or 24-hour duty is not called in his hours, and what he misses is leave, to be made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from bot.cli.rosters import import_roster
from bot.message import Refused
from handlers.clock_tables import duties
from handlers.tables import answers
from tests.cast import Cast, opened_cast
from tests.scheduler.conftest import live, whispered

HEADER = ["姓名", "科室", *range(21, 31)]


def grid(path: Path, *people: list[object], title: str = "急诊科2026年11月值班表") -> Path:
    """A roster as hospitals make it: a title, a name a row, a day a column."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.append(HEADER)
    for row in people:
        sheet.append(row)
    book.save(path)
    return path


async def taken(cast: Cast, path: Path, month: str = "") -> str:
    """What the import says; the cast's database is the configuration's."""
    return await import_roster(cast.place.config, path, "第一党支部", month)


async def test_a_grid_is_read_cell_by_cell_and_unknown_names_are_listed(
    one_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = grid(
        tmp_path / "roster.xlsx",
        ["马志远", "急诊科", "白", "夜", "下夜", "休", "24", "", "夜班", "", "", ""],
        ["王芳", "检验科", "", "夜", "", "", "", "", "", "", "", ""],
        ["王芳", "放射科", "夜", "", "", "", "", "", "", "", "", ""],
        ["某护士", "急诊科", "夜", "夜", "", "", "", "", "", "", "", ""],
        ["李四", "外科", "Q", "", "", "", "", "", "", "", "", ""],
    )
    assert await taken(one_cast, path) == ("值班表 2026-11：3 人，夜班和24小时班 4 个；2 个姓名没有登记；1 处没看懂")
    said = capsys.readouterr().err
    assert "第 6 行 某护士：名册里没有，没有登记" in said
    assert "第 5 行 王芳：名册里有同名的，请写科室，没有登记" in said
    assert "第 7 行 李四 11月21日：班次“Q”，没有登记" in said
    rows = await one_cast.rows(select(duties.c.kind).order_by(duties.c.starts_at))
    assert [row.kind for row in rows] == ["night", "night", "24h", "night"]


async def test_a_list_is_read_too_and_a_later_one_replaces_its_month(one_cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(
        "姓名,日期,班次\n马志远,2026-11-23,夜班\n马志远,11月24日,总值班\n刘敏,2026/12/1,夜\n", encoding="utf-8"
    )
    assert "2 人，夜班和24小时班 3 个" in await taken(one_cast, path, "2026-11")
    path.write_text("姓名,日期,班次\n马志远,2026-11-25,夜班\n", encoding="utf-8")
    await taken(one_cast, path)
    now = select(duties.c.kind).where(duties.c.replaced_at == 0).order_by(duties.c.starts_at)
    assert len(await one_cast.rows(now)) == 2, "刘敏's December stays"
    assert len(await one_cast.rows(select(duties))) == 4, "what was replaced is kept"


async def test_what_could_not_be_recorded_is_not_counted(sqlite: str, tmp_path: Path) -> None:
    """Where nobody said when a night begins and ends, no duty has hours."""
    async with opened_cast(sqlite, tmp_path, '[reminders]\nnight_duty = ""\n') as cast:
        path = grid(tmp_path / "roster.xlsx", ["马志远", "急诊科", "夜", "24"])
        assert "夜班和24小时班 0 个" in await taken(cast, path)
        assert await cast.rows(select(duties.c.id)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("科室,1,2\n急诊科,夜,夜\n", "没有“姓名”这一列"),
        ("姓名,1,2\n马志远,夜,夜\n", "或 --month"),
        ("姓名,2026-11-23\n某某,夜\n", "都不在名册里"),
        ("姓名,2026-11-23\n", "没有一行是有姓名的"),
    ],
)
async def test_a_roster_of_which_nothing_can_be_taken_is_refused(
    one_cast: Cast, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=complaint):
        await taken(one_cast, path)
    assert not await one_cast.rows(select(duties))


async def test_an_unreadable_month_is_refused(one_cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="write a month like"):
        await taken(one_cast, tmp_path / "none.csv", "12月")


async def test_on_duty_nobody_is_called_and_the_absence_is_duty_with_a_makeup(cast: Cast, tmp_path: Path) -> None:
    # 24 hours from 08:00 of the 24th: over both reminders of the 24th and the meeting itself.
    await taken(cast, grid(tmp_path / "r.xlsx", ["马志远", "急诊科", "", "", "", "24", *[""] * 6]))
    await cast.dialog([("周敏", "/attendance open 党课 11月24日15:00 三楼", "#1")])
    await live(cast, "2026-11-23 17:00")
    assert "mazhiyuan" in cast.pushed()[-1].mention, "the evening before he is not on duty"
    await live(cast, "2026-11-24 13:00")
    assert "mazhiyuan" not in cast.pushed()[-1].mention
    assert "liumin" in cast.pushed()[-1].mention
    assert "到11月25日(周三)08:00前不会@您" in await cast.says("马志远", "为什么提醒我", chat="")
    await live(cast, "2026-11-24 15:00")
    [told] = whispered(cast, "马志远")
    assert "您正值24小时班，已记为请假（值班）" in told
    assert "补学" in told
    [row] = await cast.rows(select(answers))
    assert (row.state, row.reason, row.why) == ("leave", "duty", "duty roster")
    assert "请假 1 · 未回 13" in await cast.says("周敏", "/attendance")
    assert "值班" not in str([one.text for one in cast.pushed()])


async def test_who_has_answered_or_comes_all_the_same_is_left_as_he_said(one_cast: Cast, tmp_path: Path) -> None:
    await taken(one_cast, grid(tmp_path / "r.xlsx", ["马志远", "急诊科", "", "", "", "24", *[""] * 6]))
    await one_cast.dialog([("周敏", "/attendance open 党课 11月24日15:00", "#1"), ("马志远", "参加", "参加 1")])
    await live(one_cast, "2026-11-24 16:00")
    assert not whispered(one_cast, "马志远")
    assert "参加 1 · 请假 0" in await one_cast.says("周敏", "/attendance")


async def test_a_nudge_by_hand_wakes_nobody_either(one_cast: Cast, tmp_path: Path) -> None:
    await taken(one_cast, grid(tmp_path / "r.xlsx", ["马志远", "急诊科", "24", *[""] * 9]))
    await one_cast.dialog(
        [("周敏", "/attendance open 党课 11月24日15:00", "#1"), ("周敏", "/attendance nudge", "今天提醒 1 个群")]
    )
    await one_cast.settle()
    assert "mazhiyuan" not in one_cast.pushed()[-1].mention
    assert "zhangsan" in one_cast.pushed()[-1].mention


async def test_a_secretary_pastes_the_roster_into_the_private_chat(cast: Cast) -> None:
    """Cells copied out of a sheet come with tabs; a typed list with spaces or commas."""
    pasted = "/remind duty 急诊科2026年12月\n姓名\t1\t2\t3\n马志远\t夜\t\t24\n某护士\t夜\t\t\n李四\t\tQ\t"
    assert await cast.says("周敏", pasted, "") == (
        "值班表 2026-12：2 人，夜班和24小时班 2 个；1 个姓名没有登记；1 处没看懂\n"
        "第 4 行 某护士：名册里没有\n第 5 行 李四 12月2日：班次“Q”"
    )
    typed = "/提醒 值班表\n姓名 日期 班次\n马志远 2026-12-05 夜班\n刘敏，2026-12-06，总值班"
    assert await cast.says("周敏", typed, "") == "值班表 2026-12：2 人，夜班和24小时班 2 个"
    standing = select(duties.c.kind).where(duties.c.replaced_at == 0).order_by(duties.c.starts_at)
    assert [row.kind for row in await cast.rows(standing)] == ["night", "24h"]
    for text, complaint in (
        ("/remind duty", "请把值班表复制粘贴在命令后面"),
        ("/remind duty 2026年12月\n马志远 夜", "没有“姓名”这一列"),
        ("/remind duty\n姓名\t1\t2\n马志远\t夜\t夜", "第一行请写“2026年12月”"),
        ("/remind duty 2026年12月\n姓名\t1\n某某\t夜", "都不在名册里"),
        ("/remind duty 2026年12月\n姓名\t1\n郑晓燕\t夜", "都不在名册里"),
    ):
        assert complaint in await cast.says("周敏", text, "")
    assert "书记" in await cast.says("张三", typed, "")
    assert len(await cast.rows(standing)) == 2

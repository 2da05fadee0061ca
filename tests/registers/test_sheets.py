"""The books as sheets: what goes out comes in again, all rows or none, and no cell is ever a formula."""

from __future__ import annotations

import io
import random
import re
import zipfile
from datetime import date
from functools import partial
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from bot.commands import Who
from bot.config import Registers
from bot.db import Tx
from handlers import registers
from handlers.registers import BOOKS, rows
from handlers.registers_tables import candidate_steps, wishes
from handlers.registers_tables import register_rows as table
from handlers.sheet import SheetError
from handlers.sheet.files import rows_of_bytes
from handlers.sheets import SHEETS
from tests.cast import Cast

BOSS = Who("zhoumin", 1, "周敏", 1, home=1)
BY_NAME = {book.name: book for book in BOOKS}
HOSTILE = ["=1+1", "+86", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0", "<b>&amp;</b>"]


def sheet(header: str, *lines: tuple[Any, ...]) -> bytes:
    """An XLSX as an office would make it."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(header.split())
    for line in lines:
        page.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


async def take(cast: Cast, name: str, data: bytes) -> registers.Taken:
    return await cast.place.database.write(
        lambda tx: SHEETS[name].take(tx, rows_of_bytes(data), BOSS, Registers(), None)
    )


async def faults(cast: Cast, name: str, data: bytes) -> list[str]:
    with pytest.raises(SheetError) as caught:
        await take(cast, name, data)
    return list(caught.value.faults)


async def sent(cast: Cast, name: str, text: str, chat: str = "") -> bytes:
    """The file that somebody was sent for a command."""
    await cast.says(name, text, chat)
    await cast.settle()
    bubble = [one for one in cast.place.console.bubbles if one.files][-1]
    assert bubble.private
    return cast.place.console.files[bubble.number, 0]


def cells(data: bytes) -> list[list[str]]:
    return [line for _, line in rows_of_bytes(data)]


async def test_what_goes_out_comes_in_again_unchanged(cast: Cast) -> None:
    for book in BOOKS:
        for text in (book.example, book.example.replace("11月20日", "11月19日")):
            await cast.says("周敏", text, "")
        data = await sent(cast, "周敏", f"/{book.name} export")
        assert tuple(cells(data)[0]) == registers.columns(book), book.name
        number = len(cells(data)) - 1
        assert number >= 2
        taken = await take(cast, book.name, data)
        assert (taken.added, taken.corrected, taken.unchanged) == (0, 0, number), book.name
    actions = {row.action for row in await cast.rows(select(table.c.action))}
    assert actions == {"add"}


async def test_a_sheet_is_entered_once_however_often_it_comes(cast: Cast) -> None:
    data = sheet(
        "支部 日期 学时 来源 党员姓名 主题",
        ("第一党支部", date(2026, 11, 20), 4, "集中学习", "张三、李四、王芳(检验科)", "学习条例"),
        ("第一党支部", "2026-11-19", "半天", "", "周敏", ""),
        ("第二党支部", "11月18日", 2.5, "讲党课", "冯磊", ""),
    )
    first = await take(cast, "study", data)
    assert (first.added, first.unchanged, first.warnings) == (5, 0, [])
    again = await take(cast, "study", data)
    assert (again.added, again.unchanged) == (0, 5)
    assert again.warnings[0] == "第 2 行：和学时 #1 一样，没有再登记"
    found = await cast.rows(select(table.c.branch_id, table.c.number, table.c.quantity).order_by(table.c.id))
    assert [tuple(row) for row in found] == [(1, 1, 240), (1, 2, 240), (1, 3, 240), (1, 4, 240), (2, 1, 150)]


async def test_a_numbered_line_corrects_and_empty_cells_change_nothing(cast: Cast) -> None:
    await cast.says("周敏", "/plan add 召开组织生活会 期限 12月20日 负责人 李红", "")
    header = "编号 支部 期限 事项 负责人 状态 完成日期 依据 更正原因"
    started = sheet(header, ("#1", "第一党支部", "", "", "", "进行中", "", "", ""))
    assert (await take(cast, "plan", started)).corrected == 1
    done = sheet(header, (1, "第一党支部", "", "", "", "完成", "2026-11-21", "#12 会议记录", "补登"))
    assert (await take(cast, "plan", done)).corrected == 1
    assert (await take(cast, "plan", done)).unchanged == 1
    history = await cast.place.database.read(lambda tx: rows.history(tx, 1, BY_NAME["plan"], 1))
    assert [(row.action, row.state, row.reason) for row in history] == [
        ("add", "open", ""),
        ("correct", "doing", "导入更正"),
        ("correct", "done", "补登"),
    ]
    assert {row.title for row in history} == {"召开组织生活会"}


FIRST, STUDY, DAY = "第一党支部", "支部 日期 学时 党员姓名", "2026-11-20"
FAULTY = [
    ("study", "支部 日期 学时", (FIRST, DAY, 1), "缺少“党员姓名”这一列"),
    ("study", STUDY, ("", DAY, 1, "张三"), "“支部”：不能空着"),
    ("study", STUDY, ("第九党支部", DAY, 1, "张三"), "“支部”：没有叫“第九党支部”"),
    ("study", STUDY, (FIRST, "2026-02-30", 1, "张三"), "“日期”：没有「2026-02-30」这一天"),
    ("study", STUDY, (FIRST, "2026-12-30", 1, "张三"), "“日期”：2026-12-30 还没到"),
    ("study", STUDY, (FIRST, "某天", 1, "张三"), "“日期”：「某天」没看懂"),
    ("study", STUDY, (FIRST, "", 1, "张三"), "“日期”：不能空着"),
    ("study", STUDY, (FIRST, DAY, 0.001, "张三"), "“学时”：「0.001学时」不行"),
    ("study", STUDY, (FIRST, DAY, -2, "张三"), "“学时”：「-2学时」不行"),
    ("study", STUDY, (FIRST, DAY, 1e9, "张三"), "“学时”：「1000000000学时」不行"),
    (
        "study",
        STUDY,
        (FIRST, DAY, 1, "王五"),
        "“党员姓名”：本支部名册里没有「王五」",
    ),
    ("study", STUDY, (FIRST, DAY, 1, "王芳"), "“党员姓名”：本支部有 2 位「王芳」"),
    ("study", STUDY, (FIRST, DAY, 1, "冯磊"), "没有「冯磊」"),
    (
        "study",
        f"{STUDY} 来源",
        (FIRST, DAY, 1, "张三", "打牌"),
        "“来源”：「打牌」没看懂，可以写：集中学习",
    ),
    (
        "study",
        f"{STUDY} 主题",
        (FIRST, DAY, 1, "张三", "电话13812345678"),
        "“主题”：主题里像有电话",
    ),
    ("study", f"{STUDY} 主题", (FIRST, DAY, 1, "张三", "字" * 300), "“主题”：太长"),
    ("study", f"编号 {STUDY}", (9, FIRST, DAY, 1, "张三"), "“编号”：学时里没有 #9"),
    ("study", f"编号 {STUDY}", ("九", FIRST, DAY, 1, "张三"), "“编号”：九 不是编号"),
    ("talk", "支部 日期 谈话双方", (FIRST, DAY, "张三"), "“谈话双方”：请写两位党员"),
    (
        "plan",
        "支部 期限 事项 状态",
        (FIRST, "2026-12-20", "开会", "完了"),
        "“状态”：「完了」没看懂，可以写：未开始",
    ),
    ("plan", "支部 期限 事项 状态", (FIRST, "2026-12-20", "开会", "完成"), "“依据”：完成的要写依据"),
    (
        "plan",
        "支部 期限 事项 状态 依据",
        (FIRST, "2026-12-20", "开会", "完成", "#1"),
        "“完成日期”：完成的要写日期",
    ),
    ("plan", "支部 期限 事项", (FIRST, "2026-11-01", "开会"), "“整行”：期限不能早于登记的日期"),
    ("plan", "支部 期限 事项", (FIRST, "2099-11-01", "开会"), "“期限”：期限 2099-11-01 太远了"),
    ("issue", "支部 内容 对应", (FIRST, "每月核对", "#7"), "“整行”：问题里没有 #7"),
    ("award", "支部 日期 类别", (FIRST, "2026-07-01", "先进个人"), "“整行”：请写明是谁"),
    ("article", "支部 日期 标题 状态 完成日期", (FIRST, DAY, "侧记", "采用", "2026-11-01"), "还早"),
    ("wish", "支部 心愿 类别", (FIRST, "老花镜", "钱"), "“类别”：「钱」没看懂"),
    ("wish", "支部 心愿 居民代码", (FIRST, "老花镜", "张奶奶"), "“居民代码”：「张奶奶」不是代码"),
    ("wish", "编号 支部 心愿", (7, FIRST, "老花镜"), "“编号”：没有编号 #7 的微心愿"),
    ("develop", "支部 姓名 7确定发展对象", (FIRST, "孙悦", "2027-01-01"), "“7确定发展对象”：2027-01-01 还没到"),
    ("develop", "支部 姓名 1递交入党申请书", (FIRST, "孙悦", "随便"), "“1递交入党申请书”：「随便」不是日期"),
]


async def test_every_fault_is_named_by_line_and_column_and_nothing_is_kept(one_cast: Cast) -> None:
    for name, header, line, hears in FAULTY:
        found = await faults(one_cast, name, sheet(header, line))
        assert hears in found[0], f"{name} {line}\n{found}"
        assert len(found) == 1, found
        assert found[0].startswith("第 2 行" if "缺少" not in hears else "第 1 行")
    for book in (table, wishes, candidate_steps):
        assert await one_cast.rows(select(func.count().label("rows")).select_from(book)) == [(0,)]


async def test_one_bad_line_takes_the_good_ones_with_it_and_all_are_listed(cast: Cast) -> None:
    header = "支部 日期 学时 党员姓名"
    good = ("第一党支部", "2026-11-20", 1, "张三")
    data = sheet(header, good, (*good[:3], "王五"), good, (*good[:1], "x", *good[2:]), (*good[:2], -1, "李四"))
    found = await faults(cast, "study", data)
    assert [one.partition("：")[0] for one in found] == ["第 3 行“党员姓名”", "第 5 行“日期”", "第 6 行“学时”"]
    assert await cast.rows(select(table.c.id)) == []


async def test_hostile_cells_come_in_as_text_and_go_out_as_text(cast: Cast) -> None:
    lines = [("第一党支部", "2026-11-20", "") for _ in HOSTILE]
    book = load_workbook(io.BytesIO(sheet("支部 日期 标题", *lines)))
    for place, text in enumerate(HOSTILE, 2):
        cell = book.worksheets[0].cell(place, 3, text)
        cell.data_type = "s"
    kept = io.BytesIO()
    book.save(kept)
    assert (await take(cast, "article", kept.getvalue())).added == len(HOSTILE)
    data = await sent(cast, "周敏", "/article export")
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    written = [cell for row in page.iter_rows(min_row=2) for cell in row if cell.value]
    assert {cell.value for cell in written} >= set(HOSTILE)
    assert {cell.data_type for cell in written} == {"s"}
    assert all(cell.quotePrefix for cell in written if str(cell.value)[0] in "=+-@")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert not any(b"<f>" in packed.read(name) for name in packed.namelist())
    assert (await take(cast, "article", data)).unchanged == len(HOSTILE)


async def test_a_sheet_is_sent_in_private_also_where_a_group_asked(cast: Cast) -> None:
    await cast.says("周敏", "/talk add 周敏 张三 11月20日 谈心谈话", "")
    data = await sent(cast, "周敏", "/talk export", "g1")
    assert cells(data)[1][2:] == ["2026-11-20", "谈心谈话", "周敏、张三"]
    assert not any("张三" in bubble.text or bubble.files for bubble in cast.pushed() if not bubble.private)
    assert "由书记或组织委员使用" in await cast.says("何静", "/talk export", "")
    assert "由书记或组织委员使用" in await cast.says("郑晓燕", "/talk export", "g1")
    assert "谈话 2026年：0 条" in await cast.says("郑晓燕", "/talk export", "")


async def test_wishes_come_in_verified_and_go_out_with_who_has_them(cast: Cast) -> None:
    data = sheet(
        "支部 心愿 类别 居民代码", ("第一党支部", "一副老花镜", "", "A07"), ("第一党支部", "陪老人去医院", "服务", "")
    )
    assert (await take(cast, "wish", data)).added == 2
    assert (await take(cast, "wish", data)).unchanged == 2
    await cast.says("张三", "认领 1")
    out = await sent(cast, "周敏", "/wish export")
    assert cells(out)[1] == ["1", "第一党支部", "一副老花镜", "物品", "A07", "已认领", "张三", "2026-11-28"]
    assert (await take(cast, "wish", out)).unchanged == 2
    changed = sheet("编号 支部 心愿", (1, "第一党支部", "两副老花镜"))
    assert "要改请发 /wish correct 1" in (await faults(cast, "wish", changed))[0]


async def test_the_way_into_the_party_comes_in_and_out(cast: Cast) -> None:
    header = "支部 姓名 1递交入党申请书 2党组织派人谈话 3推荐和确定入党积极分子 6培养教育考察"
    line = ("第一党支部", "孙悦", "2024-01-05", "2024-01-20", "2024-06-01", "2024-12-01、2025-06-01")
    assert (await take(cast, "develop", sheet(header, line))).added == 1
    assert (await take(cast, "develop", sheet(header, line))).unchanged == 1
    out = await sent(cast, "周敏", "/develop export")
    assert cells(out)[1][:6] == ["1", "第一党支部", "孙悦", "2024-01-05", "2024-01-20", "2024-06-01"]
    assert (await take(cast, "develop", out)).unchanged == 1
    other = sheet(header, (*line[:2], "2024-01-06", "", "", ""))
    assert "已登记为 2024-01-05" in (await faults(cast, "develop", other))[0]
    early = sheet(
        "支部 姓名 1递交入党申请书 3推荐和确定入党积极分子 7确定发展对象",
        ("第一党支部", "周悦", "2024-01-05", "2024-06-01", "2025-05-31"),
    )
    assert "最早 2025-06-01" in (await faults(cast, "develop", early))[0]
    before = sheet("支部 姓名 1递交入党申请书 2党组织派人谈话", ("第一党支部", "周悦", "2024-01-05", "2024-01-04"))
    assert "第2步不能早于第1步" in (await faults(cast, "develop", before))[0]
    assert len(await cast.rows(select(candidate_steps.c.id))) == 5


def test_every_empty_sheet_is_explained() -> None:
    for name, book in SHEETS.items():
        made = load_workbook(io.BytesIO(book.empty()))
        assert [cell.value for cell in made.worksheets[0][1]] == list(book.columns), name
        notes = {row[0].value: row[1].value for row in made["说明"].iter_rows(min_row=2)}
        assert set(notes) == set(book.columns)
        assert all(notes.values())


def test_the_readmes_name_every_column(request: pytest.FixtureRequest) -> None:
    for readme in ("README.md", "README.zh-CN.md"):
        text = (request.config.rootpath / readme).read_text(encoding="utf-8")
        for name, book in SHEETS.items():
            if name != "develop":  # it has a column a step
                assert "、".join(book.columns) in text, f"{readme}: {name}"


CELLS = (
    *("", "", "第一党支部", "第一党支部", "第一党支部", "张三", "张三、李四", "王芳", "2026-11-20", "2026-02-30"),
    *("昨天", "12月31日", "4", "-1", "1e309", "半天", "①", "１２", "#1", "0", "进行中", "完成", "有效", "谈心谈话"),
    *("先进个人", "党支部", "走访慰问", "\u202e\u200b", "\ud83d", "\x01", "a" * 201, "=1+1", "+cmd", "' OR 1=1 --"),
    *("<script>", "%s%n", "{0}", "13812345678"),
)


def random_sheet(book: str, seed: int) -> list[tuple[int, list[str]]]:
    """A sound header and thirty lines of anything."""
    dice, columns = random.Random(seed), list(SHEETS[book].columns)
    lines = [[dice.choice(CELLS) for _ in columns] for _ in range(30)]
    return [(1, columns), *enumerate(lines, 2)]


def _take_lines(tx: Tx, book: str, lines: list[tuple[int, list[str]]]) -> registers.Taken:
    return SHEETS[book].take(tx, lines, BOSS, Registers(), None)


@pytest.mark.parametrize("book", SHEETS)
async def test_whatever_stands_in_a_sheet_is_taken_or_named(one_cast: Cast, book: str) -> None:
    for seed in range(4):
        lines = random_sheet(book, seed)
        with pytest.raises(SheetError) as caught:
            await one_cast.place.database.write(partial(_take_lines, book=book, lines=lines))
        assert all(re.match(r"第 \d+ 行“.+”：.", fault) for fault in caught.value.faults), caught.value.faults
        assert {int(re.findall(r"\d+", fault)[0]) for fault in caught.value.faults} <= set(range(2, 32))
        for kept in (table, wishes, candidate_steps):
            assert await one_cast.rows(select(func.count().label("rows")).select_from(kept)) == [(0,)]

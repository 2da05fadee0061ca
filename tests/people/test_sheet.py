from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from handlers.sheet import Sheet, SheetError, check, files, read_sheet, template
from handlers.sheet.columns import COLUMNS, EXPLAINED, FIELDS
from handlers.sheet.files import rows_of_bytes


def read(text: str) -> Sheet:
    return check(rows_of_bytes(text.encode()))


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(SheetError) as caught:
        read(text)
    return caught.value.faults


def xlsx(*rows: list[Any]) -> bytes:
    book, body = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(body)
    return body.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "名册.csv"
    path.write_bytes("姓名,支部\r\n㑇生僻,第一党支部\r\n\r\n".encode(encoding))
    rows = read_sheet(path).rows
    assert [(row.line, dict(row.cells)) for row in rows] == [(2, {"姓名": "㑇生僻", "支部": "第一党支部"})]


def test_every_fault_is_told_with_its_place() -> None:
    assert faults(
        "姓名,支部,出生日期,入党日期,党费基数,别名\n"
        ",一,1990-02-30,,,\n"
        f"{'长' * 41},,19901301,20-1-1,0,\n"
        "乙,一,1990.1,1800-01-01,3.001,\x07\n"
        "丙,一,,,-3,,多\n"
    ) == (
        "第 2 行“姓名”：不能空着",
        "第 2 行“出生日期”：1990-02-30 不是日期（要写成 1990-02-28 这样）",
        "第 3 行“支部”：不能空着",
        "第 3 行“姓名”：太长（41 字），最多 40 字",
        "第 3 行“出生日期”：19901301 不是日期（要写成 1990-02-28 这样）",
        "第 3 行“入党日期”：20-1-1 不是日期（要写成 1990-02-28 这样）",
        "第 3 行“党费基数”：0 不是金额（要写成 3000.50 这样，至少 0.01，最多两位小数）",
        "第 4 行“出生日期”：1990.1 不是日期（要写成 1990-02-28 这样）",
        "第 4 行“入党日期”：1800-01-01 不是日期（要写成 1990-02-28 这样）",
        "第 4 行“党费基数”：3.001 不是金额（要写成 3000.50 这样，至少 0.01，最多两位小数）",
        "第 4 行“别名”：有看不见的控制字符，请重新输入",
        "第 5 行：比第 1 行多出几格，内容里有逗号的要加引号",
        "第 5 行“党费基数”：-3 不是金额（要写成 3000.50 这样，至少 0.01，最多两位小数）",
    )


def test_the_header() -> None:
    assert faults("姓名,性别,性别\n") == ("第 1 行：缺少“支部”这一列", "第 1 行：“性别”这一列有两个")
    assert faults("")[0].startswith("表是空的。第 1 行要写列名：姓名、别名")
    assert read("姓 名,支部,身份证号\n甲,一,1\n").warnings == ("不认识“身份证号”这一列，没有读。",)


def test_a_title_may_stand_above_the_header() -> None:
    sheet = read("机关党支部党员花名册\n姓名,支部\n甲,一\n")
    assert [(row.line, row.cells["姓名"]) for row in sheet.rows] == [(3, "甲")]
    assert faults("机关党支部党员花名册\n姓名,科室\n甲,一\n") == ("第 2 行：缺少“支部”这一列",)


def test_what_can_mean_only_one_thing_is_taken_as_people_type_it() -> None:
    head = "姓名,支部,出生日期,入党日期,转正日期,任职日期,党费类别,党费基数\n"
    line = '李　强,一,1970.3.5,1995年7月1日,19960701,2024/3/1,退休,"5,200.50元"\n'
    (row,) = read(head + line).rows
    assert list(row.cells.values()) == [
        *("李强", "一", "1970-03-05", "1995-07-01", "1996-07-01", "2024-03-01", "退休", "5200.50")
    ]
    assert (row.kind, row.base_fen) == ("retired", 520050)
    assert read("姓名,支部\nJohn Smith,一\n").rows[0].cells["姓名"] == "John Smith"
    assert read("姓名,支部\n阿依 古丽·买买提,一\n").rows[0].cells["姓名"] == "阿依 古丽·买买提"


def test_one_person_who_seems_to_stand_there_twice_is_told() -> None:
    (warning,) = read("姓名,支部,科室,企业微信账号\n王芳,一,财务科,w1\n王芳,一,财务科,w2\n").warnings
    assert warning.startswith("第 3 行：王芳 和第 2 行的姓名、支部、科室都一样，按两位党员记下")


def test_what_may_stand_only_once() -> None:
    assert faults("姓名,支部,科室,企业微信账号,钉钉账号\n甲,一,,A,b\n乙,一,,a,\n丙,一,,,a\n丁,二,,,\n丁,二,,,") == (
        "第 3 行“企业微信账号”：a 在第 2 行已经有了",
        "第 6 行“姓名”：和第 5 行的姓名、支部、科室都一样，请填账号来区分，或删去一行",
    )


def test_unknown_values_are_kept_and_told_once() -> None:
    sheet = read("姓名,支部,性别,学历,党费类别\n甲,一,男性,大本,在职\n乙,一,女,大本,临时\n")
    assert sheet.warnings == (
        "第 3 行“党费类别”：不认识 临时，党费没有导入。可以写：在职、离退休、农民、学生、个体、固定；不交的空着",
        "第 2 行“性别”：不认识 男性，照样记下，请核对。可以写：男 或 女",
        "第 2 行等 2 行“学历”：不认识 大本，照样记下，请核对。可以写：小学、初中、高中、中专、大专、本科、硕士、博士",
    )
    assert sheet.rows[0].cells["学历"] == "大本"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("在职", "salaried"),
        ("离退休", "retired"),
        ("农民", "farmer"),
        ("student", "student"),
        ("个体", "selfemployed"),
        ("固定", "fixed"),
    ],
)
def test_dues_kinds(word: str, kind: str) -> None:
    row = read(f"姓名,支部,党费类别,党费基数\n甲,一,{word},3000.5\n").rows[0]
    assert (row.kind, row.base_fen) == (kind, 300050)


def test_formulas_are_just_text() -> None:
    cells = ["=1+1", "+86", "-x", "@cmd"]
    row = read("姓名,支部,别名,科室\n" + ",".join(cells)).rows[0]
    assert list(row.cells.values()) == cells


def test_quotes() -> None:
    assert read('姓名,支部,别名\n甲,一,"老,甲\n大甲"\n乙,一,\n').rows[0].cells["别名"] == "老,甲 大甲"
    assert read('姓名,支部,别名\n甲,一,"老,甲\n大甲"\n乙,一,\n').rows[1].line == 4
    assert faults('姓名,支部\n甲,"一\n')[0].startswith("第 2 行：引号没有配对")


def test_xlsx_cells() -> None:
    body = xlsx(
        ["姓名", "支部", "出生日期", "入党日期", "手机", "党费基数", "别名", "科室"],
        ["甲", "一", datetime(1990, 2, 28), date(2015, 7, 1), 13800000001, 3000.1, "=x", None],
        [None, None],
        ["乙", "一", "1990-02-30", datetime(2015, 7, 1, 8), None, 0.1 + 0.2, None, True],
    )
    with pytest.raises(SheetError) as caught:
        check(rows_of_bytes(body))
    assert caught.value.faults == (
        "第 4 行“出生日期”：1990-02-30 不是日期（要写成 1990-02-28 这样）",
        "第 4 行“入党日期”：2015-07-01T08:00:00 不是日期（要写成 1990-02-28 这样）",
    )
    assert rows_of_bytes(body)[1] == (
        2,
        ["甲", "一", "1990-02-28", "2015-07-01", "13800000001", "3000.1", "=x"],
    )
    assert rows_of_bytes(body)[2][1][5:] == ["0.3", "", "True"]


def test_a_formula_gives_what_was_worked_out() -> None:
    body = xlsx(["姓名", "支部"], ["甲", '="一"&"支部"'])
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b"<v />" in parts[name] or b"<v></v>" in parts[name] or b"<v/>" in parts[name]
    for empty in (b"<v />", b"<v></v>", b"<v/>"):
        parts[name] = parts[name].replace(empty, "<v>一支部</v>".encode())
    parts[name] = parts[name].replace(b'<c r="B2">', b'<c r="B2" t="str">')
    packed_again = io.BytesIO()
    with zipfile.ZipFile(packed_again, "w") as out:
        for part, content in parts.items():
            out.writestr(part, content)
    assert rows_of_bytes(packed_again.getvalue())[1] == (2, ["甲", "一支部"])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04broken", "打不开这个 .xlsx 文件"),
        (b"\xd0\xcf\x11\xe0old", "旧版 .xls"),
        (b"\xff\xff\xff", "看不懂文件的编码"),
    ],
)
def test_what_is_no_sheet(body: bytes, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        rows_of_bytes(body)


def test_a_bomb_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_UNPACKED", 100_000)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000)
    with pytest.raises(SheetError, match="解开后太大"):
        rows_of_bytes(body.getvalue())


def test_too_long_and_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 3)
    assert faults("姓名,支部\n甲,一\n乙,一\n丙,一\n") == ("表太长（最多 3 行），请分成几个文件。",)
    monkeypatch.setattr(files, "LARGEST_FILE", 3)
    (tmp_path / "a.csv").write_bytes(b"12345")
    with pytest.raises(SheetError, match="文件太大"):
        read_sheet(tmp_path / "a.csv")
    with pytest.raises(SheetError, match=r"打不开文件 b\.csv"):
        read_sheet(tmp_path / "b.csv")


def test_the_template_is_a_sheet_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    template(path)
    assert rows_of_bytes(path.read_bytes()) == [(1, list(COLUMNS))]
    assert read_sheet(path).rows == ()
    book = load_workbook(path)
    assert book.sheetnames == ["党员", "说明"]
    assert book["党员"]["A1"].comment.text == "必填，1 到 40 个字"
    assert [row[0] for row in book["说明"].iter_rows(min_row=2, values_only=True)] == list(COLUMNS)


def test_the_columns_fit_together() -> None:
    assert set(EXPLAINED) == set(COLUMNS)
    assert set(FIELDS) < set(COLUMNS)


CELL = st.one_of(
    st.sampled_from(
        ["姓名", "支部", *COLUMNS, "甲", "一支部", "1990-02-30", "2000-01-01", "在职", "3000.50", "=1+1", '"', ""]
    ),
    st.text(max_size=12),
)
LINES = st.lists(st.lists(CELL, max_size=8).map(",".join), max_size=8).map("\n".join)


@given(st.one_of(LINES, LINES.map(lambda text: "姓名,支部,出生日期,党费基数\n" + text), st.text()))
def test_any_text_is_a_sheet_or_a_refusal(text: str) -> None:
    try:
        sheet = read(text)
    except SheetError:
        return
    assert all(1 <= len(row.cells["姓名"]) <= 40 and row.cells["支部"] for row in sheet.rows)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda body: b"PK\x03\x04" + body)))
def test_any_bytes_are_a_sheet_or_a_refusal(body: bytes) -> None:
    try:
        rows = rows_of_bytes(body)
    except SheetError:
        return
    assert all(any(cells) for _, cells in rows)

"""The papers: the work reports with every figure equal to the recount, a clerk's own templates, what is refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from bot.db import Tx, micros
from bot.message import Refused
from handlers import figures
from handlers.papers import templates
from handlers.papers.printed import Print
from handlers.papers.render import NOTES, rendered
from handlers.papers.shape import shaped
from tests.cast import START, Cast
from tests.figures.recount import Asked, Recount, raw

REPORTS = ("年度总结", "机关述职", "六好支部", "队伍建设")
OURS = Path(templates.__file__).parent / "templates"
TAG = re.compile(r"\{\{ ([^ }]+) \}\}")
WORDS = {"范围": "全系统", "年": "2026", "截止": "2026年11月21日"}


def paper(tx: Tx, cast: Cast, template: bytes, code: str = "2026", branch: int = 0) -> bytes:
    """A paper of the house."""
    asked = figures.question(tx, figures.coded(code), branch, cast.place.config)
    return rendered("试", template, Print(tx, asked, "全系统", "某县卫生健康局"))


def lines(data: bytes) -> list[str]:
    """The paragraphs of a paper before its appendix."""
    found = [one.text.strip() for one in Document(BytesIO(data)).paragraphs]
    return found[: found.index(NOTES)] if NOTES in found else found


def written(counted: tuple[Decimal | None, bool], form: str) -> str:
    """How the recount's number stands in a paper."""
    number, complete = counted
    text = "—" if number is None else f"{number:f}"
    if number is not None and form == "元":
        text = f"{number:.2f}"
    if number is not None and form == "余":
        step = 10 if number < 1000 else 100 if number < 10_000 else 1000
        floor = int(number) // step * step
        text = str(number) if number <= 10 or floor == number else f"{floor}余"
    return text + ("" if complete else "（待核）")


def expected(template: str, year: dict[str, Any], quarter: dict[str, Any], places: dict[str, str]) -> list[str]:
    """The lines of a template with the recount's numbers."""

    def number(tag: re.Match[str]) -> str:
        name, *forms = tag[1].split(".")
        if name in WORDS or name in places:
            return WORDS.get(name) or places[name]
        source = quarter if "一季度" in forms else year
        form = "余" if "余" in forms else "元" if name == "党费" else ""
        return written(source[name], form)

    text = re.sub(r"^#+ ", "", template, flags=re.M)
    return [line.strip() for line in TAG.sub(number, text).splitlines() if line.strip()]


async def test_the_five_reports_say_what_the_recount_says(house: Cast) -> None:
    def work(tx: Tx) -> None:
        rows, at = raw(tx), micros(START)
        year = Recount(rows, Asked(0, date(2026, 1, 1), START.date(), at))
        quarter = Recount(rows, Asked(0, date(2026, 1, 1), date(2026, 3, 31), at)).all()
        values, places = year.all(), {f"{kind}地点": _places(year, kind) for kind in ("红色教育", "警示教育")}
        used = []
        for name in REPORTS:
            text = (OURS / f"{name}.txt").read_text(encoding="utf-8")
            made = [line for line in lines(paper(tx, house, templates.template(Path("/nowhere"), name))) if line]
            assert made == expected(text, values, quarter, places), name
            used += [tag for tag in TAG.findall(text) if tag.split(".")[0] in figures.CATALOGUE]
        assert len(used) == 95  # the 93 masked ones, and the two that were not: 发展党员 of 002, 17 % of 004

    await house.place.database.read(work)


def _places(recount: Recount, kind: str) -> str:
    found = {one.place for one in recount.held if kind in recount.kinds(one) and recount.written(one)}
    return "、".join(sorted(one for one in found if one))


async def test_every_paper_of_ours_is_made_for_a_branch_and_each_period(house: Cast) -> None:
    def work(tx: Tx) -> None:
        for name, code in zip(templates.OURS, ("2026", "2026Q3", "2026-10", "2026H1") * 2, strict=True):
            made = paper(tx, house, templates.template(Path("/nowhere"), name), code, 5)
            assert "{{" not in "".join(lines(made))

    await house.place.database.read(work)


async def test_a_paper_says_at_its_end_how_each_figure_was_counted(house: Cast) -> None:
    template = shaped("{{ 党员大会 }} {{ 党员大会.一季度 }} {{ 女党员占比 }}")
    made = Document(BytesIO(await house.place.database.read(lambda tx: paper(tx, house, template))))
    head, *rows = [[cell.text for cell in row.cells] for row in made.tables[-1].rows]
    assert head == ["名称", "数", "期间", "范围", "截止", "怎么算", "条数"]
    assert [row[0] for row in rows] == ["党员大会", "党员大会", "女党员占比"]
    assert [row[2] for row in rows] == ["2026年", "2026年一季度", "2026年"]
    assert [row[4] for row in rows] == ["2026-11-21", "2026-03-31", "2026-11-21"]
    assert re.fullmatch(r"\d+\.\d%（(\d+)/(\d+)）（待核）", rows[2][1])
    doubts = [one.text for one in made.paragraphs][-3:]
    assert any("名册缺：性别" in line or "缺：" in line for line in doubts)


async def test_a_clerks_own_template_is_used_from_its_folder(house: Cast, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    text = "{% for 支部 in 支部名单 %}{{ 支部.名称 }}{{ 支部.党课 }};{% endfor %}{{ 期间 }}{{ 机关 }}"
    (folder / "我的.docx").write_bytes(shaped(text))
    (folder / "~$我的.docx").write_bytes(b"a lock of Word")
    assert templates.names(tmp_path) == [*templates.OURS, "我的"]
    made = await house.place.database.read(lambda tx: paper(tx, house, templates.template(tmp_path, "我的")))
    line = next(one for one in lines(made) if one)
    assert line.count("党支部") == 20
    assert line.endswith("2026年某县卫生健康局")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("党员大会{{ 党员大合 }}次", "「党员大合」不是任何数的名称，是不是：党员大会"),
        ("一共{{ 党员大会 次", "写坏的标签：「一共{{ 党员大会 次」"),
        ("一共{{ 党员大会 }次", "写坏的标签"),
        ("{% for 支部 in 支部名单 %}没有结束", "写坏的标签"),
        ("{{ 党员大会.不知道 }}", "不认识的写法"),
        ("{{ 党员大会 + }}", "写坏的标签：「{{ 党员大会 + }}」"),
        ("{{ ''.__class__.__mro__ }}", "没法填写"),
    ],
)
async def test_a_faulty_template_is_refused_in_one_line(house: Cast, text: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        await house.place.database.read(lambda tx: paper(tx, house, shaped(text)))
    assert says in refused.value.text
    assert refused.value.text.startswith("模板「试」")
    assert "\n" not in refused.value.text


async def test_what_is_no_word_file_is_refused(house: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="不是 Word 文件"):
        await house.place.database.read(lambda tx: paper(tx, house, b"PK no zip"))
    with pytest.raises(Refused, match="没有叫「年保」的模板。是不是：年报"):
        templates.template(tmp_path, "年保")


async def test_a_time_to_come_is_a_blank(house: Cast) -> None:
    made = await house.place.database.read(lambda tx: paper(tx, house, shaped("{{ 党课.十二月 }}{{ 党课.上年 }}次")))
    assert next(one for one in lines(made) if one) == "＿＿0次"

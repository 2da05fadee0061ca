"""`figures` and `report` on the command line: their shapes, their files, and one line where something can't be."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from handlers.figures import FIGURES
from handlers.papers.shape import shaped
from tests.cli.conftest import Bot, bot, config, process, register

__all__ = ["bot", "config", "process", "register"]


def test_figures_as_json_have_the_promised_shape(bot: Bot, register: Path) -> None:
    said = bot("figures", "--period", "2026", "--json")
    assert (said.code, said.err) == (0, "")
    found = json.loads(said.out)
    assert set(found) == {"period", "scope", "cutoff", "figures"}
    assert (found["period"], found["scope"]) == ("2026", "某县卫生健康局")
    assert [one["name"] for one in found["figures"]] == [one.name for one in FIGURES]
    keys = {"name", "value", "unit", "definition", "rows", "complete"}
    assert all(set(one) == keys for one in found["figures"])
    by_name = {one["name"]: one for one in found["figures"]}
    assert (by_name["党员"]["value"], by_name["党员"]["unit"], by_name["党员"]["rows"]) == (2, "人", 2)
    assert by_name["女党员"]["complete"] is False
    assert by_name["出勤率"]["value"] is None
    assert by_name["女党员占比"]["definition"].endswith("：0/2")


def test_figures_as_text_and_their_rows(bot: Bot, register: Path) -> None:
    said = bot("figures", "--period", "2026", "--branch", "第一党支部")
    assert said.out.startswith("第一党支部 2026年 截至 ")
    assert "党员  2人  （2 条）" in said.out
    said = bot("figures", "--period", "2026", "--why", "党员")
    assert said.out.count("第一党支部 ") == 2
    assert "张三" in said.out


def test_a_report_is_written_to_a_file(bot: Bot, register: Path, tmp_path: Path) -> None:
    for name, template in (("年.docx", "年报"), ("台账.xlsx", "台账"), ("图.png", "图")):
        said = bot("report", "--period", "2026", "--template", template, "--out", name)
        assert said.code == 0, said.err
        assert (tmp_path / name).stat().st_size > 1000
        assert said.out.startswith(f"{name}: ")
    for name in ("又.docx", "又.xlsx", "又.png"):
        assert bot("report", "--period", "2026", "--out", name).code == 0
    for name in ("年.docx", "又.docx"):
        assert Document(str(tmp_path / name)).paragraphs[0].text == "某县卫生健康局2026年党建工作年报"
    assert len(openpyxl.load_workbook(BytesIO((tmp_path / "台账.xlsx").read_bytes())).sheetnames) == 8
    assert not list(tmp_path.glob(".*.part"))


def test_a_template_can_be_written_changed_and_used(bot: Bot, register: Path, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    assert bot("report", "--template", "月报", "--blank", "--out", "templates/新.docx").code == 0
    assert bot("report", "--period", "2026", "--template", "新", "--out", "a.docx").code == 0
    (tmp_path / "templates" / "错.docx").write_bytes(shaped("{{ 党员大合 }}"))
    said = bot("report", "--period", "2026", "--template", "错", "--out", "b.docx")
    assert (said.code, said.out) == (1, "")
    assert "是不是：党员大会" in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "b.docx").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("figures", "--period", "2099"), "还没到"),
        (("figures", "--period", "2001"), "没有数可报"),
        (("figures", "--period", "26"), "write 2026"),
        (("figures", "--period", "2026", "--branch", "第一党支"), "是不是：第一党支部"),
        (("figures", "--period", "2026", "--as-known", "gestern"), "write a day"),
        (("figures", "--period", "2026", "--why", "党圆"), "没有「党圆」这个数"),
        (("report", "--period", "2026", "--template", "年报", "--out", "a.pdf"), "end the name with .docx"),
        (("report", "--period", "2026", "--template", "年保", "--out", "a.docx"), "是不是：年报"),
        (("report", "--period", "2026", "--template", "年报", "--out", "nowhere/a.docx"), "can't be written"),
        (("report", "--period", "2026", "--template", "考情", "--out", "a.xlsx"), "是不是：考勤"),
        (
            ("report", "--period", "2026", "--template", "图", "--out", "a.png", "--as-known", "2026-01-31"),
            "没有数可报",
        ),
    ],
)
def test_what_cannot_be_is_one_line(bot: Bot, register: Path, arguments: tuple[str, ...], says: str) -> None:
    said = bot(*arguments)
    assert (said.code, said.out) == (1, "")
    assert says in said.err
    assert said.err.count("\n") == 1


def test_a_report_without_a_period_is_a_wrong_call(bot: Bot) -> None:
    assert bot("report", "--template", "年报", "--out", "a.docx").code == 2

"""`import BOOK`: the sheet of a register from the command line, tried first, then taken."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Bot

PLAN = "支部,期限,事项,负责人\n第一党支部,2030-12-20,召开组织生活会,周敏\n第一党支部,2030-06-30,半年检查,张三\n"


def test_tried_taken_and_taken_again(bot: Bot, register: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "plan.csv"
    sheet.write_text(PLAN, encoding="gb18030")
    tried = bot("import", "plan", str(sheet), "--dry-run")
    assert (tried.code, tried.out) == (0, "试运行，没有写入：计划：新增 2 条，更正 0 条，没有变化 0 条\n")
    assert bot("import", "plan", str(sheet)).out == "计划：新增 2 条，更正 0 条，没有变化 0 条\n"
    again = bot("import", "plan", str(sheet))
    assert again.out == "计划：新增 0 条，更正 0 条，没有变化 2 条\n"
    assert again.err.splitlines()[0] == "提示：第 2 行：和计划 #1 一样，没有再登记"
    assert bot("verify").code == 0


def test_faults_are_listed_and_nothing_is_kept(bot: Bot, register: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "plan.csv"
    sheet.write_text(PLAN + "第九党支部,2030-12-20,开会,\n第一党支部,2030-02-30,开会,王五\n", encoding="utf-8")
    said = bot("import", "plan", str(sheet))
    assert said.code == 1
    assert [line.partition("：")[0] for line in said.err.splitlines()] == ["第 4 行“支部”", "第 5 行“期限”"]
    sheet.write_text(PLAN, encoding="utf-8")
    assert "新增 2 条" in bot("import", "plan", str(sheet)).out


def test_an_empty_sheet_for_every_book(bot: Bot, tmp_path: Path) -> None:
    target = tmp_path / "talks.xlsx"
    assert bot("import", "talk", "--template", str(target)).code == 0
    assert target.stat().st_size > 0
    assert "exists already" in bot("import", "talk", "--template", str(target)).err
    assert bot("import", "talk").code == 2
    assert bot("import", "nothing", str(target)).code == 2

"""`import members` and `bind`: all or nothing, and every fault with its place."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import HEADER, SHEET, Bot


def count(tmp_path: Path, table: str = "members") -> int:
    with sqlite3.connect(tmp_path / "house.db") as connection:
        number: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return number


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_the_encodings_that_offices_write(bot: Bot, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(SHEET, encoding=encoding)
    said = bot("import", "members", str(path))
    assert (said.code, said.out) == (0, "新增 2 人，更新 0 人，没有变化 0 人；新建支部：第一党支部\n")
    assert bot("import", "members", str(path)).out == "新增 0 人，更新 0 人，没有变化 2 人\n"


def test_the_template_can_be_filled_and_imported(bot: Bot, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    assert bot("import", "members", "--template", str(path)).code == 0
    again = bot("import", "members", "--template", str(path))
    assert again.code == 1
    assert again.err.count("\n") == 1
    assert "exists already" in again.err
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    header = [cell.value for cell in book.active[1]]
    row = {"姓名": "张三", "支部": "第一党支部", "入党日期": "2011-07-01"}
    book.active.append([row.get(str(name), "") for name in header])
    book.save(path)
    assert "新增 1 人" in bot("import", "members", str(path)).out


def test_three_faulty_rows_of_500_are_three_lines_and_nothing_is_imported(bot: Bot, tmp_path: Path) -> None:
    lines = [f"党员{number},第一党支部,内科,,在职,4000.00,account{number}" for number in range(500)]
    lines[9] = ",第一党支部,内科,,在职,4000.00,account9"
    lines[99] = "党员99,第一党支部,内科,,在职,很多,account99"
    lines[499] = "党员499,第一党支部,内科,,在职,4000.00,account0"
    path = tmp_path / "members.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    said = bot("import", "members", str(path))
    faults = said.err.splitlines()
    assert said.code == 1
    assert said.out == ""
    assert len(faults) == 3
    assert [fault.split("：")[0] for fault in faults] == [
        "第 11 行“姓名”",
        "第 101 行“党费基数”",
        "第 501 行“企业微信账号”",
    ]
    assert count(tmp_path) == 0


def test_a_dry_run_writes_nothing(bot: Bot, tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(SHEET, encoding="utf-8")
    said = bot("import", "members", str(path), "--dry-run")
    assert said.code == 0
    assert said.out.startswith("试运行，没有写入：新增 2 人")
    assert count(tmp_path) == 0


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_a_sheet_that_cannot_be_read_is_one_line(bot: Bot, tmp_path: Path, name: str) -> None:
    said = bot("import", "members", str(tmp_path / name))
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "打不开文件" in said.err


def test_bind_ties_a_group_and_takes_a_secret_target_from_stdin(bot: Bot, register: Path, tmp_path: Path) -> None:
    group = ("bind", "--platform", "wecom", "--chat", "wrA", "--branch", "第一党支部")
    assert bot(*group).out == "已绑定：wecom wrA → 第一党支部\n"
    said = bot(*group, "--push", "wecom-push:-", stdin="the-secret-key\n")
    assert said.code == 0
    assert "the-secret-key" not in said.out + said.err
    assert "经 wecom-push 推送" in said.out
    with sqlite3.connect(tmp_path / "house.db") as connection:
        rows = connection.execute("SELECT chat, push_platform, push_target FROM groups").fetchall()
    connection.close()
    assert rows == [("wrA", "wecom-push", "the-secret-key")]


def test_bind_refuses_what_it_does_not_know(bot: Bot, register: Path, tmp_path: Path) -> None:
    def bind(*more: str, platform: str = "wecom", chat: str = "wrA", branch: str = "第一党支部") -> str:
        said = bot("bind", "--platform", platform, "--chat", chat, "--branch", branch, *more)
        assert said.code == 1
        assert said.out == ""
        assert said.err.count("\n") == 1
        return said.err

    assert "是不是：第一党支部" in bind(branch="第一支部")
    assert "no platform named nope" in bind(platform="nope")
    assert "no platform named nope" in bind("--push", "nope:x")
    assert "平台:目标" in bind("--push", "wecom-push:-")
    assert "--chat is empty" in bind(chat=" ")
    assert "wecom-push only pushes: bind the group by the robot that hears it" in bind(platform="wecom-push")
    assert "wecom can't speak first, so reminders would never come: --push takes one of" in bind("--push", "wecom:x")
    assert count(tmp_path, "groups") == 0

"""The other calls: what they print, how they fail, and that they work while the bot runs."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Bot


@pytest.mark.parametrize(
    ("kind", "base", "prints"),
    [
        ("salaried", "3000.01", "30.00"),
        ("在职", "5000", "50.00"),
        ("retired", "5000.01", "50.00"),
        ("farmer", "0.5", "0.50"),
        ("student", "1", "0.20"),
        ("selfemployed", "8000.00", "120.00"),
        ("fixed", "12.5", "12.50"),
    ],
)
def test_dues(bot: Bot, kind: str, base: str, prints: str) -> None:
    said = bot("dues", kind, base)
    assert (said.code, said.out, said.err) == (0, f"{prints}\n", "")


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        *(("salaried", base) for base in ("0", "-5", "3000.001", "abc", "", "1e3", "99999999999")),
        *(("alien", "5"), ("farmer", "5")),
    ],
)
def test_dues_that_cannot_be_are_one_line(bot: Bot, kind: str, base: str) -> None:
    said = bot("dues", kind, base)
    assert said.code == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "bug" not in said.err


def test_understand_prints_an_object_and_lines_in_order(bot: Bot) -> None:
    assert json.loads(bot("understand", "请假，值夜班").out)["intent"] == "leave"
    texts = ["参加", "党费已交50", "晚上一起吃饭吧", "签到"] * 25
    said = bot("understand", "--jsonl", stdin="".join(json.dumps({"text": text}) + "\n" for text in texts))
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [one["intent"] for one in found] == ["attend", "dues_paid", "none", "checkin"] * 25
    assert found[1] == {"intent": "dues_paid", "slots": {"amount": "50.00"}}


@pytest.mark.parametrize("line", ["参加", '{"txt": "参加"}', '{"text": 5}', "[]", '"text"'])
def test_a_line_that_is_no_text_is_said(bot: Bot, line: str) -> None:
    said = bot("understand", "--jsonl", stdin=line + "\n")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "not a line of the form" in said.err


def test_calendar_as_json_is_what_scripts_rely_on(bot: Bot, register: Path) -> None:
    said = bot("calendar", "--from", "2026-12", "--months", "2", "--json")
    rows = json.loads(said.out)
    assert all(list(row) == ["at", "branch", "job", "audience", "text", "certainty"] for row in rows)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {row["job"] for row in rows} >= {"theme_day", "theme_day_notice", "dues_notice"}
    [december, january] = [row for row in rows if row["job"] == "theme_day"]
    assert (december["at"], december["branch"], december["certainty"]) == (
        "2026-12-04T15:00:00+08:00",
        "第一党支部",
        "certain",
    )
    assert (january["at"], january["certainty"]) == ("2027-01-04T15:00:00+08:00", "provisional")


def test_calendar_of_a_past_month_and_of_several_branches(bot: Bot, register: Path, config: Path) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write('[branches."第二党支部"]\ntheme_day = "day:5"\n')
    past = json.loads(bot("calendar", "--from", "2026-01", "--months", "1", "--json").out)
    assert {row["branch"] for row in past} == {"第一党支部", "第二党支部"}
    own = json.loads(bot("calendar", "--branch", "第二党支部", "--from", "2026-12", "--months", "1", "--json").out)
    assert [row["at"][:10] for row in own if row["job"] == "theme_day"] == ["2026-12-07"]
    assert "2026-12-07 15:00  第二党支部  theme_day" in bot("calendar", "--from", "2026-12", "--months", "1").out


def test_calendar_as_icalendar(bot: Bot, register: Path) -> None:
    out = bot("calendar", "--from", "2026-12", "--months", "3", "--ics").out.replace("\r\n", "\n")
    assert out.startswith("BEGIN:VCALENDAR\nVERSION:2.0\n")
    assert out.endswith("END:VCALENDAR\n")
    assert all(len(line.encode()) <= 75 for line in out.splitlines())
    lines = out.replace("\n ", "").splitlines()
    assert all(re.fullmatch(r"[A-Z-]+(;[^:]+)?:.*", line) for line in lines)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") > 10
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == len(uids) == lines.count("BEGIN:VEVENT")
    assert "DTSTART:20261204T070000Z" in lines


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--branch", "不存在"), "there are: 第一党支部"),
        (("--from", "2026-13"), "write a month like 2026-12"),
        (("--from", "12月"), "write a month like 2026-12"),
        (("--from", "9999-12"), "write a month from 2000-01 to 2099-12"),
        (("--from", "0001-01"), "write a month from 2000-01 to 2099-12"),
    ],
)
def test_calendar_refuses(bot: Bot, register: Path, arguments: tuple[str, ...], says: str) -> None:
    said = bot("calendar", *arguments)
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert says in said.err


def test_the_console_speaks_for_whom_it_is_told(bot: Bot, tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(f'[bot]\ndatabase = "sqlite:///{tmp_path}/plain.db"\n', encoding="utf-8")
    lines = "/attendance open 党课 12月9日9:00\n:as 张三\n参加\n:private\n我的\n:as 没有这个人\n:in g2\n参加\n:quit\n"
    said = bot("console", "--as", "周敏", "--config", str(plain), stdin=lines, configured=False)
    assert said.code == 0
    assert said.err == ""
    for words in (
        "[g1] 支部小助手：已开 #1 党课",
        "已记：参加\n",
        "[zhangsan] 支部小助手：张三（第一党支部）",
        "nobody named 没有这个人",
        "[g2]",
    ):
        assert words in said.out
    nobody = bot("console", "--as", "没有这个人")
    assert nobody.code == 1
    assert nobody.err == "nobody named 没有这个人 has a console account\n"


def test_verify_finds_what_was_changed_behind_its_back(bot: Bot, register: Path, tmp_path: Path) -> None:
    assert bot("verify").out == "ok\n"
    with sqlite3.connect(tmp_path / "house.db") as connection:
        connection.execute("UPDATE trail SET actor = 'somebody else' WHERE number = 1")
    connection.close()
    said = bot("verify")
    assert said.code == 1
    assert said.out == ""
    assert "row 1 does not fit" in said.err


def test_check_names_the_key_of_every_problem(bot: Bot, config: Path) -> None:
    assert bot("check").out == "ok\n"
    config.write_text('[bot]\ndatabase = "mysql://x"\nfoo = 1\n[web]\nport = "a"\n', encoding="utf-8")
    said = bot("check")
    assert said.code == 1
    assert said.out == ""
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["bot.database", "bot.foo", "web.port"]
    config.write_text('[bot]\ndatabase = "postgresql+psycopg://u:secret@127.0.0.1:1/x"\n', encoding="utf-8")
    said = bot("check")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "secret" not in said.err


WRONG_USE = [
    (),
    ("nonsense",),
    ("import",),
    ("import", "members"),
    ("bind", "--platform", "wecom"),
    ("understand",),
    ("dues",),
    ("dues", "salaried"),
    ("dues", "salaried", "1", "2"),
    ("calendar", "--months", "0"),
    ("calendar", "--months", "x"),
    ("calendar", "--json", "--ics"),
    ("verify", "--nope"),
]


@pytest.mark.parametrize("arguments", WRONG_USE)
def test_wrong_usage_is_one_line_and_2(bot: Bot, arguments: tuple[str, ...]) -> None:
    said = bot(*arguments, configured=False)
    assert (said.code, said.err.count("\n")) == (2, 1), said


CALLS = [
    ("serve",),
    ("check",),
    ("console",),
    ("import", "members", "x.csv"),
    ("bind", "--platform", "wecom", "--chat", "x", "--branch", "x"),
    ("understand", "参加"),
    ("calendar",),
    ("dues", "salaried", "5"),
    ("verify",),
    ("backup", "x.db"),
    ("restore", "x.db"),
]


@pytest.mark.parametrize("arguments", CALLS)
def test_every_call_takes_config_and_fails_in_one_line(bot: Bot, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    missing = str(tmp_path / "nowhere.toml")
    said = bot(*arguments, "--config", missing, configured=False)
    assert (said.code, said.out) == (1, "")
    assert said.err.count("\n") == 1
    assert said.err.startswith(missing)


def test_debug_shows_the_traceback(bot: Bot) -> None:
    assert "Traceback" in bot("dues", "salaried", "0", "--debug").err
    assert "Traceback" not in bot("dues", "salaried", "0").err


def test_every_call_works_while_the_bot_runs(
    bot: Bot, process: Bot, config: Path, register: Path, tmp_path: Path
) -> None:
    serving = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert serving.stdout is not None
    try:
        assert serving.stdout.readline().startswith(b"http://127.0.0.1:")
        assert process("bind", "--platform", "wecom", "--chat", "wrA", "--branch", "第一党支部").code == 0
        assert "没有变化 2 人" in bot("import", "members", str(register)).out
        assert bot("calendar", "--months", "1").code == 0
        assert bot("verify").out == "ok\n"
        assert bot("check").out == "ok\n"
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(10) == 0
        serving.stdout.close()


def test_a_process_of_its_own_ends_as_promised(process: Bot, register: Path) -> None:
    said = process("understand", "--jsonl", stdin='{"text": "参加"}\n{"text": 5}\n')
    assert said.code == 1
    assert json.loads(said.out)["intent"] == "attend"
    assert said.err == 'not a line of the form {"text": "…"}: {"text": 5}\n'
    said = process("calendar", "--from", "12月")
    assert (said.code, said.out, said.err) == (1, "", "--from 12月: write a month like 2026-12\n")
    assert process("nonsense").code == 2
    said = process("import", "members", str(register), "--debug")
    assert (said.code, said.out) == (0, "新增 0 人，更新 0 人，没有变化 2 人\n")
    assert "[g1] 支部小助手" not in process("console", stdin=":private\n").out

"""docs/first-month.md is walked from its first line to its last: a branch, a meeting, a month of dues, a report."""

from __future__ import annotations

import asyncio
import itertools
import re
import shlex
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from docx import Document

from bot.__main__ import main
from bot.cli.place import opened
from bot.config import load
from bot.dispatch import handle
from bot.message import Incoming
from bot.platforms import KINDS
from tests.cast import START, ZONE, Moved
from tests.test_docs import HOME, blocks

GUIDE = HOME / "docs" / "first-month.md"
ROW = re.compile(r"^\| (\S+) \| (群|私聊) \| `(.+)` \| (.+) \|$")
MOMENT = re.compile(r"^\*\*(\d+)月(\d+)日 (\d+):(\d+)\*\*$")
ACCOUNTS = {"管理员": "admin", "周敏": "zhoumin", "李红": "lihong", "张三": "zhangsan", "李四": "lisi"}
CHAT = "wrk1"


def steps() -> Iterator[tuple[str, ...] | datetime]:
    """(who, where, says, hears) and the moments between, in order."""
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        if row := ROW.match(line):
            yield row.groups()
        elif moment := MOMENT.match(line):
            month, day, hour, minute = map(int, moment.groups())
            yield datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def called(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a call of the guide prints."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["bot", *shlex.split(words)])
        with pytest.raises(SystemExit) as ended:
            main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    return said.out


def calls() -> list[str]:
    lines = [line for block in blocks(GUIDE, "sh") for line in block.splitlines()]
    return [line.removeprefix("python -m bot ") for line in lines if line.startswith("python -m bot ")]


def prepared(folder: Path) -> None:
    """The two files that the guide has people write, and where this test keeps its rows."""
    (config,), (sheet,) = blocks(GUIDE, "toml"), blocks(GUIDE, "csv")
    rows = f'[bot]\ndatabase = "sqlite:///{folder}/bot.db"\ndata_dir = "{folder}"\n'
    (folder / "var").mkdir()
    (folder / "config.toml").write_text(config.replace("[bot]\n", rows), encoding="utf-8")
    (folder / "members.csv").write_text(sheet, encoding="utf-8")


async def walked() -> None:
    """Everything that is said in the chat."""
    config = load(Path("config.toml"), KINDS)
    number, private = itertools.count(1), {"私聊": True, "群": False}
    async with opened(config, Moved(config)) as place:
        for step in steps():
            if isinstance(step, datetime):
                place.clock.ahead = step - START
                continue
            who, where, says, hears = step
            account = ACCOUNTS[who]
            chat = account if private[where] else CHAT
            said = Incoming("wecom", f"m{next(number)}", chat, account, says, private=private[where])
            reply = await place.database.write(partial(handle, incoming=said, house=place.house))
            assert reply is not None, step
            assert hears in reply.text, f"{who}: {says}\nexpected: {hears}\nheard: {reply.text}"


def test_the_first_month_goes_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path)
    before = [one for one in calls() if one.split()[0] in ("check", "import", "bind")]
    after = [one for one in calls() if one.split()[0] in ("report", "backup", "verify")]
    assert len(before) + len(after) + 1 == len(calls()), "and `serve`"
    assert called(before[0], capsys) == "ok\n"
    for one in before[1:]:
        assert called(one, capsys)
    asyncio.run(walked())
    for one in after:
        assert called(one, capsys)
    cells = [cell.text for table in Document(str(tmp_path / "var" / "年报.docx")).tables for cell in table._cells]
    assert "主题党日" in "".join(cells)
    assert (tmp_path / "var" / "zhibu.db").exists()

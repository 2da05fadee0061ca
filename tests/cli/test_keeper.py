"""Root, who installs, doesn't shut the bot's own user out of his files; nobody else reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.cli import keeper
from tests.cli.conftest import Bot

SOMEBODY = 1


def of_somebody(folder: Path) -> None:
    """The folder belongs to another user than root, as after `chown zhibu var`."""
    if os.getuid() == keeper.ROOT:
        os.chown(folder, SOMEBODY, SOMEBODY)


def test_root_is_sent_to_the_user_whose_folder_it_is(bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_somebody(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: keeper.ROOT)
    said = bot("check")
    assert said.code == 1
    assert "call this as that user (sudo -u" in said.err
    assert not (tmp_path / "secret.key").exists()


def test_where_root_keeps_the_key_root_runs_it(bot: Bot, tmp_path: Path) -> None:
    assert bot("check").out == "ok\n"
    of_somebody(tmp_path)
    assert bot("check").out == "ok\n"


def test_what_a_call_makes_only_its_own_user_reads(process: Bot, tmp_path: Path) -> None:
    assert process("backup", "copy.db").code == 0
    assert process("import", "members", "--template", "members.xlsx").code == 0
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "copy.db", tmp_path / "members.xlsx")] == [0o600] * 2


@pytest.mark.parametrize(
    ("mode", "address", "expected"),
    [
        ("callback", "http://127.0.0.1:8080", "links would open on this machine only"),
        ("callback", "https://bot.example.org", "ok"),
        ("long_connection", "http://127.0.0.1:8080", "ok"),
    ],
)
def test_who_is_called_from_outside_gives_out_links_for_outside(
    bot: Bot, config: Path, mode: str, address: str, expected: str
) -> None:
    text = config.read_text(encoding="utf-8").replace("https://bot.example.org", address)
    config.write_text(text.replace('token = "t"', f'mode = "{mode}"\nbot_id = "b"\nsecret = "s"\ntoken = "t"'))
    said = bot("check")
    assert expected in said.out + said.err

"""A configuration of its own for every test, and the call itself: a real process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main

ROOT = Path(__file__).parents[2]
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
HEADER = "姓名,支部,科室,党内职务,党费类别,党费基数,企业微信账号\n"
SHEET = HEADER + "周敏,第一党支部,院办,书记,在职,6888.88,zhoumin\n张三,第一党支部,内科,,在职,4237.56,zhangsan\n"


@dataclass(frozen=True)
class Said:
    """How a call ended and what it said."""

    code: int
    out: str
    err: str


Bot = Callable[..., Said]


@pytest.fixture
def config(sqlite: str, tmp_path: Path) -> Path:
    """A configuration on a migrated database, with two platforms."""
    path = tmp_path / "config.toml"
    path.write_text(
        f'[bot]\ndatabase = "{sqlite}"\ndata_dir = "{tmp_path}"\n[web]\nport = 0\n'
        'public_url = "https://bot.example.org"\n'
        f'[platforms.wecom]\nkind = "wecom"\ntoken = "t"\nencoding_aes_key = "{KEY}"\n'
        '[platforms.wecom-push]\nkind = "wecom_webhook"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def process(config: Path, tmp_path: Path) -> Bot:
    """Calls `python -m bot ARGUMENTS --config …` as a process of its own in an empty folder."""

    def call(*arguments: str, stdin: str = "", configured: bool = True) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments, *(("--config", str(config)) if configured else ())],
            input=stdin.encode(),
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def bot(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bot:
    """The same call within this process, which spares the second that a start takes."""

    def call(*arguments: str, stdin: str = "", configured: bool = True) -> Said:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["bot", *arguments, *(("--config", str(config)) if configured else ())])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


@pytest.fixture
def register(bot: Bot, tmp_path: Path) -> Path:
    """A sheet with two members, imported."""
    path = tmp_path / "members.csv"
    path.write_text(SHEET, encoding="utf-8")
    assert bot("import", "members", str(path)).code == 0
    return path

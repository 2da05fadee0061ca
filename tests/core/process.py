"""The bot as a process of its own: started, asked, stopped or killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from tests.cast import configure
from tests.core.post import KEY, TOKEN

WECOM = f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("BOT__")}


class Served:
    """`serve` on a free port with a WeCom hook; `address` once it has printed it, `seconds` until then.

    `settings` are environment variables (`BOT__SECTION__KEY`), `limits` those of life made shorter
    (`bot.web.BODY_SECONDS`). The log comes through a pipe, so that what is done to the process' files spares it.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        console: bool = False,
        settings: dict[str, str] | None = None,
        limits: dict[str, float] | None = None,
        platforms: str = WECOM,
    ) -> None:
        web = f"[web]\nport = 0\nconsole = {str(console).lower()}\n"
        configure(url, folder, f"{web}{platforms}")
        words = [f"{name}={value}" for name, value in (limits or {}).items()]
        self.words = ["-m", "tests.faults.hasty", *words] if words else ["-m", "bot"]
        self.environment = {**ENVIRONMENT, **(settings or {})}
        self.config, self.log = folder / "config.toml", folder / "serve.log"
        self.start()

    def start(self) -> None:
        """Starts it, also again after a death; returns when it listens."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *self.words, "serve", "--config", str(self.config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self._writing = threading.Thread(target=self._write_log, args=(self.process.stderr,), daemon=True)
        self._writing.start()
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip().removesuffix("/console")
        self.seconds = time.perf_counter() - began
        assert self.address, self.log.read_text(encoding="utf-8")

    def _write_log(self, lines: IO[str]) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            for line in lines:
                log.write(line)
                log.flush()
        lines.close()

    def resident(self) -> float:
        """Megabytes of memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise LookupError("no VmRSS")

    def end(self, *, kill: bool = False) -> tuple[int, float]:
        """(exit code, seconds it took) after SIGTERM or SIGKILL."""
        began = time.perf_counter()
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        code = self.process.wait(15)
        self._writing.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code, time.perf_counter() - began


def call(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One call of the command line."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words, "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )

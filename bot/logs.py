"""The log: one line per event, as text or as JSON, with the message or promise it is about and nobody's data.

What is said in chat, names and amounts never get here; a message is known by the number the platform gave it. Its
answer's promise is `answer:PLATFORM:NUMBER`, so one search finds every step.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

about: ContextVar[str] = ContextVar("about", default="")

OURS = "zhibu"


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        subject = about.get()
        return super().format(record) + (f" [{subject}]" if subject else "")


class _Json(logging.Formatter):
    """Keys: at (UTC, ISO 8601), level, logger, text, and where there are such about (a message or promise), error."""

    def format(self, record: logging.LogRecord) -> str:
        row = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if about.get():
            row["about"] = about.get()
        if record.exc_info:
            row["error"] = "".join(traceback.format_exception(*record.exc_info)).strip()
        return json.dumps(row, ensure_ascii=False)


class _Stderr(logging.Handler):
    """Writes to what is stderr at that moment, not to what was when the handler was made."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):  # a full disk or a closed pipe must not end who only wanted to tell
            print(self.format(record), file=sys.stderr)


def speak_to_log(kind: Literal["text", "json"], level: str) -> None:
    """Logs to stderr in this form: ours from this level ("debug", "info", "warning") on, libraries' warnings."""
    handler = _Stderr()
    handler.name = OURS
    handler.setFormatter(_Json() if kind == "json" else _Text("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if one.name != OURS), handler]
    root.setLevel(logging.WARNING)
    for ours in ("bot", "handlers", "scheduler"):
        logging.getLogger(ours).setLevel(level.upper())

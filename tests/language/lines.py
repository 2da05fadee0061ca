"""The labelled lines: the published set and our own wider one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))
ACTS = frozenset(
    [
        "ack",
        "attend",
        "leave",
        "cancel",
        "signup",
        "withdraw",
        "checkin",
        "checkout",
        "makeup",
        "dues_paid",
        "wish_claim",
        "wish_done",
        "roster",
    ]
)


def load(name: str) -> list[dict[str, Any]]:
    """The lines of one file beside this one."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


PUBLISHED = load("utterances.jsonl")
OWN = load("more.jsonl")
EVERY = PUBLISHED + OWN

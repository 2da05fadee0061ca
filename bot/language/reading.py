"""What comes out of reading a message, and what it is read against."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """One of the 17 intents with its slots; `rule` and `words` say in Chinese what decided, for 为什么."""

    intent: str
    slots: dict[str, Any] = field(default_factory=dict)
    rule: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Something that is open: `what` is activity, shift, dues, wish or makeup."""

    number: int
    kind: str
    title: str
    starts_at: datetime | None
    what: str


@dataclass(frozen=True, slots=True)
class Context:
    """What is open now. `names` gives the register's names and is asked only when a text holds something like one."""

    calls: tuple[Call, ...] = ()
    names: Callable[[], Collection[str]] = tuple
    previous: str = ""

"""The sections of config.toml that are ours: every key, its type and its default."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.rules import parse_clock, parse_dues_notice, parse_meeting_notice, parse_quiet, parse_theme_day


def _read_by(parse: Callable[[str], object]) -> AfterValidator:
    """Keeps the text as it was written, once `parse` has accepted it."""

    def accepted(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(accepted)


def _matching(pattern: str, advice: str) -> AfterValidator:
    """Never repeats the value in its error: it may hold a password."""

    def matched(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(advice)
        return text

    return AfterValidator(matched)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f'"{name}" is no known time zone; write one like "Asia/Shanghai"') from None
    return name


Database = Annotated[
    str,
    _matching(
        r"(sqlite:///|postgresql\+psycopg://).+", "write sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    ),
]
Redis = Annotated[str, _matching(r"|(rediss?|unix)://.+", 'write redis://HOST:PORT/0, or "" for none')]
Url = Annotated[str, _matching(r"https?://[^\s/?#]+[^\s]*", "write an address that starts with http:// or https://")]
Account = Annotated[str, _matching(r"[^:\s]+:\S.*", 'write PLATFORM:ACCOUNT, such as "wecom:zhangsan"')]
PlatformName = Annotated[
    str, _matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "name the section with letters, digits, - and _ only")
]


class Section(BaseModel):
    """What all sections have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bot(Section):
    """[bot]. `database` and `redis` may hold a password, so they are never printed."""

    organisation: str = Field(default="某县卫生健康局", min_length=1)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    database: Database = Field(default="sqlite:///var/bot.db", repr=False)
    redis: Redis = Field(default="", repr=False)
    data_dir: Path = Path("var")
    admins: tuple[Account, ...] = ("console:admin",)
    secret_key: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"


class Web(Section):
    """[web]. Port 0 is any free one."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Url = "http://127.0.0.1:8080"
    console: bool = True
    console_token: SecretStr = SecretStr("")


class Meetings(Section):
    """[meetings]: what is local practice. `kinds` are one's own kinds of meeting with other words for them,
    `makeup_days` how long 补学 may take (0 = none), `half_may_vote` takes 半数以上 literally: half is enough."""

    kinds: dict[str, tuple[str, ...]] = {}
    makeup_days: int = Field(default=7, ge=0, le=365)
    half_may_vote: bool = False


class Reminders(Section):
    """[reminders], and what [branches."NAME"] overrides. The rules are read by bot.rules."""

    theme_day: Annotated[str, _read_by(parse_theme_day)] = "nth:1,Fri"
    theme_day_time: Annotated[str, _read_by(parse_clock)] = "15:00"
    theme_day_place: str = ""
    theme_day_roll: Literal["next", "previous", "nearest", "none"] = "next"
    theme_day_notice: tuple[Annotated[str, _read_by(parse_meeting_notice)], ...] = ("-3d 09:00", "-1d 17:00", "-2h")
    dues_notice: tuple[Annotated[str, _read_by(parse_dues_notice)], ...] = (
        "day:5 09:00",
        "day:20 09:00",
        "last-2d 17:00",
    )
    quiet_hours: Annotated[str, _read_by(parse_quiet)] = "21:00-07:30"
    group_budget_per_day: int = Field(default=4, ge=0)

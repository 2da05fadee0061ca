"""The sections of config.toml that are ours: every key, its type and its default."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.rules import (
    parse_after_notice,
    parse_calendar_notice,
    parse_clock,
    parse_dues_notice,
    parse_meeting_notice,
    parse_quiet,
    parse_theme_day,
)


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


BeforeMeeting = tuple[Annotated[str, _read_by(parse_meeting_notice)], ...]
AfterMeeting = tuple[Annotated[str, _read_by(parse_after_notice)], ...]
InMonth = tuple[Annotated[str, _read_by(parse_dues_notice)], ...]
InCalendar = tuple[Annotated[str, _read_by(parse_calendar_notice)], ...]


class Reminders(Section):
    """[reminders], and what [branches."NAME"] overrides. The rules are read by bot.rules; () or [] switches one off.

    Each list of times bears the name of its job in `scheduler/jobs/`.
    """

    theme_day: Annotated[str, _read_by(parse_theme_day)] = "nth:1,Fri"
    theme_day_time: Annotated[str, _read_by(parse_clock)] = "15:00"
    theme_day_place: str = ""
    theme_day_roll: Literal["next", "previous", "nearest", "none"] = "next"
    theme_day_notice: BeforeMeeting = ("-3d 09:00", "-1d 17:00", "-2h")
    meeting_notice: BeforeMeeting = ("-1d 17:00", "-2h")
    deadline_notice: BeforeMeeting = ("-2h",)
    checkin_notice: BeforeMeeting = ("-15m",)
    record_notice: AfterMeeting = ("+3d 09:00",)
    shift_notice: BeforeMeeting = ("-1d 18:00",)
    dues_notice: InMonth = ("day:5 09:00", "day:20 09:00", "last-2d 17:00")
    dues_overdue: InMonth = ("day:6 09:00",)
    dues_bases: InCalendar = ("01-05 09:00",)
    month_watch: InMonth = ("day:20 09:00",)
    quarter_watch: InCalendar = ("03-01 09:00", "06-01 09:00", "09-01 09:00", "12-01 09:00")
    year_watch: InCalendar = ("09-01 09:00", "12-01 09:00")
    development_notice: InCalendar = ("Mon 09:00",)
    overdue_notice: InCalendar = ("Mon 09:00",)
    contact_notice: InCalendar = ("05-20 09:00", "11-20 09:00")
    month_digest: InMonth = ("day:1 09:00",)
    year_plan: InCalendar = ("12-10 09:00",)
    night_duty: Annotated[str, _read_by(parse_quiet)] = "20:00-08:00"
    quiet_hours: Annotated[str, _read_by(parse_quiet)] = "21:00-07:30"
    group_budget_per_day: int = Field(default=4, ge=0)

    @model_validator(mode="after")
    def _every_notice_fires(self) -> Reminders:
        """A notice on the day of the meeting has to come before its hour."""
        start = parse_clock(self.theme_day_time)
        for text in self.theme_day_notice if self.theme_day else ():
            notice = parse_meeting_notice(text)
            if notice.at is not None and notice.days == 0 and notice.at >= start:
                raise ValueError(
                    f'theme_day_notice: "{text}" never fires, the meeting begins at {self.theme_day_time}; '
                    f"write an earlier time"
                )
            if notice.at is None and notice.hours == notice.minutes == 0:
                raise ValueError(f'theme_day_notice: "{text}" is no time before the meeting; write "-2h"')
        return self

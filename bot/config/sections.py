"""The sections of config.toml that are ours: every key, its type and its default."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot import redis_address
from bot.rules import (
    parse_after_notice,
    parse_calendar_notice,
    parse_clock,
    parse_dues_notice,
    parse_frequency,
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
Redis = Annotated[str, _read_by(lambda url: url and redis_address.parse(url))]
Url = Annotated[str, _matching(r"https?://[^\s/?#]+[^\s]*", "write an address that starts with http:// or https://")]
Account = Annotated[str, _matching(r"[^:\s]+:\S.*", 'write PLATFORM:ACCOUNT, such as "wecom:zhangsan"')]
PlatformName = Annotated[
    str, _matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "name the section with letters, digits, - and _ only")
]


class Section(BaseModel):
    """What all sections have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bot(Section):
    """[bot]. `database` and `redis` may hold a password, so they are never printed.

    `questions_per_minute`: what records nothing is answered so often to one sender, and then no more (0 = always).
    """

    organisation: str = Field(default="某县卫生健康局", min_length=1)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    database: Database = Field(default="sqlite:///var/bot.db", repr=False)
    redis: Redis = Field(default="", repr=False)
    data_dir: Path = Path("var")
    admins: tuple[Account, ...] = ("console:admin",)
    secret_key: SecretStr = SecretStr("")
    old_secret_key: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning"] = "info"
    questions_per_minute: int = Field(default=60, ge=0)


class Web(Section):
    """[web]. Port 0 is any free one; without `roll_call_names` the roll-call screen shows counts only."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Url = "http://127.0.0.1:8080"
    console: bool = True
    console_token: SecretStr = SecretStr("")
    roll_call_names: bool = True

    @property
    def address(self) -> str:
        """Where browsers find this house, without a slash at the end."""
        return str(self.public_url).rstrip("/")


BeforeMeeting = tuple[Annotated[str, _read_by(parse_meeting_notice)], ...]
AfterMeeting = tuple[Annotated[str, _read_by(parse_after_notice)], ...]
InMonth = tuple[Annotated[str, _read_by(parse_dues_notice)], ...]
InCalendar = tuple[Annotated[str, _read_by(parse_calendar_notice)], ...]


class Meetings(Section):
    """[meetings]: what is local practice. `kinds` are one's own kinds of meeting with other words for them,
    `makeup_days` how long 补学 may take (0 = none), `half_may_vote` takes 半数以上 literally: half is enough."""

    kinds: dict[str, tuple[str, ...]] = {}
    makeup_days: int = Field(default=7, ge=0, le=365)
    half_may_vote: bool = False


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
    makeup_notice: BeforeMeeting = ("-1d 09:00",)
    shift_notice: BeforeMeeting = ("-1d 18:00",)
    dues_notice: InMonth = ("day:5 09:00", "day:20 09:00", "last-2d 17:00")
    dues_overdue: InMonth = ("day:6 09:00",)
    month_close: InMonth = ("day:8 09:00",)
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
        return self


Hours = Annotated[float, Field(gt=0, le=200, multiple_of=0.5)]  # 学时


class Registers(Section):
    """[registers]: what is local practice in the small books. Hours are 学时, in halves."""

    study_full_day: Hours = 8
    study_half_day: Hours = 4
    study_hour: Hours = 1
    study_member_hours: Hours = 32
    study_leader_hours: Hours = 56
    study_rotation_percent: int = Field(default=30, ge=0, le=100)
    study_kinds: tuple[str, ...] = ("主题党日", "党课", "集中学习", "专题研讨", "理论中心组", "警示教育", "集中培训")
    study_makeup: bool = True
    study_lecture_factor: Literal[1, 2] = 1
    wish_days: int = Field(default=7, ge=1, le=365)
    wish_release: bool = False


Frequency = Annotated[str, _read_by(parse_frequency)]
# 中国共产党支部工作条例（试行） Art. 11-18. It has no number for 党课: one a quarter is the practice nearly everywhere.
STANDARDS: dict[str, Frequency] = {
    "支部党员大会": "quarter:1",
    "支委会": "month:1",
    "党小组会": "month:1",
    "党课": "quarter:1",
    "主题党日": "month:1",
    "组织生活会": "year:1",
    "民主评议": "year:1",
}


class Retention(Section):
    """[retention]: after how long what has served its purpose is let go of; 0 is never."""

    said_days: int = Field(default=180, ge=0, le=36500)
    resident_days: int = Field(default=365, ge=0, le=36500)
    left_years: int = Field(default=0, ge=0, le=100)
    look_days: int = Field(default=1095, ge=0, le=36500)


class PointRule(Section):
    """One rule of 积分: what gives points, for which kinds (none = all), how many each time or hour, the cap a year.

    `source`: attend, absent (without leave), lecture, volunteer, wish or award. Dues stay out: they are a duty.
    """

    name: str = Field(min_length=1, max_length=20)
    source: Literal["attend", "absent", "lecture", "volunteer", "wish", "award"]
    points: float = Field(ge=-20, le=20, multiple_of=0.5)
    kinds: tuple[str, ...] = ()
    per: Literal["time", "hour"] = "time"
    cap: float = Field(default=0, ge=0, le=100, multiple_of=0.5)


class Points(Section):
    """[points]: off until somebody turns it on. Points are never ranked and never published."""

    enabled: bool = False
    base: float = Field(default=60, ge=0, le=100, multiple_of=0.5)
    floor: float = Field(default=0, ge=0, le=100, multiple_of=0.5)
    rules: tuple[PointRule, ...] = (
        PointRule(name="参加组织生活", source="attend", points=1),
        PointRule(name="无故缺席", source="absent", points=-2),
        PointRule(name="讲党课", source="lecture", points=3),
        PointRule(name="志愿服务", source="volunteer", points=0.5, per="hour", cap=10),
        PointRule(name="兑现微心愿", source="wish", points=1),
    )

"""The whole of config.toml, and how it is read. Precedence: environment > file > defaults.

The platforms' sections are shaped by the platforms themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    PlainValidator,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.dues import Dues
from bot.config.environment import Environment
from bot.config.problems import PLAINLY, ConfigError, lines_of, plainly
from bot.config.reports import Reports
from bot.config.sections import (
    STANDARDS,
    Bot,
    Frequency,
    Meetings,
    PlatformName,
    Points,
    Registers,
    Reminders,
    Retention,
    Web,
)

FILE = Path("config.toml")


class Config(BaseSettings):
    """The whole of config.toml; made by `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    bot: Bot = Bot()
    web: Web = Web()
    platforms: dict[PlatformName, SerializeAsAny[BaseModel]] = {}
    reminders: Reminders = Reminders()
    meetings: Meetings = Meetings()
    branches: dict[str, Reminders] = {}
    reports: Reports = Reports()
    registers: Registers = Registers()
    standards: dict[str, Frequency] = STANDARDS
    points: Points = Points()
    retention: Retention = Retention()
    dues: Dues = Dues()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people here read a clock."""
        return ZoneInfo(self.bot.timezone)

    def reminders_for(self, branch: str) -> Reminders:
        """[reminders] with what is written for this branch on top."""
        return self._of_branches.get(branch, self.reminders)

    @cached_property
    def _of_branches(self) -> dict[str, Reminders]:
        return {name: _on_top_of(self.reminders, own) for name, own in self.branches.items()}

    @field_validator("branches", mode="after")
    @classmethod
    def _fit(cls, written: dict[str, Reminders], info: ValidationInfo) -> dict[str, Reminders]:
        """What a branch has of its own must fit what it takes from [reminders]."""
        house = info.data.get("reminders", Reminders())
        for name, own in written.items():
            try:
                Reminders.model_validate(_on_top_of(house, own).model_dump())
            except ValidationError as error:
                raise ValueError(f'"{name}", with [reminders] below it: {plainly(error)}') from None
        return written

    @field_validator("standards", mode="after")
    @classmethod
    def _on_top(cls, written: dict[str, str]) -> dict[str, str]:
        """A kind that isn't written keeps what is asked for everywhere."""
        return {**STANDARDS, **written}

    @field_validator("platforms", mode="before")
    @classmethod
    def _kind_from_name(cls, sections: Any) -> Any:
        """A section without `kind` is of the kind it is named after."""
        if not isinstance(sections, dict):
            return sections
        return {
            name: {"kind": str(name).replace("-", "_"), **section} if isinstance(section, dict) else section
            for name, section in sections.items()
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before what `load` has read from the file; nothing else."""
        written = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        return Environment(settings_cls, written), init_settings


def _on_top_of(house: Reminders, own: Reminders) -> Reminders:
    return house.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


def load(path: Path | None, kinds: Mapping[str, type[BaseModel]]) -> Config:
    """Reads FILE (None: ./config.toml where there is one, else the defaults) and the environment.

    `kinds` are the settings models of the platforms, by `kind`. Raises ConfigError with all problems at once.
    """
    sections: Any = dict[PlatformName, _one_of(kinds)]  # type: ignore[misc]
    shape = create_model("Config", __base__=Config, platforms=(sections, {}))
    try:
        return shape(**_read(path))
    except ValidationError as error:
        raise ConfigError(lines_of(error)) from None


def _read(path: Path | None) -> dict[str, Any]:
    if path is None and not FILE.exists():
        return {}
    path = path or FILE
    try:
        # utf-8-sig: Windows editors put a mark in front.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError([f"{path}: can't be read ({error.strerror}); name another file with --config"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from None


def _one_of(kinds: Mapping[str, type[BaseModel]]) -> Any:
    """The type of a platform section: read by the model of its `kind`."""

    def read(section: Any) -> BaseModel:
        if isinstance(section, BaseModel):
            return section
        if not isinstance(section, dict):
            raise ValueError(PLAINLY["dict_type"])
        model = kinds.get(str(section["kind"]))
        if model is None:
            raise ValueError(f'unknown kind "{section["kind"]}"; write kind = one of {", ".join(sorted(kinds))}')
        given = {key: value for key, value in section.items() if key != "kind" or "kind" in model.model_fields}
        return model.model_validate(given, extra="forbid")

    return Annotated[SerializeAsAny[BaseModel], PlainValidator(read)]

"""Any key may come from the environment, so that a container needs no file and no secret lies in an image."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.config.problems import ConfigError

# Sections that hold sections: [platforms.NAME], [branches."NAME"].
NAMED = ("platforms", "branches")


class Environment(PydanticBaseSettingsSource):
    """`BOT__SECTION__KEY`. Ours, because sections may have a `-` in their name, which a variable can't have."""

    def __init__(self, settings_cls: type[BaseSettings], written: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self.written = written

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Part of the base's interface; `__call__` gives all fields at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The overrides in the shape of the file."""
        return overrides(os.environ, self.written)


def overrides(environ: Mapping[str, str], written: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment says, nested like config.toml and with the names that `written` uses.

    `BOT__…__KEY__FILE` names a file whose content is the value. A value that is a JSON list is read as one.
    """
    found: dict[str, Any] = {}
    for name, text in sorted(environ.items()):
        head, *path = name.split("__")
        if _fold(head) != "bot" or not path:
            continue
        if _fold(path[-1]) == "file":
            path, text = path[:-1], _content(name, text)
        *sections, key = _named(name, path, written)
        place = found
        for section in sections:
            place = place.setdefault(section, {})
        if key in place:
            raise ConfigError([f"{name}: is set twice; keep the value or the __FILE, not both"])
        place[key] = _value(text)
    return found


def _named(name: str, path: list[str], written: Mapping[str, Any]) -> list[str]:
    """The keys a variable means: those of the file where it has them, case and `-` or `_` being the same."""
    section, *rest = path or [""]
    section = _fold(section)
    if len(rest) != (2 if section in NAMED else 1):
        advice = f"BOT__{section.upper()}__NAME__KEY" if section in NAMED else "BOT__SECTION__KEY"
        raise ConfigError([f"{name}: write {advice}"])
    if section not in NAMED:
        return [section, _fold(rest[0])]
    there = written.get(section)
    same = [known for known in there if _fold(known) == _fold(rest[0])] if isinstance(there, dict) else []
    new = _fold(rest[0]).replace("_", "-") if section == "platforms" else rest[0]
    return [section, same[0] if same else new, _fold(rest[1])]


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"{name}: can't read {path}; name a readable UTF-8 file"]) from None


def _value(text: str) -> Any:
    if text.startswith("["):
        with suppress(ValueError):
            return json.loads(text)
    return text

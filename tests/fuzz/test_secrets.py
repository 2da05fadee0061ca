"""A secret of the configuration stands in no repr, no error, no line of `check` and no argument of a call."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from bot.cli.check import problems
from bot.cli.commands import app
from bot.cli.place import make_platforms
from bot.config import Bot, ConfigError, Web, load
from bot.coordination import InProcess
from bot.db import DatabaseDown
from bot.platforms import KINDS
from tests.test_docs import HOME, calls

SECRET = "geheimgeheimgeheim0"
AES = f"{SECRET}{'0' * 24}"
NAMES = re.compile(r"secret|token|password|aes_key|database|redis|_key$")
OPEN = {"app_key", "card_route_key"}  # names that people may read: an account's and a route's
NEEDED = {"corp_id": "ww1", "agent_id": 7, "app_key": "ding1", "bot_id": "b1"}


def hidden(model: type[BaseModel], name: str) -> bool:
    """Whether a field never shows its value."""
    field = model.model_fields[name]
    kinds = get_args(field.annotation) if isinstance(field.annotation, UnionType) else (field.annotation,)
    return SecretStr in kinds or field.repr is False


@pytest.mark.parametrize("model", [Bot, Web, *KINDS.values()], ids=lambda one: one.__name__)
def test_every_field_that_is_named_like_a_secret_hides_its_value(model: type[BaseModel]) -> None:
    found = [name for name in model.model_fields if NAMES.search(name) and name not in OPEN]
    assert [name for name in found if not hidden(model, name)] == []


def configured(folder: Path, database: str = f"postgresql+psycopg://u:{SECRET}@127.0.0.1:9/x") -> Path:
    """A file in which every secret is the same word."""
    lines = ["[bot]", f'database = "{database}"', f'redis = "redis://:{SECRET}@127.0.0.1:9/0"']
    lines += [f'secret_key = "{SECRET}"', f'data_dir = "{folder}"', "[web]", f'console_token = "{SECRET}"']
    for kind, model in KINDS.items():
        lines.append(f'[platforms.{kind}]\nkind = "{kind}"')
        for name in model.model_fields:
            value: Any = NEEDED.get(name, SECRET if NAMES.search(name) and name not in OPEN else None)
            value = AES if name == "encoding_aes_key" else value
            lines += [f"{name} = {value!r}"] if value is not None and name != "kind" else []
    path = folder / "config.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_neither_the_configuration_nor_what_is_made_of_it_shows_a_secret(tmp_path: Path) -> None:
    config = load(configured(tmp_path), KINDS)
    assert SECRET not in f"{config!r} {config} {config.bot} {config.platforms}"
    for platform in make_platforms(config, InProcess()).values():
        assert SECRET not in f"{platform!r} {vars(platform).keys()!r}"


async def test_check_and_a_database_that_is_down_show_no_secret(tmp_path: Path) -> None:
    config = load(configured(tmp_path), KINDS)
    try:
        found = "\n".join(await problems(config, online=False))
    except DatabaseDown as error:
        found = str(error)
    assert "database" in found
    assert SECRET not in found


@pytest.mark.parametrize("wrong", ["kind = 1", "tokn = 'x'", "mode = 'x'", "api_base = 'x'"])
def test_a_wrong_configuration_shows_no_secret(tmp_path: Path, wrong: str) -> None:
    path = configured(tmp_path)
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[platforms.z]\n{wrong}\ntoken = '{SECRET}'\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, KINDS)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


def test_no_call_must_be_given_a_secret_as_an_argument() -> None:
    """What holds one can be read from stdin, so that it never stands in the list of processes."""
    assert app.registered_commands
    for name, command in calls().items():
        for parameter in command.params:
            if re.search(r"secret|token|password|push|to$", str(parameter.name)) and name in ("bind", "move"):
                continue  # `P2:-` and `--to -` read it from stdin: tests/cli
            assert not re.search(r"secret|token|password|key", str(parameter.name)), f"{name} {parameter.name}"


SECRETLY = re.compile(r"secret|signature|claimed|digest|\bmac\b|password|token$")


def test_what_is_secret_is_compared_in_constant_time() -> None:
    """No == between texts of which one is secret: how long it takes would tell how much of a guess is right."""
    found = []
    for part in ("bot/platforms/*.py", "bot/pages/*.py", "handlers/links.py", "handlers/attendance/code.py"):
        for path in sorted(HOME.glob(part)):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                    sides = [ast.unparse(one) for one in (node.left, *node.comparators)]
                    against_a_constant = any(isinstance(one, ast.Constant) for one in (node.left, *node.comparators))
                    if any(SECRETLY.search(one) for one in sides) and not against_a_constant:
                        found.append(f"{path.relative_to(HOME)}: {ast.unparse(node)}")
    assert found == []

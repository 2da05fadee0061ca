"""The configuration: what the example shows, what the environment overrides, and how a mistake is named."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from bot.config import Config, ConfigError, Reminders, load, secret_key
from bot.config.environment import overrides

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
QYAPI = "https://qyapi.weixin.qq.com"
OAPI = "https://oapi.dingtalk.com"


class Wecom(BaseModel):
    """The keys of the contract; the real models belong to the platforms."""

    kind: Literal["wecom"] = "wecom"
    mode: Literal["callback", "long_connection"] = "callback"
    token: SecretStr
    encoding_aes_key: SecretStr
    receive_id: str = ""
    bot_id: str = ""
    secret: SecretStr = SecretStr("")
    display_names: tuple[str, ...] = ("支部小助手",)
    api_base: str = QYAPI
    ws_url: str = "wss://openws.work.weixin.qq.com"


class WecomWebhook(BaseModel):
    """Without a `kind` of its own: it needs none."""

    api_base: str = QYAPI


class WecomApp(BaseModel):
    """自建应用."""

    corp_id: str = ""
    agent_id: int = 0
    secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    api_base: str = QYAPI


class Dingtalk(BaseModel):
    """钉钉机器人."""

    mode: Literal["http", "stream"] = "http"
    app_key: str
    app_secret: SecretStr
    robot_code: str = ""
    card_template_id: str = ""
    card_route_key: str = ""
    card_secret: SecretStr = SecretStr("")
    monthly_api_calls: int = 5000
    monthly_messages: int = 3000
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = OAPI


class DingtalkWebhook(BaseModel):
    """自定义机器人."""

    oapi_base: str = OAPI


KINDS: dict[str, type[BaseModel]] = {
    "wecom": Wecom,
    "wecom_webhook": WecomWebhook,
    "wecom_app": WecomApp,
    "dingtalk": Dingtalk,
    "dingtalk_webhook": DingtalkWebhook,
}


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("BOT__"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Config:
    Path("other.toml").write_text(text, encoding="utf-8")
    return load(Path("other.toml"), KINDS)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        written(text)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return list(caught.value.lines)


def uncommented() -> str:
    return re.sub(r"^#(?=\S)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.M)


def ours(config: Config) -> dict[str, Any]:
    return config.model_dump(exclude={"platforms", "branches"})


# --- the example -----------------------------------------------------------------------------------------------------


def test_example_shows_the_defaults() -> None:
    assert load(EXAMPLE, KINDS).model_dump() == load(None, KINDS).model_dump()


def test_example_loads_with_all_of_it_in_use() -> None:
    config = written(uncommented())
    assert list(config.platforms) == ["wecom", "wecom-push", "wecom-app", "ding", "ding-push"]
    assert [type(one) for one in config.platforms.values()] == list(KINDS.values())
    assert config.reminders_for("第一党支部").theme_day == "day:5"
    assert ours(config) == ours(load(None, KINDS))


def test_example_has_every_key_and_a_comment_above_each() -> None:
    shown = tomllib.loads(uncommented())
    for section in ("bot", "web", "reminders", "meetings", "registers", "points", "retention", "dues", "reports"):
        assert set(shown[section]) == set(Config.model_fields[section].annotation.model_fields)  # type: ignore[union-attr]
    for section in shown["platforms"].values():
        assert set(section) == {"kind", *KINDS[section["kind"]].model_fields}
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if re.match(r"#?[a-z_]+ = ", line):
            assert above.startswith("# "), line


# --- where values come from ------------------------------------------------------------------------------------------


def test_without_a_file_the_defaults_hold() -> None:
    config = load(None, KINDS)
    assert (config.bot.database, config.web.port, config.platforms) == ("sqlite:///var/bot.db", 8080, {})
    assert str(config.zone) == "Asia/Shanghai"


def test_config_toml_is_found_by_itself() -> None:
    Path("config.toml").write_bytes(b"\xef\xbb\xbf[web]\nport = 9000\n")
    assert load(None, KINDS).web.port == 9000


def test_environment_beats_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__WEB__PORT", "9001")
    monkeypatch.setenv("bot__web__console", "false")
    monkeypatch.setenv("BOT__BOT__ADMINS", '["wecom:zhangsan", "ding:lisi"]')
    config = written('[web]\nport = 9000\nhost = "0.0.0.0"\n')
    assert (config.web.port, config.web.console, config.web.host) == (9001, False, "0.0.0.0")
    assert config.bot.admins == ("wecom:zhangsan", "ding:lisi")


def test_environment_reaches_sections_with_a_hyphen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__PLATFORMS__WECOM_PUSH__API_BASE", "https://wecom.example")
    config = written('[platforms.Wecom-Push]\nkind = "wecom_webhook"\n')
    assert config.platforms["Wecom-Push"].model_dump() == {"api_base": "https://wecom.example"}


def test_environment_alone_makes_a_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__PLATFORMS__DING_PUSH__KIND", "dingtalk_webhook")
    monkeypatch.setenv("BOT__PLATFORMS__WECOM__TOKEN", "123456")
    monkeypatch.setenv("BOT__PLATFORMS__WECOM__ENCODING_AES_KEY", "k" * 43)
    config = load(None, KINDS)
    assert list(config.platforms) == ["ding-push", "wecom"]
    assert isinstance(config.platforms["wecom"], Wecom)
    assert config.platforms["wecom"].token.get_secret_value() == "123456"


def test_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("  from-file\n")
    monkeypatch.setenv("BOT__WEB__CONSOLE_TOKEN__FILE", str(tmp_path / "token"))
    assert written('[web]\nconsole_token = "written"').web.console_token.get_secret_value() == "from-file"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"BOT__WEB__CONSOLE_TOKEN__FILE": "/nowhere"}, "BOT__WEB__CONSOLE_TOKEN__FILE: can't read /nowhere"),
        ({"BOT__WEB": "1"}, "BOT__WEB: write BOT__SECTION__KEY"),
        ({"BOT__FILE": "/dev/null"}, "BOT__FILE: write BOT__SECTION__KEY"),
        ({"BOT__PLATFORMS__WECOM": "1"}, "BOT__PLATFORMS__WECOM: write BOT__PLATFORMS__NAME__KEY"),
        ({"BOT__WEB__PORT": "1", "BOT__WEB__PORT__FILE": "/dev/null"}, "BOT__WEB__PORT__FILE: is set twice"),
        ({"BOT__WEB__PROT": "1"}, "web.prot: unknown key"),
        ({"BOT__WEB__PORT": "high"}, "web.port: Input should be a valid integer"),
        ({"BOT__BOT__ADMINS": "wecom:x"}, "bot.admins: write a list"),
    ],
)
def test_faulty_environment(environ: dict[str, str], line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load(None, KINDS)
    assert [one for one in caught.value.lines if one.startswith(line)] == list(caught.value.lines)


def test_branch_names_in_the_environment_are_kept() -> None:
    found = overrides({"BOT__BRANCHES__第一党支部__THEME_DAY": "day:7", "PATH": "/bin", "BOTTOM": ""}, {})
    assert found == {"branches": {"第一党支部": {"theme_day": "day:7"}}}


# --- branches --------------------------------------------------------------------------------------------------------


def test_branch_overrides_only_what_it_names() -> None:
    config = written('[reminders]\ntheme_day_time = "16:00"\n[branches."第一党支部"]\ntheme_day = "day:5"\n')
    own = config.reminders_for("第一党支部")
    assert (own.theme_day, own.theme_day_time) == ("day:5", "16:00")
    assert config.reminders_for("第二党支部") == config.reminders == Reminders(theme_day_time="16:00")


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[bto]\nx = 1", "bto: unknown key"),
        ("[web]\nprot = 1", "web.prot: unknown key"),
        ('[branches."甲"]\ntheme = "day:5"', "branches.甲.theme: unknown key"),
        ('[branches."甲"]\ntheme_day = "5"', 'branches.甲.theme_day: "5" is no theme-day rule; write'),
        (
            '[reminders]\ntheme_day_notice = ["-0d 10:00"]\n[branches."甲"]\ntheme_day_time = "9:00"',
            'branches: "甲", with [reminders] below it: theme_day_notice: "-0d 10:00" never fires',
        ),
        ("[web]\nport = 70000", "web.port: Input should be less than or equal to 65535"),
        ("[web]\nport = 'many'", "web.port: Input should be a valid integer"),
        ("[web]\npublic_url = 'localhost:80'", "web.public_url: write an address"),
        ("web = 3", "web: is a section"),
        ("platforms = 3", "platforms: is a section"),
        ("platforms.wecom = 3", "platforms.wecom: is a section"),
        ("[bot]\norganisation = 5", "bot.organisation: Input should be a valid string"),
        ("[bot]\ntimezone = 'Asia/Peking'", 'bot.timezone: "Asia/Peking" is no known time zone'),
        ("[bot]\ntimezone = 'Asia'", 'bot.timezone: "Asia" is no known time zone'),
        ("[bot]\ntimezone = ''", 'bot.timezone: "" is no known time zone'),
        ("[bot]\ndatabase = 'mysql://root:hidden@db/x'", "bot.database: write sqlite:///PATH or postgresql+psycopg://"),
        ("[bot]\ndatabase = 'sqlite://'", "bot.database: write sqlite"),
        ("[bot]\nredis = 'localhost:6379'", "bot.redis: write redis://"),
        ("[bot]\nadmins = 'wecom:x'", "bot.admins: write a list"),
        ("[bot]\nadmins = ['zhangsan']", "bot.admins.0: write PLATFORM:ACCOUNT"),
        ("[bot]\nlog_format = 'xml'", "bot.log_format: Input should be 'text' or 'json'"),
        ("[reminders]\ntheme_day_roll = 'skip'", "reminders.theme_day_roll: Input should be 'next', 'previous'"),
        ("[reminders]\ntheme_day_time = '25:00'", 'reminders.theme_day_time: "25:00" is no time of day'),
        ("[reminders]\ntheme_day_notice = ['day:5 09:00']", "reminders.theme_day_notice.0: "),
        ("[reminders]\ndues_notice = ['day:5 09:00', '-2h']", "reminders.dues_notice.1: "),
        ("[reminders]\nquiet_hours = '08:00-08:00'", "reminders.quiet_hours: "),
        ("[reminders]\ngroup_budget_per_day = -1", "reminders.group_budget_per_day: Input should be greater than"),
        (
            "[platforms.x]\nkind = 'slack'",
            'platforms.x: unknown kind "slack"; write kind = one of dingtalk, dingtalk_w',
        ),
        ("[platforms.wecom]\ntoken = 'hidden'", "platforms.wecom.encoding_aes_key: is required"),
        ("[platforms.wecom-push]\nkind = 'wecom_webhook'\nkey = 'hidden'", "platforms.wecom-push.key: unknown key"),
        ("[platforms.'a:b']\nkind = 'wecom_webhook'", "platforms.a:b: name the section with letters"),
        ("[web", "other.toml: is not TOML"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(text: str, line: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(line)
    assert "hidden" not in found[0]


def test_all_mistakes_are_named_at_once() -> None:
    found = problems("[web]\nport = -1\nprot = 1\n[platforms.a]\nkind='a'\n[platforms.wecom]\ntoken=1\n")
    assert [line.split(":")[0] for line in found] == [
        "web.port",
        "web.prot",
        "platforms.a",
        "platforms.wecom.token",
        "platforms.wecom.encoding_aes_key",
    ]


def test_a_named_file_must_be_there_and_utf8() -> None:
    with pytest.raises(ConfigError, match=r"nowhere.toml: can't be read"):
        load(Path("nowhere.toml"), KINDS)
    Path("gbk.toml").write_bytes('[bot]\norganisation = "卫健局"'.encode("gbk"))
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        load(Path("gbk.toml"), KINDS)


@pytest.mark.parametrize("url", ["sqlite:////srv/bot.db", "postgresql+psycopg://u:p@db:5432/bot"])
def test_databases(url: str) -> None:
    assert written(f"[bot]\ndatabase = '{url}'").bot.database == url


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_secrets_stay_out_of_sight() -> None:
    config = written(
        "[bot]\nsecret_key = 'hidden'\ndatabase = 'postgresql+psycopg://u:hidden@db/x'\nredis = 'redis://:hidden@r/0'\n"
        "[web]\nconsole_token = 'hidden'\n[platforms.wecom]\ntoken = 'hidden'\nencoding_aes_key = 'hidden'\n"
        "secret = 'hidden'\n[platforms.ding]\nkind = 'dingtalk'\napp_key = 'k'\napp_secret = 'hidden'\n"
    )
    for one in (config, config.bot, config.platforms):
        assert "hidden" not in repr(one)
        assert "hidden" not in str(one)


def test_settings_can_not_be_changed_later() -> None:
    with pytest.raises(ValidationError):
        load(None, {}).web.port = 1


def test_key_is_made_once_and_kept() -> None:
    config = written("[bot]\ndata_dir = 'deep/er'")
    key = secret_key(config)
    kept = Path("deep/er/secret.key")
    assert (len(key), kept.read_bytes(), secret_key(config)) == (32, key, key)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [one.name for one in kept.parent.iterdir()] == ["secret.key"]


def test_racing_for_the_key_gives_one() -> None:
    config = load(None, KINDS)
    with ThreadPoolExecutor(8) as pool:
        keys: Iterator[bytes] = pool.map(lambda _: secret_key(config), range(32))
        assert len(set(keys)) == 1


def test_a_written_key_needs_no_file() -> None:
    one, two = (secret_key(written(f"[bot]\nsecret_key = {json.dumps(text)}")) for text in ("一", "二"))
    assert len(one) == len(two) == 32
    assert one != two
    assert not Path("var").exists()


def test_a_damaged_key_is_not_replaced() -> None:
    Path("var").mkdir()
    Path("var/secret.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match=r"secret\.key is damaged"):
        secret_key(load(None, KINDS))
    Path("var/secret.key").unlink()
    Path("var").rmdir()
    Path("var").touch()
    with pytest.raises(ConfigError, match=r"bot\.data_dir"):
        secret_key(load(None, KINDS))


# --- the books -------------------------------------------------------------------------------------------------------


def test_a_standard_that_is_written_leaves_the_others() -> None:
    config = written('[standards]\n"党课" = "month:1"\n"专题研讨" = "quarter:1"\n"党小组会" = ""\n')
    assert config.standards["党课"] == "month:1"
    assert config.standards["支委会"] == "month:1"
    assert (config.standards["专题研讨"], config.standards["党小组会"]) == ("quarter:1", "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[standards]\n"党课" = "week:1"', 'standards.党课: "week:1" says no frequency; write'),
        ('[standards]\n"党课" = "month:0"', 'standards.党课: "month:0" says no frequency; write'),
        ("[registers]\nstudy_hour = 0.3", "registers.study_hour: "),
        ("[registers]\nwish_days = 0", "registers.wish_days: "),
        ('[points]\nrules = [{ name = "交党费", source = "dues", points = 1 }]', "points.rules.0.source: "),
        ('[points]\nrules = [{ name = "x", source = "wish", points = 0.1 }]', "points.rules.0.points: "),
    ],
)
def test_faulty_settings_of_the_books(text: str, line: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(line)

"""compose.yaml and deploy/nginx.conf against the program: every key is one, every address and path leads somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.serve import IDLE_SECONDS
from bot.config import load
from bot.db import WAIT_SECONDS
from bot.engines import engine_of
from bot.platforms import KINDS
from bot.web import BODY_BYTES, BODY_SECONDS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
TLS = (ROOT / "deploy" / "nginx-tls.conf").read_text(encoding="utf-8")
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES = COMPOSE["services"]


def setting(name: str) -> str:
    """The value of a directive of nginx."""
    found = re.search(rf"^\s*{name} ([^;]+);", NGINX, re.MULTILINE)
    assert found, name
    return found[1]


def test_two_replicas_a_database_a_redis_and_a_proxy() -> None:
    assert set(SERVICES) == {"bot", "postgres", "redis", "proxy"}
    assert SERVICES["bot"]["deploy"]["replicas"] >= 2
    assert "ports" not in SERVICES["bot"], "two replicas can't have one port of the machine"
    assert all(port.startswith("127.0.0.1:") for one in SERVICES.values() for port in one.get("ports", ()))
    assert set(SERVICES["bot"]["depends_on"]) == {"postgres", "redis"}
    assert all("healthcheck" in SERVICES[name] for name in SERVICES["bot"]["depends_on"])


def test_what_is_named_is_there() -> None:
    for one in SERVICES.values():
        assert set(one.get("secrets", ())) <= set(COMPOSE["secrets"])
        for mount in one.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists() or source == "./config.toml"
            else:
                assert source in COMPOSE["volumes"]
    for secret in COMPOSE["secrets"].values():
        assert f"> {secret['file'].removeprefix('./')}\n" in DEPLOY, "docs/deploy.md makes it"


def test_its_environment_is_a_configuration_of_this_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["bot"]["environment"].items():
        assert name.startswith("BOT__")
        if name.endswith("__FILE"):
            secret = Path(value).name
            assert value == f"/run/secrets/{secret}"
            assert secret in SERVICES["bot"]["secrets"]
            kept = tmp_path / secret
            kept.write_text("postgresql+psycopg://zhibu:PASSWORD@postgres/zhibu" if secret == "database" else "x" * 64)
            monkeypatch.setenv(name, str(kept))
        else:
            monkeypatch.setenv(name, value)
    for name, value in re.findall(r"(BOT__\w+)=(\S+)", DOCKERFILE):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    config = load(ROOT / "config.example.toml", KINDS)
    assert engine_of(config.bot.database) == "postgresql"
    assert "@postgres/" in config.bot.database
    assert config.bot.redis == "redis://redis:6379/0"
    assert config.bot.secret_key.get_secret_value() == "x" * 64
    assert (config.web.host, config.web.console) == ("0.0.0.0", False)
    assert "printf 'postgresql+psycopg://zhibu:%s@postgres/zhibu'" in DEPLOY
    user = SERVICES["postgres"]["environment"]
    assert (user["POSTGRES_USER"], user["POSTGRES_DB"]) == ("zhibu", "zhibu")


def test_the_proxy_fits_the_door() -> None:
    port = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))["web"]["port"]
    assert f"server bot:{port} resolve" in NGINX
    assert f"EXPOSE {port}" in DOCKERFILE
    assert SERVICES["proxy"]["ports"] == [f"127.0.0.1:{port}:{setting('listen')}"]
    assert setting("client_max_body_size") == f"{BODY_BYTES // 1024}k"
    assert float(setting("keepalive_timeout").rstrip("s")) < IDLE_SECONDS
    assert float(setting("client_body_timeout").rstrip("s")) <= BODY_SECONDS
    assert float(setting("proxy_connect_timeout").rstrip("s")) < WAIT_SECONDS
    pages = re.search(r"location (~ \S+) \{", NGINX)
    assert pages
    assert f"location {pages[1]} {{" in TLS, "the same pages as in deploy/nginx-tls.conf"
    assert re.findall(r"location (/\S*) ", NGINX) == ["/hook/", "/"]


def test_the_proxy_never_asks_for_readiness() -> None:
    """A Redis that is away makes all replicas unready at once, and they still answer."""
    assert "readyz" not in NGINX

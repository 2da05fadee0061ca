"""What lies in deploy/ fits the program: calls that there are, pages that are let through, folders copied."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli.place import opened
from bot.pages import site as pages
from bot.web import application
from tests.cast import configure
from tests.test_docs import CALL, HOME, calls

UNITS = sorted((HOME / "deploy").glob("zhibu*"))
INSIDE = {"/healthz", "/readyz", "/metrics", "/favicon.ico"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_one_and_calls_what_there_is(unit: Path) -> None:
    read = configparser.ConfigParser(strict=True, interpolation=None)
    read.read_string(unit.read_text(encoding="utf-8"))
    assert read["Unit"]["Description"]
    for line in re.findall(rf"{CALL} (\w+)", unit.read_text(encoding="utf-8")):
        assert line in calls(), line
    if "Timer" in read:
        assert (unit.parent / f"{unit.stem}.service").exists()


async def test_the_proxy_lets_the_hooks_and_every_page_through_and_nothing_else(sqlite: str, tmp_path: Path) -> None:
    text = (HOME / "deploy" / "nginx-tls.conf").read_text(encoding="utf-8")
    pattern = re.search(r"location ~ (\S+) \{", text)
    assert pattern
    more = '[platforms.wecom-push]\nkind = "wecom_webhook"\n'
    async with opened(configure(sqlite, tmp_path, more)) as place:
        app = application(place.database, place.platforms, place.house, place.ready)
        pages.add_to(app, place)
        paths = {resource.canonical for resource in app.router.resources()}
    assert isinstance(app, web.Application)
    for path in paths - INSIDE:
        assert path.startswith("/hook/") or re.match(pattern[1], path), path
    assert not any(re.match(pattern[1], path) for path in [*INSIDE, "/console", "/"])


def test_the_image_holds_every_package() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (HOME / "Dockerfile").read_text(encoding="utf-8"), re.M))
    packages = {path.parent.name for path in HOME.glob("*/__init__.py")} - {"tests", "bench"}
    assert copied == packages

"""The log as people search it: one line per event, findable by the message, with nobody's data in it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from tests.core.post import post
from tests.core.process import Served

STRANGER = "nobody-we-know"


def _lines(url: str, folder: Path, **settings: str) -> str:
    served = Served(url, folder, settings={"BOT__BOT__LOG_LEVEL": "debug", **settings})
    with httpx.Client(base_url=served.address, trust_env=False) as client:
        path, body = post(77, STRANGER, "我是 欧阳锋 13800138000 已交 35.5")
        assert client.post(path, content=body).status_code == 200
        assert client.post(path.replace("nonce=", "nonce=0"), content=body).status_code == 403
    assert served.end()[0] == 0
    return served.log.read_text(encoding="utf-8")


def test_every_line_of_json_is_an_object_and_a_message_is_found_by_its_number(sqlite: str, tmp_path: Path) -> None:
    log = _lines(sqlite, tmp_path, BOT__BOT__LOG_FORMAT="json")
    rows = [json.loads(line) for line in log.splitlines()]
    assert all({"at", "level", "logger", "text"} <= set(row) for row in rows)
    [answered] = [row for row in rows if row.get("about") == "m77"]
    assert answered["text"].startswith("answered on wecom in ")
    assert [row["text"] for row in rows if row["logger"] == "bot.web"][-1] == "refused on wecom: signature"
    assert not any(secret in log for secret in (STRANGER, "欧阳锋", "13800138000", "35.5"))


def test_text_names_the_message_at_the_end_of_the_line(sqlite: str, tmp_path: Path) -> None:
    log = _lines(sqlite, tmp_path)
    assert [line for line in log.splitlines() if line.endswith(" ms [m77]")]
    assert STRANGER not in log

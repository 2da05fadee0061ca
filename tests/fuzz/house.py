"""The doors of the house: sheets and rosters, what people type, configuration, links, cookies and what pages post."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import CIMultiDict

from bot import rules
from bot.config import Config, ConfigError, load
from bot.config.environment import overrides
from bot.engines import connect
from bot.language import Context, find_when, read
from bot.message import Refused
from bot.migrations import migrate
from bot.pages import body
from bot.pages.guard import COOKIE, Closed, Guard
from bot.platforms import KINDS
from bot.tx import Tx
from handlers import figures
from handlers.links import admitted, look
from handlers.reminders.holidays import notice_of
from handlers.roster import read_roster
from handlers.sheet.check import check
from handlers.sheet.files import rows_of_bytes
from handlers.sheet.writing import workbook
from tests.fuzz.door import Door

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
HOME = Path(__file__).parents[2]
MEMBERS = "姓名,支部,党员类别,转正日期,党费类别,党费基数\n张三,第一党支部,正式党员,2020-01-01,在职,3000.50\n"
ROSTER = "12月值班表\n姓名,日期,班次\n张三,2026-12-04,夜\n李四,5,24小时\n"
NOTICE = "2026年放假安排\n一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。\n"
SENTENCES = ("参加", "值夜班，去不了", "11月党费交了50.5元", "#接龙\n1. 张三 参加\n2. 李四 请假 值班", "#12 撤销")
TIMES = ("12月4日15:00-17:00", "下周五下午3点", "nth:1,Fri", "-3d 09:00", "21:00-07:30", "2026Q3", "每月10日 9点")
PARSERS = tuple(getattr(rules, name) for name in sorted(dir(rules)) if name.startswith("parse_"))


def _sheet(data: bytes) -> None:
    """A sheet is rows of plain text, or refused with a line per fault."""
    lines = rows_of_bytes(data)
    assert all(isinstance(cell, str) for _, cells in lines for cell in cells)
    check(lines)


def _roster(data: bytes) -> None:
    read_roster(rows_of_bytes(data), "2026-12")


@cache
def _xlsx() -> bytes:
    return workbook("党员", ("姓名", "支部", "党费基数"), [("张三", "第一党支部", "=1+1"), ("李四", "第一党支部", "3")])


def _sentence(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")[:8000]
    reading = read(text, NOW, Context(names=lambda: {"张三", "李四"}))
    assert isinstance(reading.slots, dict)


def _time(data: bytes) -> None:
    """Rules that people type for dates: understood, or refused."""
    text = data.decode("utf-8", "surrogateescape")[:500]
    for reader in (*PARSERS, partial(find_when, now=NOW), figures.coded, partial(figures.said, now=NOW)):
        try:
            cast(Any, reader)(text)
        except (ValueError, Refused):
            continue


def _notice(data: bytes) -> None:
    notice_of(data.decode("utf-8", "replace"))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="zhibu-fuzz-"))


def _configuration(data: bytes) -> None:
    """A file is a configuration or a list of lines; what stands in it as a secret stands in none of them."""
    path = _folder() / "config.toml"
    path.write_bytes(data)
    lines = _faults(path)
    assert not (data.startswith(SECRETS) and any("SECRETSECRET" in line for line in lines)), lines


def _faults(path: Path) -> tuple[str, ...]:
    try:
        load(path, KINDS)
    except ConfigError as error:
        return error.lines
    return ()


def _environment(data: bytes) -> None:
    words = data.decode("utf-8", "replace").replace("\0", "").split("\n")
    environ = {name: text for name, _, text in (word.partition("=") for word in words)}
    found = overrides({name: text for name, text in environ.items() if not name.lower().endswith("file")}, {})
    assert isinstance(found, dict)


@cache
def _tx() -> Tx:
    url = f"sqlite:///{_folder() / 'house.db'}"
    migrate(url)
    return Tx(connect(url).cursor(), "sqlite", NOW)


def _link(data: bytes) -> None:
    """No token that we didn't make opens anything, in the address or in a cookie."""
    token = data.decode("utf-8", "surrogateescape")
    for way in (partial(look, _tx(), b"k" * 32, token), partial(admitted, _tx(), token, "me")):
        try:
            way()
        except Refused:
            continue
        raise AssertionError("opened")


@cache
def _guard(token: str) -> Guard:
    return Guard(Config.model_validate({"web": {"console_token": token, "public_url": "https://bot.example.org"}}))


def _headers(data: bytes) -> None:
    """Host, cookie, origin and what proxies add, as aiohttp hands them over: nobody gets in without the token."""
    words = [*data.decode("utf-8", "surrogateescape").split("\n"), "", "", "", "", "", ""]
    names = ("Host", "Origin", "X-Forwarded-For", "Sec-Fetch-Site")
    request = SimpleNamespace(
        headers=CIMultiDict({name: word for name, word in zip(names, words, strict=False) if word}),
        cookies={COOKIE: words[4]},
        query={"token": words[5]},
        method="GET",
        remote="127.0.0.1",
        rel_url=SimpleNamespace(path="/console"),
    )
    _guard("a long token that nobody guesses").check(cast(web.Request, request))
    raise AssertionError("let in")


def _posted(data: bytes) -> None:
    """What a page posts: an object with fields of their types, or one line."""

    async def come() -> bytes:
        return data

    whole = SimpleNamespace(is_eof=lambda: True)
    found = asyncio.run(body.read(cast(web.Request, SimpleNamespace(read=come, content=whole))))
    body.text(found, "text", 4000)
    body.number(found, "minutes", 0, 600)
    body.flag(found, "private")


def _bytes(*texts: str) -> tuple[bytes, ...]:
    return tuple(one.encode() for one in texts)


EXAMPLE = (HOME / "config.example.toml").read_bytes()
SECRETS = b'[bot]\nsecret_key = "SECRETSECRET"\n[platforms.wecom]\nkind = "wecom"\ntoken = "SECRETSECRET"\n'
VARIABLES = 'BOT__PLATFORMS__WECOM_PUSH__KIND=wecom_webhook\nBOT__BOT__ADMINS=["console:admin"]'
HEADERS = "bot.example.org\nhttps://bot.example.org\n127.0.0.1\nsame-origin\nabc\ntoken"
DOORS = (
    Door("sheet", _sheet, (MEMBERS.encode(), MEMBERS.encode("gb18030"), _xlsx()), (Refused,)),
    Door("roster", _roster, (ROSTER.encode(), _xlsx()), (Refused,)),
    Door("language", _sentence, _bytes(*SENTENCES), ()),
    Door("times", _time, _bytes(*TIMES), ()),
    Door("holidays", _notice, _bytes(NOTICE), (Refused,)),
    Door("configuration", _configuration, (SECRETS, EXAMPLE), ()),
    Door("environment", _environment, _bytes(VARIABLES), (ConfigError,)),
    Door("link", _link, _bytes("abcDEF-_123.0123456789abcdef0123456789abcdef"), ()),
    Door("headers", _headers, _bytes(HEADERS), (Closed,)),
    Door("posted", _posted, _bytes('{"text": "参加", "minutes": 5, "private": true}'), (body.Unfit,)),
)

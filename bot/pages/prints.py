"""What is printed from a browser: of a meeting the 签到表 and the 会议记录, of a branch's year the 台账."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from typing import Any

from aiohttp import web

from bot.db import Tx
from bot.message import Refused
from bot.pages.entry import HEADERS, Entry, activity_of, looker_of, page
from handlers.activities import label
from handlers.activities.standing import by_id
from handlers.attendance.exporting import sheet_page
from handlers.attendance.paper import sheet_of
from handlers.attendance.record import record_now
from handlers.attendance.recording import note_reasons, print_facts
from handlers.desk_ledger import TITLES, Ledger, ledger, note_ledger
from handlers.desk_page import clerk
from handlers.desk_parts import Bench
from handlers.links import Pass

STYLE = re.compile(r"<style>(.*?)</style>", re.S)


async def show(request: web.Request, entry: Entry) -> web.StreamResponse:
    """What can be printed of the meeting. Raises Refused."""
    given = await entry.admitted(request, "print")

    def work(tx: Tx) -> str:
        return label(tx, by_id(tx, given.activity))

    return page("print.html", meeting=await entry.place.database.read(work), activity=given.activity)


async def sheet(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The 签到表; a member without a row on it gets the next number. Raises Refused."""
    await entry.admitted(request, "print")
    text = await entry.place.database.write(partial(_sheet, activity=activity_of(request)))
    return web.Response(text=text, content_type="text/html", headers={**HEADERS, **_own_style(text)})


def _sheet(tx: Tx, activity: int) -> str:
    return sheet_page(sheet_of(tx, by_id(tx, activity)))


def _own_style(text: str) -> dict[str, str]:
    """The page carries its style along: this very one is allowed, by its hash, and no other."""
    found = STYLE.search(text)
    digest = base64.b64encode(hashlib.sha256(found[1].encode() if found else b"").digest()).decode()
    policy = HEADERS["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'sha256-{digest}'")
    return {"Content-Security-Policy": policy}


async def record(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The 会议记录 as it stands, and what it lacks. Raises Refused."""
    given = await entry.admitted(request, "print")
    values = await entry.place.database.write(partial(_record, given=given))
    return page("record.html", **values)


def _record(tx: Tx, given: Pass) -> dict[str, Any]:
    kept = record_now(tx, by_id(tx, given.activity))
    note_reasons(tx, looker_of(given), kept)
    return {"facts": print_facts(tx, kept), "missing": kept.missing, "meeting": label(tx, kept.held.row)}


async def ledgers(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The ledgers (台账) of a branch's year, by the desk's own link. Raises Refused."""
    given = await entry.admitted(request, "desk")
    year = _year(request, entry)

    def work(tx: Tx) -> str:
        return clerk(tx, given).branch_name

    branch = await entry.place.database.read(work)
    return page("desk_ledgers.html", titles=TITLES, year=year, this=entry.place.clock().year, branch=branch)


async def ledger_page(request: web.Request, entry: Entry) -> web.StreamResponse:
    """One ledger of the year. Raises Refused."""
    given = await entry.admitted(request, "desk")
    name, year, place = request.match_info["name"], _year(request, entry), entry.place

    def work(tx: Tx) -> Ledger:
        return ledger(tx, Bench(clerk(tx, given), place.house), name, year, place.config)

    shown = await place.database.read_long(work)
    await place.database.write(partial(note_ledger, given=given, name=name))
    return page("desk_ledger.html", ledger=shown)


def _year(request: web.Request, entry: Entry) -> int:
    """The year that is asked for, this one where none is. Raises Refused for what is none."""
    text = request.query.get("year", str(entry.place.clock().year))
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        raise Refused("年份请写成 2026 这样。")
    return int(text)

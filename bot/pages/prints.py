"""What is printed of a meeting from a browser: the 签到表 to sign and the 会议记录 to keep."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from typing import Any

from aiohttp import web

from bot.commands import Who
from bot.db import Tx
from bot.pages.entry import HEADERS, Entry, activity_of, page
from handlers.activities import label
from handlers.activities.standing import by_id
from handlers.attendance.exporting import sheet_page
from handlers.attendance.paper import sheet_of
from handlers.attendance.record import record_now
from handlers.attendance.recording import note_reasons, print_facts
from handlers.links import Pass

ADMIN = "管理员"  # who stands in no register
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
    note_reasons(tx, Who(account=ADMIN, member=given.member), kept)
    return {"facts": print_facts(tx, kept), "missing": kept.missing, "meeting": label(tx, kept.held.row)}

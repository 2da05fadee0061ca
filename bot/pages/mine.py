"""我的页面 in the browser: read, and taken along as a file."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.pages.entry import HEADERS, Entry, page
from handlers.personal.named import COLUMNS, TABLES, is_shown
from handlers.personal.page import my_file, my_page

MOST_ROWS = 100  # of a table on the page; the file has all


async def show(request: web.Request, entry: Entry) -> web.StreamResponse:
    """The page of the member whose link opened it. Raises Refused."""
    given = await entry.admitted(request, "me")
    rules = entry.place.config.registers
    mine = await entry.place.database.read_long(partial(my_page, member=given.member, rules=rules))
    tables = [table(name, rows) for name, rows in mine.held.rows.items()]
    recorded = {TABLES.get(name, name): count for name, count in mine.held.recorded.items()}
    return page("me.html", mine=mine, tables=tables, recorded=recorded)


def table(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows of a table as they are read: its name, its columns that hold anything, the newest rows first."""
    columns = [one for one in rows[0] if is_shown(one) and any(row[one] not in ("", 0, None) for row in rows)]
    cells = [[row[column] for column in columns] for row in rows[: -MOST_ROWS - 1 : -1]]
    heads = [COLUMNS.get(column, column) for column in columns]
    return {"name": TABLES.get(name, name), "heads": heads, "rows": cells, "count": len(rows)}


async def file(request: web.Request, entry: Entry) -> web.StreamResponse:
    """All rows as JSON. Raises Refused."""
    given = await entry.admitted(request, "me")
    told = await entry.place.database.write(partial(my_file, member=given.member))
    name = quote(f"{told['person']}-我的全部记录.json")
    return web.Response(
        text=json.dumps(told, ensure_ascii=False, indent=1) + "\n",
        content_type="application/json",
        headers={**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )

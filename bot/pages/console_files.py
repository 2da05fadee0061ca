"""Files on the console: pictures and papers to open in the bubble, everything to take along."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.pages import body
from bot.pages.feed import Feed
from bot.platforms.console import Console

MOST_LINES = 40  # of a sheet or a paper that is looked into
MOST_CELLS = 12  # of a line
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def found(request: web.Request, console: Console, feed: Feed) -> tuple[str, bytes]:
    """The name and the content of a file that the bot handed over. Raises Unfit."""
    number, place = int(request.match_info["bubble"]), int(request.match_info["place"])
    data, bubble = console.files.get((number, place)), feed.find(number)
    if data is None or bubble is None:
        raise body.Unfit("这个文件已经不在了，请再要一次。", 404)
    return bubble.files[place], data


def whole(name: str, data: bytes) -> web.Response:
    """The file: a picture to be shown, all else to be kept."""
    kind = PICTURES.get(PurePosixPath(name).suffix.lower())
    how = "inline" if kind else "attachment"
    headers = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}"}
    return web.Response(body=data, content_type=kind or "application/octet-stream", headers=headers)


def look(name: str, data: bytes) -> dict[str, Any]:
    """The first lines of each sheet of a workbook, of a Word paper or of a text. Raises Unfit."""
    kind = PurePosixPath(name).suffix.lower()
    if kind == ".xlsx":
        return {"parts": _sheets(data)}
    if kind == ".docx":
        return {"parts": [_part("", _paragraphs(data))]}
    if kind in (".csv", ".txt", ".json"):
        lines = data.decode("utf-8-sig", "replace").splitlines()
        return {"parts": [_part("", [[line] for line in islice(lines, MOST_LINES + 1)])]}
    raise body.Unfit("这种文件不能在这里看，请下载。", 415)


def _sheets(data: bytes) -> list[dict[str, Any]]:
    from openpyxl import load_workbook  # imported only here: it costs memory, and few look into a sheet

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    parts = []
    for sheet in book.worksheets:
        rows = sheet.iter_rows(max_row=MOST_LINES + 1, max_col=MOST_CELLS, values_only=True)
        parts.append(_part(sheet.title, [["" if cell is None else str(cell) for cell in row] for row in rows]))
    book.close()
    return parts


def _paragraphs(data: bytes) -> list[list[str]]:
    from docx import Document  # as above

    texts = (paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs)
    return [[text] for text in islice((text for text in texts if text.strip()), MOST_LINES + 1)]


def _part(name: str, lines: list[list[str]]) -> dict[str, Any]:
    return {"name": name, "lines": lines[:MOST_LINES], "more": len(lines) > MOST_LINES}

"""Attendance and completion per month as a picture, drawn with a font that comes with a package: any bare machine can.

Bars of one's own months, never branches or people beside each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from bot.config import Config
from bot.db import Tx
from handlers import figures
from handlers.papers.bars import Bar, attendance_bars, completion_bars

SIZE = (1200, 900)
MARGIN, PANEL_TOP, PANEL_HEIGHT = 90, (150, 530), 260
INK, GRID, BARS, EMPTY = "#222222", "#dddddd", ("#c8102e", "#1f6f8b"), "#999999"
FONT = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"  # SIL Open Font License 1.1
WEIGHT = 400


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("justmytype_intl_cjk") / FONT) as path:
        font = ImageFont.truetype(BytesIO(path.read_bytes()), size)
    font.set_variation_by_axes([WEIGHT])
    return font


def picture(tx: Tx, asked: figures.Question, scope: str, config: Config) -> bytes:
    """The picture as PNG."""
    panels = (
        ("出勤率（实到÷应到）", attendance_bars(tx, asked)),
        ("每月规定动作完成率（完成÷应完成）", completion_bars(tx, asked, config)),
    )
    title = f"{scope} {asked.span.first.year}年出勤和完成情况"
    return drawn(title, f"截至 {asked.cutoff}", panels)


def drawn(title: str, below: str, panels: Sequence[tuple[str, Sequence[Bar]]]) -> bytes:
    """Two panels of bars under a title, as PNG."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    pen.text((SIZE[0] / 2, 50), title, font=_font(36), fill=INK, anchor="mm")
    pen.text((SIZE[0] / 2, 95), below, font=_font(20), fill=EMPTY, anchor="mm")
    for (name, bars), top, colour in zip(panels, PANEL_TOP, BARS, strict=True):
        _panel(pen, name, bars, top, colour)
    kept = BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _panel(pen: Any, name: str, bars: Sequence[Bar], top: int, colour: str) -> None:
    left, right, bottom = MARGIN, SIZE[0] - MARGIN, top + PANEL_HEIGHT
    pen.text((left, top - 30), name, font=_font(24), fill=INK, anchor="lm")
    for percent in (0, 50, 100):
        height = bottom - PANEL_HEIGHT * percent / 100
        pen.line((left, height, right, height), fill=GRID, width=1)
        pen.text((left - 10, height), f"{percent}%", font=_font(16), fill=INK, anchor="rm")
    step = (right - left) / 12
    for place, bar in enumerate(bars):
        middle = left + step * (place + 0.5)
        pen.text((middle, bottom + 18), bar.label, font=_font(18), fill=INK, anchor="mm")
        if bar.percent is None:
            pen.text((middle, bottom - 14), "—", font=_font(18), fill=EMPTY, anchor="mm")
            continue
        height = bottom - PANEL_HEIGHT * min(bar.percent, 100.0) / 100
        pen.rectangle((middle - step * 0.3, height, middle + step * 0.3, bottom), fill=colour)
        pen.text((middle, height - 12), bar.told, font=_font(15), fill=INK, anchor="mm")

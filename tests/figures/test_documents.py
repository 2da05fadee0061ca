"""docs/figures.md: from each of the 126 masked spots to its figure or the reason, and the catalogue as it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from handlers import figures
from handlers.papers import templates
from handlers.papers.forms import FORMS
from handlers.papers.printed import PLACES

HERE = Path(__file__).parent
TEXT = (HERE.parents[1] / "docs" / "figures.md").read_text(encoding="utf-8")
SPOTS: list[dict[str, Any]] = json.loads((HERE / "spots.json").read_text(encoding="utf-8"))
TEMPLATE = {"000": "年度总结", "002": "机关述职", "003": "六好支部", "004": "队伍建设"}


def table() -> dict[tuple[str, int], tuple[str, str]]:
    """(report, spot) -> (kind, figure or reason)."""
    rows = re.findall(r"^\| (\d{3}) \| (\d+) \| (\w+) \| (.+) \|$", TEXT, re.M)
    assert len({(report, spot) for report, spot, _, _ in rows}) == len(rows)
    return {(report, int(spot)): (kind, what) for report, spot, kind, what in rows}


def test_every_spot_has_its_figure_or_a_reason() -> None:
    found = table()
    assert set(found) == {(spot["file"][:3], spot["n"]) for spot in SPOTS}
    assert len(found) == 126
    for spot in SPOTS:
        kind, what = found[spot["file"][:3], spot["n"]]
        assert kind == spot["kind"]
        filled = spot["kind"] == "number" and spot["class"] in ("computed", "manual")
        if filled:
            assert _named(what).split(".")[0] in figures.CATALOGUE, what
        else:
            assert what.startswith("no: ") or _named(what) in PLACES, what


def _named(what: str) -> str:
    found = re.match(r"`([^`]+)`", what)
    return found[1] if found else ""


def test_the_templates_use_the_figures_of_their_spots_as_often() -> None:
    for report, name in TEMPLATE.items():
        spots = [what for (one, _), (_, what) in table().items() if one == report]
        wanted = Counter(_named(what) for what in spots if _named(what))
        folder = Path(templates.__file__).parent / "templates"
        text = (folder / f"{name}.txt").read_text(encoding="utf-8")
        used = Counter(re.findall(r"\{\{ ([^ }]+) \}\}", text))
        assert {one: used[one] for one in wanted if used[one] < wanted[one]} == {}, name


def test_ninety_three_of_a_hundred_are_filled() -> None:
    numbers = [what for kind, what in table().values() if kind == "number"]
    assert (len(numbers), sum(1 for what in numbers if _named(what))) == (100, 93)


def test_the_catalogue_stands_in_the_document() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", TEXT.partition("## The catalogue")[2], re.M)
    assert [(name, unit) for name, unit, _ in rows] == [(one.name, one.unit) for one in figures.FIGURES]
    told = [one.definition.replace("{young}", "35周岁以下") for one in figures.FIGURES]
    assert [definition for _, _, definition in rows] == told


def test_forms_name_figures_that_are_there_or_say_why_not() -> None:
    for item in FORMS:
        assert (item.figure in figures.CATALOGUE) != bool(item.why), item
    assert sum(bool(item.why) for item in FORMS) > 10


def test_units_are_never_mixed() -> None:
    """What counts people is in 人 (名), what counts attendances in 人次, sessions in 次 or 场."""
    for one in figures.FIGURES:
        if one.name.endswith("人次"):
            assert one.unit == "人次", one.name
        if one.measure == "people":
            assert one.unit in ("人", "名"), one.name
        assert (one.unit == "%") == (one.over is not None), one.name

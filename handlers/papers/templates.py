"""Which templates there are: ours, and what a clerk has put into the folder `templates` of data_dir."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.message import Refused

FOLDER = "templates"
OURS = ("年报", "季报", "月报", "年度总结", "工作要点", "机关述职", "六好支部", "队伍建设")


def names(data_dir: Path) -> list[str]:
    """The names of all templates: ours first; a clerk's of the same name takes its place."""
    own = sorted(path.stem for path in _folder(data_dir).glob("*.docx") if not path.name.startswith("~$"))
    return [*OURS, *(name for name in own if name not in OURS)]


def template(data_dir: Path, name: str) -> bytes:
    """The Word file of a template. Raises Refused for an unknown name, with near ones."""
    if name not in (known := names(data_dir)):
        near = [one for one, _, _ in process.extract(name, known, scorer=fuzz.ratio, score_cutoff=30, limit=3)]
        raise Refused(f"没有叫「{name[:20]}」的模板。{'是不是' if near else '现有'}：{'、'.join(near or known)}")
    path = _folder(data_dir) / f"{name}.docx"
    if path.is_file():
        return path.read_bytes()
    from handlers.papers.shape import shaped  # imported only here: what reads and writes Word costs memory

    return shaped((files("handlers.papers") / "templates" / f"{name}.txt").read_text(encoding="utf-8"))


def _folder(data_dir: Path) -> Path:
    return data_dir / FOLDER

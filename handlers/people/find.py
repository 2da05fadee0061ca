"""Names as people type them, among those who share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.db import Tx
from bot.message import Refused
from handlers.people.records import named
from handlers.register import ALIKE


def find_people(tx: Tx, words: str, branch: int = 0) -> list[Any]:
    """The members whom `姓名 [科室 | 支部 | 党小组 …]` may mean, in a branch (0 = in every one); [] for none.

    A name may be typed with a space inside. What stands behind it narrows: whole words first, then parts of them.
    """
    found = named(tx, words, branch) or named(tx, _solid(words), branch)
    if found:
        return found
    name, *more = words.split() or [""]
    found = named(tx, name, branch)
    exact = [row for row in found if all(word in _places(row) for word in more)]
    return exact or [row for row in found if all(any(word in place for place in _places(row)) for word in more)]


def _places(row: Any) -> tuple[str, str, str]:
    return _solid(where(row)), _solid(row.branch_name), _solid(row.party_group)


def _solid(text: str) -> str:
    return "".join(text.split())


def the_one(rows: Sequence[Any], words: str, example: str) -> Any:
    """The only one of `rows`. Raises Refused where there is none, or several: then `example` shows what to add."""
    if not rows:
        raise Refused(f"名册里没有找到“{words[:40]}”。")
    if len(rows) > 1:
        if len({(row.branch_id, where(row)) for row in rows}) == 1:
            raise Refused(f"有 {len(rows)} 位{rows[0].name}，都在{where(rows[0])}，我分不清。{ALIKE}")
        departments = "、".join(where(row) for row in rows[:6])
        raise Refused(f"有 {len(rows)} 位{rows[0].name}（{departments}）。请写上科室，如：{example}")
    return rows[0]


def where(row: Any) -> str:
    """How a member is told apart from his namesakes."""
    return str(row.department or row.party_group or "未填科室")


def titled(row: Any) -> str:
    """姓名（科室）"""
    return f"{row.name}（{where(row)}）"

"""How a wish is named, shown and announced. What a group hears has neither who it is for nor who has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.message import Button, Card, Reply
from bot.outbox import put_to_branch
from handlers.registers.words import short
from handlers.wishes import store

STATES = {
    "collected": "待核实",
    "open": "待认领",
    "claimed": "已认领",
    "said": "待确认",
    "done": "已兑现",
    "closed": "已关闭",
}


def state_line(rows: Sequence[Any]) -> str:
    """微心愿 5 个 · 待认领 2 · 已认领 2 · 待确认 1, of those that are not over."""
    parts = [(word, sum(row.state == state for row in rows)) for state, word in STATES.items()]
    return " · ".join([f"微心愿 {len(rows)} 个", *(f"{word} {number}" for word, number in parts if number)])


def heading(row: Any) -> str:
    """#3 一副老花镜（物品）"""
    return f"#{row.number} {row.title}" + (f"（{row.kind}）" if row.kind else "")


def line(tx: Tx, row: Any) -> str:
    """`#3 一副老花镜 · 已认领（11月28日前办好）`"""
    due = f"（{short(tx, row.due_on)}前办好）" if row.state == "claimed" and row.due_on else ""
    return f"{heading(row)} · {STATES[row.state]}{due}"


def details(tx: Tx, row: Any) -> str:
    """Who has it, for whom it is and whether it is late: for the secretary in private."""
    names = "、".join(one.name for one in store.holders(tx, row.id)) if row.state in ("claimed", "said") else ""
    late = "已过期限" if row.state == "claimed" and row.due_on < tx.now.date().isoformat() else ""
    resident = f"居民 {row.resident}" if row.resident else ""
    return "".join(f" · {part}" for part in (names, resident, late) if part)


def card(row: Any) -> Card:
    """A wish that can be claimed, with its button."""
    return Card(heading(row), (), (Button("认领", f"认领 #{row.number}", primary=True),))


def publish(tx: Tx, row: Any, ask: Ask | None = None) -> str:
    """Promises to tell the branch's groups of a wish that can be claimed; what the clerk hears of that."""
    here = (ask.incoming.platform, ask.incoming.chat) if ask and not ask.incoming.private else ("", "")
    text = f"新的微心愿：{heading(row)}\n愿意办的请发：认领 #{row.number}"
    rounds = sum(event.action == "lapse" for event in store.events(tx, row.id))
    key = f"wish:{row.id}:{rounds}" if rounds else f"wish:{row.id}"
    groups = put_to_branch(
        tx, row.branch_id, lambda _of, _by: Reply(text, card(row)), key=key, besides=here, purpose="notice"
    )
    return f"\n将在 {groups} 个群里通知。" if groups and ask and ask.incoming.private else ""

"""How a shift is named, shown and announced: shared by everything that is said about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.commands import Ask
from bot.db import Tx
from bot.language import Call
from bot.message import Button, Card, Refused, Reply
from bot.outbox import put_to_branch
from handlers.phrases import span
from handlers.register import accounts_of
from handlers.shifts import seats
from handlers.shifts.seats import Promoted


def state_line(tx: Tx, shift: Any) -> str:
    """名额 10 · 已报 10 · 候补 2."""
    seated, waiting = seats.counts(tx, shift.id)
    return f"名额 {shift.capacity} · 已报 {seated} · 候补 {waiting}"


def heading(tx: Tx, shift: Any) -> str:
    """#12 义诊 12月4日(周五)15:00-17:00; with the year where it is another one."""
    at = tx.moment(shift.starts_at)
    year = "" if at.year == tx.now.year else f"{at.year}年"
    end = tx.moment(shift.ends_at) if shift.ends_at else None
    return f"#{shift.number} {shift.name} {year}{span(at, end)}"


def card(tx: Tx, shift: Any) -> Card:
    """The shift with its two buttons; they carry the number, so they work for ever."""
    buttons = (Button("报名", f"报名 #{shift.number}", primary=True), Button("退出", f"退出 #{shift.number}"))
    where = (f"地点：{shift.place}",) if shift.place else ()
    return Card(heading(tx, shift), (*where, state_line(tx, shift)), buttons)


def names_of(tx: Tx, shift: Any) -> list[str]:
    people = seats.there(tx, shift.id)
    lines = [f"{heading(tx, shift)} {state_line(tx, shift)}"]
    seated = [one.name for one in people if one.seated_at]
    waiting = [f"{place}.{one.name}" for place, one in enumerate((o for o in people if not o.seated_at), 1)]
    lines += [f"已报：{'、'.join(seated)}"] if seated else []
    return lines + ([f"候补：{' '.join(waiting)}"] if waiting else [])


def signup_calls(tx: Tx, branch: int) -> tuple[Call, ...]:
    """The shifts that can be joined, as the language picks among them."""
    return _calls(tx, seats.joinable(tx, branch))


def withdraw_calls(tx: Tx, branch: int, member: int) -> tuple[Call, ...]:
    """The coming shifts that a member is in, as the language picks among them."""
    return _calls(tx, seats.joined(tx, branch, member))


def _calls(tx: Tx, rows: Iterable[Any]) -> tuple[Call, ...]:
    return tuple(Call(row.number, row.name, row.name, tx.moment(row.starts_at), "shift") for row in rows)


def announce(tx: Tx, shift: Any, promoted: Promoted | None) -> None:
    """Promises to tell the branch's groups who got the seat: said only once this is committed."""
    if promoted is None:
        return
    text = f"{promoted.name} 候补转正：#{shift.number} {shift.name}"

    def words(platform: str, speaker: str) -> Reply:
        return Reply(text, mention=accounts_of(tx, platform, [promoted.member]))

    put_to_branch(tx, shift.branch_id, words, key=f"promoted:{promoted.signup}", purpose="notice")


def branch_of(ask: Ask) -> int:
    if ask.who.branch == 0:
        raise Refused("您还不在任何支部的名册里，请联系书记。")
    return ask.who.branch

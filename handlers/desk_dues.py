"""On the desk: this month's dues by name, without any sum; what was paid stands only where it is confirmed."""

from __future__ import annotations

from bot.db import Tx
from handlers import dues
from handlers.desk_parts import Bench, Entry, Look, Section
from handlers.looks import DUES


def owed(tx: Tx, bench: Bench, look: Look) -> list[Section]:
    """Who has not paid this month, as `/dues` tells the secretary in private; the names on a page of their own."""
    state = dues.owing(tx, bench.who.branch, dues.month_of(tx.now))
    shown = look.of(state.unpaid) if look.alone else ()
    bench.shows(DUES, (one.member for one in shown))
    entries = tuple(Entry(one.name, ("已报，待确认" if one.claimed else "", one.party_group)) for one in shown)
    notes = [dues.state_line(state)]
    if "collector" not in bench.who.roles and any(one.claimed for one in state.unpaid):
        notes.append("报了的由收党费的同志确认。")
    return [Section("dues", "本月党费未交", len(state.unpaid), entries, "本月没有未交的。", notes=tuple(notes))]

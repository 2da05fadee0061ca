"""What changes in a member's standing is written down with the day from which it holds; nothing is written over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, select

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from handlers.people_tables import member_facts

FACTS = ("category", "status", "duty", "party_group")  # the columns of a member whose past is kept
# Columns that don't change with the days, but may be filled in or corrected later; what holds was written last.
KNOWN_FACTS = ("gender", "ethnicity", "born_on", "education", "post", "joined_on", "duty_since")
LEFT = "left"  # the kind of leaving, "" where he came back
NOT_YET = "未入党"
FULL, PROBATIONARY = "正式党员", "预备党员"
IN_THE_PARTY = frozenset({FULL, PROBATIONARY, "留党察看"})

ADD = insert_row(
    member_facts,
    *("member_id", "what", "value", "from_on", "replaces", "recorded_at", "recorded_by", "by_member"),
)
_later = member_facts.alias("later")
OF_MEMBER = sql(
    select(member_facts)
    .where(member_facts.c.member_id == p("member"), member_facts.c.what == p("what"))
    .where(~exists(select(_later.c.id).where(_later.c.replaces == member_facts.c.id)))
    .order_by(member_facts.c.from_on, member_facts.c.id)
)


def enrolled(tx: Tx, member: int, texts: Mapping[str, str], by: Who | None = None) -> None:
    """Writes what is known of a new member: it holds always, or from the days that the register names."""
    for value, day in _categories(texts):
        add(tx, member, "category", value, day, by)
    if texts.get("duty"):
        add(tx, member, "duty", texts["duty"], texts.get("duty_since", ""), by)
    for what in ("status", "party_group", *KNOWN_FACTS):
        if texts.get(what):
            add(tx, member, what, texts[what], "", by)


def changed(tx: Tx, member: int, old: Mapping[str, str], new: Mapping[str, str], by: Who, on: str = "") -> None:
    """Writes what has become another, from the day that the register names for it, else from `on` (ISO, "" = today)."""
    today = on or f"{tx.now:%Y-%m-%d}"
    for what in ("status", "party_group", "duty"):
        if old[what] != new[what]:
            named = new["duty_since"] if what == "duty" and new["duty_since"] != old["duty_since"] else ""
            add(tx, member, what, new[what], named or today, by)
    for what in KNOWN_FACTS:
        if old[what] != new[what]:
            add(tx, member, what, new[what], "", by)
    if old["category"] != new["category"]:
        dates = dict(_categories(new))
        named = dates.get(new["category"], "") if _dated(new) else ""
        add(tx, member, "category", new["category"], named or today, by)
    elif (old["joined_on"], old["full_on"]) != (new["joined_on"], new["full_on"]):
        for value, day in _categories(new):
            correct(tx, member, "category", value, day, by)


def _dated(texts: Mapping[str, str]) -> bool:
    """Whether the register names the day of the category that somebody has now."""
    return bool({FULL: texts["full_on"], PROBATIONARY: texts["joined_on"]}.get(texts["category"], ""))


def _categories(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(category, day from which it holds) as 入党日期 and 转正日期 tell them; a full member without a 转正日期 is
    one from the day he joined, as far as the register knows."""
    category, joined, full = (texts.get(name, "") for name in ("category", "joined_on", "full_on"))
    if category not in IN_THE_PARTY or not joined:
        if category:
            yield category, full if category == FULL else ""
        return
    yield NOT_YET, ""
    if category == PROBATIONARY or (full and full > joined):
        yield PROBATIONARY, joined
    if category != PROBATIONARY:
        yield FULL, full or joined
    if category not in (FULL, PROBATIONARY):
        yield category, full or joined


def add(tx: Tx, member: int, what: str, value: str, on: str, by: Who | None, replaces: int = 0) -> None:
    """One row: from the day `on` (ISO, "" = always) `what` is `value`."""
    who = {"recorded_by": by.label if by else "", "by_member": by.member if by else 0}
    tx.run(ADD, member_id=member, what=what, value=value, from_on=on, replaces=replaces, recorded_at=tx.at, **who)


def correct(tx: Tx, member: int, what: str, value: str, on: str, by: Who) -> str:
    """Sets the day from which a value holds: a known one is replaced, a new one added; the day before ("" = none)."""
    rows = [row for row in tx.all(OF_MEMBER, member=member, what=what) if row.value == value]
    if rows and rows[-1].from_on == on:
        return on
    add(tx, member, what, value, on, by, rows[-1].id if rows else 0)
    return rows[-1].from_on if rows else ""


def facts_of(tx: Tx, member: int, what: str) -> list[Any]:
    """The rows that count, oldest first: `value` from the day `from_on` on."""
    return tx.all(OF_MEMBER, member=member, what=what)


def day_said(tx: Tx, on: date | None) -> str:
    """The ISO day of something that has happened, today where none was named. Raises Refused for one to come."""
    if on is not None and on > tx.now.date():
        raise Refused(f"{on} 还没到，到了再登记。")
    return (on or tx.now.date()).isoformat()

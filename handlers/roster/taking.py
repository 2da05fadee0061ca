"""Taking a roster in: known members get their duties, unknown names are listed, and nothing is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.commands import Who
from bot.db import Tx
from bot.rules import Quiet
from bot.sql import sql
from handlers.people.who import split_aliases
from handlers.roster.duty import Duty, replace_month
from handlers.roster.sheet import Found, hours
from handlers.sheet.errors import SheetError
from handlers.tables import branches, members

EVERYBODY = sql(
    select(
        members.c.id,
        members.c.name,
        members.c.aliases,
        members.c.department,
        members.c.branch_id,
        branches.c.name.label("branch"),
    )
    .join(branches, branches.c.id == members.c.branch_id)
    .where(members.c.left_at == 0)
    .order_by(members.c.id)
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a roster came to: months, members and duties by count, and line by line who or what was not taken."""

    months: tuple[str, ...]
    people: int
    duties: int
    unknown: tuple[str, ...]
    unclear: tuple[str, ...]


def take(tx: Tx, found: Found, nights: Mapping[str, Quiet | None], by: Who, branch: str = "") -> Taken:
    """Records the duties of the members a roster names; `nights` are the night hours of each branch by its name.

    A hospital's roster names many who are no members: they are listed and left out. Of namesakes only who is told apart
    by the department is taken. Raises SheetError where nobody on it is a member.
    """
    known, unknown = _people(tx, found, branch)
    if not known:
        raise SheetError(["值班表里的姓名都不在名册里，没有登记。", *unknown])
    duties = 0
    for month in sorted(found.months):
        for home in sorted({row.branch_id for row in known.values()}):
            here = {key: row for key, row in known.items() if row.branch_id == home}
            duties += replace_month(tx, home, month, _duties(tx, found, month, here, nights), by)
    people = {row.id for row in known.values()}
    return Taken(tuple(sorted(found.months)), len(people), duties, tuple(unknown), tuple(found.unclear))


def _people(tx: Tx, found: Found, branch: str) -> tuple[dict[tuple[str, str], Any], list[str]]:
    by_name: dict[str, list[Any]] = defaultdict(list)
    for row in tx.all(EVERYBODY):
        if branch in ("", row.branch):
            for name in {row.name, *split_aliases(row.aliases)}:
                by_name[name].append(row)
    known: dict[tuple[str, str], Any] = {}
    unknown = []
    for (name, department), line in found.people.items():
        fits = by_name.get(name, [])
        fits = [row for row in fits if row.department == department] if len(fits) > 1 else fits
        if len(fits) == 1:
            known[name, department] = fits[0]
        else:
            why = "名册里有同名的，请写科室" if len(by_name.get(name, ())) > 1 else "名册里没有"
            unknown.append(f"第 {line} 行 {name}：{why}")
    return known, unknown


def _duties(
    tx: Tx, found: Found, month: str, known: dict[tuple[str, str], Any], nights: Mapping[str, Quiet | None]
) -> dict[int, list[Duty]]:
    assert tx.now.tzinfo is not None
    duties: dict[int, list[Duty]] = {row.id: [] for row in known.values()}
    for _, name, department, kind, day in found.duties:
        row = known.get((name, department))
        if row is None or f"{day:%Y-%m}" != month:
            continue
        night = nights.get(row.branch)
        if night is None:
            continue
        start, end = hours(kind, day, night, tx.now.tzinfo)
        duties[row.id].append(Duty(row.id, kind, start, end))
    return duties

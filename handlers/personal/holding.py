"""All that is held on one person, from every table: found by the columns that name a member, so no book is left out.

PIPL Art. 45: a person may see and copy what is held on him. What he recorded about others is theirs and only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, and_, func, or_, select

from bot.db import Tx
from bot.sql import Statement, metadata, p, sql
from bot.tables import outbox, questions, trail
from handlers import looks
from handlers.looks_tables import looks as looks_rows
from handlers.tables import accounts, members, todos

ABOUT = ("member_id", "other_member_id", "payer_id")  # columns that say whom a row is about
RECORDED = "by_member"  # who recorded it
SECRET = {"lease", "reply_url", "hash", "nonce"}  # the machine's own


@dataclass(frozen=True, slots=True)
class Held:
    """The rows on a person by table, each by column, and how many rows he recorded about others, by table."""

    rows: dict[str, list[dict[str, Any]]]
    recorded: dict[str, int]


def tables() -> Iterator[Table]:
    """Every table that has a column for a member; the trail and the looks are asked by their own words."""
    for table in metadata.sorted_tables:
        if table not in (trail, looks_rows) and {*ABOUT, RECORDED} & set(table.columns.keys()):
            yield table


@cache
def _about(table: Table) -> Statement | None:
    columns = [table.c[name] for name in ABOUT if name in table.c]
    return sql(select(table).where(or_(*(column == p("member") for column in columns)))) if columns else None


@cache
def _recorded(table: Table) -> Statement | None:
    if RECORDED not in table.c:
        return None
    others = [table.c[name] != p("member") for name in ABOUT if name in table.c]
    return sql(select(func.count()).select_from(table).where(table.c[RECORDED] == p("member"), *others))


def _of_accounts(table: Table, platform: Any, account: Any, *where: Any) -> Statement:
    mine = select(accounts.c.platform, accounts.c.account).where(accounts.c.member_id == p("member")).subquery()
    return sql(
        select(table)
        .join(mine, and_(mine.c.platform == platform, mine.c.account == func.lower(account)))
        .where(*where)
        .order_by(*table.primary_key.columns)
    )


ONE = sql(select(members).where(members.c.id == p("member")))
PRIVATE = _of_accounts(outbox, outbox.c.platform, outbox.c.target, outbox.c.private == 1)
ASKED = _of_accounts(questions, questions.c.platform, questions.c.sender)
IN_TRAIL = sql(
    select(trail)
    .where(or_(trail.c.member_id == p("member"), trail.c.subject == p("subject")))
    .order_by(trail.c.branch_id, trail.c.number)
)
NAMED = sql(
    select(todos).where(todos.c.branch_id == p("branch"), todos.c.title.contains(p("name"))).order_by(todos.c.number)
)


def held_on(tx: Tx, member: int) -> Held:
    """Everything on a member: his row, every row about him, what was said to him alone, what he was asked, his trail.

    Instants become ISO text in the house's zone. Todos are found by his name, so they may be a namesake's.
    """
    person = tx.one(ONE, member=member)
    found: dict[str, list[Any]] = {"members": [person]}
    recorded: dict[str, int] = {}
    for table in tables():
        about, by = _about(table), _recorded(table)
        found[table.name] = tx.all(about, member=member) if about else []
        recorded[table.name] = int(tx.value(by, member=member)) if by else 0
    found["looks"] = looks.rows_of(tx, member)
    found["outbox"] = tx.all(PRIVATE, member=member)
    found["questions"] = tx.all(ASKED, member=member)
    found["todos"] = tx.all(NAMED, branch=person.branch_id, name=person.name)
    found["trail"] = tx.all(IN_TRAIL, member=member, subject=f"member:{member}")
    rows = {name: [_told(tx, row) for row in some] for name, some in found.items() if some}
    return Held(rows, {name: number for name, number in recorded.items() if number})


def _told(tx: Tx, row: Any) -> dict[str, Any]:
    return {name: _value(tx, name, value) for name, value in row._asdict().items() if name not in SECRET}


def _value(tx: Tx, name: str, value: Any) -> Any:
    instant = name == "at" or name.endswith(("_at", "_until")) or name in ("until", "not_before", "confirm_by")
    return tx.moment(value).isoformat() if instant and isinstance(value, int) and value > 0 else value


def file_of(tx: Tx, person: str, branch: str, held: Held, **head: str) -> dict[str, Any]:
    """What is held on a person, as a file to take along; `head` stands in front of the rows."""
    made = tx.now.isoformat(timespec="seconds")
    return {"person": person, "branch": branch, "made_at": made, **head, "rows": held.rows, "recorded": held.recorded}

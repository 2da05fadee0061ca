"""From a figure to its rows: one line each, with what was corrected and what waits to be checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select

from bot.db import Tx
from bot.sql import p, sql
from handlers.activities import entered
from handlers.attendance.known import as_held
from handlers.attendance.operations import ACTUAL
from handlers.attendance.record import record_of
from handlers.figures.figure import Figure
from handlers.figures.reckon import branch_names, doubtful
from handlers.figures.rows import Reading, Rows
from handlers.registers_tables import register_rows, wish_events
from handlers.tables import activities, members, presences

NAME = sql(select(members.c.name).where(members.c.id == p("member")))
ACTIVITY = sql(select(activities).where(activities.c.id == p("key")))
SAID = sql(
    select(presences.c.state, presences.c.at)
    .where(presences.c.activity_id == p("key"), presences.c.member_id == p("member"), presences.c.at <= p("at"))
    .order_by(presences.c.id)
)
ENTRY = sql(select(register_rows).where(register_rows.c.id == p("key")))
OF_WISH = sql(
    select(wish_events.c.action, wish_events.c.on_date, wish_events.c.member_id)
    .where(wish_events.c.wish_id == p("key"), wish_events.c.recorded_at <= p("at"))
    .order_by(wish_events.c.id)
)
WISH_WORDS = {
    "claim": "认领",
    "join": "合领",
    "give_back": "退回",
    "release": "收回",
    "say_done": "报兑现",
    "not_done": "未兑现",
    "done": "兑现",
    "close": "关闭",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row behind a figure in words; `branch` is its branch's name, `earlier` what stood there before it.

    `member` is whom it is about, 0 for nobody.
    """

    text: str
    branch: str
    sound: bool
    earlier: tuple[str, ...] = ()
    member: int = 0

    @property
    def written(self) -> str:
        """The line with its history: 12月4日 主题党日 张三（更正前：缺席）."""
        before = f"（更正前：{'；'.join(self.earlier)}）" if self.earlier else ""
        return f"{self.text}{before}{'' if self.sound else '〔待核，未计入〕'}"


def behind(reading: Reading, figure: Figure, most: int = 1 << 30, skip: int = 0) -> tuple[list[Line], int]:
    """The first rows behind a figure (but `skip`) as lines, and how many there are; first what waits to be checked."""
    count = reading.tally(figure.rows).rows + sum(reading.tally(rows).unsound for rows in doubtful(figure))
    shown = list(islice(_each(reading, figure), skip, skip + most))
    names = branch_names(reading.tx)
    people = _names(reading.tx, (row.member_id for _, row in shown))
    return [_line(reading, figure, rows, row, names, people) for rows, row in shown], count


def _each(reading: Reading, figure: Figure) -> Iterator[tuple[Rows, Any]]:
    for rows in doubtful(figure):
        if reading.tally(rows).unsound:
            yield from ((rows, row) for row in rows.each(reading) if not row.sound)
    yield from ((figure.rows, row) for row in figure.rows.each(reading) if row.sound)


def _names(tx: Tx, ids: Iterable[int]) -> dict[int, str]:
    return {one: str(tx.value(NAME, member=one)) for one in dict.fromkeys(ids) if one}


def _line(
    reading: Reading, figure: Figure, rows: Rows, row: Any, branches: dict[int, str], people: dict[int, str]
) -> Line:
    parts = [_when(reading.tx, row), row.what, people.get(row.member_id, ""), _amount(figure, row)]
    extra, earlier = _trace(reading, rows, row)
    text = " ".join(filter(None, [*parts, extra]))
    return Line(text, branches.get(row.branch_id, ""), bool(row.sound), earlier, int(row.member_id or 0))


def _when(tx: Tx, row: Any) -> str:
    if row.moment:
        return f"{tx.moment(row.moment):%Y-%m-%d}"
    return str(row.day)


def _amount(figure: Figure, row: Any) -> str:
    if figure.measure == "fen":
        return f"{int(row.quantity) / 100:.2f}元"
    if figure.measure == "minutes":
        return f"{int(row.quantity) / 60:g}{figure.unit}"
    return f"{row.quantity}{figure.unit}" if figure.measure == "quantity" and row.quantity != 1 else ""


def _trace(reading: Reading, rows: Rows, row: Any) -> tuple[str, tuple[str, ...]]:
    """(what else the line says, what stood there before) by where the row is from."""
    tx = reading.tx
    if rows.trace == "session":
        return _session(tx.one(ACTIVITY, key=row.key), reading, bool(row.sound)), ()
    if rows.trace == "presence":
        before = tx.all(SAID, key=row.key, member=row.member_id, at=reading.asked.known)[:-1]
        return "", tuple(f"{ACTUAL.get(one.state, one.state)} {_day(tx, one.at)}" for one in before)
    if rows.trace == "register":
        return _entry(tx, row)
    if rows.trace == "wish":
        events = [one for one in tx.all(OF_WISH, key=row.key, at=reading.asked.known) if one.action in WISH_WORDS]
        return "、".join(f"{one.on_date[5:]}{WISH_WORDS[one.action]}" for one in events), ()
    return "", ()


def _session(activity: Any, reading: Reading, sound: bool) -> str:
    place = f"#{activity.number} {activity.place}".strip() + entered(activity)
    if sound:
        return place
    known = reading.asked.known
    return f"{place}（缺：{'、'.join(record_of(reading.tx, as_held(activity, known), known).missing)}）"


def _entry(tx: Tx, row: Any) -> tuple[str, tuple[str, ...]]:
    """The number of an entry, and the rows it replaced."""
    entry = tx.one(ENTRY, key=row.key)
    before, old = [], entry
    while old.replaces:
        reason, old = old.reason, tx.one(ENTRY, key=old.replaces)
        said = " ".join(filter(None, (old.on_date, old.kind, old.title, str(old.quantity or ""))))
        before.append(f"{said}，{reason}" if reason else said)
    return f"#{entry.number}", tuple(before)


def _day(tx: Tx, at: int) -> str:
    return f"{tx.moment(at):%Y-%m-%d}"

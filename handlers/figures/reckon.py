"""A figure's value, of one branch or of all, for a period, as known now or at the end of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import func, literal, select

from bot.db import Tx
from bot.message import Refused
from bot.sql import Statement, p, sql
from bot.tables import trail
from handlers.figures.catalogue import CATALOGUE, FIGURES
from handlers.figures.figure import Figure, Value, rate
from handlers.figures.rows import Reading, Rows, Tally, in_scope
from handlers.figures.span import Question
from handlers.registers import BOOKS
from handlers.registers_tables import register_rows, wish_events, wishes
from handlers.tables import activities, branches, entries, shifts

NAMES = sql(select(branches.c.id, branches.c.name).order_by(branches.c.id))
NAME = sql(select(branches.c.name).where(branches.c.id == p("branch")))


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure that was asked for, with what they have in common. `scope` is a branch's name or the system's."""

    asked: Question
    scope: str
    values: tuple[Value, ...]

    def value(self, name: str) -> Value:
        """The figure of that name. Raises KeyError."""
        return next(one for one in self.values if one.figure.name == name)


def named(name: str) -> Figure:
    """The figure that a name means. Raises Refused, which lists near names."""
    wanted = name.strip().strip("“”「」\"'《》")
    if wanted in CATALOGUE:
        return CATALOGUE[wanted]
    near = nearest(wanted)
    hint = f"是不是：{'、'.join(near)}？" if near else "发 /report 看有哪些。"
    raise Refused(f"没有「{wanted[:20]}」这个数。{hint}")


def nearest(name: str, most: int = 5) -> list[str]:
    """The names of figures that look like a mistaken one, the nearest first."""
    found = process.extract(name, list(CATALOGUE), scorer=fuzz.ratio, score_cutoff=40, limit=most)
    within = [one for one in CATALOGUE if name and (name in one or one in name)]
    return list(dict.fromkeys([*(word for word, _, _ in found), *within]))[:most]


def value(reading: Reading, figure: Figure) -> Value:
    """A figure as it stands."""
    return value_of(figure, reading.tally)


def value_of(figure: Figure, tally_of: Callable[[Rows], Tally]) -> Value:
    """A figure of whatever is tallied: the rows of a period, or of one month of it."""
    tally = tally_of(figure.rows)
    number = figure.counted(tally)
    waiting = sum(tally_of(rows).unsound for rows in doubtful(figure))
    if figure.over is None:
        return Value(figure, number, tally.rows, waiting)
    whole = int(figure.over.counted(tally_of(figure.over.rows)))
    return Value(figure, rate(int(number), whole), tally.rows, waiting, (int(number), whole))


def doubtful(figure: Figure) -> list[Rows]:
    """The rows, each once, that must be sound for a figure to be complete."""
    also = (figure.over.rows, figure.over.needs) if figure.over else ()
    return [rows for rows in dict.fromkeys((figure.rows, figure.needs, *also)) if rows is not None]


def reckon(tx: Tx, asked: Question, scope: str, figures: Iterable[Figure] = FIGURES) -> Report:
    """The values of figures. Raises Refused for a period before the first record."""
    check_first_record(tx, asked)
    reading = Reading(tx, asked)
    return Report(asked, scope, tuple(value(reading, one) for one in figures))


def defined(one: Value, asked: Question) -> str:
    """What a figure counts, in a sentence; of a rate also its two numbers, of an age the setting."""
    told = one.figure.definition.replace("{young}", asked.young_word)
    return f"{told}：{one.share[0]}/{one.share[1]}" if one.share else told


def branch_names(tx: Tx) -> dict[int, str]:
    """Every branch by its id, in the order of the register."""
    return {row.id: row.name for row in tx.all(NAMES)}


def _any(column: Any, branch: Any, bound: str, *join: Any, least: Any = None) -> Statement:
    """Whether there is a row from `least` to the period's end; found by an index, however many there are."""
    found = select(literal(1)).where(column <= p(bound), in_scope(branch))
    found = found if least is None else found.where(column >= least)
    return sql((found.join_from(*join) if join else found).limit(1))


RECORDED = (
    _any(activities.c.starts_at, activities.c.branch_id, "end"),
    _any(shifts.c.starts_at, shifts.c.branch_id, "end"),
    _any(trail.c.at, trail.c.branch_id, "end"),
    _any(entries.c.period, entries.c.branch_id, "last_month", least="0"),  # what belongs to no month has ""
    _any(wish_events.c.on_date, wishes.c.branch_id, "last", wish_events, wishes),
)
ENTERED = sql(
    select(literal(1))
    .where(register_rows.c.register == p("register"), register_rows.c.on_date <= p("last"))
    .where(in_scope(register_rows.c.branch_id))
    .limit(1)
)
FIRST_MOMENTS = [
    sql(select(func.min(moment)).where(in_scope(branch)))
    for moment, branch in ((trail.c.at, trail.c.branch_id), (activities.c.starts_at, activities.c.branch_id))
]
FIRST_DAY = sql(select(func.min(register_rows.c.on_date)).where(in_scope(register_rows.c.branch_id)))


def is_recorded(tx: Tx, asked: Question) -> bool:
    """Whether anything was recorded by the last day of a period that counts: nothing known is not nothing done."""
    values = asked.values()
    if any(tx.one(one, **values) for one in RECORDED):
        return True
    return any(tx.one(ENTERED, register=book.name, **values) for book in BOOKS)


def check_first_record(tx: Tx, asked: Question) -> None:
    """Raises Refused for a period of which all days that count were over before anything was recorded."""
    if is_recorded(tx, asked):
        return
    first = _first(tx, asked.branch)
    raise Refused(f"{asked.span.name}没有数可报：{f'最早的记录是 {first}' if first else '还没有任何记录'}。")


def _first(tx: Tx, branch: int) -> str:
    """The day of the first record, "" where there is none."""
    moments = [tx.value(one, branch=branch) for one in FIRST_MOMENTS]
    days = [tx.moment(one).date().isoformat() for one in moments if one]
    return min(filter(None, [*days, tx.value(FIRST_DAY, branch=branch)]), default="")

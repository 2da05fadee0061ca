"""What a year asks of a branch beyond meetings: talks with everybody, hours of study, 轮训. Counts, no names.

Measured by the members of the day that is asked for: who came or went within the year is asked as he stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from bot.config import Registers
from bot.db import Tx
from handlers.people.history import register_at
from handlers.registers import listed, rotation, shortfall
from handlers.registers.books import TALK
from handlers.selfcheck.item import Item, State, Window, due_state

Reckoned = tuple[bool, tuple[str, ...], str]  # whether it is done, the records, what is lacking
Reckon = Callable[[Tx, int, int, Registers, int], Reckoned]


def yearly(
    tx: Tx, branch: int, years: range, rules: Registers, before_us: Callable[[date], bool], known: int
) -> Iterator[Item]:
    """An item each, with a window for every year that a period touches, as known at an instant (UTC microseconds); a
    year before the branch was here is left out where it has no records."""
    for name, asked, reckon in ITEMS:
        windows = [_window(tx, reckon(tx, branch, year, rules, known), year, before_us, known) for year in years]
        yield Item(name, asked, tuple(one for one in windows if one))


def _window(tx: Tx, reckoned: Reckoned, year: int, before_us: Callable[[date], bool], known: int) -> Window | None:
    done, records, lacking = reckoned
    first, last = date(year, 1, 1), date(year, 12, 31)
    if not records and before_us(last):
        return None
    state: State = "done" if done else due_state(tx.moment(known).date(), first, last)
    return Window(f"{year}年", 1, state, records, (lacking,) if lacking and not done else ())


def _talks(tx: Tx, branch: int, year: int, _rules: Registers, known: int) -> Reckoned:
    """支部工作条例 Art. 19: between members of the committee, with members and among them, generally once a year."""
    rows = listed(tx, branch, TALK, date(year, 1, 1), date(year, 12, 31), known)
    met = {one for row in rows for one in (row.member_id, row.other_member_id)}
    left = sum(one.member not in met for one in register_at(tx, branch, known))
    return left == 0, tuple(f"谈话 #{row.number}" for row in rows), f"还有 {left} 人没有登记谈心谈话"


def _hours(tx: Tx, branch: int, year: int, rules: Registers, known: int) -> Reckoned:
    """全国党员教育培训工作规划: 32 学时, 56 for secretary and committee."""
    short, people = len(shortfall(tx, branch, year, rules, known)), len(register_at(tx, branch, known))
    return short == 0, (f"/study short {year}",) if short < people else (), f"还有 {short} 人学时未满"


def _rotation(tx: Tx, branch: int, year: int, rules: Registers, known: int) -> Reckoned:
    found = rotation(tx, branch, year, rules, known)
    lacking = f"{len(found.took)} 人参加，占 {found.percent} %"
    return found.percent >= found.target, (f"/study short {year}",) if found.took else (), lacking


ITEMS: tuple[tuple[str, str, Reckon], ...] = (
    ("谈心谈话", "每人每年至少 1 次", _talks),
    ("党员学时", "每人每年达标", _hours),
    ("轮训", "每年达到目标比例", _rotation),
)

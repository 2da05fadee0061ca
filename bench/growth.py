"""`make growth`: what a branch's year and a message leave in the rows, and what more branches cost, on this machine.

Slopes, so that docs/scale.md can say what happens at other sizes: bytes and rows by table, milliseconds by unit.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.history import ANSWERS, Standing, answering, made, seconds
from bot.cli.place import opened
from bot.config import Config
from bot.dispatch import handle
from bot.message import Incoming
from bot.platforms.console import NAME
from scheduler.runner import tick

MESSAGES, SIDE_BY_SIDE = 1024, 64
SIZES = (1, 30, 300, 3_000, 10_000, 100_000)  # branches
THEME_DAY_ANSWERS = 100  # of a branch, in the hour after 09:00: 10 million in a province
MEETING_MESSAGES = 2  # of a member and meeting: an answer and a check-in
SENDING_RATE = 20  # calls a second of one DingTalk application


@dataclass(frozen=True, slots=True)
class Weight:
    """What is in a database, by table: rows, and bytes with all indexes."""

    rows: Counter[str]
    bytes: Counter[str]

    def less(self, before: Weight, share: int) -> Weights:
        """What came since, by each of `share`."""
        grown = {name: self.rows[name] - before.rows[name] for name in self.rows if self.rows[name] > before.rows[name]}
        return {name: (rows / share, (self.bytes[name] - before.bytes[name]) / share) for name, rows in grown.items()}


Weights = dict[str, tuple[float, float]]  # table -> rows, bytes


def weighed(path: Path) -> Weight:
    """Counts a database's rows and pages."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.pages USING dbstat(main)")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
        pages = connection.execute(
            "SELECT tbl_name, sum(pgsize) FROM temp.pages JOIN sqlite_master ON sqlite_master.name = pages.name"
            " GROUP BY tbl_name"
        )
        return Weight(Counter(rows), Counter(dict(pages)))


def total(weights: Weights) -> tuple[float, float]:
    """Rows and bytes of all tables."""
    return sum(rows for rows, _ in weights.values()), sum(size for _, size in weights.values())


async def a_year(folder: Path, branches: int, members: int) -> Weights:
    """What one more year of meetings, dues, service and registers leaves, by branch."""
    for name, years in (("one", 1), ("two", 2)):
        await made(folder, name, branches, members, years)
    return weighed(folder / "two.db").less(weighed(folder / "one.db"), branches)


async def a_message(folder: Path, config: Config, members: int) -> tuple[Weights, float]:
    """What an answer leaves, and the milliseconds it takes among others that come at once."""
    path = folder / f"{Path(config.bot.database).stem}.db"
    async with opened(config, Standing(config)) as place:

        async def say(number: int, account: str, text: str) -> None:
            incoming = Incoming(NAME, f"g{number}", "group1", account, text)
            await place.database.write(partial(handle, incoming=incoming, house=place.house))

        await say(-1, "user1", "/attendance open 主题党日 明天15:00 会议室")
        before, began = await asyncio.to_thread(weighed, path), time.perf_counter()
        for first in range(0, MESSAGES, SIDE_BY_SIDE):
            some = range(first, first + SIDE_BY_SIDE)
            said = [(n, f"user{n % members + 1}", ("参加", "请假 值班")[n // members % 2]) for n in some]
            await asyncio.gather(*(say(*one) for one in said))
        took = (time.perf_counter() - began) * 1000 / MESSAGES
        return (await asyncio.to_thread(weighed, path)).less(before, MESSAGES), took


async def beats(config: Config, path: Path) -> tuple[int, float, float]:
    """After a month of downtime: how much the clock does, in how many seconds; then the seconds of an idle beat."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE branches SET bound_at = 1")
    async with opened(config, Standing(config)) as place:
        took = []
        done = [1]
        while done[-1]:
            began = time.perf_counter()
            done.append(await tick(place.database, place.setting))
            took.append(time.perf_counter() - began)
        return sum(done[1:]), sum(took[:-1]), took[-1]


def by_table(title: str, weights: Weights) -> Iterator[str]:
    """A line a table, the heaviest first."""
    rows, size = total(weights)
    yield f"{title}: {rows:,.1f} rows, {size:,.0f} bytes"
    for name, (count, held) in sorted(weights.items(), key=lambda one: -one[1][1]):
        yield f"  {name:18} {count:>10,.2f} rows {held:>12,.0f} bytes {held / count:>8,.0f} a row"


def scaled(branches: int, a_branch: tuple[float, float], beat: float) -> str:
    """A size of house: rows and bytes a year, messages in the hour of the theme day, a beat, the reminders of 09:00."""
    rows, size = a_branch
    return (
        f"{branches:>8,} {rows * branches / 1e6:>12,.2f} {size * branches / 1e9:>10,.2f}"
        f" {branches * THEME_DAY_ANSWERS:>12,} {beat * branches:>10,.2f} {branches / SENDING_RATE:>10,.0f}"
    )


HEAD = f"{'branches':>8} {'M rows/year':>12} {'GB/year':>10} {'answers/hour':>12} {'a beat, s':>10} {'09:00, s':>10}"


def spoken(year: Weights, message: Weights, members: int, meetings: int) -> tuple[float, float]:
    """Rows and bytes of a branch's year: the books, and the messages that filled them."""
    books, said = total(year), total(message)
    count = members * meetings * MEETING_MESSAGES
    return books[0] + said[0] * count, books[1] + said[1] * count


def houses(year: tuple[float, float], beat: float) -> Iterator[str]:
    """A line a size."""
    yield HEAD
    for branches in SIZES:
        yield scaled(branches, year, beat)


async def run(branches: int, members: int, meetings: int) -> None:
    """Prints the slopes and what they come to."""
    each = members // branches
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        year = await a_year(folder, branches, members)
        config = await made(folder, "said", branches, members, 1)
        message, took = await a_message(folder, config, each)
        small = await made(folder, "small", branches // 10, members // 10, 1)
        print("\n".join([*by_table("a branch's year", year), *by_table("a message", message)]))
        print(f"a message: {took:.3f} ms among {SIDE_BY_SIDE}, {await answering(config, ANSWERS):.2f} ms alone")
        beat = 0.0
        for file, count, one in (("small", branches // 10, small), ("said", branches, config)):
            figures, counted = await seconds(one)
            done, first, idle = await beats(one, folder / f"{file}.db")
            print(f"{count} branches: figures {figures:.2f} s of {counted:,} attendances;", end=" ")
            print(f"{done:,} overdue done in {first:.1f} s; an idle beat {idle * 1000:.0f} ms")
            beat = idle / count
        print("\n".join(houses(spoken(year, message, each, meetings), beat)))


def main() -> None:
    """100 branches and 3,300 members, unless told otherwise."""
    logging.getLogger("scheduler").setLevel(logging.ERROR)  # a month of downtime skips hundreds, each with a line
    parser = argparse.ArgumentParser()
    parser.add_argument("--branches", type=int, default=100)
    parser.add_argument("--members", type=int, default=3_300)
    parser.add_argument("--meetings", type=int, default=60)
    told = parser.parse_args()
    asyncio.run(run(told.branches, told.members, told.meetings))


if __name__ == "__main__":
    main()

"""`make history`: figures and answers of a county with years of records, on SQLite.

300 branches, 10,000 members and five years are about three million attendance rows. One year's figures shall take
less than 5 s and no longer than with that year alone; an answer shall take as long as without any history.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cli.place import Clock, Place, opened
from bot.config import Config, load
from bot.db import Tx
from bot.dispatch import handle
from bot.message import Incoming
from bot.platforms import KINDS
from bot.platforms.console import NAME
from handlers import figures

ZONE = ZoneInfo("Asia/Shanghai")
LAST_YEAR = 2026
NOW = datetime(LAST_YEAR, 12, 31, 10, 0, tzinfo=ZONE)
SESSIONS = 60  # of a branch in a year
MEETINGS = ("主题党日", "支部党员大会", "支委会", "党课", "集中学习", "专题研讨", "党小组会", "理论中心组")
REGISTERS = ("talk", "care", "issue", "article", "project", "record")
FIELDS = ("host", "recorder", "agenda", "lecturer", "resolution")
ANSWERS = 300
DAY = 86_400_000_000
HOUR = 3_600_000_000
Rows = Iterator[tuple[object, ...]]


class History:
    """Years of records, written in bulk; without ANALYZE, since nothing of ours runs it either."""

    def __init__(self, path: Path, branches: int, members: int, years: int) -> None:
        self.path, self.branches, self.years = path, branches, range(LAST_YEAR - years + 1, LAST_YEAR + 1)
        self.each = members // branches
        self.activity = self.shift = self.wish = self.entry = 0

    def members(self, branch: int) -> range:
        """The members of a branch."""
        return range((branch - 1) * self.each + 1, branch * self.each + 1)

    def fill(self) -> None:
        """The register, then year after year."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                self._register(connection)
                for year in self.years:
                    self._year(connection, year)

    def _register(self, connection: sqlite3.Connection) -> None:
        every = range(1, self.branches + 1)
        connection.executemany(
            "INSERT INTO branches (id, name, last_number) VALUES (?, ?, 3000000)",
            ((one, f"支部{one}") for one in every),
        )
        people = [(one, branch) for branch in every for one in self.members(branch)]
        connection.executemany(
            "INSERT INTO members (id, name, branch_id, category, duty) VALUES (?, ?, ?, '正式党员', ?)",
            ((one, f"党员{one}", branch, "书记" if one % self.each == 1 else "") for one, branch in people),
        )
        connection.executemany("INSERT INTO memberships (member_id, branch_id) VALUES (?, ?)", people)
        facts = {"gender": "女", "ethnicity": "汉族", "born_on": "1990-05-05", "education": "本科", "status": "在职"}
        facts |= {"category": "正式党员", "joined_on": "2015-07-01", "post": "事业专业技术"}
        connection.executemany(
            "INSERT INTO member_facts (member_id, what, value) VALUES (?, ?, ?)",
            ((one, what, value) for one, _ in people for what, value in facts.items()),
        )
        connection.executemany(
            "INSERT INTO accounts (platform, account, member_id) VALUES (?, ?, ?)",
            ((NAME, f"user{one}", one) for one, _ in people),
        )
        connection.executemany(
            "INSERT INTO groups (platform, chat, branch_id, bound_at) VALUES (?, ?, ?, 1)",
            ((NAME, f"group{one}", one) for one in every),
        )

    def _year(self, connection: sqlite3.Connection, year: int) -> None:
        connection.executemany(
            "INSERT INTO activities"
            " (id, branch_id, number, kind, starts_at, ends_at, place, state, opened_at, ended_at)"
            " VALUES (?, ?, ?, ?, ?, ?, '会议室', 'closed', ?, ?)",
            self._activities(year),
        )
        first = self.activity - self.branches * SESSIONS
        connection.executemany(
            "INSERT INTO presences (activity_id, member_id, state, at) VALUES (?, ?, ?, ?)",
            self._presences(year, first),
        )
        connection.executemany(
            "INSERT INTO record_lines (activity_id, field, words, at) VALUES (?, ?, '某某', ?)",
            ((one, field, _at(year, 1, 1)) for one in range(first + 1, self.activity + 1) for field in FIELDS),
        )
        connection.executemany(
            "INSERT INTO register_rows"
            " (branch_id, register, number, action, on_date, kind, member_id, quantity, recorded_at)"
            " VALUES (?, ?, ?, 'add', ?, ?, ?, 1, ?)",
            self._entries(year),
        )
        self._service(connection, year)
        self._dues(connection, year)

    def _activities(self, year: int) -> Rows:
        for branch in range(1, self.branches + 1):
            for number in range(SESSIONS):
                self.activity += 1
                start = _at(year, number % 12 + 1, number // 12 * 5 + 2)
                kind = MEETINGS[number % len(MEETINGS)]
                running = (year - self.years[0]) * SESSIONS + number + 1
                yield self.activity, branch, running, kind, start, start + HOUR, start - DAY, start + 2 * HOUR

    def _presences(self, year: int, first: int) -> Rows:
        activity = first
        for branch in range(1, self.branches + 1):
            for number in range(SESSIONS):
                activity += 1
                start = _at(year, number % 12 + 1, number // 12 * 5 + 2)
                for one in self.members(branch):
                    yield activity, one, "absent" if (one + number) % 11 == 0 else "present", start

    def _entries(self, year: int) -> Rows:
        for branch in range(1, self.branches + 1):
            for number in range(60):
                day = date(year, number % 12 + 1, number % 28 + 1)
                register, member = REGISTERS[number % len(REGISTERS)], self.members(branch)[0]
                yield branch, register, year * 100 + number, day.isoformat(), "问题", member, _at(year, 12, 1)
            for one in self.members(branch):
                yield branch, "study", year * 100_000 + one, f"{year}-03-01", "集中培训", one, _at(year, 3, 2)

    def _service(self, connection: sqlite3.Connection, year: int) -> None:
        shifts, signups, wishes, events = [], [], [], []
        for branch in range(1, self.branches + 1):
            for month in range(1, 13):
                self.shift, self.wish = self.shift + 1, self.wish + 1
                start = _at(year, month, 9)
                shifts.append((self.shift, branch, self.shift + 1_000_000, start, start - DAY))
                wishes.append((self.wish, branch, self.wish + 2_000_000))
                some = list(self.members(branch))[month % 3 :: 3]
                signups += [(self.shift, one, start - DAY, start - DAY) for one in some]
                steps = ("add", 0), ("claim", some[0]), ("done", some[0])
                day = f"{year}-{month:02}-10"
                events += [(self.wish, action, member, day, start + 2 * DAY) for action, member in steps]
        connection.executemany(
            "INSERT INTO shifts (id, branch_id, number, starts_at, opened_at, name, state)"
            " VALUES (?, ?, ?, ?, ?, '义诊', 'closed')",
            shifts,
        )
        connection.executemany("INSERT INTO signups (shift_id, member_id, at, seated_at) VALUES (?, ?, ?, ?)", signups)
        connection.executemany("INSERT INTO wishes (id, branch_id, number) VALUES (?, ?, ?)", wishes)
        connection.executemany(
            "INSERT INTO wish_events (wish_id, action, member_id, on_date, recorded_at) VALUES (?, ?, ?, ?, ?)", events
        )

    def _dues(self, connection: sqlite3.Connection, year: int) -> None:
        entries, postings = [], []
        for branch in range(1, self.branches + 1):
            for one in self.members(branch):
                for month in range(1, 13):
                    self.entry += 1
                    book, at = f"{year}-{month:02}", _at(year, month, 20)
                    entries.append((self.entry, branch, f"claim:{self.entry}", at, at, book))
                    postings += [(self.entry, "cash", 0, "", 5000), (self.entry, "dues", one, book, -5000)]
        connection.executemany(
            "INSERT INTO entries (id, branch_id, cause, kind, happened_at, recorded_at, period)"
            " VALUES (?, ?, ?, 'pay', ?, ?, ?)",
            entries,
        )
        connection.executemany(
            "INSERT INTO postings (entry_id, account, member_id, month, fen) VALUES (?, ?, ?, ?, ?)", postings
        )


def _at(year: int, month: int, day: int) -> int:
    return round(datetime(year, month, day, 9, tzinfo=ZONE).timestamp() * 1_000_000)


class Standing(Clock):
    """A clock that stands at the end of the last year."""

    def __call__(self) -> datetime:
        return NOW + self.ahead


def configured(folder: Path, name: str) -> Config:
    """A configuration on a database of its own."""
    path = folder / f"{name}.toml"
    path.write_text(f'[bot]\ndatabase = "sqlite:///{folder / name}.db"\ndata_dir = "{folder}"\n', encoding="utf-8")
    return load(path, KINDS)


async def made(folder: Path, name: str, branches: int, members: int, years: int) -> Config:
    """A database with so many years; its configuration."""
    config = configured(folder, name)
    async with opened(config, Standing(config)):
        pass
    await asyncio.to_thread(History(folder / f"{name}.db", branches, members, years).fill)
    return config


def _year(tx: Tx, config: Config) -> int:
    asked = figures.question(tx, figures.coded(str(LAST_YEAR)), 0, config)
    return int(figures.reckon(tx, asked, "").value("参加活动人次").number or 0)


async def seconds(config: Config) -> tuple[float, int]:
    """How long one year's figures take, and how many attendances they count."""
    async with opened(config, Standing(config)) as place:
        start = time.perf_counter()
        counted = await place.database.read(partial(_year, config=config))
        return time.perf_counter() - start, counted


async def answering(config: Config, count: int = ANSWERS) -> float:
    """The median of answers one after the other, in milliseconds."""
    async with opened(config, Standing(config)) as place:
        await _said(place, "user1", "/attendance open 主题党日 明天15:00 会议室", 0)
        took = []
        for number in range(count):
            start = time.perf_counter()
            await _said(place, "user1", ("参加", "请假 值班")[number % 2], number + 1)
            took.append((time.perf_counter() - start) * 1000)
        return statistics.median(took)


async def _said(place: Place, account: str, text: str, number: int) -> None:
    incoming = Incoming(NAME, f"b{number}", "group1", account, text)
    await place.database.write(partial(handle, incoming=incoming, house=place.house))


async def run(branches: int, members: int, years: int) -> None:
    """Prints a line a case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        whole = await made(folder, "whole", branches, members, years)
        one = await made(folder, "one", branches, members, 1)
        print(f"{'written':24} {time.perf_counter() - start:8.1f} s")
        for label, config in (("figures, 1 year there", one), (f"figures, {years} years there", whole)):
            took, counted = await seconds(config)
            print(f"{label:24} {took:8.2f} s  {counted} attendances counted")
        none = await made(folder, "none", branches, members, 0)
        for label, config in (("answer, no history", none), (f"answer, {years} years", whole)):
            print(f"{label:24} {await answering(config):8.2f} ms")


def main() -> None:
    """300 branches, 10,000 members and five years, unless told otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--branches", type=int, default=300)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=5)
    told = parser.parse_args()
    asyncio.run(run(told.branches, told.members, told.years))


if __name__ == "__main__":
    main()

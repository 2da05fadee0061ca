"""The rows that every peer writes: a message seen once, an answer and a line of what was done; and the members it asks.

Three inserts and two selects in one transaction, on SQLite in WAL with `synchronous=FULL`, as with us.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

MEMBERS, BRANCHES = 200, 4
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA busy_timeout = 5000")
TABLES = """
CREATE TABLE members (id INTEGER PRIMARY KEY, account TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE activities (id INTEGER PRIMARY KEY, chat TEXT NOT NULL UNIQUE, title TEXT NOT NULL);
CREATE TABLE seen (message TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE answers (id INTEGER PRIMARY KEY, activity_id INTEGER NOT NULL, member_id INTEGER NOT NULL,
  state TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE trail (id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL,
  at INTEGER NOT NULL);
"""


def furnish(path: str) -> None:
    """A new database with 200 members and a meeting in each of four groups."""
    with closing(sqlite3.connect(path)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.executescript(TABLES)
        with connection:
            connection.executemany(
                "INSERT INTO members (account, name) VALUES (?, ?)", [(f"user{n}", f"党员{n}") for n in range(MEMBERS)]
            )
            connection.executemany(
                "INSERT INTO activities (chat, title) VALUES (?, '主题党日')", [(f"group{n}",) for n in range(BRANCHES)]
            )


def state_of(text: str) -> str:
    """What a member says: 请假 or 参加, the simplest reading that answers the benchmark's words."""
    return "leave" if "请假" in text else "yes"


def answered(name: str, state: str, title: str) -> str:
    """The line that is answered."""
    return f"已登记：{name} {'请假' if state == 'leave' else '参加'} {title}。要改请再回复一次，取消请回复：取消。"

"""A small branch on a SQLite file, and people who ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine

from bot.commands import Ask, Role, Who
from bot.config import Config, Dues
from bot.db import Tx, connect
from bot.dispatch import House
from bot.message import Incoming, Kind
from bot.sql import insert_row, metadata
from bot.tables import groups
from handlers.tables import accounts, branches, dues_bases, members, memberships
from tests.cast import KEYS

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
PRACTICE = Dues()
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
OCTOBER = datetime(2026, 10, 8, 9, 0, tzinfo=ZONE)

BRANCH = insert_row(branches, "name", "bound_at", returning=branches.c.id)
MEMBER = insert_row(members, "name", "aliases", "branch_id", "department", returning=members.c.id)
BELONGS = insert_row(memberships, "member_id", "branch_id", "from_at", "to_at")
BASE = insert_row(dues_bases, "member_id", "kind", "base_fen", "month_fen", "valid_from", "valid_to")


LINK = insert_row(accounts, "platform", "account", "member_id")
GROUP = insert_row(groups, "platform", "chat", "branch_id", "bound_at")


def house(dues: Dues) -> House:
    """A house without commands: what words ask it is the practice and who can be spoken to alone."""
    return House(
        commands=(),
        words=(),
        who=lambda _tx, _incoming: Who(""),
        names=lambda _tx, _who, _text: (),
        abilities={},
        inline={},
        private_via={"console": "console"},
        at_once={},
        coming=lambda _tx, _branch: [],
        config=Config.model_construct(dues=dues),
    )


@cache
def empty() -> bytes:
    """A database without rows, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(engine)
        engine.dispose()
        return path.read_bytes()


class Books:
    """One connection, one transaction after the other: a handler test needs no more."""

    def __init__(self, path: Path, now: datetime = NOW) -> None:
        path.write_bytes(empty())
        self.connection = connect(f"sqlite:///{path}")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.now = now
        self.branch = int(
            self.do(lambda tx: tx.value(BRANCH, name="第一党支部", bound_at=int(OCTOBER.timestamp() * 1e6)))
        )

    def do(self, work: Callable[[Tx], T]) -> T:
        """Runs a unit; what it raises takes all it wrote with it."""
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("SAVEPOINT unit")
        try:
            result = work(Tx(cursor, "sqlite", self.now, keys=KEYS))
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return result

    def bind(self, chat: str = "group") -> None:
        self.do(lambda tx: tx.run(GROUP, platform="console", chat=chat, branch_id=self.branch, bound_at=tx.at))

    def rows(self, text: str) -> list[Any]:
        return list(self.connection.execute(text).fetchall())

    def member(self, name: str, month_fen: int = 0, since: str = "2026-01", aliases: str = "") -> int:
        def work(tx: Tx) -> int:
            one = int(tx.value(MEMBER, name=name, aliases=aliases, branch_id=self.branch, department="检验科"))
            tx.run(BELONGS, member_id=one, branch_id=self.branch, from_at=0, to_at=0)
            if month_fen:
                values = {"kind": "salaried", "base_fen": month_fen * 100, "month_fen": month_fen}
                tx.run(BASE, member_id=one, valid_from=since, valid_to="", **values)
            return one

        return self.do(work)

    def ask(
        self,
        name: str,
        member: int,
        text: str = "",
        *,
        private: bool = False,
        kind: Kind = "text",
        roles: tuple[Role, ...] = (),
        intent: str = "",
        dues: Dues = PRACTICE,
        **slots: Any,
    ) -> Ask:
        incoming = Incoming("console", f"m{id(text)}", "group", name, text, private=private, kind=kind)
        held = frozenset[Role](("anyone", "member", *roles))
        who = Who(name, member, name, self.branch, "第一党支部", self.branch, True, held)
        return Ask(incoming, who, house(dues), text, intent=intent, slots=slots)

    def close(self) -> None:
        self.connection.close()

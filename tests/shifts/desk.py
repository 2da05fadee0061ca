"""One connection to either engine and a clock that a test moves: one unit after the other, no more is needed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.commands import Role, Who
from bot.db import Tx, connect
from bot.sql import insert_row
from handlers import shifts
from handlers.shifts import Terms
from handlers.tables import branches, members, memberships
from tests.cast import KEYS
from tests.dues.books import NOW

T = TypeVar("T")
BRANCH = insert_row(branches, "name", "bound_at", returning=branches.c.id)
MEMBER = insert_row(members, "name", "branch_id", returning=members.c.id)
BELONGS = insert_row(memberships, "member_id", "branch_id", "from_at", "to_at")


class Desk:
    """A branch of its own in a database that others may use too."""

    def __init__(self, url: str, now: datetime = NOW) -> None:
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.connection = connect(url)
        self.now = now
        self.branches = 0
        self.branch = 0

    def new_branch(self) -> int:
        """Begins anew: an empty branch, the clock at its start."""
        self.branches += 1
        self.now = NOW
        self.branch = self.do(lambda tx: int(tx.value(BRANCH, name=f"支部{self.branches}", bound_at=1)))
        return self.branch

    def do(self, work: Callable[[Tx], T]) -> T:
        """Runs a unit; what it raises takes all it wrote with it."""
        cursor = self.connection.cursor()
        cursor.execute("BEGIN")
        cursor.execute("SAVEPOINT unit")
        try:
            result = work(Tx(cursor, self.engine, self.now, keys=KEYS))
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return result

    def people(self, count: int) -> list[int]:
        """So many members of the branch; their ids."""

        def work(tx: Tx) -> list[int]:
            found = [int(tx.value(MEMBER, name=f"党员{number}", branch_id=self.branch)) for number in range(count)]
            for one in found:
                tx.run(BELONGS, member_id=one, branch_id=self.branch, from_at=0, to_at=0)
            return found

        return self.do(work)

    def who(self, member: int = 0, *roles: Role) -> Who:
        return Who(f"a{member}", member, f"党员{member}", self.branch, "支部", self.branch, True, frozenset(roles))

    def opened(self, capacity: int, *, days: int = 2, hours: int = 2, claim_minutes: int = 720) -> int:
        """A shift that begins in some days; its id."""
        start = self.now + timedelta(days=days)
        end = start + timedelta(hours=hours)
        terms = Terms("义诊", start, end, "人民广场", capacity, claim_minutes=claim_minutes)
        return int(self.do(lambda tx: shifts.open_shift(tx, self.branch, terms, self.who())).id)

    def close(self) -> None:
        self.connection.close()

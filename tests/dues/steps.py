"""Everything that can be done to the ledger, as steps in any order, beside a model that keeps its own simple lists.

The model knows no accounts and no postings: it is told which steps were taken and adds up what they mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from bot.commands import Role, Who
from bot.db import Tx
from bot.engines import connect
from bot.message import Refused
from bot.sql import sql
from handlers import dues, ledger, todos
from handlers.dues import closing, confirming, deciding, remitting
from handlers.dues.claims import How
from handlers.dues.payments import reverse_receipt
from handlers.dues.waivers import waive
from tests.cast import KEYS
from tests.dues.books import BELONGS, BRANCH, MEMBER, ZONE

T = TypeVar("T")
KEEPERS = frozenset[Role](("anyone", "member", "collector", "secretary"))
FIRST, SECOND = Who("a", 91, "李红", 1, "支部", 1, True, KEEPERS), Who("b", 92, "周敏", 1, "支部", 1, True, KEEPERS)
SHARE = 3333
Step = tuple[str, int, int, int]  # what, and three numbers that mean what it needs


class House:
    """A branch of three on either engine; the clock stands until a step moves it."""

    def __init__(self, url: str) -> None:
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.connection = connect(url)
        self.now = datetime(2026, 11, 20, 10, tzinfo=ZONE)
        self.branch: int = self.do(lambda tx: int(tx.value(BRANCH, name="支部", bound_at=1)))
        self.people = [self.do(self._enrol) for _ in range(3)]

    def _enrol(self, tx: Tx) -> int:
        one = int(tx.value(MEMBER, name="某", aliases="", branch_id=self.branch, department=""))
        tx.run(BELONGS, member_id=one, branch_id=self.branch, from_at=0, to_at=0)
        return one

    def do(self, work: Callable[[Tx], T]) -> T:
        """One unit: what it raises takes all it wrote with it."""
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

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        """All rows of a Core statement, as plain tuples of whole numbers and text."""
        prepared = sql(statement)
        found = self.do(lambda tx: tx.all(prepared))
        return [tuple(int(cell) if not isinstance(cell, str) else cell for cell in row) for row in found]

    def close(self) -> None:
        self.connection.close()


@dataclass
class Money:
    """One payment as the model sees it."""

    member: int
    month: str
    fen: int
    extra: int
    book: str
    large: bool = False
    undone: bool = False


@dataclass
class Model:
    """Lists of what was done."""

    money: dict[int, Money] = field(default_factory=dict)  # by receipt
    taken_back: list[Money] = field(default_factory=list)  # with the book in which it was taken back
    closed: list[str] = field(default_factory=list)
    slips: dict[int, dict[str, Any]] = field(default_factory=dict)

    def paid(self) -> dict[tuple[int, str], int]:
        """(member, month) -> fen of dues that stand."""
        found: dict[tuple[int, str], int] = defaultdict(int)
        for one in self.money.values():
            if not one.large and not one.undone:
                found[one.member, one.month] += one.fen - one.extra
        return {key: fen for key, fen in found.items() if fen}

    def book(self, month: str) -> int:
        """Fen in the book of a month: what came in less what was taken back in it."""
        came = sum(one.fen for one in self.money.values() if one.book == month and not one.large)
        return came - sum(one.fen for one in self.taken_back if one.book == month and not one.large)

    def cash(self, *, large: bool) -> int:
        """Fen that the branch holds."""
        held = sum(one.fen for one in self.money.values() if one.large == large and not one.undone)
        return held - sum(
            int(slip["total"]) for slip in self.slips.values() if slip["large"] == large and not slip["void"]
        )

    def on_their_way(self) -> int:
        """Fen on slips without their receipt, or beside it."""
        return sum(int(slip["fen"] - slip["banked"]) for slip in self.slips.values() if not slip["void"])


class Player:
    """Takes steps on a house and tells the model of those that were not refused."""

    def __init__(self, house: House) -> None:
        self.house, self.model, self.refused = house, Model(), 0

    def take(self, step: Step) -> None:
        verb, *numbers = step
        try:
            getattr(self, f"do_{verb}")(*numbers)
        except (Refused, ValueError):
            self.refused += 1

    def _month(self, number: int) -> str:
        return dues.month_of(self.house.now) if number == 0 else f"2026-{10 + number % 3}"

    def do_base(self, who: int, fen: int, _: int) -> None:
        member, house = self.house.people[who % 3], self.house
        house.do(lambda tx: deciding.set_base(tx, house.branch, member, "salaried", fen, "更正", FIRST))

    def do_waive(self, who: int, fen: int, month: int) -> None:
        member, house, first = self.house.people[who % 3], self.house, self._month(month)
        house.do(lambda tx: waive(tx, house.branch, member, fen, (first, first), "文件", FIRST))

    def do_pay(self, who: int, fen: int, month: int) -> None:
        """A claim and its yes; every third one is voluntary where it is more, every fifth is declined."""
        house, member, of = self.house, self.house.people[who % 3], self._month(month)
        before = house.do(lambda tx: dues.due_in(tx, member, of))
        how = How("现金", who % 2 == 0)

        def work(tx: Tx) -> list[confirming.Confirmed]:
            dues.claim(tx, house.branch, member, "某", (of,), fen, SECOND, how=how)
            number = max(row.number for row in confirming.waiting(tx, house.branch, FIRST))
            if fen % 5 == 0:
                dues.decline(tx, todos.settle(tx, house.branch, number, False, FIRST), FIRST)
                return []
            return dues.confirm(tx, todos.settle(tx, house.branch, number, True, FIRST), FIRST)

        for one in house.do(work):
            known = before.due or before.waived
            extra = max(0, one.fen - max(0, before.due - before.paid)) if how.voluntary and known else 0
            self.model.money[one.receipt] = Money(member, of, one.fen, extra, dues.month_of(house.now))

    def do_large(self, who: int, fen: int, _: int) -> None:
        house, member, receipt = self.house, self.house.people[who % 3], 0

        def work(tx: Tx) -> int:
            number = ledger.next_receipt(tx, house.branch)
            assert ledger.give(tx, house.branch, member, fen, "李红", f"large:{number}", "自愿")
            return number

        receipt = house.do(work)
        self.model.money[receipt] = Money(member, "", fen, 0, dues.month_of(house.now), large=True)

    def do_reverse(self, receipt: int, _: int, __: int) -> None:
        house = self.house
        house.do(lambda tx: reverse_receipt(tx, house.branch, "2026", receipt, "记错", FIRST))
        one: Money = self.model.money[receipt]
        one.undone = True
        self.model.taken_back.append(
            Money(one.member, one.month, one.fen, one.extra, dues.month_of(house.now), one.large)
        )

    def do_close(self, month: int, who: int, _: int) -> None:
        house, of = self.house, self._month(month)
        asked = house.do(lambda tx: closing.ask_to_close(tx, house.branch, of, (FIRST, SECOND)[who % 2]))
        if asked[1]:
            self.model.closed.append(of)

    def do_up(self, month: int, large: int, _: int) -> None:
        house = self.house
        if large % 3 == 0:
            made = house.do(lambda tx: remitting.hand_up_large(tx, house.branch, FIRST))
        else:
            made = house.do(lambda tx: remitting.hand_up(tx, house.branch, self._month(month), SHARE, FIRST))
        taken = {one for slip in self.model.slips.values() if not slip["void"] for one in slip["months"]}
        months = [one for one in self.model.closed if one not in taken and one <= self._month(month)]
        of_months = sum(self.model.book(one) for one in months)
        total = self.model.cash(large=True) if made.kind == "large" else of_months
        slip = {"large": made.kind == "large", "months": [] if made.kind == "large" else months, "total": total}
        share = total if made.kind == "large" else int((total * SHARE / 10_000) + 0.5)
        self.model.slips[made.number] = {**slip, "fen": share, "banked": 0, "void": False}

    def do_bank(self, slip: int, fen: int, right: int) -> None:
        house = self.house
        sum_ = self.model.slips[slip]["fen"] if right and slip in self.model.slips else fen
        house.do(lambda tx: remitting.receive_receipt(tx, house.branch, slip, sum_, "回单", FIRST))
        self.model.slips[slip]["banked"] = sum_

    def do_unbank(self, slip: int, _: int, __: int) -> None:
        house = self.house
        house.do(lambda tx: remitting.reverse_receipt(tx, house.branch, slip, "看错", FIRST))
        self.model.slips[slip]["banked"] = 0

    def do_unslip(self, slip: int, _: int, __: int) -> None:
        house = self.house
        house.do(lambda tx: remitting.reverse_slip(tx, house.branch, slip, "作废", FIRST))
        self.model.slips[slip]["void"] = True

    def do_month(self, _: int, __: int, ___: int) -> None:
        """The clock goes to December, once."""
        self.house.now = self.house.now.replace(month=12, day=2)

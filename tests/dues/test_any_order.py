"""Any order of anything keeps the sums; a rerun adds nothing; both engines say the same, and so does another hand."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.message import Refused
from handlers import dues, ledger
from handlers.ledger_tables import dues_closings, dues_slips
from handlers.tables import entries, postings
from tests.dues.steps import House, Model, Player, Step

VERBS = ("base", "waive", "pay", "large", "reverse", "close", "up", "bank", "unbank", "unslip", "month")
ENTRIES = select(*(column for column in entries.c if column.name not in ("happened_at", "recorded_at"))).order_by(
    entries.c.id
)
POSTINGS = select(postings).order_by(postings.c.id)
CLOSINGS = select(*(column for column in dues_closings.c if column.name != "closed_at")).order_by(dues_closings.c.id)
SLIPS = select(*(column for column in dues_slips.c if column.name != "made_at")).order_by(dues_slips.c.id)

steps = st.tuples(
    st.sampled_from([*VERBS, "pay", "pay", "pay", "close", "close", "up"]),
    st.integers(0, 6),
    st.one_of(st.integers(1, 20_000), st.sampled_from([0, -1, 1, 99_999, 10**9, 10**11])),
    st.integers(0, 3),
)


def right(house: House, model: Model) -> None:
    """The rows against the model, and the rows against themselves, added up another way than the program does."""
    lines = house.rows(POSTINGS)
    assert sum(fen for *_, fen in lines) == 0
    by_entry: dict[int, int] = defaultdict(int)
    by_account: dict[str, int] = defaultdict(int)
    by_member: dict[tuple[int, str], int] = defaultdict(int)
    for _, entry, account, member, month, fen in lines:
        by_entry[entry] += fen
        by_account[account] += fen
        if account == "dues":
            by_member[member, month] -= fen
    assert set(by_entry.values()) <= {0}
    assert {key: fen for key, fen in by_member.items() if fen} == model.paid()
    assert by_account["cash"] == model.cash(large=False)
    assert by_account["large_cash"] == model.cash(large=True)
    assert by_account["slip"] == model.on_their_way()
    assert by_account["bank"] == sum(slip["banked"] for slip in model.slips.values() if not slip["void"])
    closed = {row[2]: row[4] for row in house.rows(CLOSINGS)}
    assert closed == {month: model.book(month) for month in model.closed}
    assert {row[2]: (row[5], row[7]) for row in house.rows(SLIPS)} == {
        number: (slip["total"], slip["fen"]) for number, slip in model.slips.items()
    }
    wrong = [slip for slip in model.slips.values() if slip["banked"] not in (0, slip["fen"])]
    assert house.do(ledger.check) == []
    assert len(house.do(dues.check)) == len(wrong)


def again(house: House) -> None:
    """Every entry's cause once more, with other figures: nothing is added."""
    before = (house.rows(ENTRIES), house.rows(POSTINGS))
    for row in house.rows(select(entries.c.cause, entries.c.kind).order_by(entries.c.id)):
        cause, kind = row

        def work(tx: Any, cause: str = cause, kind: str = kind) -> bool:
            if kind == "pay":
                return ledger.pay(tx, house.branch, house.people[0], "2026-11", 7, "再", cause, tx.at)
            if kind == "large":
                return ledger.give(tx, house.branch, house.people[0], 7, "再", cause, "再")
            if kind == "slip":
                return ledger.hand_up(tx, house.branch, int(cause.split(":")[1]), 7, 0, "再")
            if kind == "bank":
                return ledger.receive_receipt(tx, house.branch, 1, 7, "再", cause, "再")
            return ledger.reverse(tx, cause.removeprefix("reverse:"), "再", "再")

        assert not house.do(work)
    assert (house.rows(ENTRIES), house.rows(POSTINGS)) == before


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=30))
def test_any_order_of_any_step_keeps_the_sums(sqlite_template: Path, taken: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "house.db"
        shutil.copy(sqlite_template, path)
        house = House(f"sqlite:///{path}")
        house.connection.execute("PRAGMA synchronous = OFF")
        player = Player(house)
        for step in taken:
            player.take(step)
        right(house, player.model)
        again(house)
        house.close()


def chance(seed: int, count: int) -> list[Step]:
    """Steps of a long busy time."""
    dice = random.Random(seed)
    verbs = [*VERBS, *("pay",) * 6, *("close",) * 4, "up", "up", "bank"]
    return [
        (dice.choice(verbs), dice.randint(0, 6), dice.choice([dice.randint(1, 20_000), 100_001]), dice.randint(0, 3))
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_keep_the_same_rows(seed: int, sqlite: str, postgresql: str) -> None:
    kept = []
    for url in (sqlite, postgresql):
        house = House(url)
        player = Player(house)
        for step in chance(seed, 120):
            player.take(step)
        right(house, player.model)
        again(house)
        kept.append([house.rows(one) for one in (ENTRIES, POSTINGS, CLOSINGS, SLIPS)])
        kept[-1].append([(player.refused,)])
        house.close()
    assert kept[0] == kept[1]
    assert len(kept[0][0]) > 10


def test_a_reversal_of_a_reversal_is_refused(sqlite: str) -> None:
    house = House(sqlite)
    house.do(lambda tx: ledger.pay(tx, house.branch, house.people[0], "2026-11", 5, "李红", "x", tx.at))
    assert house.do(lambda tx: ledger.reverse(tx, "x", "李红", "记错"))
    with pytest.raises(Refused, match="不能再冲正"):
        house.do(lambda tx: ledger.reverse(tx, "reverse:x", "李红", "记错"))
    house.close()

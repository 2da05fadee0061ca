"""A database of revision 0002, with dues in it as they were then, comes over with every fen; on both engines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot import migrations
from bot.db import Tx
from bot.engines import connect
from handlers import dues, ledger
from tests.dues.books import ZONE

NOVEMBER, DECEMBER = (
    int(datetime(2026, month, day, hour, tzinfo=ZONE).timestamp() * 1_000_000)
    for month, day, hour in ((11, 30, 23), (12, 1, 0))
)
BEFORE = f"""
insert into branches (id, name, bound_at) values (1, '第一党支部', 1), (2, '第二党支部', 1);
insert into members (id, name, branch_id) values (1, '张三', 1), (2, '李四', 1), (3, '郑晓燕', 2);
insert into memberships (member_id, branch_id) values (1, 1), (2, 1), (3, 2);
insert into dues_bases (member_id, kind, base_fen, month_fen, valid_from) values
  (1, 'salaried', 300001, 3000, '2026-01'), (2, 'retired', 345678, 1728, '2026-01'), (3, 'fixed', 500, 500, '2026-01');
insert into dues_claims (id, member_id, month, fen, by_member, state) values
  (1, 1, '2026-10', 3000, 1, 'ok'), (2, 2, '2026-11', 1728, 1, 'ok'), (3, 3, '2026-11', 500, 3, 'ok');
insert into entries (id, branch_id, cause, kind, happened_at, recorded_at, recorded_by, note) values
  (1, 1, 'claim:1', 'pay', 1, {NOVEMBER}, '李红', ''),
  (2, 1, 'claim:2', 'pay', 1, {DECEMBER}, '李红', ''),
  (3, 2, 'claim:3', 'pay', 1, {NOVEMBER}, '冯磊', ''),
  (4, 1, 'reverse:claim:1', 'reverse', 1, {DECEMBER}, '李红', '记错');
insert into postings (entry_id, account, member_id, month, fen) values
  (1, 'cash:1', 0, '', 3000), (1, 'member:1', 1, '2026-10', -3000),
  (2, 'cash:1', 0, '', 1728), (2, 'member:2', 2, '2026-11', -1728),
  (3, 'cash:2', 0, '', 500), (3, 'member:3', 3, '2026-11', -500),
  (4, 'cash:1', 0, '', -3000), (4, 'member:1', 1, '2026-10', 3000);
"""


@pytest.fixture
def old(empty_url: str) -> str:
    """A database as the program before the ledger left it."""
    migrations.migrate(empty_url, "0002")
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        for statement in filter(str.strip, BEFORE.split(";\n")):
            connection.execute(text(statement))
    engine.dispose()
    return empty_url


def rows(url: str, statement: str) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def asked(url: str) -> tuple[list[str], list[str], int]:
    """What the ledger says of a database: faults, books and cash of the first branch."""
    connection = connect(url)
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    tx = Tx(cursor, "sqlite" if url.startswith("sqlite") else "postgresql", datetime(2026, 12, 2, tzinfo=ZONE))
    found = (
        dues.check(tx),
        [one.line for one in dues.differences(tx, 1)],
        ledger.balance(tx, 1, "cash"),
    )
    cursor.execute("ROLLBACK")
    connection.close()
    return found


def test_every_row_is_carried_over(old: str) -> None:
    assert migrations.migrate(old)
    assert rows(old, "select account, member_id, month, fen from postings order by id") == [
        *(("cash", 0, "", 3000), ("dues", 1, "2026-10", -3000), ("cash", 0, "", 1728), ("dues", 2, "2026-11", -1728)),
        *(("cash", 0, "", 500), ("dues", 3, "2026-11", -500), ("cash", 0, "", -3000), ("dues", 1, "2026-10", 3000)),
    ]
    assert rows(old, "select cause, period, receipt, payer_id, reverses from entries order by id") == [
        ("claim:1", "2026-11", 1, 0, 0),
        ("claim:2", "2026-12", 2, 1, 0),
        ("claim:3", "2026-11", 1, 0, 0),
        ("reverse:claim:1", "2026-12", 0, 0, 1),
    ]
    assert rows(old, "select rate from dues_bases order by id") == [(100,), (50,), (0,)]
    assert asked(old) == ([], [], 1728)

"""Sealed columns: what a stolen database must not tell, and that no statement looks into them."""

from __future__ import annotations

import gc
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter
from sqlalchemy.sql.functions import FunctionElement

from bot.db import connect
from bot.sql import Sealed, Statement
from bot.vault import MARK, NoKey, Vault, is_under
from handlers.personal import held_on
from handlers.tables import dues_bases, members
from scheduler import jobs
from tests.cast import Cast
from tests.personal.sealed import PLACES, as_stored, lived


async def test_what_lies_in_the_database_tells_nothing(cast: Cast) -> None:
    await lived(cast)
    stored = as_stored(cast.place.config.bot.database)
    assert set(stored) == PLACES
    await cast.says("周敏", "/member find 张三", "g1")
    await cast.settle()
    await cast.place.database.write(partial(jobs.tidy, setting=cast.place.setting))
    stored = as_stored(cast.place.config.bot.database)
    stored["outbox.reply"] = await private(cast)
    for place, values in stored.items():
        assert values, place
        assert all(is_under(one, cast.place.database.keys.current) for one in values), place
    assert {len(one) for one in stored["answers.reason"]} == {len(MARK) + 9 + 60}  # no length tells the kind
    assert len(set(stored["answers.reason"])) == len(stored["answers.reason"])
    assert [row.phone for row in await cast.rows(select(members.c.phone).where(members.c.id == 5))] == ["13912345678"]
    bases = await cast.rows(select(dues_bases.c.base_fen).where(dues_bases.c.member_id == 5))
    assert 423756 in [row.base_fen for row in bases]
    assert "13912345678" in await cast.says("周敏", "/member find 张三", "")
    assert "张三（病假，待批）" in await cast.says("周敏", "/attendance record #1", "")


async def private(cast: Cast) -> list[str]:
    """What was said to one person alone, as it lies there."""
    connection = connect(cast.place.config.bot.database)
    rows = connection.execute("SELECT reply FROM outbox WHERE private = 1 AND state = 'sent'").fetchall()
    connection.close()
    return [row[0] for row in rows]


async def test_what_was_said_alone_is_still_told_to_whom_it_was_said(cast: Cast) -> None:
    await lived(cast)
    await cast.says("张三", "我的党费", "g1")
    await cast.settle()
    await cast.place.database.write(partial(jobs.tidy, setting=cast.place.setting))
    assert all(one.startswith(MARK) for one in await private(cast))
    told = (await cast.place.database.read(partial(held_on, member=5))).rows["outbox"]
    assert any("每月" in str(row["reply"]) or "应交" in str(row["reply"]) for row in told), told


def test_no_statement_compares_sorts_or_sums_a_sealed_column() -> None:
    statements = [one for one in gc.get_objects() if isinstance(one, Statement)]
    assert len(statements) > 300
    for statement in statements:
        text = statement.on("sqlite")[0]
        sorted_by = [
            *getattr(statement.clause, "_order_by_clauses", ()),
            *getattr(statement.clause, "_group_by_clauses", ()),
        ]
        assert not any(map(_sealed, sorted_by)), text
        for part in visitors.iterate(statement.clause):
            assert not isinstance(part, FunctionElement) or not any(map(_sealed, visitors.iterate(part))), text
            if isinstance(part, BinaryExpression) and (_sealed(part.left) or _sealed(part.right)):
                assert isinstance(part.right, BindParameter), text
                assert part.right.value == "", text


def _sealed(part: Any) -> bool:
    return isinstance(part, Column) and isinstance(part.type, Sealed) and not part.type.later


@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    flip=st.integers(0, 10**6),
)
def test_a_value_opens_to_what_was_sealed_and_a_changed_one_to_nothing(text: str, flip: int) -> None:
    keys = Vault(lambda: [b"one"])
    sealed = keys.seal(text, "answers.reason")
    assert keys.open(sealed, "answers.reason") == text
    if not text:
        assert sealed == ""
        return
    with pytest.raises(NoKey, match="changed by hand"):
        keys.open(sealed, "members.phone")
    with pytest.raises(NoKey, match="is missing"):
        Vault(lambda: [b"other"]).open(sealed, "answers.reason")
    head, body = sealed[: len(MARK) + 9], bytearray(urlsafe_b64decode(sealed[len(MARK) + 9 :]))
    body[flip % len(body)] ^= 1 << flip % 8
    changed = head + urlsafe_b64encode(bytes(body)).decode()
    with pytest.raises(NoKey):
        keys.open(changed, "answers.reason")


def test_who_has_no_key_writes_nothing_plain() -> None:
    with pytest.raises(NoKey):
        Vault().seal("sick", "answers.reason")
    assert "seal" not in repr(Vault(lambda: [b"one"])).replace("bot.vault", "")

"""Who holds which office may do what in his own branch; no group hears what is for one's own eyes; looks are noted."""

from __future__ import annotations

from functools import partial

import pytest

from bot.commands import Role
from handlers.looks import looks_at
from handlers.sight import SHOWS
from tests.cast import Cast
from tests.matrix.world import (
    BASE,
    CANDIDATE,
    DUES,
    NAME,
    PHONE,
    RESIDENT,
    SECRETS,
    commands,
    filed,
    last_promise,
    owned,
    promised,
    roles_of,
    said_in,
    texts_of,
    tries,
)

HELD: dict[str, set[Role]] = {
    "李四": {"anyone", "member"},
    "张三": {"anyone", "member", "collector"},
    "陈建国": {"anyone", "member", "committee"},
    "周敏": {"anyone", "member", "secretary"},
    "李红": {"anyone", "member", "secretary", "collector"},
}


@pytest.mark.parametrize("who", HELD)
async def test_an_office_opens_its_commands_and_no_others(marked: Cast, who: str) -> None:
    before = await owned(marked)
    closed = [(path, command) for path, command in commands() if not HELD[who] & set(roles_of(command))]
    for path, command in closed:
        heard = await marked.says(who, command.example if command.example.startswith(f"/{path}") else f"/{path}", "")
        assert "使用。您可以说" in heard, (path, heard)
    after = await owned(marked)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    for path in [path for path, command in commands() if HELD[who] & set(roles_of(command))]:
        assert "使用。您可以说" not in await marked.says(who, f"/{path} ？", ""), path


@pytest.mark.parametrize("who", HELD)
async def test_a_group_hears_nobodys_secrets(marked: Cast, who: str) -> None:
    last = await last_promise(marked)
    for text in tries(deep=False):
        heard = texts_of(await marked.reply(who, text, "g1"))
        assert not any(one in heard for one in SECRETS), (who, text, heard)
    for row in await promised(marked, last):
        if not row.private:
            assert not any(one in said_in(row) for one in SECRETS), said_in(row)


@pytest.mark.parametrize("who", HELD)
async def test_what_shows_somebodys_rows_stands_in_the_table_and_is_noted(marked: Cast, who: str) -> None:
    member = await _member(marked)
    for path, command in commands():
        if not HELD[who] & set(roles_of(command)):
            continue
        for text in dict.fromkeys((f"/{path}", f"/{path} {NAME}", f"/{path} #1", f"/{path} 党内关怀")):
            seen, kept = len(await _looks(marked, member)), set(await filed(marked))
            reply = await marked.reply(who, text, "")
            new = "\n".join(one for key, one in (await filed(marked)).items() if key not in kept)
            heard = f"{reply.text if reply else ''}\n{new}"
            noted = len(await _looks(marked, member)) > seen
            if any(one in heard for one in (PHONE, BASE, DUES, CANDIDATE)):
                assert path in SHOWS or path.startswith(("dues", "develop", "todo")), (path, heard)
            if noted:
                assert path in SHOWS, path
            shown = NAME in heard.replace(f"{text.removeprefix(f'/{path}').strip()}", "", 1)
            if path in SHOWS and shown and not any(word in heard for word in ("没有找到", "没看懂", "请")):
                assert noted, (path, text, heard)
            assert RESIDENT not in heard or path.startswith("wish"), (path, heard)


async def _member(cast: Cast) -> int:
    from sqlalchemy import select

    from handlers.tables import members

    (row,) = await cast.rows(select(members.c.id).where(members.c.name == NAME))
    return int(row.id)


async def _looks(cast: Cast, member: int) -> list[object]:
    return list(await cast.place.database.read(partial(looks_at, member=member)))

"""A branch full of marked rows, whoever may try to read or change them, and how one sees that he couldn't."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any

from sqlalchemy import Table, select, update

import handlers
from bot.commands import Command, Role
from bot.db import Tx
from bot.message import Reply, unpack
from bot.sql import metadata, p, sql
from bot.tables import files, outbox
from handlers.tables import members
from tests.cast import Cast

NAME, ACCOUNT, CANDIDATE = "标记甲", "biaojia", "标记乙"
MARK = "标记"  # stands in everything that was planted
PHONE, BASE, DUES, RESIDENT, REASON = "13900001111", "7777.77", "116.67", "B77", "病假"
SECRETS = (PHONE, BASE, DUES, RESIDENT, REASON, "sick", CANDIDATE)  # no group hears them
SET_PHONE = sql(update(members).where(members.c.name == NAME).values(phone=p("new")))
SECRETARY, ORGANISER = "周敏", "李红"
FOREIGN, PLAIN, THIRD, STRANGER = "郑晓燕", "冯磊", "waiying", "nobody"
PLANTED = (
    (SECRETARY, f"/member add {NAME} 标记科", ""),
    (SECRETARY, f"/member link {NAME} console {ACCOUNT}", ""),
    (ORGANISER, f"/dues set {NAME} 在职 {BASE}", ""),
    (SECRETARY, "/attendance open 主题党日 12月4日15:00 标记楼", "g1"),
    (ACCOUNT, "请假 病", "g1"),
    (SECRETARY, "/attendance record #1 议题 标记议题", ""),
    (SECRETARY, "/attendance template 保存 标记模板 #1", "g1"),
    (ACCOUNT, f"已交 {DUES}", ""),
    (SECRETARY, "/volunteer open 标记义诊 12月6日9:00-11:00 标记广场 5人", "g1"),
    (ACCOUNT, "报名 #2", "g1"),
    (SECRETARY, f"/volunteer hours {NAME} 11月20日 3小时 标记清雪", ""),
    (ACCOUNT, "/volunteer report 标记社区 3月5日", ""),
    (SECRETARY, f"/wish add 标记愿望 居民代码{RESIDENT}", ""),
    (SECRETARY, f"/talk add {SECRETARY} {NAME} 11月20日", ""),
    (SECRETARY, f"/care add {NAME} 11月20日 走访慰问", ""),
    (SECRETARY, f"/study add {NAME} 11月20日 半天 集中学习 标记主题", ""),
    (SECRETARY, f"/article add 标记稿件 11月20日 {NAME} 标记报", ""),
    (SECRETARY, f"/award add {NAME} 先进个人 县级 7月1日", ""),
    (SECRETARY, "/issue add 标记问题 期限 12月31日", ""),
    (SECRETARY, f"/project add 标记实事 负责人 {NAME} 期限 12月31日", ""),
    (SECRETARY, "/plan add 标记计划 期限 12月31日", ""),
    (SECRETARY, "/unit add 标记卫生院 党支部 卫生院 2026-03-01 划入", ""),
    (SECRETARY, f"/record add 结对帮扶 11月20日 {NAME} 标记3号楼", ""),
    (SECRETARY, f"/develop add {CANDIDATE}", ""),
    (SECRETARY, "/remind once 12月3日9:00 标记提醒", "g1"),
)


async def plant(cast: Cast) -> None:
    """Fills branch 1, gives branch 2 a leader with every office, and makes a third branch."""
    for line in PLANTED:
        heard = await cast.says(*line)
        assert heard, line
        assert not any(word in heard for word in ("没看懂", "请这样发", "没有找到")), (line, heard)
    await cast.says("admin", f"/member role {FOREIGN} 书记兼组织委员兼纪检委员", "g2")
    await cast.place.database.write(_more)


def _more(tx: Tx) -> None:
    from bot.commands import Who
    from handlers import people
    from handlers.sheet.check import check

    tx.run(SET_PHONE, new=PHONE)
    sheet = [("姓名", "支部", "党内职务", "企业微信账号"), ("外人", "外单位支部", "书记兼组织委员", THIRD)]
    rows = check(list(enumerate(map(list, sheet), 1))).rows
    people.import_members(tx, rows, Who(account="test"), {"企业微信账号": "console"})
    people.bind_group(tx, "console", "g3", "外单位支部", by=Who(account="test"))


# What can be typed


def commands() -> Iterator[tuple[str, Command]]:
    """Every command and subcommand with a slash, by its path."""
    for command in handlers.COMMANDS:
        yield command.name, command
        yield from ((f"{command.name} {sub.name}", sub) for sub in command.subs)


def roles_of(command: Command) -> tuple[Role, ...]:
    return (command.role,) if isinstance(command.role, str) else command.role


def tries(*, deep: bool) -> Iterator[str]:
    """What somebody types who wants in: every example, and every command with another branch's name and numbers."""
    for path, command in commands():
        yield command.example
        if deep:
            yield from (f"/{path} {NAME}", f"/{path} #1 {NAME}", f"/{path} 1")
    for word in handlers.WORDS:
        yield word.example or word.chinese
        if deep:
            yield f"{word.chinese} #1"


# What is heard and what is there


def texts_of(reply: Reply | None) -> str:
    """All that can be read of an answer, but for the name that was typed."""
    if reply is None:
        return ""
    card = reply.card
    parts = [reply.text, *(one.name for one in reply.attachments)]
    if card:
        parts += [card.title, *card.lines, *(f"{one.label} {one.command}" for one in card.buttons)]
    return "\n".join(parts).replace(NAME, "")


def inside(data: bytes) -> str:
    """The text of a file, also of one that is a zip (xlsx, docx)."""
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        # openpyxl writes what isn't ASCII as numbers
        return unescape("\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist()))


async def promised(cast: Cast, after: int) -> list[Any]:
    """The promises since a row of the outbox."""
    return await cast.rows(select(outbox).where(outbox.c.id > after).order_by(outbox.c.id))


async def last_promise(cast: Cast) -> int:
    return max((row.id for row in await cast.rows(select(outbox.c.id))), default=0)


async def filed(cast: Cast) -> dict[str, str]:
    """What stands in every file that is kept."""
    return {row.id: inside(bytes(row.data)) for row in await cast.rows(select(files.c.id, files.c.data))}


def said_in(row: Any) -> str:
    return texts_of(unpack(row.reply))


async def owned(cast: Cast, branch: int = 1) -> dict[str, set[tuple[Any, ...]]]:
    """Every row that belongs to a branch, by table: its own, its members', its meetings', and what hangs on these."""
    known: dict[str, set[Any]] = {"branches": {branch}}
    found: dict[str, set[tuple[Any, ...]]] = {}
    for table in metadata.sorted_tables:
        if table.name in ("seen", "files", "vault_keys"):
            continue
        rows = [row for row in await cast.rows(select(table)) if _belongs(table, row._asdict(), known)]
        found[table.name] = {tuple(row) for row in rows}
        if "id" in table.c:
            known[table.name] = {row.id for row in rows}
    return found


def _belongs(table: Table, row: dict[str, Any], known: dict[str, set[Any]]) -> bool:
    if table.name == "branches":
        return row["id"] in known["branches"]
    if "branch_id" in row:
        return row["branch_id"] in known["branches"]
    return any(row[name] in known.get(of, ()) for name, of in _hangs_on(table).items())


def _hangs_on(table: Table) -> dict[str, str]:
    named = {"member_id": "members", "activity_id": "activities", "shift_id": "shifts", "wish_id": "wishes"}
    keys = {key.parent.name: key.column.table.name for key in table.foreign_keys}
    return {**{name: of for name, of in named.items() if name in table.c}, **keys}

"""Nothing that a group hears tells what anybody earns or owes: every text of half a year is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import func, select

from bot.db import Tx
from bot.message import Reply, unpack
from bot.platforms.console import NAME
from bot.tables import outbox
from handlers import dues
from handlers.ledger_tables import dues_closings, dues_slips, dues_waivers
from handlers.rates import yuan
from handlers.tables import accounts, dues_bases, dues_claims, entries, members, postings, todos
from tests.cast import Cast

VIA = {NAME: NAME}
# Who says what in the group, month by month; {n} is the month. Money and names are said on purpose: what is typed by
# people stands in the group anyway, what the bot says must not add to it.
TALK = (
    ("张三", "党费已交 {n}月 42.38元"),
    ("李四", "党费交120，多的算自愿多交"),
    ("刘敏", "代马志远交 88.50"),
    ("陈建国", "已交 20"),
    ("王芳", "谁还没交党费"),
    ("王芳", "我这个月党费该交多少"),
    ("王芳", "我的党费"),
    ("王芳", "我的"),
    ("王芳", "为什么"),
    ("何静", "党费我下周交"),
    ("何静", "已交 0.001"),
    ("何静", "已交 1000000000"),
    ("何静", "党费交了5000"),
    ("赵丽华", "#接龙\n{n}月党费\n1. 张三 42.38\n2. 李四 109.82"),
    ("欧阳静", "/dues"),
    ("周敏", "/dues"),
    ("李红", "/dues"),
    ("李红", "/todo"),
    ("李红", "/dues confirm"),
    ("李红", "/dues confirm 99"),
    ("李红", "/dues confirm 何静"),
    ("李红", "/dues set"),
    ("李红", "/dues waive 孙桂兰 少交 5 {n}月 支部决议"),
    ("李红", "/dues waive 孙桂兰 少交 9999 {n}月 支部决议"),
    ("李红", "/dues large 张三 5000 自愿"),
    ("李红", "/dues check"),
    ("李红", "/dues remit"),
    ("周敏", "/dues export {n}月"),
    ("周敏", "/dues export 公示"),
    ("张三", "/dues reverse 1 试试"),
)
CLOSING = (
    ("李红", "/dues reverse {receipt} 记错了人"),
    ("李红", "/dues reverse {receipt} 再来"),
    ("李红", "/dues close {n}月"),
    ("周敏", "/dues close {n}月"),
    ("李红", "/dues confirm"),
    ("李红", "/dues remit {n}月"),
    ("李红", "/dues remit 回单 {slip} 1.01 甲"),
    ("李红", "/dues check"),
    ("周敏", "/dues export 缴款单 {slip}"),
    ("李红", "/dues reverse 回单 {slip} 看错了"),
    ("郑晓燕", "/dues"),
)
KEPT_CLEAN = ("李红", "周敏")  # they pay first, as who acts is named


def words_of(reply: Reply) -> str:
    """All that can be read of a reply, and all that its buttons would say."""
    card = reply.card
    parts = [reply.text, *(one.name for one in reply.attachments)]
    if card:
        parts += [card.title, *card.lines, *(f"{one.label} {one.command}" for one in card.buttons)]
    return "\n".join(parts)


class Reader:
    """Reads every text on its way out: a group hears no sum and no name of one who owes, a member no other's sum."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.groups, self.alone, self.seen = cast, 0, 0, 0

    async def facts(self) -> tuple[set[str], dict[str, set[str]], set[str]]:
        """(every sum in the books but those the bot says of itself, each account's own, names of those who owe)."""
        own: dict[int, set[int]] = {}
        for table in (dues_bases, dues_claims, dues_waivers):
            names = [name for name in ("base_fen", "month_fen", "fen") if name in table.c]
            for row in await self.cast.rows(select(table.c.member_id, *(table.c[name] for name in names))):
                own.setdefault(row[0], set()).update(row[1:])
        for row in await self.cast.rows(select(postings.c.member_id, postings.c.fen)):
            own.setdefault(row.member_id, set()).add(abs(row.fen))
        for row in await self.cast.rows(select(dues_closings.c.due_fen, dues_closings.c.received_fen)):
            own.setdefault(0, set()).update(row)
        of = {row.member_id: row.account for row in await self.cast.rows(select(accounts))}
        owed = await self._owed()
        for member, (_, fen) in owed.items():
            own.setdefault(member, set()).add(fen)
        sums = {member: {yuan(fen) for fen in found if fen} for member, found in own.items()}
        by_account = {of[member]: found for member, found in sums.items() if member}
        return set().union(*sums.values()) - SAID_OF_ITSELF, by_account, {name for name, fen in owed.values() if fen}

    async def _owed(self) -> dict[int, tuple[str, int]]:
        """member -> (name, fen he owes in all)."""
        everybody = await self.cast.rows(select(members.c.id, members.c.name, members.c.branch_id))

        def work(tx: Tx) -> dict[int, tuple[str, int]]:
            return {
                row.id: (row.name, sum(one.rest for one in dues.history(tx, row.branch_id, row.id)))
                for row in everybody
            }

        return await self.cast.place.database.read(work)

    async def say(self, name: str, text: str) -> str:
        """Says something in the group and reads the answer, and all that is promised meanwhile."""
        reply = await self.cast.reply(name, text)
        heard = words_of(reply) if reply else ""
        await self.look([(heard, text)] if heard else [])
        return heard

    async def look(self, heard: Sequence[tuple[str, str]] = ()) -> None:
        """Reads (answer, question) of the group, and every promise that was made since the last look."""
        rows = await self.cast.rows(select(outbox).where(outbox.c.id > self.seen).order_by(outbox.c.id))
        self.seen = max([self.seen, *(row.id for row in rows)])
        sums, own, debtors = await self.facts()
        told = [(words_of(unpack(row.reply)), "") for row in rows if not row.private]
        for text, question in (*heard, *told):
            self.groups += 1
            assert not [one for one in sums if stands(one, text)], text
            assert not [name for name in debtors if name in text and name not in question], text
        for row in rows:
            if row.private and row.target not in KEEPERS:
                self.alone += 1
                text = words_of(unpack(row.reply))
                assert not [one for one in sums - own.get(row.target, set()) if stands(one, text)], text


SAID_OF_ITSELF = {"0.01", "1000.00"}  # the bounds of an amount, and where 大额党费 begin
KEEPERS = {"lihong", "zhoumin", "zhangsan", "zhaolihua"}


def stands(amount: str, text: str) -> bool:
    """Whether a sum stands in a text, with or without its decimals."""
    whole = amount.removesuffix(".00")
    return any(re.search(rf"(?<![\d.:-]){re.escape(one)}(?![\d:.])", text) for one in {amount, whole} if len(one) > 3)


async def test_half_a_year_in_the_group(cast: Cast) -> None:
    reader = Reader(cast)
    for index, month in enumerate((11, 12, 1, 2, 3, 4)):
        for name in KEPT_CLEAN:
            await cast.says(name, "党费已交", "")
        await cast.says("李红", "/dues confirm " + " ".join(await waiting(cast)), "")
        if index < 2:
            await talk(cast, reader, month)
        await cast.until(f"{2026 + (month < 11) + (month == 12)}-{month % 12 + 1:02d}-06 09:30")
        await cast.place.database.write(lambda tx: [dues.tell_differences(tx, branch, VIA) for branch in (1, 2)])
        await cast.settle()
        await reader.look()
    assert reader.groups > 60
    assert reader.alone > 5
    heard = [bubble.text for bubble in cast.pushed("lihong")]
    assert any("请支部核实是否有正当理由" in text for text in heard)


async def talk(cast: Cast, reader: Reader, month: int) -> None:
    """A month's talk in the group; what waits is confirmed there, too."""
    for name, text in TALK:
        await reader.say(name, text.format(n=month))
    for number in await waiting(cast):
        await reader.say("李红", f"/todo ok {number}")
    [row] = await cast.rows(select(func.max(entries.c.receipt).label("receipt")))
    slips = len(await cast.rows(select(dues_slips.c.id)))
    for name, text in CLOSING:
        await reader.say(name, text.format(n=month, receipt=row.receipt, slip=slips + 1))


async def waiting(cast: Cast) -> list[str]:
    """The numbers of the claims that wait in the first branch."""
    rows = await cast.rows(select(todos.c.number).where(todos.c.state == "open", todos.c.kind == "dues"))
    return [str(row.number) for row in rows]

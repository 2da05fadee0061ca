"""Who looked at whom: whatever shows a named other's personal rows notes it here, and the member himself can read it.

Personal is what a group may not hear. What stands open to all (who comes, who has a seat) is none of it, nor are the
lists of what still has to be done (未回, 补学, 待办). PIPL Art. 56 asks for the record, Art. 45 gives it to him.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select

from bot.commands import Who
from bot.db import Tx
from bot.sql import insert_row, p, sql
from handlers.looks_tables import looks
from handlers.register import ACTIVE
from handlers.tables import members, memberships

LEAVE, DUES, HOURS, POINTS, FILE, PAST = "请假原因", "党费", "志愿时长", "积分", "登记信息", "经历"
EXCLUDED, DEVELOP, STUDY, ALL = "不计入应到", "发展党员", "学时", "全部记录"
SHOWN = 3  # in 我的; the page has all
RECENT = 30 * 86_400_000_000  # microseconds

ADD = insert_row(looks, "member_id", "branch_id", "at", "looker_id", "looker", "what")
_was_there = exists(
    select(memberships.c.id)
    .where(memberships.c.member_id == p("member"), memberships.c.from_at <= looks.c.at)
    .where(or_(memberships.c.to_at == 0, memberships.c.to_at > looks.c.at))
    .where(or_(looks.c.branch_id == 0, memberships.c.branch_id == looks.c.branch_id))
)
AT = sql(
    select(looks.c.at, func.coalesce(members.c.name, looks.c.looker).label("who"), looks.c.what)
    .outerjoin(members, members.c.id == looks.c.looker_id)
    .where(or_(looks.c.member_id == p("member"), and_(looks.c.member_id == 0, _was_there)))
    .where(looks.c.looker_id != p("member"), looks.c.at >= p("since"))
    .order_by(looks.c.id.desc())
)
LET_GO = sql(delete(looks).where(looks.c.at < p("before")))


@dataclass(frozen=True, slots=True)
class Look:
    """One look: when, who (a name, an account or the command line) and at which rows."""

    at: datetime
    who: str
    what: str


def note_look(tx: Tx, looker: Who, of_member: int, what: str) -> None:
    """Notes that `looker` was shown a member's rows; nothing where they are his own."""
    note_looks(tx, looker, (of_member,), what)


def note_looks(tx: Tx, looker: Who, of_members: Iterable[int], what: str) -> None:
    """The same for several: each of them once, 0 being nobody."""
    for member in dict.fromkeys(of_members):
        if member and member != looker.member:
            _add(tx, looker, member, 0, what)


def note_names(tx: Tx, looker: Who, branch: int, names: Iterable[str], what: str) -> None:
    """The same where rows hold a name only: it is noted where one member of the branch alone is called so."""
    wanted = set(names)
    called = [row for row in tx.all(ACTIVE, branch=branch) if row.name in wanted] if wanted else []
    times = Counter(row.name for row in called)
    note_looks(tx, looker, (row.id for row in called if times[row.name] == 1), what)


def note_branch(tx: Tx, looker: Who, branch: int, what: str) -> None:
    """Notes a look at the rows of everybody in a branch (0 = in every branch): an export, a book."""
    _add(tx, looker, 0, branch, what)


def _add(tx: Tx, looker: Who, member: int, branch: int, what: str) -> None:
    label = "" if looker.member else looker.label
    tx.run(ADD, member_id=member, branch_id=branch, at=tx.at, looker_id=looker.member, looker=label, what=what)


def looks_at(tx: Tx, member: int, since: int = 0) -> list[Look]:
    """Every look at a member's rows since an instant (UTC microseconds), the newest first; his own are none."""
    return [Look(tx.moment(row.at), row.who, row.what) for row in tx.all(AT, member=member, since=since)]


def mine(tx: Tx, member: int) -> list[str]:
    """A member's line for 我的: who looked in the last thirty days; [] for nobody."""
    found = looks_at(tx, member, tx.at - RECENT)
    if not found:
        return []
    told = "、".join(f"{one.who}看{one.what}（{one.at.month}月{one.at.day}日）" for one in found[:SHOWN])
    return [f"近30天看过您记录的 {len(found)} 次：{told}{'，全部见 我的页面' if len(found) > SHOWN else ''}"]


def rows_of(tx: Tx, member: int) -> list[Any]:
    """The same as rows (at, who, what), for the file of all that is held on a member."""
    return tx.all(AT, member=member, since=0)


def let_go_of(tx: Tx, before: int) -> int:
    """Forgets the looks before an instant (UTC microseconds); how many."""
    return tx.run(LET_GO, before=before)

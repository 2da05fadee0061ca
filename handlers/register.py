"""The member register as the other books ask it: who belongs to a branch, who is meant by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select

from bot.commands import Ask
from bot.db import Tx
from bot.message import Refused
from bot.sql import p, sql
from handlers.tables import accounts, members

WHOLE_BRANCH = ("全体", "全体党员", "全支部", "全部", "所有党员")
COMMITTEE = ("支委", "支委会", "委员", "全体支委")
ALIKE = "请管理员在名册里把科室写得不一样（如 财务科、财务科收费处），再导入一次。"
BETWEEN_NAMES = re.compile(r"[、，,/；;|\s]+")
ACTIVE = sql(
    select(
        *(members.c.id, members.c.name, members.c.aliases, members.c.department, members.c.duty, members.c.party_group)
    )
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
    .order_by(members.c.id)
)
DUTY = sql(select(members.c.duty).where(members.c.id == p("member")))
ACCOUNTS = sql(
    select(accounts.c.account).where(accounts.c.platform == p("platform"), accounts.c.member_id == p("member"))
)


def branch_of(ask: Ask) -> int:
    """The branch that is spoken of: the group's, in private one's own. Raises Refused where there is none."""
    if ask.who.branch == 0:
        raise Refused("您还不在任何支部的名册里，请联系书记。")
    return ask.who.branch


def member_named(tx: Tx, branch: int, name: str) -> Any:
    """The one member of a branch with this name or alias; 姓名(科室) tells namesakes apart. Raises Refused."""
    return one_named(tx.all(ACTIVE, branch=branch), name)


def one_named(people: Sequence[Any], name: str, place: str = "本支部名册") -> Any:
    """The one of some people (with name, aliases and department) whom a name means; `place` is where they stand.

    Raises Refused.
    """
    wanted = _plain(name)
    found = [row for row in people if wanted in _calls(row)]
    if len(found) == 1:
        return found[0]
    if not found:
        guess = alike(wanted, [row.name for row in people])
        hint = f"是不是{guess}？" if guess else ""
        raise Refused(f"{place}里没有「{name[:20]}」，{hint}请核对姓名。")
    if len({row.department for row in found}) == 1:
        raise Refused(f"本支部有 {len(found)} 位「{name[:20]}」，科室也一样，我分不清。{ALIKE}")
    ways = "、".join(f"{row.name}({row.department or '科室不明'})" for row in found)
    raise Refused(f"本支部有 {len(found)} 位「{name[:20]}」，请写明：{ways}")


def name_in(tx: Tx, branch: int, word: str) -> Any:
    """The member whose name or alias a word is, None where it is nobody's. Raises Refused where several have it."""
    wanted = _plain(word)
    return (
        member_named(tx, branch, word) if any(wanted in _calls(row) for row in tx.all(ACTIVE, branch=branch)) else None
    )


def apart(name: str, department: str) -> str:
    """How namesakes are told apart, as it is read in chat: 赵伟(内科(一病区)), whatever brackets the 科室 has."""
    return _plain(f"{name}({department})")


def _plain(text: str) -> str:
    return text.replace("（", "(").replace("）", ")")


def _calls(row: Any) -> tuple[str, ...]:
    return (row.name, apart(row.name, row.department), *filter(None, BETWEEN_NAMES.split(row.aliases)))


def alike(name: str, register: Iterable[str]) -> str:
    """The name in the register that sounds the same (刘民, 刘敏) or differs in one sign; a hint, never applied."""
    from pypinyin import lazy_pinyin  # imported only here: its tables cost memory, and a mistyped name is rare

    sound = lazy_pinyin(name)
    people = list(dict.fromkeys(register))
    same = [one for one in people if lazy_pinyin(one) == sound]
    if same or len(name) < 2:
        return same[0] if same else ""
    best = process.extractOne(name, people, scorer=fuzz.ratio, score_cutoff=65)
    return str(best[0]) if best else ""


def duty_of(tx: Tx, member: int) -> str:
    """The 党内职务 of a member, "" for none."""
    return str(tx.value(DUTY, member=member) or "")


def accounts_of(tx: Tx, platform: str, people: Iterable[int]) -> tuple[str, ...]:
    """The accounts of these members on a platform, for a real @."""
    return tuple(row.account for one in people for row in tx.all(ACCOUNTS, platform=platform, member=one))


def groups_of(tx: Tx, branch: int) -> tuple[str, ...]:
    """The 党小组 of a branch, in the register's order."""
    return tuple(dict.fromkeys(row.party_group for row in tx.all(ACTIVE, branch=branch) if row.party_group))


def invited_by_words(tx: Tx, branch: int, words: str) -> tuple[int, ...]:
    """The member ids that `应到 …` means: 支委, Party groups, names, or several of them. Raises Refused."""
    return invited_among(tx.all(ACTIVE, branch=branch), words)


def invited_among(people: Sequence[Any], words: str) -> tuple[int, ...]:
    """The same among some people, with the duty and the 党小组 that they have or had. Raises Refused."""
    found = [one for word in BETWEEN_NAMES.split(words) if word for one in _meant(people, word)]
    if not found:
        raise Refused("没看懂应到的范围。可以写：支委、党小组名称，或姓名（用顿号分开）。")
    return tuple(dict.fromkeys(found))


def _meant(people: Sequence[Any], word: str) -> list[int]:
    if word in COMMITTEE:
        return [row.id for row in people if row.duty.endswith(("书记", "委员"))]
    return [row.id for row in people if row.party_group == word] or [one_named(people, word).id]

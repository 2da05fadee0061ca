"""/branch: which group speaks for which branch, and what works in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import func, select, update

from bot import outbox
from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.tables import groups
from bot.tables import outbox as promises
from bot.trail import note
from handlers.people.who import roles_of
from handlers.tables import accounts, branches, members

ALL = sql(select(branches.c.id, branches.c.name, branches.c.bound_at).order_by(branches.c.id))
BOUND = sql(select(groups).where(groups.c.platform == p("platform"), groups.c.chat == p("chat")))
BIND = insert_row(
    groups, "platform", "chat", "branch_id", "push_platform", "push_target", "bound_at", conflict=["platform", "chat"]
)
BIND_AGAIN = sql(
    update(groups)
    .where(groups.c.platform == p("platform"), groups.c.chat == p("chat"))
    .values(
        branch_id=p("new_branch"),
        push_platform=p("new_push_platform"),
        push_target=p("new_push_target"),
        bound_at=p("at"),
    )
)
# What was promised to a group that is another branch's now; an answer goes to who asked for it.
NOT_THEIRS = sql(
    update(promises)
    .where(promises.c.platform == p("platform"), promises.c.target == p("target"), promises.c.state == "planned")
    .where(promises.c.branch_id == p("branch"), promises.c.private == 0, promises.c.purpose != "answer")
    .values(state="failed", error="群改绑了别的支部", settled_at=p("at"))
)
FIRST_BOUND = sql(
    update(branches).where(branches.c.id == p("branch"), branches.c.bound_at == 0).values(bound_at=p("at"))
)
ACCOUNTS_IN = sql(
    select(members.c.id, members.c.duty, accounts.c.account)
    .join_from(members, accounts, accounts.c.member_id == members.c.id)
    .where(members.c.branch_id == p("branch"), members.c.left_at == 0, accounts.c.platform == p("platform"))
    .order_by(members.c.id, accounts.c.linked_at)
)
SIZE = sql(
    select(
        select(func.count())
        .where(members.c.branch_id == p("branch"), members.c.left_at == 0)
        .scalar_subquery()
        .label("people"),
        select(func.count()).where(groups.c.branch_id == p("branch")).scalar_subquery().label("bound"),
    )
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A group's branch after a binding; `before` is the branch it had (0 = none), `first` the branch's first group."""

    branch: int
    name: str
    before: int = 0
    first: bool = False


# Operations


def branch_named(tx: Tx, name: str) -> Any:
    """The branch of exactly this name. Raises Refused, which names near ones."""
    rows = {row.name: row for row in tx.all(ALL)}
    if name in rows:
        return rows[name]
    if not rows:
        raise Refused("名册里还没有支部。请先导入：python -m bot import members 文件")
    near = [one for one, _, _ in process.extract(name, list(rows), scorer=fuzz.ratio, score_cutoff=40, limit=3)]
    hint = f"是不是：{'、'.join(near)}？" if near else f"名册里有：{'、'.join(list(rows)[:5])}。"
    raise Refused(f"没有叫“{name[:40]}”的支部。{hint}")


def bind_group(tx: Tx, platform: str, chat: str, branch_name: str, *, push: str = "", by: Who) -> Bound:
    """Ties a group to a branch; a second time replaces the branch, and the push where one is given.

    What the branch before had still to say there is not said any more: it is not the other branch's business.
    `push` is "P2:TARGET": where reminders are pushed when the group's own platform can't. Nothing is owed for the
    time before a branch's first group. Raises Refused where the branch is unknown or `push` can't be read.
    """
    push_platform, colon, push_target = push.partition(":")
    if push and not (push_platform and colon and push_target):
        raise Refused("推送要写成 平台:目标，如 ding-push:TOKEN")
    branch = branch_named(tx, branch_name)
    old = tx.one(BOUND, platform=platform, chat=chat)
    if old is not None and not push:
        push_platform, push_target = old.push_platform, old.push_target
    _write_binding(tx, platform, chat, branch.id, push_platform, push_target)
    first = tx.run(FIRST_BOUND, branch=branch.id, at=tx.at) == 1
    before = 0 if old is None else old.branch_id
    if before not in (0, branch.id):
        speaker, target = old.push_platform or platform, old.push_target or chat
        tx.run(NOT_THEIRS, platform=speaker, target=target, branch=before, at=tx.at)
        note(tx, before, by.label, by.member, "unbind", f"group:{platform}:{chat}")
    note(tx, branch.id, by.label, by.member, "bind", f"group:{platform}:{chat}", push=push_platform)
    return Bound(branch.id, branch.name, before, first)


def accounts_in(tx: Tx, branch_name: str, platform: str) -> tuple[str, list[str]]:
    """(the account of who leads, all accounts) of a branch on a platform, one a member, in the order of the register.

    Raises Refused where the branch is unknown.
    """
    branch = branch_named(tx, branch_name)
    rows = {row.id: row for row in reversed(tx.all(ACCOUNTS_IN, branch=branch.id, platform=platform))}
    leaders = [row.account for row in rows.values() if "secretary" in roles_of(row.duty)]
    accounts = [row.account for row in reversed(rows.values())]
    return (leaders[-1] if leaders else next(iter(accounts), "")), accounts


def _write_binding(tx: Tx, platform: str, chat: str, branch: int, push_platform: str, push_target: str) -> None:
    row = {"branch_id": branch, "push_platform": push_platform, "push_target": push_target, "bound_at": tx.at}
    if tx.run(BIND, platform=platform, chat=chat, **row) == 0:
        new = {"new_branch": branch, "new_push_platform": push_platform, "new_push_target": push_target}
        tx.run(BIND_AGAIN, platform=platform, chat=chat, **new, at=tx.at)


# Words


def here(ask: Ask) -> int:
    """The branch that is spoken of. Raises Refused where there is none."""
    if not ask.who.branch:
        raise Refused("请在支部的群里发这条命令。")
    return ask.who.branch


def say_branch(tx: Tx, ask: Ask) -> Reply:
    """/branch alone: name, members, groups."""
    size = tx.one(SIZE, branch=here(ask))
    return Reply(f"{ask.who.branch_name} · 党员 {size.people} 人 · 已绑定群 {size.bound} 个")


def say_bind(tx: Tx, ask: Ask) -> Reply:
    """bind NAME, in the group itself."""
    if ask.incoming.private:
        raise Refused("请在要绑定的群里发：/branch bind 支部名称")
    if not ask.text:
        raise Refused("请写上支部名称，如：/branch bind 第一党支部")
    bound = bind_group(tx, ask.incoming.platform, ask.incoming.chat, ask.text, by=ask.who)
    again = "（原来的绑定已替换）" if bound.before not in (0, bound.branch) else ""
    return Reply(f"本群已绑定：{bound.name}{again}。发 /branch check 看本群能做什么。")


def say_check(tx: Tx, ask: Ask) -> Reply:
    """check: says what works in this group, and lets a test push show it."""
    here(ask)
    if ask.incoming.private:
        raise Refused("请在支部的群里发：/branch check")
    platform, chat = ask.incoming.platform, ask.incoming.chat
    row = tx.one(BOUND, platform=platform, chat=chat)
    speaker, target = row.push_platform or platform, row.push_target or chat
    able = ask.house.abilities.get(speaker, frozenset())
    if "push" in able:
        test = Reply("这是一条测试消息：本群能收到推送。")
        key = f"check:{platform}:{ask.incoming.message_id}"
        outbox.put(tx, speaker, target, test, key=key, purpose="notice", branch=row.branch_id)
    lines = [f"{ask.who.branch_name} · 本群", "回答：能", _push_line(speaker, platform, able)]
    lines.append("@本人：能" if "push" in able and "mention" in able else "@本人：不能，提醒里只写姓名")
    private = platform in ask.house.private_via
    lines.append("私聊：能，个人的事私下发" if private else "私聊：我不能先开口，个人的事请本人私聊我")
    return Reply("\n".join(lines))


def _push_line(speaker: str, platform: str, able: frozenset[Any]) -> str:
    via = "" if speaker == platform else f"（经 {speaker}）"
    if "push" in able:
        return f"推送：能{via}，测试消息马上就到；没到就是推送目标不对"
    return f"推送：不能{via}，提醒发不出来。请管理员在服务器上执行 python -m bot bind … --push 平台:目标"


SUBS = (
    Command("bind", "绑定", "把本群绑定到支部", "/branch bind 第一党支部", say_bind, role="admin"),
    Command("check", "检查", "试一条推送，看本群能做什么", "/branch check", say_check),
)
COMMANDS = (Command("branch", "支部", "本支部和群的绑定", "/branch", say_branch, subs=SUBS, writes=False),)

"""/member: what a secretary does about one person of the branch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.commands import ROLE_WORDS, Ask, Command, Who
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import p, sql
from bot.trail import note
from handlers.looks import FILE, note_look
from handlers.people import moves
from handlers.people.branches import here
from handlers.people.meant import last, person
from handlers.people.records import ACCOUNTS_OF, enrol, link_account, named, rewrite
from handlers.people.succession import keep_a_secretary
from handlers.people.who import roles_of
from handlers.phrases import no_longer
from handlers.sheet.columns import LONGEST, LONGEST_CELL
from handlers.tables import members

COUNT = sql(select(func.count()).where(members.c.branch_id == p("branch"), members.c.left_at == 0))
EVER = sql(select(members.c.id).where(members.c.branch_id == p("branch")).limit(1))
NO_DUTY = ("无", "免", "免职")

# Operations


def add_member(tx: Tx, branch: int, name: str, department: str, by: Who) -> int:
    """Adds one person to a branch; his id. Raises Refused where the name can't be, or stands there already."""
    if not 1 <= len(name) <= LONGEST["姓名"] or len(department) > LONGEST_CELL:
        raise Refused("姓名要 1 到 40 个字。")
    if any(row.department == department for row in named(tx, name, branch) if row.name == name):
        raise Refused(f"{name} 已在名册里。若是另一位同名的，请写上科室。")
    member = enrol(
        tx, {"name": name, "department": department}, branch, tx.at if tx.value(EVER, branch=branch) else 0, by
    )
    note(tx, branch, by.label, by.member, "member_add", f"member:{member}")
    return member


def set_duty(tx: Tx, person: Any, duty: str, by: Who) -> None:
    """Gives a member a 党内职务 from today on ("" = none any more); what it allows, `roles_of` says."""
    rewrite(tx, person, {"duty": duty, "duty_since": f"{tx.now:%Y-%m-%d}" if duty else ""}, person.branch_id, by)
    note(tx, person.branch_id, by.label, by.member, "member_role", f"member:{person.id}", old=person.duty, new=duty)


def link_member(tx: Tx, person: Any, platform: str, account: str, by: Who) -> bool:
    """Ties an account to a member; False where it was his. Raises Refused where it is another's."""
    linked = link_account(tx, platform, account, person.id, by)
    if linked:
        note(tx, person.branch_id, by.label, by.member, "link", f"member:{person.id}", platform=platform)
    return linked


# Words


def say_members(tx: Tx, ask: Ask) -> Reply:
    """/member alone: how many there are, and what can be done."""
    examples = "\n".join(sub.example for sub in SUBS)
    return Reply(f"{ask.who.branch_name} 党员 {tx.value(COUNT, branch=here(ask))} 人。可以发：\n{examples}")


def say_find(tx: Tx, ask: Ask) -> Reply:
    """find NAME [科室]: what a secretary needs to reach somebody. Never dues."""
    row = person(tx, ask, ask.text, FIND)
    note_look(tx, ask.who, row.id, FILE)
    accounts = [f"{one.platform}（{one.account}）" for one in tx.all(ACCOUNTS_OF, member=row.id)]
    facts = {
        "支部": row.branch_name,
        "党小组": row.party_group,
        "科室": row.department,
        "党内职务": row.duty,
        "手机": row.phone,
        "账号": "、".join(accounts) or "还没有关联",
    }
    return Reply("\n".join([row.name, *(f"{key}：{value}" for key, value in facts.items() if value)]), private=True)


def say_add(tx: Tx, ask: Ask) -> Reply:
    """add NAME [科室], into the branch of the group."""
    name, _, department = ask.text.partition(" ")
    add_member(tx, here(ask), name, department.strip(), ask.who)
    return Reply(f"已加入名册：{name}。本人可以说：我是 {name}")


def say_link(tx: Tx, ask: Ask) -> Reply:
    """link NAME [科室] PLATFORM ACCOUNT."""
    words, platform, account = last(ask.text, 2, LINK)
    if platform not in ask.house.abilities:
        raise Refused(f"没有叫 {platform[:40]} 的平台。现有：{'、'.join(sorted(ask.house.abilities))}")
    row = person(tx, ask, words, LINK)
    linked = link_member(tx, row, platform, account, ask.who)
    return Reply(f"已关联：{row.name}" if linked else f"这个账号本来就是{row.name}的，没有改动。")


def say_role(tx: Tx, ask: Ask) -> Reply:
    """role NAME [科室] 职务; 无 takes it away."""
    words, duty = last(ask.text, 1, ROLE)
    row = person(tx, ask, words, ROLE)
    keep_a_secretary(tx, row, "" if duty in NO_DUTY else duty, ask.who)
    if duty in NO_DUTY:
        set_duty(tx, row, "", ask.who)
        return Reply(f"已记：{row.name} 不再任职。")
    set_duty(tx, row, no_longer(duty, "职务", LONGEST_CELL), ask.who)
    powers = [ROLE_WORDS[role] for role in ("secretary", "collector", "committee") if role in roles_of(duty)]
    return Reply(f"已记：{row.name} {duty}（{'、'.join(powers) or '这个职务不带来权限'}）。")


FIND, LINK, ROLE = "/member find 王芳 检验科", "/member link 张三 wecom zhangsan", "/member role 张三 组织委员"
SUBS = (
    Command("find", "查", "查一位党员（不含党费）", FIND, say_find, writes=False, secret=True),
    Command("add", "加", "加入本支部名册", "/member add 张三 检验科", say_add),
    Command("link", "关联", "直接关联账号", LINK, say_link),
    Command("role", "职务", "记党内职务，“无”是免去", ROLE, say_role),
    *moves.SUBS,
)
COMMANDS = (
    Command("member", "党员", "查人、加人、关联、职务、转支部", SUBS[0].example, say_members, subs=SUBS, writes=False),
)

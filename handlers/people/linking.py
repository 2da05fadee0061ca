"""我是 张三: an account becomes a member's only when a secretary who knows both says so."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from bot.commands import Ask, Command, Who
from bot.db import Tx
from bot.dispatch import ask_back
from bot.message import Refused, Reply
from bot.trail import note
from handlers import todos
from handlers.people.find import find_people, titled, where
from handlers.people.records import ACCOUNTS_OF, HOLDER, PERSON, link_account

MOST_NAMESAKES = 9
NOT_FOUND = "没有找到这个姓名。请核对后再发，或请书记、组织委员把您加入名册。"

# Operations


def holder(tx: Tx, platform: str, account: str) -> Any:
    """Whose account it is: (member_id, name, department), or None."""
    return tx.one(HOLDER, platform=platform, account=account.casefold())


def ask_link(tx: Tx, platform: str, account: str, person: Any) -> int:
    """Asks the secretary of the person's branch to link an account; the todo's number. Asking twice adds nothing."""
    account = account.casefold()
    subject = json.dumps({"account": account, "member": person.id, "platform": platform}, sort_keys=True)
    others = [row.account for row in tx.all(ACCOUNTS_OF, member=person.id) if row.platform == platform]
    title = f"关联账号：{titled(person)}，账号 {account[:40]}"
    if others:
        title += f"（此人已有账号 {'、'.join(others)[:40]}）"
    return todos.add(tx, person.branch_id, "link", "secretary", title, subject)


def decide_link(tx: Tx, todo: Any, ok: bool, by: Who, why: str) -> str:
    """Links the account that a todo asks for, or not; the line to say. Raises Refused where it can't be any more."""
    asked = json.loads(todo.subject)
    person = tx.one(PERSON, member=asked["member"])
    if not ok:
        return f"已退回：{person.name if person else ''}的关联申请"
    if person is None or person.branch_id != todo.branch_id:
        raise Refused(f"这位党员已不在本支部。请用 /todo no {todo.number} 退回。")
    owner = holder(tx, asked["platform"], asked["account"])
    if owner is not None and owner.member_id != person.id:
        raise Refused(f"这个账号已经关联到另一位党员。请用 /todo no {todo.number} 退回。")
    if link_account(tx, asked["platform"], asked["account"], person.id, by):
        note(tx, todo.branch_id, by.label, by.member, "link", f"member:{person.id}", platform=asked["platform"])
    return f"已关联：{person.name}"


# Words


def say_i_am(tx: Tx, ask: Ask) -> Reply:
    """我是 姓名 [科室]: one member -> the secretary is asked; several -> the sender is, which of them."""
    platform, account = ask.incoming.platform, ask.incoming.sender
    known = holder(tx, platform, account)
    if known is not None:
        return Reply(f"您的账号已关联：{titled_holder(known)}，可以直接回复。如果不对，请找书记或组织委员。")
    if not ask.text:
        raise Refused("请写上姓名，如：我是 张三")
    branch = 0 if ask.incoming.private else ask.who.branch
    found = find_people(tx, ask.text, branch)
    if not found:
        raise Refused(NOT_FOUND)
    if len(found) > 1:
        return _which(tx, ask, found)
    ask_link(tx, platform, account, found[0])
    return Reply("已转给书记确认（书记自己的由管理员确认），确认后您就可以直接回复了。")


def titled_holder(row: Any) -> str:
    """姓名, with the 科室 where one is known."""
    return f"{row.name}（{row.department}）" if row.department else str(row.name)


def _which(tx: Tx, ask: Ask, found: list[Any]) -> Reply:
    departments = Counter(where(row) for row in found)
    told = [where(row) if departments[where(row)] == 1 else f"{row.branch_name} {where(row)}" for row in found]
    if len(found) > MOST_NAMESAKES or len(set(told)) < len(found):
        raise Refused("有几位同名的党员，我分不清。请找书记或组织委员关联账号。")
    options = [(label, f"我是 {row.name} {label}") for row, label in zip(found, told, strict=True)]
    return ask_back(tx, ask, "有几位同名的，您在哪个科室？", options)


WORDS = (
    Command(
        "iam",
        "我是",
        "告诉我您是谁，书记确认后就可以直接回复",
        "我是 张三",
        say_i_am,
        role="anyone",
    ),
)

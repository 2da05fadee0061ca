"""The address book of the organisation, as far as the application may see it: who could be a member.

Source: open.dingtalk.com, "obtain sub-departments", "obtain the details of department users". Neither is in the
monthly quota. Only departments in the application's scope (通讯录权限范围) are shown; others are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.message import Retry, Undeliverable
from bot.platforms.dingtalk_api import Api
from bot.platforms.dingtalk_wire import errcode, subcode

DEPARTMENTS, USERS = "/topapi/v2/department/listsub", "/topapi/v2/user/list"
ROOT, PAGE = 1, 100
OUT_OF_SCOPE = {"50004", "60003"}
BUSY = {"-1": 1.0, "15": 1.0, "88": 1.0, "90002": 1.0, "90018": 1.0}  # seconds to wait
ATTEMPTS = 5
FIXES = {
    "60011": "the app may not read the address book: grant 通讯录部门信息读权限 and 成员信息读权限 in 权限管理, "
    "and choose the departments in 通讯录权限范围",
    "40014": "the access token is refused: app_key and app_secret must be of an internal app of this organisation",
}

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Person:
    """`userid` is the account that messages come from (senderStaffId); the root department has no name."""

    userid: str
    name: str
    departments: tuple[str, ...] = ()


async def people(api: Api, sleep: Sleep = asyncio.sleep) -> list[Person]:
    """Everybody in the departments that the app may see, once each, in the order of the walk.

    Raises Undeliverable with the reason and its fix in one line, Retry, Unknown.
    """
    found: dict[str, Person] = {}
    seen_any = False
    async for number, name in _departments(api, sleep):
        async for page in _pages(api, number, sleep):
            seen_any = True
            for row in page:
                _add(found, row, name)
    if not seen_any:
        raise Undeliverable(f"no department can be read: {FIXES['60011']}")
    return list(found.values())


async def _departments(api: Api, sleep: Sleep) -> AsyncIterator[tuple[int, str]]:
    """(number, name) of every department below the root, parents first."""
    waiting, met = [(ROOT, "")], {ROOT}
    while waiting:
        department = waiting.pop(0)
        yield department
        result = await _ask(api, DEPARTMENTS, {"dept_id": department[0], "language": "zh_CN"}, sleep)
        for row in result if isinstance(result, list) else ():
            number, name = row.get("dept_id"), str(row.get("name") or "")
            if isinstance(number, int) and number not in met:
                met.add(number)
                waiting.append((number, name))


async def _pages(api: Api, department: int, sleep: Sleep) -> AsyncIterator[list[Mapping[str, Any]]]:
    """The users directly in a department, a hundred at a time; none where it is out of scope."""
    cursor: int | None = 0
    while cursor is not None:
        asked = {"dept_id": department, "cursor": cursor, "size": PAGE, "language": "zh_CN"}
        result = await _ask(api, USERS, asked, sleep)
        if not isinstance(result, dict):
            return
        yield [row for row in result.get("list") or () if isinstance(row, dict)]
        following = result.get("next_cursor") if result.get("has_more") is True else None
        cursor = following if isinstance(following, int) and following > cursor else None


def _add(found: dict[str, Person], row: Mapping[str, Any], department: str) -> None:
    """A person in several departments is one person."""
    userid = str(row.get("userid") or "")
    if not userid:
        return
    person = found.get(userid) or Person(userid, str(row.get("name") or ""))
    more = (department,) if department and department not in person.departments else ()
    found[userid] = replace(person, departments=person.departments + more)


async def _ask(api: Api, path: str, asked: Mapping[str, Any], sleep: Sleep) -> Any:
    """The `result` of an answer, None where the department is out of scope."""
    for _ in range(ATTEMPTS):
        heard = await api.old(path, asked, free=True)
        code = str(errcode(heard))
        code = subcode(heard) or code if code == "88" else code
        if code == "0":
            return heard.says.get("result")
        if code in OUT_OF_SCOPE:
            return None
        if code in FIXES:
            raise Undeliverable(f"{FIXES[code]} (errcode {code})")
        if code not in BUSY and heard.status < 500:
            raise Undeliverable(f"the address book answers HTTP {heard.status}, errcode {code}")
        await sleep(BUSY.get(code, 1.0))
    raise Retry("the address book is busy", 60.0)

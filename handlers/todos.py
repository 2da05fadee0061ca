"""待办: what waits for somebody's yes or no, numbered per branch so that a number never means another thing later."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers.tables import branches, todos

LAST_NUMBER = sql(select(branches.c.last_todo).where(branches.c.id == p("branch")))
NUMBERED = sql(update(branches).where(branches.c.id == p("branch")).values(last_todo=p("number")))
ADD = insert_row(todos, "branch_id", "number", "kind", "role", "title", "subject", "asked_at", "state")
_alike = (
    todos.c.branch_id == p("branch"),
    todos.c.kind == p("kind"),
    todos.c.subject == p("subject"),
    todos.c.state == "open",
)
OPEN_LIKE = sql(select(todos.c.number).where(*_alike))
WAITING = sql(select(todos).where(todos.c.branch_id == p("branch"), todos.c.state == "open").order_by(todos.c.number))
ONE = sql(select(todos).where(todos.c.branch_id == p("branch"), todos.c.number == p("number")))
SETTLE = sql(
    update(todos)
    .where(todos.c.id == p("todo"), todos.c.state == "open")
    .values(state=p("new_state"), decided_by=p("who"), decided_at=p("at"), why=p("new_why"))
)
TAKE_BACK = sql(
    update(todos)
    .where(todos.c.id == p("todo"), todos.c.state == "open")
    .values(state="withdrawn", decided_by=p("who"), decided_at=p("at"))
)
WITHDRAW = sql(update(todos).where(*_alike).values(state="withdrawn", decided_by=p("who"), decided_at=p("at")))


def add(tx: Tx, branch: int, kind: str, role: str, title: str, subject: str) -> int:
    """Puts one item on the list of those who hold `role`; the number it has. The same open item is not added twice.

    `title` is what the list shows (Chinese, no reason and no amount), `subject` what the deciding function needs.
    """
    known = tx.value(OPEN_LIKE, branch=branch, kind=kind, subject=subject)
    return int(known) if known is not None else append(tx, branch, kind, role, title, subject)


def append(tx: Tx, branch: int, kind: str, role: str, title: str, subject: str) -> int:
    """The same for a subject that is new, so that nothing like it can be on the list."""
    number = _next_number(tx, branch)
    tx.adds(
        ADD,
        branch_id=branch,
        number=number,
        kind=kind,
        role=role,
        title=title,
        subject=subject,
        asked_at=tx.at,
        state="open",
    )
    return number


def _next_number(tx: Tx, branch: int) -> int:
    """One more than the last, which is asked for once: whoever writes is alone."""
    known: tuple[str, int] = ("last_todo", branch)
    number = int(tx.memo.kept(known, None) or tx.value(LAST_NUMBER, branch=branch)) + 1
    tx.send(NUMBERED, branch=branch, number=number)
    tx.memo.keep(known, None, number, (("branches.last_todo", None),))
    return number


def waiting(tx: Tx, branch: int, roles: frozenset[Any]) -> list[Any]:
    """The open items that holders of `roles` may decide, oldest first; an admin sees all."""
    return [row for row in tx.all(WAITING, branch=branch) if "admin" in roles or row.role in roles]


def settle(tx: Tx, branch: int, number: int, ok: bool, by: Who, why: str = "") -> Any:
    """Decides one item and returns its row. Raises Refused where there is none, it is decided, or not yours.

    Two who decide at once: the first wins, the second hears who it was.
    """
    row = tx.one(ONE, branch=branch, number=number)
    if row is None:
        raise Refused(f"没有待办 {number}。发 /todo 看现在有哪些。")
    if row.role not in by.roles and "admin" not in by.roles:
        raise Refused("这一项不归您处理。")
    state = "ok" if ok else "no"
    if tx.run(SETTLE, todo=row.id, new_state=state, who=by.label, at=tx.at, new_why=why) == 0:
        row = tx.one(ONE, branch=branch, number=number)
        if row.state == "withdrawn":
            raise Refused(f"待办 {number} 已由本人撤回。")
        done = "同意" if row.state == "ok" else "不同意"
        raise Refused(f"待办 {number} 已由{row.decided_by}处理（{done}）。")
    note(tx, branch, by.label, by.member, f"todo_{state}", f"todo:{number}", kind=row.kind)
    return row


def withdraw(tx: Tx, branch: int, kind: str, subject: str, by: Who) -> None:
    """Takes what is still open of this subject off the list: who asked has thought better of it."""
    tx.send(WITHDRAW, branch=branch, kind=kind, subject=subject, who=by.label, at=tx.at)


def take_back(tx: Tx, todo: int, by: Who) -> bool:
    """Ends an open item because who asked has thought better of it; False where it was decided already."""
    return tx.adds(TAKE_BACK, todo=todo, who=by.label, at=tx.at)

"""微心愿: 征集 -> 核实 -> 认领 -> 办理 -> 反馈 -> 关闭. The first to claim has it; others may join him.

`wishes.state` is only the lock: it is changed by a conditional UPDATE. What counts are the rows of `wish_events`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.trail import note
from handlers import todos
from handlers.wishes.store import ADD, BY_ID, EVENT, LOCK, MOVE, NEXT_NUMBER, RETITLE, events, holders, overdue

CLAIM_DAYS = 7  # local practice: a town's rule asks for contact within 7 days
TODO = "wish"


class Taken(Refused):
    """Somebody was faster: the wish has an owner, who may be joined. `number` is the wish's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"#{number} 已有人认领。愿意一起办，就回复：合领 #{number}")
        self.number = number


def add(tx: Tx, branch: int, title: str, kind: str, resident: str, by: Who, *, verified: bool) -> Any:
    """Takes a wish into the list under the branch's next number; its row. What isn't verified waits on the desk."""
    number = int(tx.value(NEXT_NUMBER, branch=branch))
    wish = tx.value(
        ADD,
        branch_id=branch,
        number=number,
        title=title,
        kind=kind,
        resident=resident,
        state="open" if verified else "collected",
        due_on="",
        recorded_at=tx.at,
        recorded_by=by.label,
    )
    row = tx.one(BY_ID, wish=wish)
    _event(tx, row, "add", by)
    if verified:
        _event(tx, row, "verify", by)
    else:
        todos.add(tx, branch, TODO, "secretary", f"核实微心愿 #{number} {title}", f"verify:{wish}")
    return row


def correct(tx: Tx, wish: Any, title: str, kind: str, resident: str, by: Who, reason: str) -> Any:
    """Changes what a wish asks for while nobody has it ("" keeps the resident's code); the new row.

    The event keeps the old words and the reason. Raises Refused where somebody has it or it is over, and for no change.
    """
    row = tx.one(LOCK, wish=wish.id)
    new = {"new_title": title, "new_kind": kind, "new_resident": resident or row.resident}
    if (title, new["new_resident"]) == (row.title, row.resident):
        raise Refused(f"#{row.number} 本来就是这样，没有改动。")
    if tx.run(RETITLE, wish=row.id, **new) == 0:
        raise Refused(f"{_why_not(row)}要改请先收回：/wish release {row.number}")
    _event(tx, row, "correct", by, why=f"原为“{row.title}”：{reason}")
    return tx.one(BY_ID, wish=row.id)


def claim(tx: Tx, wish: Any, member: int, by: Who, days: int = CLAIM_DAYS) -> Any:
    """Gives an open wish to a member for some days; the new row.

    Raises Taken for the second, Refused where it isn't open.
    """
    due = (tx.now.date() + timedelta(days=days)).isoformat()
    if not _move(tx, wish, "open", "claimed", due):
        now = tx.one(BY_ID, wish=wish.id)
        if any(one.member_id == member for one in holders(tx, wish.id)) and now.state in ("claimed", "said"):
            raise Refused(f"#{wish.number} 已经在您名下，不用再认领。")
        if now.state == "claimed":
            raise Taken(wish.number)
        raise Refused(_why_not(now))
    _event(tx, wish, "claim", by, member)
    return tx.one(BY_ID, wish=wish.id)


def join(tx: Tx, wish: Any, member: int, by: Who, days: int = CLAIM_DAYS) -> Any:
    """Adds a member to those who have a wish; an open one he gets alone. Raises Refused where it is over."""
    row = tx.one(LOCK, wish=wish.id)
    if row.state == "open":
        return claim(tx, row, member, by, days)
    if row.state != "claimed":
        raise Refused(_why_not(row))
    if any(one.member_id == member for one in holders(tx, row.id)):
        raise Refused(f"#{row.number} 已经在您名下，不用再认领。")
    _event(tx, row, "join", by, member)
    return row


def give_back(tx: Tx, wish: Any, member: int, by: Who) -> Any:
    """Takes a member off a wish; the last one's wish is open again. Raises Refused where he doesn't have it."""
    row = tx.one(LOCK, wish=wish.id)
    if all(one.member_id != member for one in holders(tx, row.id)) or row.state not in ("claimed", "said"):
        raise Refused(f"#{row.number} 不在您名下，不用退出。")
    if row.state == "said":
        raise Refused(f"#{row.number} 已报兑现，正等核对。要改请联系书记。")
    _event(tx, row, "give_back", by, member)
    if not holders(tx, row.id):
        _move(tx, row, "claimed", "open")
    return tx.one(BY_ID, wish=row.id)


def release(tx: Tx, wish: Any, by: Who, why: str = "") -> Any:
    """Takes a claimed wish from all who have it, for others to claim. Raises Refused where nobody has it."""
    row = tx.one(LOCK, wish=wish.id)
    if row.state not in ("claimed", "said"):
        raise Refused(_why_not(row) if row.state != "open" else f"#{row.number} 还没有人认领。")
    for one in holders(tx, row.id):
        _event(tx, row, "release", by, one.member_id, why=why)
    _drop_todo(tx, row, False, by)
    _move(tx, row, row.state, "open")
    return tx.one(BY_ID, wish=row.id)


def lapse(tx: Tx, branch: int, by: Who) -> list[Any]:
    """Takes back every claim whose window is over, for others to claim; the wishes that are open again.

    What was said to be fulfilled waits for the clerk and is left alone. A second call finds nothing more to do.
    """
    opened = []
    for row in overdue(tx, branch):
        if not _move(tx, row, "claimed", "open"):
            continue
        for one in holders(tx, row.id):
            _event(tx, row, "lapse", by, one.member_id)
        opened.append(tx.one(BY_ID, wish=row.id))
    return opened


def say_done(tx: Tx, wish: Any, member: int, by: Who) -> Any:
    """A member says that his wish is fulfilled: it waits for the clerk. Raises Refused where he doesn't have it."""
    row = tx.one(LOCK, wish=wish.id)
    if row.state not in ("claimed", "said"):
        raise Refused(
            _why_not(row) if row.state != "open" else f"#{row.number} 还没有人认领，先认领：认领 #{row.number}"
        )
    names = holders(tx, row.id)
    if all(one.member_id != member for one in names):
        raise Refused(f"#{row.number} 不在您名下，请由认领人来报。")
    if row.state == "said":
        raise Refused(f"#{row.number} 已经报过兑现，等书记核对。")
    _move(tx, row, "claimed", "said", row.due_on)
    _event(tx, row, "say_done", by, member)
    who = "、".join(one.name for one in names)
    todos.add(tx, row.branch_id, TODO, "secretary", f"核对兑现 #{row.number} {row.title}（{who}）", f"done:{row.id}")
    return tx.one(BY_ID, wish=row.id)


def confirm(tx: Tx, wish: Any, by: Who, on: date | None = None) -> Any:
    """The clerk's yes: a collected wish is verified, a claimed one fulfilled (on a day, default today).

    Raises Refused for an open one, one that is over, and a day before the claim.
    """
    row = tx.one(LOCK, wish=wish.id)
    if row.state == "collected":
        _drop_todo(tx, row, True, by)
        return verify(tx, row, True, by)
    if row.state not in ("claimed", "said"):
        raise Refused(_why_not(row) if row.state != "open" else f"#{row.number} 还没有人认领，不能确认兑现。")
    _drop_todo(tx, row, True, by)
    return settle_done(tx, row, True, by, on=on)


def verify(tx: Tx, wish: Any, ok: bool, by: Who, why: str = "") -> Any:
    """Publishes a collected wish or closes it. Raises Refused where that was decided before."""
    if not _move(tx, wish, "collected", "open" if ok else "closed"):
        raise Refused(f"#{wish.number} 之前已经核实过了。")
    _event(tx, wish, "verify" if ok else "close", by, why=why)
    return tx.one(BY_ID, wish=wish.id)


def settle_done(tx: Tx, wish: Any, ok: bool, by: Who, why: str = "", on: date | None = None) -> Any:
    """Confirms a fulfilment, or hands the wish back to those who have it. Raises Refused where that was done before."""
    if on is not None and on < _claimed_on(tx, wish):
        raise Refused(f"#{wish.number} 是 {_claimed_on(tx, wish)} 认领的，兑现日期不能更早。")
    if wish.state not in ("claimed", "said") or not _move(
        tx, wish, wish.state, "done" if ok else "claimed", wish.due_on
    ):
        raise Refused(_why_not(tx.one(BY_ID, wish=wish.id)))
    for one in holders(tx, wish.id):
        _event(tx, wish, "done" if ok else "not_done", by, one.member_id, on, why)
    return tx.one(BY_ID, wish=wish.id)


def close(tx: Tx, wish: Any, by: Who, why: str) -> Any:
    """Ends a wish that nobody has. Raises Refused where somebody has it or it is over."""
    row = tx.one(LOCK, wish=wish.id)
    if row.state in ("claimed", "said"):
        raise Refused(f"#{row.number} 有人认领，请先收回：/wish release {row.number}")
    if row.state not in ("collected", "open"):
        raise Refused(_why_not(row))
    _drop_todo(tx, row, False, by)
    _move(tx, row, row.state, "closed")
    _event(tx, row, "close", by, why=why)
    return tx.one(BY_ID, wish=row.id)


def _claimed_on(tx: Tx, wish: Any) -> date:
    return date.fromisoformat(next(row.on_date for row in reversed(events(tx, wish.id)) if row.action == "claim"))


def _why_not(wish: Any) -> str:
    words = {
        "collected": "还在核实，核实后再认领",
        "open": "还没有人认领",
        "claimed": "已有人认领",
        "said": "已报兑现，正等核对",
        "done": "已经兑现",
        "closed": "已经关闭",
    }
    return f"#{wish.number} {words[wish.state]}。"


def _move(tx: Tx, wish: Any, old: str, new: str, due: str = "") -> bool:
    return tx.run(MOVE, wish=wish.id, old_state=old, new_state=new, new_due=due) == 1


def _event(tx: Tx, wish: Any, action: str, by: Who, member: int = 0, on: date | None = None, why: str = "") -> None:
    tx.run(
        EVENT,
        wish_id=wish.id,
        action=action,
        member_id=member,
        on_date=(on or tx.now.date()).isoformat(),
        recorded_at=tx.at,
        recorded_by=by.label,
        by_member=by.member,
        why=why,
    )
    note(
        tx, wish.branch_id, by.label, by.member, f"wish_{action}", f"wish:{wish.id}", number=wish.number, member=member
    )


def _drop_todo(tx: Tx, wish: Any, ok: bool, by: Who) -> None:
    """Decides the desk's item on a wish, where one waits, so that it isn't decided twice."""
    for what in ("verify", "done"):
        number = tx.value(todos.OPEN_LIKE, branch=wish.branch_id, kind=TODO, subject=f"{what}:{wish.id}")
        if number is not None:
            todos.settle(tx, wish.branch_id, int(number), ok, by)

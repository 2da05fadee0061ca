"""/attendance screen: the roll-call on the projector, opened by a code that it shows or by a link; and what it shows.

The projector is another machine than the secretary's phone, so nothing has to be typed there but an address.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.commands import Ask, Command
from bot.db import Tx
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.tables import trail
from handlers.activities import label, state_line, title
from handlers.activities.standing import MINUTE, by_id
from handlers.attendance.code import code_now
from handlers.attendance.known import stands
from handlers.attendance.target import alone
from handlers.links import LINK_MINUTES, Pass, admit, hash_of, offer, screen_until
from handlers.pages_tables import page_screens
from handlers.phrases import span

WAITS = 5 * MINUTE  # a code that nobody typed
MOST_WAITING = 100  # screens; more are no meeting rooms, and a mistyped code should hit none
MOST_NAMES = 60  # on the screen, the newest first
CODE = re.compile(r"(?:^|\s)(\d{4})(?=\s|$)")  # a meeting's number is written with its #

WAITING = sql(select(func.count()).where(page_screens.c.until_at > p("at"), page_screens.c.activity_id == 0))
LIVE = sql(select(page_screens).where(page_screens.c.code == p("code"), page_screens.c.until_at > p("at")))
OF_BROWSER = sql(select(page_screens).where(page_screens.c.hash == p("hash"), page_screens.c.until_at > p("at")))
LET_GO = sql(delete(page_screens).where(page_screens.c.until_at <= p("at")))
ADD = insert_row(page_screens, "hash", "code", "until_at")
CLAIM = sql(
    update(page_screens)
    .where(page_screens.c.id == p("screen"), page_screens.c.activity_id == 0)
    .values(activity_id=p("activity"), until_at=p("until"))
)
CHANGED = sql(
    select(trail.c.subject, func.max(trail.c.id).label("newest"))
    .where(trail.c.id > p("after"))
    .group_by(trail.c.subject)
)


def screen_of(tx: Tx, secret: str) -> Any:
    """The screen of a browser, None where it has none or its code is over."""
    return tx.one(OF_BROWSER, hash=hash_of(secret), at=tx.at) if secret else None


def new_screen(tx: Tx, secret: str) -> str:
    """The four digits that a browser shows until a secretary types them. Raises Refused where too many wait."""
    tx.run(LET_GO, at=tx.at)
    if tx.value(WAITING, at=tx.at) >= MOST_WAITING:
        raise Refused("现在等着连接的屏幕太多，请过几分钟再打开，或用书记手机上的链接。")
    code = f"{secrets.randbelow(10_000):04}"
    while tx.one(LIVE, code=code, at=tx.at) is not None:
        code = f"{secrets.randbelow(10_000):04}"
    tx.run(ADD, hash=hash_of(secret), code=code, until_at=tx.at + WAITS)
    return code


def connect(tx: Tx, ask: Ask, code: str, activity: Any) -> None:
    """The screen that shows `code` shows the meeting from now on. Raises Refused."""
    row = tx.one(LIVE, code=code, at=tx.at)
    if row is None or tx.run(CLAIM, screen=row.id, activity=activity.id, until=tx.at + WAITS) == 0:
        raise Refused(
            f"没有屏幕在显示 {code}。请在投影电脑上打开 {ask.house.config.web.address}/screen 看是哪四位数字。"
        )
    member = ask.who.member if "secretary" in ask.who.roles else 0
    until = screen_until(tx, activity)
    admit(tx, row.hash, Pass("roll-call", member, activity.branch_id, activity.id, until))


def say_screen(tx: Tx, ask: Ask) -> Reply:
    """screen [4821] [#12]: connects the screen that shows the code; without one the digits and a link."""
    found = CODE.search(ask.text)
    rest = CODE.sub(" ", ask.text, count=1).strip() if found else ask.text
    activity = alone(tx, replace(ask, text=rest), f"screen {found[1]}" if found else "screen")
    if isinstance(activity, Reply):
        return activity
    if activity.state != "open":
        raise Refused(f"{label(tx, activity)} 已经结束或取消，不用投屏。")
    if found:
        connect(tx, ask, found[1], activity)
        return Reply(f"屏幕 {found[1]} 已接上 {label(tx, activity)}\n{_next(activity)}")
    if activity.checkin != 1 or not activity.code:
        raise Refused(f"{label(tx, activity)} 没有开数字签到。先发：/attendance checkin on code")
    code = code_now(tx, activity, ask.house.key)
    return Reply(
        f"{label(tx, activity)}\n签到 {code.digits}\n{code.seconds} 秒后换\n{state_line(tx, activity)}\n"
        f"投屏（{LINK_MINUTES} 分钟内打开，只能用一次）：{offer(tx, ask, 'roll-call', activity.id)}\n"
        f"或在投影电脑上打开 {ask.house.config.web.address}/screen 看四位数字，再发 /attendance screen 四位数字"
    )


def _next(activity: Any) -> str:
    if activity.checkin == 1:
        return "签到已开始。"
    return "开始签到发：/attendance checkin on code"


@dataclass(frozen=True, slots=True)
class RollCall:
    """What the screens of a meeting show: `names` are those who checked in, the newest first."""

    id: int
    branch_id: int
    title: str
    when: str
    place: str
    state: str
    checkin: bool
    code: bool
    due: int
    present: int
    leave: int
    names: tuple[str, ...]


def roll_call(tx: Tx, activity: int) -> RollCall:
    """A meeting as its screens show it: who is absent or on leave is counted, never named."""
    row = by_id(tx, activity)
    people = stands(tx, row)
    here = sorted((one for one in people if one.present), key=lambda one: -one.presence_row)
    end = tx.moment(row.ends_at) if row.ends_at else None
    return RollCall(
        row.id,
        row.branch_id,
        title(row),
        span(tx.moment(row.starts_at), end),
        row.place,
        row.state,
        row.checkin == 1,
        bool(row.code),
        len(people),
        len(here),
        sum(one.on_leave for one in people),
        tuple(one.name for one in here[:MOST_NAMES]),
    )


def changed(tx: Tx, after: int) -> tuple[set[int], int]:
    """The meetings of which anything was recorded after a place in the trail, by whichever replica; the new place."""
    rows = tx.all(CHANGED, after=after)
    meetings = {int(row.subject.removeprefix("activity:")) for row in rows if row.subject.startswith("activity:")}
    return meetings, max((int(row.newest) for row in rows), default=after)


COMMAND = Command("screen", "屏幕", "把签到投到屏幕上（私聊）", "/attendance screen 4821", say_screen, secret=True)

"""Links into the pages: signed by the bot, good for ten minutes and one opening, then one browser sees one page.

A link may be read on its way (a preview, a forwarded message), so looking at it uses nothing up, and who opens it
second is refused. The secret is the house's key; rows say what was used, so replicas agree.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import delete, select, update

from bot.commands import Ask
from bot.db import Tx
from bot.file_links import mac
from bot.message import Refused
from bot.sql import insert_row, p, sql
from handlers.activities.standing import HOUR, MINUTE, by_id
from handlers.pages_tables import page_links, page_sessions
from handlers.people.who import roles_of
from handlers.tables import members

Purpose = Literal["me", "roll-call", "print", "desk", "dashboard"]
PURPOSES = get_args(Purpose)
OF_A_PERSON = ("me", "dashboard")  # what is shown goes by who asked, wherever he asked
LINK_MINUTES = 10
SESSION = 30 * MINUTE  # of a page that is read; a screen lasts as long as its meeting
WORKING = HOUR  # of the desk, at which one works
LONGEST_MEETING = 12 * HOUR
AFTER_THE_END = HOUR  # a meeting may overrun
NO_END = 3 * HOUR  # after the start, where nobody said when it ends

ADD = insert_row(page_links, "nonce", "purpose", "member_id", "branch_id", "activity_id", "made_at", "until_at")
LINK = sql(select(page_links).where(page_links.c.nonce == p("nonce")))
USE = sql(
    update(page_links)
    .where(page_links.c.nonce == p("nonce"), page_links.c.used_at == 0, page_links.c.until_at > p("at"))
    .values(used_at=p("at"))
)
LET_IN = insert_row(page_sessions, "hash", "purpose", "member_id", "branch_id", "activity_id", "made_at", "until_at")
SESSION_OF = sql(select(page_sessions).where(page_sessions.c.hash == p("hash"), page_sessions.c.until_at > p("at")))
LET_GO = tuple(sql(delete(table).where(table.c.until_at < p("before"))) for table in (page_links, page_sessions))
END = tuple(
    sql(
        update(table)
        .where(table.c.member_id == p("member"), table.c.purpose == p("purpose"), table.c.until_at > p("at"))
        .values(until_at=p("at"))
    )
    for table in (page_links, page_sessions)
)
MEMBER = sql(select(members.c.branch_id, members.c.duty).where(members.c.id == p("member"), members.c.left_at == 0))

WRONG = "链接不对，请在聊天里再要一个。"
EXPIRED = f"链接过期了（{LINK_MINUTES} 分钟有效），请在聊天里再要一个。"
USED = "链接已经打开过，只能用一次，请在聊天里再要一个。"
NOT_OPEN = "请用聊天里的链接打开这一页。"
NOT_YOURS = "这一页不是给您的，请在聊天里要自己的链接。"


@dataclass(frozen=True, slots=True)
class Pass:
    """What a browser may see: one page, of a member (`me`, `dashboard`) or of a branch's meeting, until an instant."""

    purpose: str
    member: int
    branch: int
    activity: int
    until: int


def offer(tx: Tx, ask: Ask, purpose: Purpose, activity: int = 0) -> str:
    """The address that opens a page once within ten minutes, for who asks.

    A new link to one's own page ends the older ones and what they opened: a wrong hand is shaken off.
    """
    nonce = secrets.token_urlsafe(12)
    # An admin who is no secretary of the branch stands in no register that could be asked again later.
    member = ask.who.member if purpose in OF_A_PERSON or "secretary" in ask.who.roles else 0
    branch = ask.who.home if purpose in OF_A_PERSON else ask.who.branch
    if purpose == "desk" or (member and purpose in OF_A_PERSON):
        end(tx, member, purpose)
    values = {"nonce": nonce, "purpose": purpose, "member_id": member, "branch_id": branch, "activity_id": activity}
    tx.run(ADD, **values, made_at=tx.at, until_at=tx.at + LINK_MINUTES * MINUTE)
    token = f"{nonce}.{_mac(ask.house.key, tx.one(LINK, nonce=nonce))}"
    return f"{ask.house.config.web.address}/open/{token}"


def end(tx: Tx, member: int, purpose: Purpose) -> None:
    """Ends the links of a member (0 = of admins who stand in no register) to a page, and what they opened."""
    for statement in END:
        tx.run(statement, member=member, purpose=purpose, at=tx.at)


def let_go_of(tx: Tx, before: int) -> None:
    """Forgets the links and browsers whose time was over before an instant (UTC microseconds)."""
    for statement in LET_GO:
        tx.run(statement, before=before)


def _mac(key: bytes, row: Any) -> str:
    """A row that was changed by hand no longer fits."""
    signed = f"page:{row.nonce}:{row.purpose}:{row.member_id}:{row.branch_id}:{row.activity_id}:{row.made_at}"
    return mac(key, signed)


def hash_of(secret: str) -> str:
    """What is kept of a browser's cookie."""
    return hashlib.sha256(f"page:{secret}".encode("utf-8", "surrogatepass")).hexdigest()


def look(tx: Tx, key: bytes, token: str) -> Any:
    """The row of a link that would open now; nothing is used up. Raises Refused: wrong, used, expired."""
    nonce, _, given = token.partition(".") if token.isascii() else ("", "", "")
    row = tx.one(LINK, nonce=nonce)
    if row is None or not hmac.compare_digest(given.encode(), _mac(key, row).encode()):
        raise Refused(WRONG)
    if row.used_at:
        raise Refused(USED)
    if row.until_at <= tx.at:
        raise Refused(EXPIRED)
    return row


def redeem(tx: Tx, key: bytes, token: str, secret: str) -> Pass:
    """Uses a link up and lets in the browser that will show `secret`. Raises Refused."""
    row = look(tx, key, token)
    if tx.run(USE, nonce=row.nonce, at=tx.at) == 0:
        raise Refused(USED)
    return let_in(tx, secret, row.purpose, row.member_id, row.branch_id, row.activity_id)


def let_in(tx: Tx, secret: str, purpose: str, member: int, branch: int, activity: int) -> Pass:
    """A browser may see a page from now on. Raises Refused where its member may not."""
    return admit(tx, hash_of(secret), Pass(purpose, member, branch, activity, _until(tx, purpose, activity)))


def admit(tx: Tx, hashed: str, given: Pass) -> Pass:
    """The same for a browser of which only the hash is known."""
    _still_may(tx, given)
    values = {"purpose": given.purpose, "member_id": given.member, "branch_id": given.branch}
    tx.run(LET_IN, hash=hashed, **values, activity_id=given.activity, made_at=tx.at, until_at=given.until)
    return given


def _until(tx: Tx, purpose: str, activity: int) -> int:
    if purpose == "roll-call":
        return screen_until(tx, by_id(tx, activity))
    return tx.at + (WORKING if purpose == "desk" else SESSION)


def screen_until(tx: Tx, activity: Any) -> int:
    """Until when a screen may show a meeting: an hour after its end, half a day at most (UTC microseconds)."""
    end = max(activity.ends_at or activity.starts_at + NO_END, tx.at)
    return int(min(end + AFTER_THE_END, tx.at + LONGEST_MEETING))


def admitted(tx: Tx, secret: str, purpose: Purpose, activity: int = 0) -> Pass:
    """What the browser with this secret may see. Raises Refused: another page, another branch, or no more."""
    row = tx.one(SESSION_OF, hash=hash_of(secret), at=tx.at) if secret else None
    if row is None:
        raise Refused(NOT_OPEN)
    given = Pass(row.purpose, row.member_id, row.branch_id, row.activity_id, row.until_at)
    if (given.purpose, given.activity) != (purpose, activity):
        raise Refused(NOT_YOURS)
    _still_may(tx, given)
    return given


def _still_may(tx: Tx, given: Pass) -> None:
    """Who left the branch, or is no secretary any more, sees its pages no more. Raises Refused."""
    if given.activity and by_id(tx, given.activity).branch_id != given.branch:
        raise Refused(NOT_YOURS)
    if not given.member:
        return
    row = tx.one(MEMBER, member=given.member)
    if row is None or (given.purpose not in OF_A_PERSON and not _leads(row, given.branch)):
        raise Refused(NOT_YOURS)


def _leads(row: Any, branch: int) -> bool:
    return row.branch_id == branch and "secretary" in roles_of(row.duty)

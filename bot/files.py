"""Files on their way to people: kept as rows until they were handed over, so that any replica can send them.

A handler returns `Reply(text, attachments=(attach(tx, "报表.xlsx", data),))` and is done: the text is answered, and
the file goes to who asked, in private, wherever the platform takes one. In a group the whole answer goes aside; only
what was asked for there (`openly=True`) is shown there. A push with files is `outbox.put` with the same Reply.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sqlalchemy import delete, select

from bot import outbox
from bot.db import Tx
from bot.message import Attachment, Incoming, Promise, Reply
from bot.sql import insert_row, p, sql
from bot.tables import files, groups

KEPT = "kept:"  # a path that begins so names a row
DAYS = 7  # a file whose promise came to nothing is thrown away after so many days
LARGEST = 20_000_000  # bytes; both platforms take 20 MB
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".png": "image/png",
    ".csv": "text/csv",
    ".zip": "application/zip",
}

KEEP = insert_row(files, "id", "data", "at")
CONTENT = sql(select(files.c.data).where(files.c.id == p("key_id")))
THROW_AWAY = sql(delete(files).where(files.c.id == p("key_id")))
THROW_AWAY_OLD = sql(delete(files).where(files.c.at < p("before")))
PUSHED_BY = sql(
    select(groups.c.push_platform, groups.c.push_target).where(
        groups.c.platform == p("platform"), groups.c.chat == p("chat")
    )
)


def attach(tx: Tx, name: str, data: bytes, *, openly: bool = False) -> Attachment:
    """Keeps a file for a Reply; `name` is what people see, and its ending says what it is (TYPES).

    `openly` is for what was asked for in a group, to be shown there. Raises ValueError: empty or above 20 MB.
    """
    if not 0 < len(data) <= LARGEST:
        raise ValueError(f"{name}: {len(data)} bytes, 1 to {LARGEST} can be sent")
    tx.run(THROW_AWAY_OLD, before=tx.at - DAYS * 24 * 3600 * outbox.SECOND)
    key_id = uuid.uuid4().hex
    tx.run(KEEP, id=key_id, data=data, at=tx.at)
    return Attachment(name, type_of(name), KEPT + key_id, openly)


def type_of(name: str) -> str:
    """The media type that a file's ending says."""
    return TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def hidden(reply: Reply) -> bool:
    """Whether a reply is not for a group: it says so, or a file of it wasn't asked for there."""
    return reply.private or not all(one.openly for one in reply.attachments)


def hand_over(
    tx: Tx, incoming: Incoming, reply: Reply, *, via: str | None, branch: int, link: Callable[[Attachment], str]
) -> Reply:
    """Promises the files of an answer on their own, and gives the answer without them.

    In private by `via` (None: nobody can, and the answer has a `link` to each), in a group by whoever pushes there.
    """
    bare = replace(reply, attachments=())
    target = incoming.sender
    if not incoming.private:
        group = tx.one(PUSHED_BY, platform=incoming.platform, chat=incoming.chat)
        pushed = group is not None and group.push_platform
        via, target = (group.push_platform, group.push_target) if pushed else (incoming.platform, incoming.chat)
    if via is None:
        return replace(bare, text="\n".join([bare.text, *map(link, reply.attachments)]).strip())
    outbox.put(
        tx,
        via,
        target,
        Reply("", attachments=reply.attachments),
        key=f"file:{incoming.platform}:{incoming.message_id}",
        purpose="answer",
        branch=branch,
        private=incoming.private,
    )
    return bare


def throw_away(tx: Tx, reply: Reply) -> None:
    """Forgets the files of a reply that was said, or never will be."""
    for one in reply.attachments:
        tx.run(THROW_AWAY, key_id=one.path.removeprefix(KEPT))


def contents(tx: Tx, reply: Reply) -> list[bytes | None]:
    """What is in the files of a reply, in order; None where one is not kept (any more)."""
    found = [tx.value(CONTENT, key_id=one.path.removeprefix(KEPT)) for one in reply.attachments]
    return [None if one is None else bytes(one) for one in found]


def laid_out(promise: Promise, data: list[bytes | None], folder: Path) -> Promise:
    """The promise with its kept files on disk, in a folder of this attempt's own."""
    placed = []
    for number, (one, content) in enumerate(zip(promise.reply.attachments, data, strict=True)):
        path = folder / f"{number}{PurePosixPath(one.name).suffix}"
        if content is not None:
            path.write_bytes(content)
        placed.append(replace(one, path=str(path)))
    return replace(promise, reply=replace(promise.reply, attachments=tuple(placed)))

"""A file through the long connection: announced, sent in chunks, finished; then it has a media_id for three days.

Source: WeCom doc 101463. The first chunk is 1 in the document's example and 0 in the official SDK's code: 0 is sent
(unverified).
"""

from __future__ import annotations

import base64
import hashlib

from bot.message import Unknown
from bot.platforms.wecom_files import Parcel
from bot.platforms.wecom_frame import UPLOAD_CHUNK, UPLOAD_FINISH, UPLOAD_INIT
from bot.platforms.wecom_link import Link

CHUNK_BYTES = 512 * 1024  # before base64
NAME_BYTES = 256


async def upload(link: Link, parcel: Parcel, kind: str) -> str:
    """The media_id of an "image" or a "file". Raises what `Link.call` raises, Unknown where the answer has no id."""
    chunks = [parcel.data[at : at + CHUNK_BYTES] for at in range(0, len(parcel.data), CHUNK_BYTES)]
    about = {
        "type": kind,
        "filename": parcel.name.encode()[-NAME_BYTES:].decode(errors="ignore"),  # its end says what it is
        "total_size": len(parcel.data),
        "total_chunks": len(chunks),
        "md5": hashlib.md5(parcel.data, usedforsecurity=False).hexdigest(),
    }
    upload_id = _word((await link.call(UPLOAD_INIT, about)).body.get("upload_id"))
    for index, chunk in enumerate(chunks):
        data = base64.b64encode(chunk).decode()
        await link.call(UPLOAD_CHUNK, {"upload_id": upload_id, "chunk_index": index, "base64_data": data})
    return _word((await link.call(UPLOAD_FINISH, {"upload_id": upload_id})).body.get("media_id"))


def _word(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Unknown("the answer to an upload holds no id")
    return value

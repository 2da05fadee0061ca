"""Files and pictures: uploaded to DingTalk, then shown as a file or a picture of the robot API.

Source: open.dingtalk.com, "upload media files" (20 MB), message types sampleFile and sampleImageMsg. Webhooks take
neither.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.message import Attachment, Undeliverable, Unknown
from bot.platforms.dingtalk_api import Api
from bot.platforms.dingtalk_page import encode
from bot.platforms.dingtalk_wire import judge_webhook

UPLOAD = "/media/upload"
MOST_BYTES = 20 * 1024 * 1024
PICTURES = {"jpg", "jpeg", "gif", "png", "bmp"}
FILES = {"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"}


async def media_message(api: Api, one: Attachment) -> tuple[str, str]:
    """(msgKey, msgParam) of an attachment, uploaded. Raises Retry, Undeliverable, Unknown."""
    suffix = Path(one.name).suffix.lstrip(".").lower()
    if suffix not in PICTURES | FILES:
        raise Undeliverable(f"{one.name}: DingTalk takes pictures and {', '.join(sorted(FILES))}")
    content = await asyncio.to_thread(_read, one)
    picture = suffix in PICTURES
    media = await _upload(api, one, content, "image" if picture else "file")
    if picture:
        return "sampleImageMsg", encode({"photoURL": media}).decode()
    return "sampleFile", encode({"mediaId": media, "fileName": one.name, "fileType": suffix}).decode()


def _read(one: Attachment) -> bytes:
    path = Path(one.path)
    try:
        size = path.stat().st_size
        if not 0 < size <= MOST_BYTES:
            raise Undeliverable(f"{one.name}: {size} bytes, DingTalk takes 1 to {MOST_BYTES}")
        return path.read_bytes()
    except OSError:
        raise Undeliverable(f"{one.name}: the file is gone") from None


async def _upload(api: Api, one: Attachment, content: bytes, kind: str) -> str:
    name = "file" + Path(one.name).suffix  # people see fileName; which encoding a part's name may have is not said
    heard = await api.old(UPLOAD, {"type": kind}, (name, content, one.content_type))
    judge_webhook(heard)
    media = heard.says.get("media_id")
    if not isinstance(media, str) or not media:
        raise Unknown("no media_id")
    return media

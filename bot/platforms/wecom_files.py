"""Files on their way out: read from disk, held against WeCom's limits, an image where it may be one.

Sources: WeCom docs 91770 (group robot), 90236 (app): a file has 5 bytes to 20 MB, an image at most 2 MB.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bot.message import Attachment, Undeliverable

MB = 1024 * 1024
IMAGE_BYTES, FILE_BYTES, LEAST_BYTES = 2 * MB, 20 * MB, 5
IMAGES = ("image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that WeCom will take; `image` where it can be shown instead of only handed over."""

    name: str
    content_type: str
    data: bytes

    @property
    def image(self) -> bool:
        return self.content_type in IMAGES and len(self.data) <= IMAGE_BYTES

    def as_image(self) -> dict[str, Any]:
        """The message of a group robot that shows it."""
        digest = hashlib.md5(self.data, usedforsecurity=False).hexdigest()  # what the protocol has
        return {"msgtype": "image", "image": {"base64": base64.b64encode(self.data).decode(), "md5": digest}}


async def packed(attachment: Attachment) -> Parcel:
    """The file, read in a thread. Raises Undeliverable: it is gone, empty or too large."""
    path = Path(attachment.path)
    try:
        size = (await asyncio.to_thread(path.stat)).st_size
        if size > FILE_BYTES:
            raise Undeliverable(f"a file of {size / MB:.1f} MB is too large: {FILE_BYTES // MB} MB is the most")
        if size < LEAST_BYTES:
            raise Undeliverable(f"a file of {size} bytes is too small: {LEAST_BYTES} is the least")
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise Undeliverable(f"the file to send can't be read ({type(error).__name__})") from None
    name = PurePosixPath(attachment.name.replace("\\", "/")).name or path.name
    return Parcel(name, attachment.content_type, data)

"""The twin's side of files through the long connection (doc 101463): announced, sent in chunks, finished."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from tests.wecom.wire import Json, need

CHUNK_BYTES, MOST_CHUNKS = 512 * 1024, 100


@dataclass
class Uploads:
    """`files` are the finished ones: media_id -> name and bytes."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _begun: dict[str, Json] = field(default_factory=dict)

    def take(self, step: str, body: Json) -> Json:
        """The body of the acknowledgement."""
        return {"init": self._init, "chunk": self._chunk, "finish": self._finish}[step](body)

    def _init(self, body: Json) -> Json:
        need(body["type"] in ("file", "image") and 0 < len(body["filename"].encode()) <= 256, "upload")
        need(0 < body["total_chunks"] <= MOST_CHUNKS, "chunks")
        upload_id = f"U{len(self._begun)}"
        self._begun[upload_id] = {**body, "chunks": {}}
        return {"upload_id": upload_id}

    def _chunk(self, body: Json) -> Json:
        upload = self._begun[body["upload_id"]]
        data = base64.b64decode(body["base64_data"], validate=True)
        need(len(data) <= CHUNK_BYTES and 0 <= body["chunk_index"] < upload["total_chunks"], "chunk")
        upload["chunks"][body["chunk_index"]] = data
        return {}

    def _finish(self, body: Json) -> Json:
        upload = self._begun[body["upload_id"]]
        whole = b"".join(upload["chunks"][index] for index in range(upload["total_chunks"]))
        need(len(whole) == upload["total_size"], "size of the upload")
        self.files[media_id := f"F{len(self.files)}"] = (upload["filename"], whole)
        return {"type": upload["type"], "media_id": media_id, "created_at": "1790000000"}

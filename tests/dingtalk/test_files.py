"""Files and pictures in private and in groups; what can't be handed over is said with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.message import Attachment, Promise, Reply, Retry, Undeliverable
from bot.platforms.dingtalk_webhook import DingTalkWebhook, DingTalkWebhookSettings
from tests.dingtalk.conftest import Keeper, Room


def attach(folder: Path, name: str, size: int = 10) -> Attachment:
    path = folder / "kept"
    path.write_bytes(b"x" * size)
    return Attachment(name, "application/octet-stream", str(path))


def promise(*attachments: Attachment, private: bool = True) -> Promise:
    return Promise("k", "zhangsan" if private else "cid1", Reply("名册在此", attachments=attachments), private)


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    ("name", "key", "kind"), [("12月考勤.xlsx", "sampleFile", "file"), ("图.PNG", "sampleImageMsg", "image")]
)
async def test_files_and_pictures(room: Room, tmp_path: Path, private: bool, name: str, key: str, kind: str) -> None:
    await room.platform.send(promise(attach(tmp_path, name), private=private))
    text, file = room.twin.heard
    assert (text.plain, file.body["msgKey"], file.via) == ("名册在此", key, "private" if private else "group")
    (media,) = room.twin.media.kept.values()
    assert (media.kind, media.content) == (kind, b"x" * 10)
    if kind == "file":
        assert media.name == "file.xlsx"
        assert file.text == name


async def test_a_retry_uploads_what_is_left(room: Room, tmp_path: Path) -> None:
    two = promise(attach(tmp_path, "a.pdf"), attach(tmp_path, "b.pdf"))
    room.twin.fail_next("media", errcode=0)
    room.twin.fail_next("media", errcode=-1)
    with pytest.raises(Retry):
        await room.platform.send(two)
    await room.platform.send(two)
    assert [one.plain for one in room.twin.heard] == ["名册在此", "a.pdf", "b.pdf"]


@pytest.mark.parametrize(
    ("name", "size", "why"),
    [("a.csv", 1, "takes pictures"), ("a.pdf", 0, "0 bytes"), ("a.pdf", 20 * 2**20 + 1, "bytes")],
)
async def test_what_cannot_be_a_file(room: Room, tmp_path: Path, name: str, size: int, why: str) -> None:
    with pytest.raises(Undeliverable, match=why):
        await room.platform.send(promise(attach(tmp_path, name, size)))
    assert [one.plain for one in room.twin.heard] == ["名册在此"], "the words are said all the same"


async def test_a_file_that_is_gone(room: Room) -> None:
    with pytest.raises(Undeliverable, match="gone"):
        await room.platform.send(promise(Attachment("a.pdf", "application/pdf", "/nowhere")))


async def test_the_older_token_where_the_newer_is_refused(room: Room, tmp_path: Path) -> None:
    room.twin.old_token = "old"
    await room.platform.send(promise(attach(tmp_path, "a.pdf")))
    assert (room.twin.calls["media"], room.twin.calls["gettoken"]) == (3, 1)
    assert len(room.twin.media.kept) == 1
    await room.platform.send(promise(attach(tmp_path, "b.pdf")))
    assert room.twin.calls["media"] == 4, "it is remembered"


async def test_a_webhook_says_the_words_and_names_the_file_as_undeliverable(room: Room, tmp_path: Path) -> None:
    room.twin.robot("T")
    settings = DingTalkWebhookSettings(kind="dingtalk_webhook", oapi_base=room.twin.base)
    webhook = DingTalkWebhook("push", settings, Keeper(), clock=room.clock)
    reply = Reply("名册", attachments=(attach(tmp_path, "a.pdf"),))
    with pytest.raises(Undeliverable, match="files"):
        await webhook.send(Promise("k", "T", reply))
    assert [one.plain for one in room.twin.heard] == ["名册"]
    assert list(webhook.usage.take().values()) == [1]
    await webhook.close()

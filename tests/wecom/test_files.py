"""Files through a group robot: shown where they are small images, else handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.message import Attachment, Promise, Reply, Retry, Undeliverable
from bot.platforms.wecom_files import FILE_BYTES, IMAGE_BYTES
from bot.platforms.wecom_webhook import WeComWebhook
from tests.wecom.conftest import Stage
from tests.wecom.line import Stand, standing


def on_disk(path: Path, size: int, content_type: str = "image/png") -> Attachment:
    with path.open("wb") as file:
        file.truncate(size)
    return Attachment(path.name, content_type, str(path))


async def test_text_image_and_file(stage: Stage, pusher: WeComWebhook, tmp_path: Path) -> None:
    chart, sheet = on_disk(tmp_path / "图.png", 100), on_disk(tmp_path / "党费 台账.xlsx", 100, "application/x")
    key = stage.twin.robot()
    promise = Promise("k", key, Reply("本季度", mention=("u1",), attachments=(chart, sheet)))
    await pusher.send(promise)
    assert [pushed.body["msgtype"] for pushed in stage.twin.pushed] == ["text", "image", "file"]
    assert list(stage.twin.files.values()) == [("党费 台账.xlsx", bytes(100))]
    assert pusher.cost(promise) == 3
    await pusher.send(Promise("k2", key, Reply("", attachments=(chart,))))
    assert stage.twin.pushed[-1].body["msgtype"] == "image"


@pytest.mark.parametrize(("size", "kind"), [(IMAGE_BYTES, "image"), (IMAGE_BYTES + 1, "file"), (FILE_BYTES, "file")])
async def test_the_size_decides(stage: Stage, pusher: WeComWebhook, tmp_path: Path, size: int, kind: str) -> None:
    pusher._line.timeout = 10
    await pusher.send(Promise("k", stage.twin.robot(), Reply("", attachments=(on_disk(tmp_path / "a.jpg", size),))))
    assert stage.twin.pushed[-1].body["msgtype"] == kind


async def test_too_large_is_final_and_nothing_is_said(stage: Stage, pusher: WeComWebhook, tmp_path: Path) -> None:
    large = on_disk(tmp_path / "a.xlsx", FILE_BYTES + 1, "application/x")
    with pytest.raises(Undeliverable, match=r"20\.0 MB is too large"):
        await pusher.send(Promise("k", stage.twin.robot(), Reply("台账", attachments=(large,))))
    assert stage.twin.pushed == []


async def test_a_file_that_failed_is_tried_again_alone(stage: Stage, pusher: WeComWebhook, tmp_path: Path) -> None:
    sheet = on_disk(tmp_path / "a.xlsx", 100, "application/x")
    promise = Promise("k", stage.twin.robot(), Reply("台账", attachments=(sheet,)))
    stage.twin.fail_next("none")
    stage.twin.fail_next("errcode", 45033)
    with pytest.raises(Retry):
        await pusher.send(promise)
    await pusher.send(promise)
    assert [pushed.body["msgtype"] for pushed in stage.twin.pushed] == ["text", "file"]


async def test_a_removed_robot_takes_no_file(pusher: WeComWebhook, tmp_path: Path) -> None:
    sheet = on_disk(tmp_path / "a.xlsx", 100, "application/x")
    with pytest.raises(Undeliverable, match="93000"):
        await pusher.send(Promise("k", "gone", Reply("", attachments=(sheet,))))


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as stand:
        await stand.connected()
        stand.twin.known |= {"g1", "ZhangSan"}
        yield stand


async def test_files_through_the_long_connection(stand: Stand, tmp_path: Path) -> None:
    sheet, chart = on_disk(tmp_path / "台账.xlsx", 1_300_000, "application/x"), on_disk(tmp_path / "图.png", 100)
    promise = Promise("k", "ZhangSan", Reply("本季度", private=True, attachments=(sheet, chart)), private=True)
    stand.twin.errcodes.extend([0, 0, 0, 45033])
    with pytest.raises(Retry):
        await stand.platform.send(promise)
    await stand.platform.send(promise)
    assert [said.body["msgtype"] for said in stand.twin.said] == ["markdown", "file", "image"]
    assert {said.body["chat_type"] for said in stand.twin.said} == {1}
    assert list(stand.twin.uploads.files.values()) == [("台账.xlsx", bytes(1_300_000)), ("图.png", bytes(100))]
    assert stand.platform.cost(promise) == 3


async def test_a_file_alone(stand: Stand, tmp_path: Path) -> None:
    long = Attachment("报" * 100 + ".docx", "application/x", on_disk(tmp_path / "x", 9).path)
    await stand.platform.send(Promise("k", "g1", Reply("", attachments=(long,))))
    assert [said.body["msgtype"] for said in stand.twin.said] == ["file"]
    ((name, _),) = stand.twin.uploads.files.values()
    assert name.endswith("报.docx")
    stand.twin.errcodes.append(846605)
    with pytest.raises(Undeliverable):
        await stand.platform.send(Promise("k", "g1", Reply("", attachments=(long,))))

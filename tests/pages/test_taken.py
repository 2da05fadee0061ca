"""Where a platform sends no files the answer has a link: once, ten minutes, one file, for the treasurer's slip too."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientResponse, ClientSession
from openpyxl import load_workbook
from sqlalchemy import func, select

from bot import file_links
from bot.config import Config
from bot.message import Attachment, Refused
from bot.sql import sql
from bot.tables import files
from tests.pages.house import House, running
from tests.rooms import KEY, TOKEN, furnish
from tests.twins.wecom import WeComTwin

LEFT = sql(select(func.count()).select_from(files))
CALLBACK = f'[platforms.wecom]\nkind="wecom"\ntoken="{TOKEN}"\nencoding_aes_key="{KEY}"\n'


class Treasurer:
    """李红, who speaks by callback, and her browser."""

    def __init__(self, house: House, twin: WeComTwin, client: ClientSession) -> None:
        self.house, self.twin, self.client = house, twin, client

    async def link(self, text: str) -> str:
        """The address in the answer to what she asks for."""
        heard = await self.twin.say("lihong", text, "")
        found = re.search(r"http://127\.0\.0\.1:8080(/open/file/\S+)", heard.text)
        assert found, heard.text
        return self.house.url(found[1])

    async def left(self) -> int:
        """How many files wait."""
        return int(await self.house.place.database.read(lambda tx: tx.value(LEFT)))


@pytest.fixture
async def treasurer(database_url: str, tmp_path: Path) -> AsyncIterator[Treasurer]:
    async with (
        running(database_url, tmp_path, CALLBACK) as house,
        WeComTwin(house.url("/hook/wecom"), TOKEN, KEY) as twin,
        ClientSession() as client,
    ):
        await furnish(house.place, "wecom", "企业微信账号", "g1")
        yield Treasurer(house, twin, client)


async def refused(response: ClientResponse) -> str:
    assert response.status == 403
    found = re.search(r'class="line"[^>]*>([^<]+)<', await response.text())
    assert found
    return found[1]


async def test_a_sheet_is_looked_at_by_many_and_taken_by_one(treasurer: Treasurer) -> None:
    link = await treasurer.link("/dues export 11月")
    for _ in range(2):
        looked = await treasurer.client.get(link)
        assert (looked.status, "下载" in await looked.text()) == (200, True)
    taken = await treasurer.client.post(link)
    assert taken.status == 200
    assert taken.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''" + quote("2026-11"))
    assert load_workbook(io.BytesIO(await taken.read())).sheetnames
    assert await treasurer.left() == 0
    for again in (treasurer.client.post, treasurer.client.get):
        assert await refused(await again(link)) == file_links.GONE


async def test_after_ten_minutes_it_is_too_late(treasurer: Treasurer) -> None:
    link = await treasurer.link("/dues export 11月")
    treasurer.house.place.clock.ahead += timedelta(minutes=10, seconds=1)
    assert await refused(await treasurer.client.post(link)) == file_links.GONE


@pytest.mark.parametrize("twist", ["{0}x", "{0}.", "x{0}", "{1}.%E5%85%9A", "{1}.====", "a.b", "..."])
async def test_an_address_that_is_not_ours_opens_nothing(treasurer: Treasurer, twist: str) -> None:
    link = await treasurer.link("/dues export 11月")
    start, _, token = link.rpartition("/")
    wrong = twist.format(token, token.rpartition(".")[0])
    response = await treasurer.client.post(f"{start}/{wrong}")
    assert response.status == 404 or await refused(response) == file_links.WRONG
    assert await treasurer.left() == 1


async def test_a_foreign_page_takes_nothing(treasurer: Treasurer) -> None:
    link = await treasurer.link("/dues export 11月")
    assert (await treasurer.client.post(link, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert await treasurer.left() == 1


async def test_reports_are_taken_from_the_overview(treasurer: Treasurer) -> None:
    assert "/report dashboard" in (await treasurer.twin.say("lihong", "/report word 年报", "")).text


def test_the_link_of_one_file_is_not_that_of_another() -> None:
    config, key = Config(), b"k" * 32
    one = file_links.offer(Attachment("a.xlsx", "", "kept:1"), key=key, config=config).rpartition("/")[2]
    assert file_links.named(key, one) == ("1", "a.xlsx")
    with pytest.raises(Refused):
        file_links.named(b"x" * 32, one)

"""Ten thousand members: the first page asks the database no more than with eighteen, and everybody can be played."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.db import Tx
from bot.pages.board import Boards
from bot.platforms.console import NAME
from bot.sql import Statement, insert_row
from bot.tables import groups
from handlers.personal.page import my_page
from handlers.tables import accounts, branches, members, memberships
from tests.pages.conftest import OPEN, Desk
from tests.pages.test_browser import CHROMIUM, browser, visit

__all__ = ["browser"]

MEMBERS, BRANCHES = 10_000, 300
FIRST = 100  # the number of the first branch, beyond those of the demonstration
ADD_BRANCH = insert_row(branches, "id", "name")
ADD_GROUP = insert_row(groups, "branch_id", "platform", "chat", "bound_at")
ADD_MEMBER = insert_row(members, "id", "name", "branch_id", "department", "duty")
ADD_PLACE = insert_row(memberships, "member_id", "branch_id", "from_at", "recorded_at")
ADD_ACCOUNT = insert_row(accounts, "member_id", "platform", "account", "linked_by", "linked_at")


def crowd(tx: Tx) -> None:
    """A county: every branch has its group and its secretary, every member an account on the console."""
    for number in range(BRANCHES):
        tx.run(ADD_BRANCH, id=FIRST + number, name=f"乡镇第{number}党支部")
        tx.run(ADD_GROUP, branch_id=FIRST + number, platform=NAME, chat=f"group{number}", bound_at=tx.at)
    for number in range(MEMBERS):
        member, branch = 1000 + number, FIRST + number % BRANCHES
        duty = "书记" if number < BRANCHES else ""
        tx.run(
            ADD_MEMBER, id=member, name=f"党员{number}", branch_id=branch, department=f"科室{number % 40}", duty=duty
        )
        tx.run(ADD_PLACE, member_id=member, branch_id=branch, from_at=0, recorded_at=0)
        tx.run(ADD_ACCOUNT, member_id=member, platform=NAME, account=f"u{number}", linked_by="demo", linked_at=tx.at)


class Counted:
    """How many statements were run, by whichever Tx."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        run, execute = Tx.run, Tx._execute

        def counted_run(tx: Tx, statement: Statement, **values: Any) -> int:
            self.count += 1
            return run(tx, statement, **values)

        def counted_execute(tx: Tx, statement: Statement, values: dict[str, Any]) -> Any:
            self.count += 1
            return execute(tx, statement, values)

        monkeypatch.setattr(Tx, "run", counted_run)
        monkeypatch.setattr(Tx, "_execute", counted_execute)

    async def of(self, work: Any) -> int:
        before = self.count
        await work
        return self.count - before


async def test_the_first_page_asks_as_little_of_ten_thousand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    few = await counted.of(desk.state())
    await desk.place.database.write(crowd)
    many = await counted.of(desk.state())
    assert many <= few
    assert await counted.of(desk.get()) == 0
    assert len(await (await desk.get("/state")).read()) < 40_000
    said = await counted.of(desk.say("u7777", "活动", "g1"))
    assert said <= 30


async def test_everybody_of_ten_thousand_can_be_found_and_played(desk: Desk) -> None:
    await desk.place.database.write(crowd)

    async def found(query: str) -> dict[str, Any]:
        listed: dict[str, Any] = await (await desk.get(f"/people?{query}")).json()
        return listed

    first = await found("")
    assert first["more"] and len(first["people"]) == 60
    assert [one["account"] for one in (await found("find=党员7777"))["people"]] == ["u7777"]
    theirs = (await found("find=乡镇第33党支部"))["people"]
    assert {one["branch"] for one in theirs} == {"乡镇第33党支部"} and theirs[0]["leads"]
    last = await found("skip=10020")
    assert not last["more"] and last["people"][-1]["account"] == "newcomer"
    assert (await desk.say("u7777", "我的", private=True))["answer"]


async def test_my_own_page_makes_its_statements_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a statement's text costs more than asking it: what is the same for everybody is made once."""
    await desk.place.database.write(crowd)
    made: list[Statement] = []
    make = Statement._compile

    def noted(statement: Statement, engine: str) -> Any:
        made.append(statement)
        return make(statement, engine)

    rules = desk.place.config.registers
    await desk.place.database.read(partial(my_page, member=6, rules=rules))
    monkeypatch.setattr(Statement, "_compile", noted)
    await desk.place.database.read(partial(my_page, member=7, rules=rules))
    assert made == []


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_a_county_in_a_browser(browser: Browser, desk: Desk) -> None:
    await desk.place.database.write(crowd)
    faults: list[str] = []
    page = await visit(browser, desk, faults)
    assert await page.locator("[role=tab]").count() <= 9
    await page.get_by_role("button", name="再列一些").click()
    await expect(page.locator(".person")).to_have_count(120)
    await page.locator("#search").fill("党员7777")
    await expect(page.locator(".person")).to_have_count(1)
    await page.locator(".person").click()
    await expect(page.locator("[role=tab][aria-selected=true]")).to_have_text(f"乡镇第{7777 % BRANCHES}党支部群")
    await page.locator("#text").fill("活动")
    await page.keyboard.press("Enter")
    await expect(page.locator(".msg.own .meta b")).to_have_text("党员7777")
    await desk.say("u9999", "活动", f"group{7777 % BRANCHES}")
    await expect(page.locator(".msg.other .meta b")).to_have_text("党员9999")
    for number in range(10):
        await desk.say(f"u{number}", "活动", f"group{number}")
    await expect(page.locator("[role=tab] .dot").nth(6)).to_be_visible()
    await expect(page.locator("[role=tab]")).to_have_count(9)
    await expect(page.locator("[role=tab][aria-selected=true]")).to_have_text(f"乡镇第{7777 % BRANCHES}党支部群")
    assert faults == []


async def test_answering_costs_the_same_with_two_hundred_screens(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screens look at the trail once a second, all together; who answers pays nothing for them."""
    monkeypatch.setattr("bot.pages.board.LOOK_SECONDS", 3600)
    await desk.say("zhoumin", OPEN)
    counted, boards = Counted(monkeypatch), Boards(desk.place)
    await desk.say("liumin", "参加")  # what all ask alike is asked by the first
    alone = await counted.of(desk.say("lisi", "参加"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(boards.seat(1))
        await desk.say("hejing", "参加")
        one_looks = await counted.of(boards.look())
        seats = [await stack.enter_async_context(boards.seat(1)) for _ in range(199)]
        assert await counted.of(desk.say("zhangsan", "参加")) == alone
        assert await counted.of(boards.look()) == one_looks
        assert len(seats) == boards.screens - 1 == 199
    boards.close()

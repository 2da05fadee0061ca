"""Who gets to a desk and who doesn't: links, sessions, foreign forms, markup, a branch of thousands, the live wire."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select, update

from bot.cli.demo import FIRST
from bot.commands import Who
from bot.db import Tx
from bot.message import Refused
from bot.pages import desk_live
from bot.sql import p, sql
from bot.tables import trail
from handlers import links, people
from handlers.desk_page import act, clerk, whole
from handlers.desk_parts import Bench
from handlers.links import Pass
from handlers.sheet import check
from handlers.tables import members, todos
from scheduler.jobs import lacking_for
from tests.pages.conftest import OPEN, Desk
from tests.pages.desk_room import sitting
from tests.pages.test_links import asked, browser, heard, refused

NO_DUTY = sql(update(members).where(members.c.name == "周敏").values(duty=""))
ELSEWHERE = sql(update(members).where(members.c.name == "周敏").values(branch_id=2))
RENAME = sql(update(members).where(members.c.name == "李四").values(name=p("name")))
STATES = sql(select(todos.c.state).order_by(todos.c.number))
DONE = sql(select(trail.c.actor, trail.c.action).where(trail.c.action.startswith("todo_")))
MARKUP = "<script>alert(1)</script>"


async def waits(desk: Desk) -> None:
    await desk.say("zhoumin", OPEN)
    await desk.say("lisi", "请假")


async def states(desk: Desk) -> list[str]:
    return [row.state for row in await desk.place.database.read(lambda tx: tx.all(STATES))]


async def test_the_link_goes_to_the_secretary_alone(desk: Desk) -> None:
    await desk.say("zhoumin", "/desk")
    await desk.post("/clock", {"minutes": 1})
    assert not any("/open/" in one["text"] for one in await desk.bubbles())
    assert "/open/" in (await desk.bubbles("zhoumin", private=True))[-1]["text"]
    for who in ("lisi", "zhangsan", "hejing", "admin"):
        assert "/open/" not in await heard(desk, who, "/desk")
    assert "/open/" in await heard(desk, "lihong", "/工作台")


async def test_a_link_is_used_once_within_ten_minutes_by_one_browser(desk: Desk) -> None:
    link, late = await asked(desk, "zhoumin", "/desk"), await asked(desk, "lihong", "/desk")
    async with browser() as own, browser() as other:
        assert (await own.post(link)).url.path == "/desk"
        await refused(await other.post(link), links.USED)
        await refused(await other.get(desk.server.make_url("/desk")), links.NOT_OPEN)
        desk.place.clock.ahead += timedelta(minutes=11)
        await refused(await other.post(late), links.EXPIRED)
        assert (await own.get(desk.server.make_url("/desk"))).status == 200
        desk.place.clock.ahead += timedelta(minutes=50)
        await refused(await own.get(desk.server.make_url("/desk")), links.NOT_OPEN)


async def test_a_new_link_shakes_off_who_was_sent_the_old_one(desk: Desk) -> None:
    await waits(desk)
    async with sitting(desk) as wrong_hand:
        await wrong_hand.text()
        unused = await asked(desk, "zhoumin", "/desk")
        async with sitting(desk):
            await refused(await wrong_hand.get(), links.NOT_OPEN)
            await refused(await wrong_hand.post("ok", {"token": wrong_hand.token, "number": 1}), links.NOT_OPEN)
            await refused(await wrong_hand.session.post(unused), links.EXPIRED)
    assert await states(desk) == ["open"]


async def test_the_secretary_reads_when_the_desk_was_opened_last(desk: Desk) -> None:
    assert "上次打开" not in await heard(desk, "zhoumin", "/desk")
    async with sitting(desk):
        desk.place.clock.ahead += timedelta(minutes=5)
        assert "上次打开：12月1日(周二)10:00。不是您本人的，现在已经失效。" in await heard(desk, "zhoumin", "/desk")
        assert "上次打开" not in await heard(desk, "lihong", "/desk")


async def test_every_page_and_act_of_the_desk_wants_its_own_session(desk: Desk) -> None:
    async with browser() as own:
        assert (await own.post(await asked(desk, "zhoumin"))).url.path == "/me"
        for path in ("", "/waiting", "/silent/1", "/events", "/ledger", "/ledger/meetings"):
            await refused(await own.get(desk.server.make_url(f"/desk{path}")), links.NOT_OPEN)
        await refused(await own.post(desk.server.make_url("/desk/do/ok"), data={"number": "1"}), links.NOT_OPEN)


async def test_the_other_branch_is_neither_seen_nor_touched(desk: Desk) -> None:
    await waits(desk)
    async with sitting(desk, "zhengxiaoyan") as other:
        text = await other.text()
        assert "李四" not in text
        assert "第二党支部" in text
        assert "没有待办 1" in await other.does("ok", number=1)
        for name, values in (("nudge", {}), ("close", {}), ("mark", {"member": 6, "state": "参加"})):
            assert "没有编号 #1 的活动" in await other.does(name, activity=1, **values)
        response = await other.get("/silent/1")
        await refused(response, "这一项不在了，或活动已经结束。请回到工作台。")
    assert await states(desk) == ["open"]


@pytest.mark.parametrize("change", [NO_DUTY, ELSEWHERE])
async def test_who_leads_the_branch_no_more_sees_and_does_nothing(desk: Desk, change: Any) -> None:
    await waits(desk)
    async with sitting(desk) as own:
        await own.text()
        await desk.place.database.write(lambda tx: tx.run(change))
        await refused(await own.get(), links.NOT_YOURS)
        await refused(await own.post("ok", {"token": own.token, "number": 1}), links.NOT_YOURS)
    assert await states(desk) == ["open"]


async def test_a_pass_alone_makes_no_secretary(desk: Desk) -> None:
    def work(tx: Tx) -> None:
        for member, branch in ((6, 1), (1, 2), (9999, 1)):
            with pytest.raises(Refused, match="不是给您的"):
                clerk(tx, Pass("desk", member, branch, 0, 1 << 60))
        bench = Bench(clerk(tx, Pass("desk", 1, 1, 0, 1 << 60)), desk.place.house)
        assert bench.who.roles == {"anyone", "member", "secretary"}
        with pytest.raises(Refused, match="没有这样的操作"):
            act(tx, bench, "drop", {})

    await desk.place.database.read(work)


async def test_no_form_of_another_page_does_anything(desk: Desk) -> None:
    await waits(desk)
    async with sitting(desk) as own, sitting(desk, "lihong") as other:
        await own.text()
        await other.text()
        for token in ("", "0" * 32, other.token):
            await refused(await own.post("ok", {"token": token, "number": 1}), links.NOT_OPEN)
        for site in ("cross-site", "same-site"):
            response = await own.post("ok", {"token": own.token, "number": 1}, **{"Sec-Fetch-Site": site})
            await refused(response, links.NOT_OPEN)
        assert (await own.get("/do/ok")).status == 405
    assert await states(desk) == ["open"]


async def test_a_form_leads_back_to_its_own_page_and_to_none_but_ours(desk: Desk) -> None:
    await waits(desk)
    async with sitting(desk) as own:
        await own.text()
        for back, number, path in (
            ("silent/1", "2", "/desk/silent/1?page=2#said"),
            ("//evil.example/", "0", "/desk#said"),
            ("../me", "x", "/desk#said"),
        ):
            values = {"token": own.token, "number": "7", "back": back, "page": number}
            url = desk.server.make_url("/desk/do/ok")
            response = await own.session.post(url, data=values, allow_redirects=False)
            assert (response.status, response.headers["Location"]) == (303, path)
        cookie = response.cookies["zhibu_said"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/desk")
        assert "没有待办 7" in await own.text()
        assert "没有待办 7" not in await own.text()
        own.session.cookie_jar.update_cookies({"zhibu_said": "W3RydWVd%%"}, desk.server.make_url("/desk"))
        assert "工作台" in await own.text()


async def test_names_and_words_with_markup_stay_words(desk: Desk) -> None:
    await waits(desk)
    await desk.place.database.write(lambda tx: tx.run(RENAME, name=MARKUP))
    await desk.say("lisi", "取消")
    await desk.say("lisi", "请假")
    async with sitting(desk) as own:
        page = await (await own.get()).text()
        assert MARKUP not in page
        assert "&lt;script&gt;alert(1)" in page
        own.token = ""
        assert MARKUP in await own.does("no", number=2, why=MARKUP)
        policy = (await own.get()).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


async def test_of_two_who_decide_at_the_same_moment_one_wins(desk: Desk) -> None:
    await waits(desk)
    async with sitting(desk) as one, sitting(desk, "lihong") as two:
        await asyncio.gather(one.text(), two.text())
        lines = await asyncio.gather(one.does("ok", number=1), two.does("ok", number=1))
    rows = await desk.place.database.read(lambda tx: tx.all(DONE))
    assert len(rows) == 1
    lost = [line for line in lines if line.startswith("没有办成")]
    assert lost == [f"没有办成：待办 1 已由{rows[0].actor}处理（同意）。"]


def grow(tx: Tx, people_more: int) -> None:
    head = ["姓名", "支部", "科室"]
    rows = [head, *([f"党员{number:04}", FIRST, "门诊"] for number in range(people_more))]
    people.import_members(tx, check(list(enumerate(rows, 1))).rows, Who("test", name="测试"), {})


async def test_five_thousand_members_are_paged(desk: Desk) -> None:
    await desk.place.database.write(lambda tx: grow(tx, 5000))
    await desk.say("zhoumin", OPEN)
    async with sitting(desk) as own:
        text = await own.text()
        assert "未回：#1 主题党日 12月2日(周三)15:00 5014" in text
        assert text.count("党员0") == 0
        assert len(await (await own.get()).text()) < 100_000
        assert (text := await own.text("/silent/1?page=2")).count("党员0") == 50
        assert "第 2 页，共 101 页" in text
        assert "党员4999" in await own.text("/silent/1?page=101")
        for page in ("102", "0", "-1", "x", "99999999999"):
            assert "页，共 101 页" in await own.text(f"/silent/1?page={page}")


async def test_in_a_house_of_ten_thousand_a_desk_is_made_at_once(desk: Desk) -> None:
    await desk.place.database.write(lambda tx: grow(tx, 10_000))

    def work(tx: Tx, member: int, branch: int) -> float:
        given = Pass("desk", member, branch, 0, 1 << 60)
        bench = Bench(clerk(tx, given), desk.place.house, lacking_for(desk.place.setting))
        begun = time.thread_time()
        assert "未交" in str(whole(tx, bench))
        return time.thread_time() - begun

    await desk.place.database.read(partial(work, member=15, branch=2))
    assert await desk.place.database.read(partial(work, member=15, branch=2)) < 0.1
    assert await desk.place.database.read(partial(work, member=1, branch=1)) < 1, "all of them in one branch"


async def news_of(response: ClientResponse) -> str:
    async with asyncio.timeout(5):
        while not (line := (await response.content.readline()).decode()).startswith("event: "):
            assert line, "the wire ended"
    return line.strip()


async def test_an_open_desk_hears_that_something_was_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_live, "LOOK_SECONDS", 0.02)
    await waits(desk)
    async with sitting(desk) as own, sitting(desk, "lihong") as two, sitting(desk, "zhengxiaoyan") as other:
        mark = (await (await own.get()).text()).partition('data-mark="')[2].partition('"')[0]
        far = (await (await other.get()).text()).partition('data-mark="')[2].partition('"')[0]
        async with await own.get(f"/events?after={mark}") as wire, await other.get(f"/events?after={far}") as still:
            assert wire.headers["Content-Type"] == "text/event-stream"
            await two.does("ok", number=1)
            assert await news_of(wire) == "event: news"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await news_of(still)
        async with await own.get("/events?after=1") as wire:
            assert await news_of(wire) == "event: news"


async def test_an_open_desk_hears_that_its_time_is_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_live, "BEAT_SECONDS", 0.02)
    async with sitting(desk) as own, await own.get("/events?after=999999") as wire:
        assert wire.status == 200
        desk.place.clock.ahead += timedelta(minutes=61)
        assert await news_of(wire) == "event: over"

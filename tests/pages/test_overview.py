"""总览 over HTTP: whose it is, who sees what, and that the page opens once and shuts when a role ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.db import Tx
from bot.sql import p, sql
from bot.tables import outbox
from handlers import links
from handlers.figures import CATALOGUE
from handlers.looks import looks_at
from handlers.overview.behind import COLLECTOR, SECRETARY
from handlers.overview.words import NOT_FOR_YOU
from handlers.tables import branches, members
from tests.pages.conftest import OPEN, TODAY, Desk, Made
from tests.pages.house import House, Reader, plain
from tests.pages.test_links import asked, browser, cookie_of, heard, leaves, refused

LINK = "/report dashboard"
ID = sql(select(members.c.id).where(members.c.name == p("who")))
SPOKEN = sql(select(outbox.c.purpose, outbox.c.state, outbox.c.private).where(outbox.c.branch_id == 1))
DUTY = sql(update(members).where(members.c.name == p("who")).values(duty=p("duty")))
MOVE = sql(update(members).where(members.c.name == p("who")).values(branch_id=p("branch")))
RENAME = sql(update(members).where(members.c.name == p("who")).values(name=p("name")))
RENAME_BRANCH = sql(update(branches).where(branches.c.id == p("branch")).values(name=p("name")))
PAGES = ("", "/figures", "/figure?name=党员", "/charts", "/messages", "/files")
TELLING = ("党员", "主题党日人次", "参加活动人数", "应到人次", "谈心谈话", "问题", "意见建议", "党费", "学时")
OVERSEER = '[reports]\noverseers = ["局党委委员"]\n'


async def run(desk: Desk, statement: object, **values: object) -> None:
    await desk.place.database.write(lambda tx: tx.run(statement, **values))  # type: ignore[arg-type]


def at(desk: Desk, path: str = "") -> str:
    return str(desk.server.make_url("/"))[:-1] + f"/dashboard{path}"


async def reader(desk: Desk, client: object, who: str) -> Reader:
    """Somebody of the demonstration whose browser has opened his link."""
    response = await client.post(await asked(desk, who, LINK))  # type: ignore[attr-defined]
    assert response.status == 200, await response.text()
    return Reader(House(desk.place, desk.server), client)  # type: ignore[arg-type]


async def test_the_link_opens_once_for_one_browser_and_ten_minutes(desk: Desk) -> None:
    link, late = await asked(desk, "zhoumin", LINK), await asked(desk, "lihong", LINK)
    async with browser() as own, browser() as other:
        opened = await own.post(link, allow_redirects=False)
        assert (opened.status, opened.headers["Location"]) == (303, "/dashboard")
        cookie = cookie_of(opened)
        assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/dashboard", "Strict", True)
        for path in PAGES:
            page = await own.get(at(desk, path))
            assert page.status == 200, path
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "<script" not in await page.text()
            assert "style=" not in await page.text()
            await refused(await other.get(at(desk, path)), links.NOT_OPEN)
        await refused(await other.post(link), links.USED)
        desk.place.clock.ahead += timedelta(minutes=11)
        await refused(await other.post(late), links.EXPIRED)
        desk.place.clock.ahead += timedelta(minutes=20)
        await refused(await own.get(at(desk)), links.NOT_OPEN)


async def test_a_new_link_shakes_off_the_old_browser_and_a_cookie_of_another_page_opens_nothing(desk: Desk) -> None:
    async with browser() as own:
        await reader(desk, own, "zhoumin")
        await asked(desk, "zhoumin", LINK)
        await refused(await own.get(at(desk)), links.NOT_OPEN)
    async with browser() as own:
        opened = await own.post(await asked(desk, "zhoumin"), allow_redirects=False)
        header = {"Cookie": f"zhibu_page={cookie_of(opened).value}"}
        await refused(await own.get(at(desk), headers=header), links.NOT_YOURS)


async def test_who_may_ask(desk: Desk) -> None:
    for who in ("zhangsan", "lisi"):
        assert NOT_FOR_YOU in await heard(desk, who, LINK)
    await desk.say("zhoumin", LINK)
    assert not any("/open/" in one["text"] for one in await desk.bubbles())
    for who in ("zhoumin", "lihong", "hejing", "admin"):
        assert "/open/" in await asked(desk, who, LINK)


@pytest.mark.parametrize("ends", ["duty", "move", "left"])
async def test_a_role_that_ends_takes_the_page_along(desk: Desk, ends: str) -> None:
    waiting = await asked(desk, "hejing", LINK)
    async with browser() as own, browser() as late:
        await reader(desk, own, "zhoumin")
        for name in ("周敏", "何静"):
            if ends == "duty":
                await run(desk, DUTY, who=name, duty="")
            elif ends == "move":
                await run(desk, MOVE, who=name, branch=2)
                await run(desk, DUTY, who=name, duty="")
            else:
                await desk.place.database.write(partial(leaves, name=name))
        for path in PAGES:
            await refused(await own.get(at(desk, path)), links.NOT_YOURS)
        await refused(await late.post(waiting), links.NOT_YOURS)


async def test_who_is_secretary_elsewhere_now_sees_the_other_branch(desk: Desk) -> None:
    async with browser() as own:
        page = await reader(desk, own, "zhoumin")
        await run(desk, MOVE, who="周敏", branch=2)
        assert "总览 第二党支部" in plain(await page.get(""))
        await page.get("?branch=1", 403)


async def test_another_branch_is_refused_and_an_admin_sees_every_one(desk: Desk) -> None:
    async with browser() as own, browser() as house:
        page, all_of_it = await reader(desk, own, "zhoumin"), await reader(desk, house, "admin")
        for path in ("?branch=2", "/figure?name=党员&branch=2", "/file?kind=xlsx&name=指标&branch=2", "?branch=99"):
            assert links.NOT_YOURS in await page.get(path, 403)
        assert "第二党支部" not in await page.get("")
        assert [row[0] for row in (await all_of_it.table(""))[1:]] == ["第一党支部", "第二党支部"]
        assert "总览 第二党支部" in plain(await all_of_it.get("?branch=2"))
        await all_of_it.get("?branch=99", 403)


async def test_admins_who_stand_in_no_register_are_asked_again_after_a_start(desk: Desk) -> None:
    async with browser() as own:
        await reader(desk, own, "admin")
        await desk.place.database.write(partial(links.end, member=0, purpose="dashboard"))
        await refused(await own.get(at(desk)), links.NOT_OPEN)


async def names_seen(page: Reader, branch: str = "", chosen: Iterable[str] = TELLING) -> set[str]:
    """The members that any page of the overview names."""
    people = {"张三", "李四", "王芳", "刘敏", "赵丽华", "欧阳静", "马志远", "孙桂兰", "吴大勇", "冯磊", "蒋玉梅"}
    texts = [await page.get(f"{path}?{branch}") for path in ("", "/figures", "/charts", "/messages", "/files")]
    texts += [await page.get(f"/figure?name={name}&{branch}") for name in chosen]
    return {name for name in people if any(name in text for text in texts)}


async def furnish(desk: Desk) -> None:
    """A meeting with people, a talk, a payment, a problem in words."""
    for who, text in (
        ("zhoumin", OPEN),
        ("zhoumin", "/attendance checkin on"),
        ("lisi", "签到"),
        ("zhangsan", "签到"),
        ("zhoumin", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章"),
        ("zhoumin", "/attendance close #1"),
    ):
        if text.startswith("/attendance checkin"):
            desk.place.clock.ahead += timedelta(hours=29)
        await desk.say(who, text)
    for who, text in (
        ("zhoumin", "/talk add 周敏 张三 12月1日"),
        ("zhoumin", "/issue add 马志远 反映排班太满 期限 12月31日"),
        ("zhangsan", "已交 42.38"),
        ("lihong", "/todo ok 1"),
    ):
        await heard(desk, who, text)


async def test_the_committee_reads_no_names_the_secretary_does_and_the_collector_who_paid(desk: Desk) -> None:
    await furnish(desk)
    async with browser() as one, browser() as two, browser() as three:
        secretary, committee = await reader(desk, one, "zhoumin"), await reader(desk, two, "hejing")
        collector = await reader(desk, three, "lihong")
        assert await names_seen(committee, chosen=CATALOGUE) == set()
        assert {"张三", "李四", "马志远"} <= await names_seen(secretary)
        said = await committee.get("/figure?name=主题党日人次")
        assert SECRETARY in said
        assert ["第一党支部", "2"] in await committee.table("/figure?name=主题党日人次")
        assert "学习党章" not in said
        assert "#1 三楼会议室" in await committee.get("/figure?name=主题党日")
        said = await secretary.get("/figure?name=党费")
        assert COLLECTOR in said
        assert "张三" not in said
        assert "张三 42.38元" in plain(await collector.get("/figure?name=党费"))


async def test_a_figure_follows_its_rows_at_once(desk: Desk) -> None:
    async with browser() as own:
        page = await reader(desk, own, "zhoumin")
        counts = []
        for number in (1, 2, 3):
            rows = {row[0]: row[1] for row in await page.table("/figures?group=books")}
            assert rows == {row[0]: row[1] for row in await page.table("/figures?group=books")}
            counts.append(rows["问题"])
            await heard(desk, "zhoumin", f"/issue add 第{number}个问题 期限 12月31日")
        assert counts == ["0个", "1个", "2个"]


async def test_overseers_see_every_branch_and_no_names_but_of_their_own(made: Made) -> None:
    async with made(OVERSEER) as desk:
        await run(desk, DUTY, who="刘敏", duty="局党委委员")
        await run(desk, DUTY, who="郑晓燕", duty="书记、局党委委员")
        async with browser() as one, browser() as two:
            overseer, both = await reader(desk, one, "liumin"), await reader(desk, two, "zhengxiaoyan")
            assert [row[0] for row in (await overseer.table(""))[1:]] == ["第一党支部", "第二党支部"]
            assert await names_seen(overseer) == set()
            assert await names_seen(both) == set()
            assert await names_seen(both, "branch=1") == set()
            assert await names_seen(both, "branch=2") == {"冯磊", "蒋玉梅"}
            await overseer.get("/file?kind=excel&name=考勤", 403)
            await overseer.get("/file?kind=word&name=年报", 403)
            await run(desk, DUTY, who="刘敏", duty="")
            await overseer.get("", 403)


async def test_names_with_markup_stay_words(desk: Desk) -> None:
    await furnish(desk)
    await run(desk, RENAME, who="李四", name="<b onclick=x>李四</b>")
    await run(desk, RENAME_BRANCH, branch=1, name="<script>alert(1)</script>&支部")
    async with browser() as own:
        page = await reader(desk, own, "admin")
        for path in ("", "/figures", "/charts", "/messages", "/files", "/figure?name=主题党日人次", "?branch=1"):
            text = await page.get(path)
            assert "<script" not in text
            assert "<b onclick" not in text
        assert "&lt;b onclick=x&gt;李四&lt;/b&gt;" in await page.get("/figure?name=主题党日人次")
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;支部" in await page.get("")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("?year=abc", "数字不对"),
        ("?year=2999", "数字不对"),
        ("?year=²", "数字不对"),
        ("?year=2026&part=Q7", "没有这样的时间段"),
        ("?day=gestern", "不是日期"),
        ("?day=2031-01-01", "还没到"),
        ("?year=2026&part=-12&day=2026-11-01", "还没开始"),
        ("?year=1975", "数字不对"),
        ("?branch=-1", "数字不对"),
        ("?page=0", "数字不对"),
        ("?page=x", "数字不对"),
        ("/figures?group=nix", "没有这一类"),
        ("/figure?name=党圆", "没有「党圆」这个数"),
        ("/figure?name=党员&page=0", "数字不对"),
        ("/file?kind=exe&name=x", "没有这个文件"),
        ("/file?kind=word&name=年保", "没有叫「年保」的模板"),
        ("/file?kind=excel&name=考情", "没有叫「考情」的表"),
    ],
)
async def test_what_cannot_be_is_one_line(desk: Desk, path: str, says: str) -> None:
    async with browser() as own:
        text = await (await reader(desk, own, "zhoumin")).get(path, 403)
        assert says in text
        assert text.count('class="line"') == 1


async def test_a_period_before_the_first_record_says_so_on_its_page(desk: Desk) -> None:
    async with browser() as own:
        page = await reader(desk, own, "zhoumin")
        for path in ("/figures?year=2024", "/figure?name=党员&year=2024"):
            assert "没有数可报" in await page.get(path)
        assert "没有记录" in (await page.table("/figures?year=2026&group=members"))[1][2]
        assert TODAY.year == 2026


async def test_what_was_sent_is_counted_and_a_member_s_burden_is_his_secretary_s(desk: Desk) -> None:
    await desk.say("zhoumin", OPEN)
    await desk.post("/clock", {"minutes": 60 * 30})

    def counted(tx: Tx) -> list[str]:
        kept = [row for row in tx.all(SPOKEN) if row.purpose in ("reminder", "notice") and row.state == "sent"]
        return [str(sum(row.private == private for row in kept)) for private in (0, 1)]

    expected = await desk.place.database.read(counted)
    async with browser() as one, browser() as two, browser() as three:
        admin, secretary = await reader(desk, one, "admin"), await reader(desk, two, "zhoumin")
        committee = await reader(desk, three, "hejing")
        rows = {row[0]: row[1:] for row in await admin.table("/messages?year=2026")}
        assert rows["第一党支部"] == expected
        assert int(expected[0]) > 0
        said = await secretary.get("/messages?year=2026")
        assert "每人每月听到的" in said
        assert "李四" in said
        said = await committee.get("/messages?year=2026")
        assert "每人每月听到的" not in said
        assert (await committee.table("/messages?year=2026"))[1] == ["第一党支部", *rows["第一党支部"]]


def test_the_folder_of_pages_has_no_script_for_the_overview() -> None:
    static = Path(__file__).parent.parent.parent / "bot" / "pages" / "static"
    assert [one.name for one in static.glob("overview*")] == ["overview.css"]
    assert "http" not in (static / "overview.css").read_text(encoding="utf-8")


async def test_each_look_at_somebodys_rows_is_his_to_know(desk: Desk) -> None:
    await furnish(desk)
    async with browser() as one, browser() as two:
        secretary, committee = await reader(desk, one, "zhoumin"), await reader(desk, two, "hejing")
        assert "张三" in await secretary.get("/figure?name=主题党日人次")
        await committee.get("/figure?name=主题党日人次")
        await secretary.bytes("/file?kind=excel&name=考勤")
        await secretary.bytes("/file?kind=excel&name=通报")
    (zhangsan,) = await desk.place.database.read(lambda tx: tx.all(ID, who="张三"))
    seen = await desk.place.database.read(partial(looks_at, member=zhangsan.id))
    found = [(look.who, look.what) for look in seen]
    assert found == [("周敏", "第一党支部的表格"), ("周敏", "主题党日人次的明细")]

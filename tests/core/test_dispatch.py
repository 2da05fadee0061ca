"""One message is one transaction: a repeat, a refusal, chatter and private answers, with the real house."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import trail
from bot.dispatch import handle
from bot.message import Incoming, Reply
from bot.platforms.console import NAME
from tests.cast import ACCOUNTS, Cast, opened_cast
from tests.core.snapshot import changed, rows_of

OPEN = ("周敏", "/attendance open 主题党日 2026-12-04 15:00 三楼会议室", "g1")
SHIFT = ("周敏", "/volunteer open 义诊 2026-12-06 09:00-11:00 人民广场 2", "g1")
EVERYTHING = [
    OPEN,
    SHIFT,
    ("张三", "参加", "g1"),
    ("李四", "请假 值夜班", "g1"),
    ("李四", "取消", "g1"),
    ("王芳", "参加，会迟到", "g1"),
    ("张三", "报名 #2", "g1"),
    ("李四", "报名 #2", "g1"),
    ("赵丽华", "报名 #2", "g1"),
    ("张三", "退出 #2", "g1"),
    ("张三", "已交 3月", ""),
    ("张三", "我的", ""),
    ("张三", "活动", "g1"),
    ("张三", "为什么", "g1"),
    ("张三", "撤销", "g1"),
    ("张三", "帮助", "g1"),
    ("周敏", "/attendance who", "g1"),
    ("周敏", "/attendance nudge", "g1"),
    ("周敏", "/attendance mark 赵丽华 参加", "g1"),
    ("周敏", "/attendance close", "g1"),
    ("李红", "/dues", "g1"),
    ("李红", "/dues confirm 张三 3月", ""),
    ("周敏", "/todo", ""),
    ("周敏", "/member find 张三", ""),
    ("周敏", "/nosuch thing", "g1"),
    ("张三", "/attendance open x", "g1"),
    ("新来的", "我是 刘敏", ""),
    ("路人", "参加", "g1"),
    ("张三", "今天天气不错，中午吃什么", "g1"),
    ("张三", "1", "g1"),
    ("张三", "参加", "nowhere"),
]


async def test_every_line_that_comes_twice_is_answered_twice_and_done_once(cast: Cast) -> None:
    for name, text, chat in EVERYTHING:
        first = await cast.reply(name, text, chat)
        assert cast.last is not None
        before = await rows_of(cast.place.database)
        again = await cast.send(cast.last)
        assert again == first, (name, text)
        assert changed(before, await rows_of(cast.place.database)) == set(), (name, text)


async def test_a_repeat_at_the_same_time_is_done_once(cast: Cast) -> None:
    await cast.reply(*OPEN)
    one = Incoming(NAME, "same", "g1", ACCOUNTS["张三"], "参加")
    heard = await asyncio.gather(*(cast.send(one) for _ in range(20)))
    assert len(set(heard)) == 1
    rows = await rows_of(cast.place.database)
    assert len(rows["answers"]) == 1


async def test_the_same_message_id_on_another_platform_is_another_message(cast: Cast) -> None:
    one = Incoming(NAME, "same", "zhangsan", "zhangsan", "活动", private=True)
    await cast.send(one)
    await cast.send(replace(one, platform="other"))
    assert [row[:2] for row in (await rows_of(cast.place.database))["seen"]] == [(NAME, "same"), ("other", "same")]


@pytest.mark.parametrize(
    ("name", "text", "chat"),
    [
        ("周敏", "/nosuch thing", "g1"),
        ("周敏", "/attendance open 主题党日", "g1"),
        ("周敏", "/attendance open 主题党日 去年的某一天", "g1"),
        ("张三", "/attendance open 主题党日 2026-12-04 15:00", "g1"),
        ("张三", "报名 #77", "g1"),
        ("张三", "签到 9999", "g1"),
        ("路人", "参加", "g1"),
        ("周敏", "/" + "长" * 3000, "g1"),
        ("郑晓燕", "/attendance open 主题党日 2026-12-04 15:00", "g1"),
    ],
)
async def test_a_refusal_leaves_only_the_row_that_it_was_seen(one_cast: Cast, name: str, text: str, chat: str) -> None:
    before = await rows_of(one_cast.place.database)
    assert await one_cast.says(name, text, chat)
    after = await rows_of(one_cast.place.database)
    assert changed(before, after) == {"seen"}
    assert len(after["seen"]) == len(before["seen"]) + 1


CHATTER = (
    "我觉得食堂的狮子头真不错呀",
    "谁看见我的蓝色雨伞了落在会议室",
    "刚才领导讲话太长了哈哈哈",
    "帮我问一下发票怎么报销谢谢",
    "家里老人住院了这几天有点忙乱",
)


async def test_chatter_leaves_no_text_in_any_column(one_cast: Cast, tmp_path: Path) -> None:
    await one_cast.reply(*OPEN)
    for chat in ("g1", "", "nowhere"):
        for text in CHATTER:
            await one_cast.reply("张三", text, chat)
            await one_cast.send(Incoming(NAME, f"q{chat}{text[:2]}", "g1", "zhangsan", "嗯嗯", quote=text))
    await one_cast.settle()
    kept = json.dumps(await rows_of(one_cast.place.database), ensure_ascii=False, default=repr)
    for text in CHATTER:
        for start in range(len(text) - 5):
            assert text[start : start + 6] not in kept, text
    files = _bytes(tmp_path)
    assert "狮子头".encode() not in files
    assert "主题党日".encode() in files


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("house.db*"))


async def test_the_reason_of_a_leave_is_kept_as_a_kind_and_never_as_the_story(one_cast: Cast) -> None:
    await one_cast.reply(*OPEN)
    reply = await one_cast.says("李四", "请假，孩子发高烧在儿科输液")
    assert reply
    assert "输液" not in reply
    assert "输液" not in json.dumps(await rows_of(one_cast.place.database), ensure_ascii=False, default=repr)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("张三", "我的"),
        ("周敏", "/attendance who"),
        ("周敏", "/todo"),
        ("张三", "已交 3月"),
        ("周敏", "/member find 张三"),
    ],
)
async def test_what_is_for_private_eyes_is_never_said_in_the_group(cast: Cast, name: str, text: str) -> None:
    await cast.reply(*OPEN)
    await cast.reply("李四", "请假 值夜班", "")
    heard = await cast.reply(name, text)
    assert heard is not None
    assert not heard.private
    await cast.settle()
    for bubble in cast.place.console.bubbles:
        if not bubble.private:
            assert "值班" not in bubble.text
            assert "4237.56" not in bubble.text
    for secret in ("值班", "21.19", "4237"):
        assert secret not in heard.text, heard.text


async def test_where_the_platform_can_not_speak_alone_the_group_hears_how_to_ask(one_cast: Cast) -> None:
    house = replace(one_cast.place.house, private_via={})
    one = Incoming(NAME, "x1", "g1", ACCOUNTS["张三"], "我的")
    reply = await one_cast.place.database.write(partial(handle, incoming=one, house=house))
    assert reply == Reply("请私聊我发 我的")
    assert (await rows_of(one_cast.place.database))["outbox"] == []


async def test_a_bug_in_a_command_leaves_nothing_and_the_repeat_is_tried_anew(cast: Cast) -> None:
    def broken(*_: object) -> Reply:
        raise ZeroDivisionError

    house = cast.place.house
    words = tuple(replace(word, run=broken) if word.name == "help" else word for word in house.words)
    one = Incoming(NAME, "x1", "g1", ACCOUNTS["张三"], "帮助")
    before = await rows_of(cast.place.database)
    with pytest.raises(ZeroDivisionError):
        await cast.place.database.write(partial(handle, incoming=one, house=replace(house, words=words)))
    assert await rows_of(cast.place.database) == before
    assert await cast.send(one) is not None


async def test_members_of_two_branches_who_speak_at_once_all_stand_in_whole_chains(
    database_url: str, tmp_path: Path
) -> None:
    """Many private chats and groups: each answer extends its branch's trail, and no number is taken twice."""
    async with opened_cast(database_url, tmp_path) as cast:
        await cast.reply(*OPEN)
        await cast.reply("郑晓燕", OPEN[1], "g2")
        said = [
            Incoming(NAME, f"x{n}:{account}", account, account, words, private=True)
            for n, words in enumerate(("参加", "请假 值班", "参加"))
            for account in ACCOUNTS.values()
            if account != "admin"
        ]
        async with opened_cast(database_url, tmp_path) as twin:  # a second replica of the same house
            heard = await asyncio.gather(*((cast, twin)[n % 2].send(one) for n, one in enumerate(said)))
        assert all(heard)
        assert await cast.place.database.read(trail.verify) == []


async def test_a_refused_tap_leaves_the_other_buttons_to_who_tapped(one_cast: Cast) -> None:
    await one_cast.reply(*OPEN)
    await one_cast.reply(*SHIFT)
    early = await one_cast.reply("张三", "签到 #1", kind="press")
    assert early is not None
    assert early.card is not None
    assert "还没开始签到" in early.text
    assert (early.card.mine, [one.label for one in early.card.buttons]) == (True, ["参加", "请假", "签到"])
    stranger = await one_cast.reply("路人", "参加 #1", kind="press")
    assert stranger is not None
    assert stranger.card == early.card
    assert "我是 姓名" in stranger.text
    none = await one_cast.reply("张三", "退出 #2", kind="press")
    assert none is not None
    assert none.card is not None
    assert none.card.buttons[0].label == "报名"
    await one_cast.reply("周敏", "/attendance cancel #1")
    late = await one_cast.reply("张三", "参加 #1", kind="press")
    assert late is not None
    assert late.card is not None
    assert "已取消" in late.text
    assert late.card.buttons == ()
    typed = await one_cast.reply("张三", "参加 #1")
    assert typed is not None
    assert typed.card is None

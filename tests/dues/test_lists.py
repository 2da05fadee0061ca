"""A 接龙 of payments: everybody claims for himself, who collects claims for those whose dues he collects."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.tables import dues_claims, members
from tests.cast import Cast

LIST = "#接龙\n11月党费\n例 姓名 金额\n\n1. 张三 21.19元\n2. 李四 50 微信\n3. 吴大勇"
PLAIN = "1. 张三 已交\n2. 李四 已交"


async def claimed(cast: Cast) -> list[tuple[str, str, int, str]]:
    """(name, month, fen, how) of every claim, in order."""
    columns = (members.c.name, dues_claims.c.month, dues_claims.c.fen, dues_claims.c.method)
    query = select(*columns).join(members, members.c.id == dues_claims.c.member_id).order_by(dues_claims.c.id)
    return [tuple(row) for row in await cast.rows(query)]


async def test_of_a_members_list_his_own_row_counts(cast: Cast) -> None:
    heard = await cast.says("李四", LIST)
    assert heard == (
        "已登记，待确认\n名单里别人的没有登记：由各人自己报（已交），或由收党费的同志发名单登记。\n"
        "党费金额请不要发在群里，私聊我就行。"
    )
    assert await claimed(cast) == [("李四", "2026-11", 5000, "微信转账")]
    await cast.dialog([("李四", LIST, "这个月的党费已报过，等收缴人确认")])
    await cast.dialog([("吴大勇", LIST, "已登记 11月党费，待确认\n名单里别人的没有登记")], chat="")
    assert (await claimed(cast))[1:] == [("吴大勇", "2026-11", 0, "")]


async def test_who_collects_claims_for_all_and_confirms_them(cast: Cast) -> None:
    await cast.dialog([("李四", "已交 50 11月", "已登记，待确认")])
    await cast.dialog(
        [
            (
                "李红",
                f"{LIST}\n4. 路人 5",
                "已登记 2 人，待确认；2 人没有登记上，是谁、为什么，私聊我发同样的名单\n党费金额",
            ),
        ]
    )
    assert (await claimed(cast))[1:] == [("张三", "2026-11", 2119, ""), ("吴大勇", "2026-11", 0, "")]
    heard = await cast.says("李红", f"{LIST}\n4. 路人 5\n5. 刘敏 30 11月", "")
    assert heard.splitlines()[0] == "已按名单登记 1 人，待确认"
    assert "李四：这个月的党费已报过，等收缴人确认。" in heard
    assert "路人：本支部名册里没有「路人」" in heard
    await cast.dialog([("李红", "/dues confirm 张三", "已确认：张三 11月 21.19 元")], chat="")
    again = await cast.says("李红", LIST, "")
    assert "张三：这个月已确认过一笔，再交的请本人报。" in again
    assert len(await claimed(cast)) == 4


async def test_a_list_without_a_heading_answers_no_meeting(cast: Cast) -> None:
    """张三 已交 is what he paid, not that he comes."""
    await cast.dialog(
        [
            ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "参加 0"),
            ("李四", PLAIN, "已登记，待确认"),
            ("李红", PLAIN, "没写是哪个月的党费，请在第一行写上，如：11月党费"),
            ("李红", f"11月党费：\n{PLAIN}", "已登记 1 人，待确认；1 人没有登记上"),
            ("刘敏", PLAIN, "名单里没有您自己的一行，没有登记"),
            ("刘敏", "1. 刘敏 材料已交\n2. 李四 材料已交", ""),
            ("周敏", "/attendance", "参加 0"),
        ]
    )
    assert [name for name, *_ in await claimed(cast)] == ["李四", "张三"]


async def test_a_group_leader_claims_for_his_own_group(cast: Cast) -> None:
    heard = await cast.says("张三", "11月党费\n1. 李四\n2. 刘敏\n3. 张三", "")
    assert heard.startswith("已按名单登记 2 人，待确认\n刘敏：不在您的党小组")
    assert [name for name, *_ in await claimed(cast)] == ["李四", "张三"]


@pytest.mark.parametrize(
    ("text", "hears", "names"),
    [
        ("我和刘敏党费都交了", "已登记 2 人，待确认", ["李四", "刘敏"]),
        ("我和刘敏党费都交了50", "几个人合起来的金额分不开", []),
        ("刘敏、吴大勇党费已交", "名单里没有您自己的一行", []),
        ("刘敏：已交\n李四：已交", "名单里别人的没有登记", ["李四"]),
        ("刘敏 已交\n李四 已交", "名单里别人的没有登记", ["李四"]),
        ("1. 李四 参加\n2. 刘敏 党费已交", "几样事请分开发", []),
    ],
)
async def test_several_in_a_sentence_are_a_list_too(one_cast: Cast, text: str, hears: str, names: list[str]) -> None:
    await one_cast.dialog([("李四", text, hears)])
    assert [name for name, *_ in await claimed(one_cast)] == names

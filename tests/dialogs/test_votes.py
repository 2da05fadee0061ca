"""Whether a meeting may vote and whether a vote has passed: the worked cases, and who is not counted in 应到."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.db import Tx
from handlers.attendance.known import ALWAYS, held, stands
from handlers.attendance.votes import COMMITTEE, ELECTION, ORDINARY, kind_of_vote, needed, quorum
from tests.cast import opened_cast
from tests.dialogs.conftest import Stage

NEW = ("严冬", "方圆", "石磊", "江河", "叶青", "白雪")
VOTERS = ("周敏", "李红", "陈建国", "何静", "张三", "李四", "王芳(检验科)", "王芳(护理部)", "刘敏", "赵丽华", "马志远")
OPEN = ("周敏", "/attendance open 支部党员大会 12月4日15:00 三楼会议室", "已开 #1")


@pytest.mark.parametrize(
    ("kind", "due", "present", "reached", "yes"),
    [
        (ORDINARY, 15, 7, False, 8),
        (ORDINARY, 15, 8, True, 8),
        (ORDINARY, 15, 12, True, 8),
        ("admission", 15, 10, True, 8),
        (ELECTION, 15, 11, False, 6),
        (ELECTION, 15, 12, True, 7),
        (ORDINARY, 10, 5, False, 6),
        (ORDINARY, 10, 6, True, 6),
        (COMMITTEE, 4, 2, False, 3),
        (COMMITTEE, 5, 3, True, 3),
        (ORDINARY, 0, 0, False, 1),
    ],
)
def test_the_worked_cases(kind: str, due: int, present: int, reached: bool, yes: int) -> None:
    assert quorum(kind, due, present).reached is reached
    assert needed(kind, due, present) == yes


@pytest.mark.parametrize(("kind", "reached"), [(ORDINARY, True), (COMMITTEE, True), ("full", False), (ELECTION, False)])
def test_half_is_enough_only_where_it_was_chosen_and_the_regulation_says_so(kind: str, reached: bool) -> None:
    assert quorum(kind, 10, 5, half=True).reached is reached
    assert quorum(kind, 10, 5).reached is False


@pytest.mark.parametrize(
    ("matter", "kind"),
    [
        ("年度计划", ORDINARY),
        ("接收张三为预备党员", "admission"),
        ("转正 张三", "full"),
        ("延长张三预备期", "extension"),
        ("取消张三预备党员资格", "cancellation"),
        ("选举支部委员", ELECTION),
    ],
)
def test_a_matter_says_which_vote_it_is(matter: str, kind: str) -> None:
    assert kind_of_vote(matter) == kind


async def twenty(cast: Stage) -> None:
    """20 members: 17 正式 (2 of them not counted), 2 预备, 1 留党察看; 15 in 应到会有表决权."""
    for name in NEW:
        await cast.says("周敏", f"/member add {name} 门诊部", "")

    for name, category in zip(NEW, ("正式党员",) * 4 + ("预备党员", "留党察看"), strict=True):
        await cast.says("周敏", f"/member category {name} {category}", "")
    await cast.dialog(
        [
            (
                "周敏",
                "/attendance exclude 孙桂兰 异地定居 上级 2026-10-08 大会 2026-10-20",
                "已登记：孙桂兰 从 2026-11-21 起",
            ),
            (
                "周敏",
                "/attendance exclude 石磊 自费出国 上级 2026-10-08 大会 2026-10-20 从 12月1日",
                "从 2026-12-01 起",
            ),
        ],
        chat="",
    )


async def test_the_worked_branch_votes_by_the_rules(cast: Stage) -> None:
    await twenty(cast)
    await cast.dialog(
        [
            OPEN,
            ("周敏", "/attendance", "应到 18 · 参加 0"),
            ("周敏", "/attendance checkin on", "开始签到"),
            (
                "周敏",
                f"/attendance mark {' '.join(VOTERS[:7])} 欧阳静 叶青 到",
                "应到 18 · 参加 0 · 请假 0 · 未回 18 · 实到 9",
            ),
            ("周敏", "/attendance", "实到 9\n应到会有表决权 15 · 实到 7 · 还差 1 人才能表决"),
        ]
    )
    await cast.refused(
        [("周敏", "/attendance record 表决 年度计划 赞成7", "实到 7 人；表决要 8 人到会，不能表决")], chat=""
    )
    await cast.dialog([("周敏", f"/attendance mark {VOTERS[7]} 到", "实到 10")])
    await cast.dialog(
        [
            ("周敏", "/attendance", "应到会有表决权 15 · 实到 8 · 可以表决（选举还差 4 人）"),
            ("周敏", f"/attendance mark {' '.join(VOTERS[8:10])} 到", "实到 12"),
        ]
    )
    admission = "/attendance record 表决 接收孙悦为预备党员 赞成{} 反对{} 弃权0 书面3"
    await cast.dialog(
        [
            ("周敏", admission.format(7, 6), "书面 3 · 赞成 7 · 反对 6 · 弃权 0 · 要 8 票 · 没有通过"),
            (
                "周敏",
                admission.format(8, 5),
                "表决 接收孙悦为预备党员：应到会有表决权 15 · 实到 10 · 书面 3 · 赞成 8 · 反对 5",
            ),
            ("周敏", "/attendance record", "弃权 0 · 要 8 票 · 通过"),
            ("周敏", f"/attendance mark {VOTERS[10]} 到", "实到 13"),
        ],
        chat="",
    )
    assert "没有通过" not in await cast.says("周敏", "/attendance record", "")
    await cast.refused([("周敏", "/attendance record 表决 选举支部书记 赞成7", "选举要 12 人到会")], chat="")
    await cast.dialog(
        [
            ("周敏", "/attendance mark 严冬 到", "实到 14"),
            ("周敏", "/attendance", "可以表决"),
            (
                "周敏",
                "/attendance record 表决 选举支部书记 赞成6 反对6",
                "赞成 6 · 反对 6 · 弃权 0 · 要 7 票 · 没有通过",
            ),
            ("周敏", "/attendance record 表决 选举支部书记 赞成7 反对5", "赞成 7 · 反对 5 · 弃权 0 · 要 7 票 · 通过"),
            (
                "周敏",
                "/attendance record 表决 年度计划 赞成7票，反对3票",
                "反对 3 · 弃权 0 · 未投 2 · 要 8 票 · 没有通过",
            ),
            ("周敏", "/attendance record 表决 年度计划 同意8 反对4 决议 同意", "要 8 票 · 通过"),
        ],
        chat="",
    )
    await cast.refused(
        [
            ("周敏", "/attendance record 表决 预算 赞成9 书面3", "书面意见只在接收、转正"),
            ("周敏", "/attendance record 表决 预算 赞成12 反对1", "票数对不上"),
            (
                "周敏",
                "/attendance record 表决 接收孙悦为预备党员 赞成8 书面4",
                "票数对不上：应到会有表决权 15 人，实到 12 人",
            ),
            ("周敏", "/attendance record 表决 预算", "表决要写票数"),
            ("周敏", "/attendance record 表决 赞成8", "表决要写事项"),
        ],
        chat="",
    )


async def test_who_is_not_counted_is_effective_dated_and_private(cast: Stage) -> None:
    def due(tx: Tx) -> list[int]:
        return [len(stands(tx, one.row)) for one in held(tx, 1, 0, ALWAYS)]

    await cast.dialog(
        [
            ("周敏", "/attendance exclude", "已私发给您"),
            ("周敏", "/attendance open 党课 11月25日15:00", "应到 14"),
            ("周敏", "/attendance open 党课 12月25日15:00", "应到 14"),
        ]
    )
    await cast.dialog(
        [
            (
                "周敏",
                "/attendance exclude 孙桂兰 异地定居 上级 2026-10-08 大会 2026-10-20 从 12月1日 到 2027-03-01",
                "已登记",
            ),
            (
                "周敏",
                "/attendance exclude",
                "不计入应到 1 人\n孙桂兰（异地定居）：2026-12-01 起，到 2027-03-01 前；上级 2026-10-08，大会",
            ),
            ("周敏", "/attendance exclude 孙桂兰 长期病弱 上级 2026-10-08 大会 2026-10-20", "已经登记了不计入应到"),
            ("孙桂兰", "参加 #2", "应到名单里没有这位同志"),
        ],
        chat="",
    )
    assert await cast.place.database.read(due) == [14, 13]
    await cast.until("2026-12-10 09:00")
    await cast.dialog([("周敏", "/attendance exclude 孙桂兰 恢复 12月20日", "从 2026-12-20 起计入应到")], chat="")
    assert await cast.place.database.read(due) == [14, 14]
    await cast.dialog(
        [
            ("周敏", "/attendance mark #1 张三 到", "已登记"),
            ("周敏", "/attendance close #1", "已结束"),
            ("周敏", "/attendance exclude 李四 自费出国 上级 2026-10-08 大会 2026-10-20 从 2026-12-09", "已登记"),
        ],
        chat="",
    )
    await cast.refused(
        [
            (
                "周敏",
                "/attendance exclude 刘敏 自费出国 上级 2026-10-08 大会 2026-10-20 从 2026-11-22",
                "公布过的应到不改",
            ),
            ("周敏", "/attendance exclude 刘敏 自费出国 上级 2026-10-21 大会 2026-10-20", "要先上级同意，再大会通过"),
            ("周敏", "/attendance exclude 刘敏 自费出国 大会 2026-10-20", "请写姓名、情况"),
            ("周敏", "/attendance exclude 刘敏 不想来 上级 2026-10-08 大会 2026-10-20", "请写姓名、情况"),
            ("周敏", "/attendance exclude 刘敏 服刑 上级 2026-10-08 大会 2月30日", "2月30日"),
            (
                "周敏",
                "/attendance exclude 刘敏 服刑 上级 2026-10-08 大会 2026-10-20 从 8月1日",
                "起算日不能早于大会通过的那天",
            ),
            ("周敏", "/attendance exclude 刘敏 恢复", "没有登记不计入应到"),
        ],
        chat="",
    )
    await cast.refused([("周敏", "/attendance exclude 刘敏 长期 上级 2026-10-08 大会 2026-10-20", "请私聊我发")])


async def test_half_may_vote_where_the_house_reads_it_literally(sqlite: str, tmp_path: Path) -> None:
    async with opened_cast(sqlite, tmp_path, "[meetings]\nhalf_may_vote = true\n") as made:
        cast = Stage(made.place)
        await cast.dialog(
            [
                ("周敏", "/attendance open 支委会 12月4日15:00 应到 支委", "应到 4"),
                ("周敏", "/attendance mark 周敏 李红 到", "实到 2"),
                ("周敏", "/attendance", "应到会有表决权 4 · 实到 2 · 可以表决"),
            ]
        )
        await cast.dialog([("周敏", "/attendance record 表决 党费预算 赞成2", "要 3 票 · 没有通过")], chat="")


async def test_a_name_that_begins_like_an_option_is_a_name(cast: Stage) -> None:
    await cast.dialog(
        [
            ("周敏", "/member add 从云飞", "已加入名册"),
            ("周敏", "/attendance exclude 从云飞 异地定居 上级 2026-10-08 大会 2026-10-20", "已登记：从云飞"),
        ],
        chat="",
    )

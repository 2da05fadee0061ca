"""The last one who may act for a branch is not taken away by a slip; an admin may."""

from __future__ import annotations

import pytest

from tests.cast import Cast


@pytest.mark.parametrize(
    "slip",
    [
        "/member role 周敏 无",
        "/member role 周敏 宣传委员",
        "/member leave 周敏 转出",
        "/member transfer 周敏 第二党支部",
    ],
)
async def test_the_last_secretary_hands_over_before_he_goes(one_cast: Cast, slip: str) -> None:
    await one_cast.dialog([("周敏", "/member role 李红 无", "李红 不再任职")], "")
    refused = "周敏 是本支部最后一位书记或组织委员，这样就没有人能办本支部的事了，没有改动。请先记接任的："
    await one_cast.dialog([("周敏", slip, refused)], "")
    await one_cast.dialog(
        [("周敏", "/member role 张三 书记", "张三 书记（"), ("周敏", "/member role 周敏 无", "不再任职")], ""
    )
    await one_cast.dialog([("张三", "/todo", "没有待办"), ("周敏", "/todo", "由书记或组织委员")], "")


async def test_an_admin_may_leave_a_branch_without_one(one_cast: Cast) -> None:
    await one_cast.dialog([("周敏", "/member role 李红 无", "不再任职")], "")
    await one_cast.dialog([("admin", "/member role 周敏 无", "周敏 不再任职")])

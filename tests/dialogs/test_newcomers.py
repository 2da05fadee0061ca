"""From an unknown account to a member: only a secretary who knows both says so."""

from __future__ import annotations

from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1")


async def test_somebody_unknown_is_linked_by_the_secretary(cast: Stage) -> None:
    await cast.dialog(
        [
            OPEN,
            ("新人", "参加", "我还不认识您。请先说：我是 姓名"),
            ("新人", "收到", ""),
            ("新人", "我是 不存在", "没有找到这个姓名"),
            ("新人", "我是", "请写上姓名"),
            ("新人", "我是 张三", "已转给书记确认"),
            ("新人", "我是张三", "已转给书记确认"),
            ("新人", "参加", "我还不认识您"),
            ("周敏", "/attendance", "参加 0"),
        ]
    )
    await cast.dialog(
        [
            ("周敏", "/todo", "待办 1 项：\n1 关联账号：张三（内科），账号 新人（此人已有账号 zhangsan）"),
            ("周敏", "/todo ok 1", "已关联：张三"),
        ],
        chat="",
    )
    await cast.dialog([("新人", "参加", "已记：参加"), ("新人", "我是 李四", "您的账号已关联：张三（内科）")])


async def test_namesakes_are_asked_for_their_department(cast: Stage) -> None:
    await cast.dialog(
        [
            ("新人", "我是 王芳", "您在哪个科室？（回复数字）\n1. 检验科\n2. 护理部"),
            ("新人", "2", "已转给书记确认"),
        ]
    )
    await cast.dialog(
        [("周敏", "/todo", "关联账号：王芳（护理部）"), ("周敏", "/todo no 1 不认识", "已退回：王芳")], chat=""
    )
    await cast.dialog([OPEN, ("新人", "参加", "我还不认识您"), ("新人", "我是 王芳 检验科", "已转给书记确认")])


async def test_a_group_hears_nobodys_todo(cast: Stage) -> None:
    await cast.dialog([("新人", "我是 张三", "已转给书记确认"), ("周敏", "/todo", "已私发给您。")])

"""郑晓燕 is the secretary of another branch: she sees nothing of the first one and changes nothing in it."""

from __future__ import annotations

from tests.dialogs.conftest import Stage

FIRST = [
    ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1"),
    ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 2人", "#2"),
    ("张三", "参加", "已记"),
    ("张三", "报名 #2", "已报名"),
    ("张三", "已交", "已登记，待确认"),
]
WITH_NUMBERS = [
    *(f"/attendance {sub}" for sub in ("close #1", "cancel #1", "list #1", "who #1", "nudge #1", "checkin on #1")),
    *("/attendance edit #1 地点 四楼", "/attendance move #1 12月9日9:00", "/attendance mark #1 张三 到"),
    *(f"/volunteer {sub}" for sub in ("close 2", "cancel 2", "list 2", "add 2 张三", "remove 2 张三", "add 2 冯磊")),
    *("/todo ok 1", "/todo no 1"),
]
OF_PEOPLE = [
    *(f"/member {sub}" for sub in ("find 张三", "role 张三 书记", "transfer 张三 第二党支部", "link 张三 console zxy")),
    *("/dues set 张三 在职 50 更正", "/attendance open 党课 12月9日9:00 应到 张三"),
]


async def test_every_command_of_a_secretary_with_numbers_and_names_of_the_first_branch(cast: Stage) -> None:
    await cast.dialog(FIRST)
    for chat in ("g2", ""):
        await cast.refused([("郑晓燕", text, "没有") for text in (*WITH_NUMBERS, *OF_PEOPLE)], chat)
        await cast.refused(
            [
                ("郑晓燕", "/attendance", "现在没有正在登记的活动"),
                ("郑晓燕", "/volunteer", "现在没有志愿服务"),
                ("郑晓燕", "/volunteer list", "现在没有志愿服务"),
                ("郑晓燕", "/dues confirm 1", "现在没有待确认的党费"),
                ("郑晓燕", "/dues confirm 张三", "现在没有待确认的党费"),
                ("郑晓燕", "参加 #1", "现在没有正在登记的活动"),
                ("郑晓燕", "签到 #1", "现在没有在签到的活动"),
                ("郑晓燕", "报名 #2", "没有 #2 这个志愿服务"),
                ("郑晓燕", "退出 #2", "没有 #2 这个志愿服务"),
                ("郑晓燕", "代张三请假", "没有"),
                ("郑晓燕", "活动", "现在没有正在登记的活动"),
                ("郑晓燕", "/branch bind 第一党支部", "由管理员使用"),
            ],
            chat,
        )
    await cast.refused([("郑晓燕", "/todo", "没有待办")], chat="")
    await cast.refused([("郑晓燕", "/dues", "应交 4 人 · 已交 0 人 · 未交 4 人")], chat="g2")


async def test_a_guest_in_the_other_branchs_group_is_sent_home(cast: Stage) -> None:
    await cast.dialog(FIRST)
    words = (
        "参加",
        "请假",
        "取消",
        "签到",
        "报名 #2",
        "退出 #2",
        "已交 50",
        "活动",
        "我的",
        "为什么",
        "撤销",
        "/attendance",
        "/dues",
    )
    await cast.refused([("郑晓燕", word, "您不在这个支部的名册里") for word in words])
    await cast.refused([("郑晓燕", "/attendance close #1", "由书记或组织委员使用"), ("郑晓燕", "收到", "")])


async def test_both_branches_number_and_push_on_their_own(cast: Stage) -> None:
    await cast.dialog(FIRST)
    await cast.dialog(
        [("郑晓燕", "/attendance open 党课 12月9日9:00", "已开 #1 党课"), ("冯磊", "参加", "应到 4 · 参加 1")], "g2"
    )
    await cast.dialog([("周敏", "/attendance", "应到 14 · 参加 1")])
    await cast.dialog([("郑晓燕", "/attendance nudge", "今天提醒 1 个群")], "g2")
    await cast.settle()
    assert not cast.pushed("g1")
    assert "党课" in cast.pushed("g2")[-1].text

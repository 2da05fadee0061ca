"""Seats with a waiting list, and dues that count once the collector says so."""

from __future__ import annotations

from tests.dialogs.conftest import Stage

SHIFT = ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 2人", "名额 2 · 已报 0 · 候补 0\n报名请发：报名 #1")


async def test_seats_fill_wait_and_pass_on(cast: Stage) -> None:
    await cast.dialog(
        [
            SHIFT,
            ("张三", "报名", "已报名：#1 义诊 12月6日(周日)09:00-11:00\n名额 2 · 已报 1 · 候补 0"),
            ("张三", "报名", "已报过 #1 义诊，已有名额"),
            ("李四", "报名 #1", "名额 2 · 已报 2 · 候补 0"),
            ("刘敏", "报名", "已满，候补第 1 位"),
            ("何静", "报名", "已满，候补第 2 位"),
            ("张三", "退出", "名额 2 · 已报 2 · 候补 1"),
            ("周敏", "/volunteer list", "已报：李四、刘敏\n候补：1.何静"),
            ("周敏", "/volunteer add 1 张三 马志远", "马志远：已满，候补第 3 位"),
            ("周敏", "/volunteer remove 1 李四", "已移出：李四\n名额 2 · 已报 2 · 候补 2"),
            ("刘敏", "报名 #1", "已确认：#1 义诊"),
            ("周敏", "/volunteer close 1", "报名已截止"),
            ("李四", "报名 #1", "报名已截止，要改请找书记"),
            ("刘敏", "退出 #1", "报名已截止"),
            ("周敏", "/volunteer", "名额 2 · 已报 2 · 候补 2"),
            ("周敏", "/volunteer cancel 1", "已在群里通知报名的 4 人"),
            ("李四", "报名 #1", "已取消"),
            ("周敏", "/volunteer cancel 1", "已取消"),
        ]
    )
    await cast.settle()
    texts = [bubble.text for bubble in cast.pushed()]
    # 何静 had not said yes when it was called off: the offer is overtaken, and she hears the one line with the others.
    assert texts[0].startswith("刘敏 候补转正：#1 义诊\n")
    assert "请报名的 4 人知悉：刘敏、何静、张三、马志远" in texts[1]


async def test_a_number_picks_among_several_shifts_and_a_button_carries_it(cast: Stage) -> None:
    opened = await cast.reply("周敏", SHIFT[1])
    assert opened is not None
    await cast.dialog(
        [
            ("周敏", "/志愿 发布 义诊 12月7日9:00 社区 1人", "#2"),
            ("周敏", "/attendance open 党课 12月8日9:00", "#3"),
            ("张三", "报名", "报名哪一个？（回复数字）\n1. #1 义诊 12月6日(周日)09:00-11:00\n2. #2"),
            ("张三", "2", "已报名：#2"),
            ("张三", "报名 #1", "已报名：#1"),
            ("张三", "退出", "退出哪一个？"),
            ("张三", "退出 #2", "已退出：#2"),
            ("刘敏", "报名 #3", "已记：参加\n#3 党课"),
        ]
    )
    assert "已报名：#1" in (await cast.taps("李四", opened.card, "报名")).text
    assert "已报过 #1" in (await cast.taps("李四", opened.card, "报名")).text
    assert "已退出：#1" in (await cast.taps("李四", opened.card, "退出")).text


async def test_a_claim_counts_once_it_is_confirmed_and_only_once(cast: Stage) -> None:
    await cast.dialog(
        [
            ("张三", "已交", "已登记，待确认"),
            ("张三", "党费交了", "前面报的还在等收缴人确认"),
            ("王芳", "已交", "已登记，待确认"),
            ("wangfang2", "已交", "已登记，待确认"),
            ("李四", "/dues", "应交 13 人 · 已交 0 人 · 未交 13 人 · 未核定 1 人"),
            ("李红", "/dues confirm 张三", "已确认 1 项\n应交 13 人 · 已交 1 人"),
            ("李红", "/dues confirm 张三", "待确认的党费里没有「张三」"),
            ("李红", "/dues confirm 1", "待确认的党费里没有「1」"),
            ("李红", "/dues confirm 王芳", "「王芳」有 2 项待确认，请写编号：2、3"),
            ("李红", "/dues confirm 2 99", "待确认的党费里没有「99」。一项也没有确认"),
            ("李红", "/dues confirm 2 3", "已确认 2 项\n应交 13 人 · 已交 3 人"),
            ("张三", "党费已交", "已确认，不用再报"),
            ("张三", "我的", "已私发给您。"),
            ("周敏", "/dues set 吴大勇 在职 4000", "已核定：吴大勇。基数请不要发在群里"),
            ("周敏", "/dues", "应交 14 人 · 已交 3 人 · 未交 11 人"),
        ]
    )
    await cast.dialog(
        [
            ("李红", "/dues", "未交：周敏、李红、"),
            ("张三", "/dues set 李四 在职 4000 更正", "已核定 李四"),
            ("张三", "/dues set 周敏 在职 4000 更正", "不在您的党小组"),
            ("周敏", "/dues set 王芳 在职 4000", "请写明：王芳(检验科)、王芳(护理部)"),
            ("周敏", "/dues set 吴大勇 在职 0 更正", "金额没看懂"),
            ("周敏", "/dues set 吴大勇 外星 5", "类别：在职、离退休"),
        ],
        chat="",
    )
    assert "未交" not in await cast.says("李四", "/dues", "") or "未交：" not in await cast.says("李四", "/dues", "")


async def test_everything_has_help_with_an_example(cast: Stage) -> None:
    house = cast.place.house
    for command in house.commands:
        for name in (command.name, command.chinese):
            told = await cast.says("admin", f"/help {name}", "")
            assert f"/{command.name} /{command.chinese}" in told
            assert command.example.split()[0] in told
        for sub in command.subs:
            told = await cast.says("admin", f"/help {command.chinese} {sub.chinese}", "")
            assert f"例：{sub.example}" in told
            assert sub.example.startswith(f"/{command.name} {sub.name}")
    for word in house.words:
        assert word.chinese in await cast.says("张三", f"/help {word.chinese}")
    assert "管理用的命令" in await cast.says("周敏", "帮助")
    assert "管理用的命令" not in await cast.says("李四", "帮助")
    assert "/member" in await cast.says("周敏", "/help")
    assert "/member" not in await cast.says("李四", "/帮助")
    await cast.dialog([("某某", "帮助", "请先说：我是 姓名"), ("周敏", "/help zzz", "没有这个命令")])

"""Bad input: a clear answer, and not one row changed."""

from __future__ import annotations

from tests.dialogs.conftest import Stage

OPEN = ("周敏", "/attendance open 主题党日 12月4日15:00 三楼会议室", "#1")
SHIFT = ("周敏", "/volunteer open 义诊 12月6日9:00-11:00 人民广场 2人", "#2")
BIG = 60 * 1024


async def test_times_that_cannot_be(cast: Stage) -> None:
    meeting, shift = "/attendance open 主题党日", "/volunteer open 义诊"
    await cast.refused(
        [
            ("周敏", f"{meeting} 2月30日15:00", "没有2月30日"),
            ("周敏", f"{meeting} 12月4日25:00", "没有25:00"),
            ("周敏", f"{meeting} 昨天15:00", "已经过去了"),
            ("周敏", f"{meeting} 今天9:00", "已经过去了"),
            ("周敏", f"{meeting} 2099年12月4日15:00", "太远了"),
            ("周敏", f"{meeting} 12月4日(周六)15:00", "12月4日是周五，不是周六"),
            ("周敏", f"{meeting} 周末15:00", "11月21日(周六)15:00，还是11月22日(周日)15:00？"),
            ("周敏", f"{meeting} 12月4日", "没写几点"),
            ("周敏", f"{meeting}", "没看懂时间。例："),
            ("周敏", f"{meeting} 12月4日15:00-14:00", "结束时间比开始早"),
            ("周敏", f"{meeting} 12月4日15:00 三楼 截止 12月5日10:00", "截止时间要在"),
            ("周敏", f"{meeting} 12月4日15:00 三楼 截止 明天", "没看懂截止时间"),
            ("周敏", f"{shift} 2月30日9:00 广场 3人", "没有2月30日"),
            ("周敏", f"{shift} 昨天9:00 广场 3人", "已经过"),
            ("周敏", f"{shift} 12月6日20:00-19:00 广场 3人", "最多 12 小时"),
            ("周敏", "/remind once 2月30日9:00 带党费证", "没有2月30日"),
            ("周敏", "/remind once 昨天9:00 带党费证", "已经过去了"),
            ("周敏", "/remind once 2099年1月1日9:00 带党费证", "太远了"),
            ("周敏", "/remind once 周末9:00 带党费证", "请写明日期和时间"),
            ("周敏", "/remind once 12月3日9:00", "请写提醒的内容"),
            ("周敏", "/remind once 带党费证", "没看懂时间"),
        ]
    )


async def test_quotas_names_and_audiences_that_cannot_be(cast: Stage) -> None:
    shift, meeting = "/volunteer open 义诊 12月6日9:00 广场", "/attendance open 党课 12月9日9:00"
    await cast.dialog([OPEN, SHIFT])
    quotas = [("周敏", f"{shift} {count}人", "1 到 1000 之间的整数") for count in ("0", "-3", "2.5", "1001", "9" * 30)]
    await cast.refused(
        [
            *quotas,
            ("周敏", shift, "没看到人数"),
            ("周敏", f"{meeting} 应到 不存在", "名册里没有「不存在」"),
            ("周敏", f"{meeting} 应到 张三、王芳", "王芳(检验科)、王芳(护理部)"),
            ("周敏", f"{meeting} 应到", "请写上应到的范围"),
            ("周敏", "/attendance open 12月9日9:00", "请写上活动名称"),
            ("周敏", f"/attendance open {'党' * 31} 12月9日9:00", "最多 30 字"),
            ("周敏", f"{meeting} {'楼' * 61}", "最多 60 字"),
            ("周敏", "/attendance mark 张三 不存在 到", "名册里没有「不存在」"),
            ("周敏", "/attendance mark 张三 到 王芳 到", "请写明：王芳(检验科)、王芳(护理部)"),
            ("周敏", "/attendance mark 到", "前面要有姓名"),
            ("周敏", "/attendance mark 张三", "请写姓名和状态"),
            ("周敏", "/attendance edit 时间 12月9日", "可以改：地点、截止"),
            ("周敏", "/attendance move 12月9日", "没写几点"),
            ("周敏", "/attendance checkin", "checkin on"),
            ("周敏", "/volunteer add 2 不存在", "名册里没有「不存在」"),
            ("周敏", "/volunteer add 2 王芳", "请写明：王芳(检验科)、王芳(护理部)"),
            ("周敏", "/volunteer add 2", "请写明姓名"),
            ("周敏", "/member find 王芳", "有 2 位王芳"),
            ("周敏", "/member role 不存在 书记", "没有找到"),
            ("张三", "代王芳请假", "有 2 位「王芳」"),
            ("张三", "退出 #2", "没有报名记录"),
            ("李红", "/dues confirm 张三", "现在没有待确认的党费"),
        ]
    )


async def test_what_is_too_long_is_refused_and_never_cut(cast: Stage) -> None:
    await cast.dialog([OPEN, SHIFT, ("张三", "请假 值班", "已记"), ("周敏", "/attendance open 党课 12月9日9:00", "#3")])
    await cast.refused(
        [
            ("周敏", f"/todo no 1 {'长' * 201}", "原因最多 200 字，您写了 201 字，没有办"),
            ("周敏", f"/attendance cancel #1 {'长' * 61}", "取消的原因最多 60 字，您写了 61 字"),
            ("周敏", f"/volunteer cancel 2 {'长' * 61}", "取消的原因最多 60 字"),
            ("周敏", f"/volunteer hours 2 张三 2小时 原因 {'长' * 61}", "原因最多 60 字"),
            ("周敏", f"/member role 张三 {'长' * 201}", "职务最多 200 字"),
            ("李红", f"/dues large 张三 5000 {'长' * 201}", "说明最多 200 字"),
            ("李红", f"/dues remit 回单 1 5 {'长' * 101}", "回单号最多 100 字"),
            ("周敏", f"/attendance edit 地点 {'长' * 121}", f"例：/attendance edit #1 地点 {'长' * 117}…"),
        ],
        chat="",
    )
    await cast.dialog(
        [("周敏", f"/todo no 1 {'长' * 200}", "未批"), ("周敏", f"/attendance cancel #1 {'长' * 60}", "长")]
    )


async def test_numbers_that_nothing_has(cast: Stage) -> None:
    await cast.dialog([OPEN])
    await cast.refused(
        [
            *(("张三", f"参加 #{number}", "没有对上") for number in ("0", "9", "999999", "9" * 12)),
            *(
                ("周敏", f"/attendance {sub} #99", "没有编号 #99")
                for sub in ("close", "cancel", "list", "mark", "nudge")
            ),
            ("周敏", f"/attendance cancel #{'9' * 12}", "没有编号"),
            ("周敏", "/attendance checkin on #99", "没有编号 #99"),
            ("周敏", "/volunteer close 99", "没有 #99"),
            ("周敏", "/volunteer list 1", "没有 #1 这个志愿服务"),
            ("周敏", "/todo ok 99", "没有待办 99"),
            ("周敏", "/todo ok abc", "请写编号"),
            ("张三", "99999999", ""),
        ]
    )


async def test_a_member_is_no_secretary(cast: Stage) -> None:
    await cast.dialog([OPEN, SHIFT])
    commands = [
        *(
            "/attendance open 党课 12月9日9:00",
            "/attendance close #1",
            "/attendance cancel",
            "/attendance mark 张三 到",
        ),
        *(
            "/attendance who",
            "/attendance list",
            "/attendance nudge",
            "/attendance checkin on",
            "/attendance move #1 12月9日9:00",
        ),
        *(
            "/volunteer open 义诊 12月6日9:00 广场 2人",
            "/volunteer add 2 张三",
            "/volunteer cancel 2",
            "/volunteer close 2",
        ),
        *(
            "/dues confirm 1",
            "/dues set 李四 在职 1",
            "/todo",
            "/todo ok 1",
            "/remind",
            "/remind once 12月3日9:00 带证",
        ),
        *("/member find 张三", "/member role 李四 书记", "/member link 李四 console x", "/branch", "/branch check"),
        *("/branch bind 第二党支部", "/member transfer 周敏 第二党支部"),
    ]
    refusals = [("李四", text, "使用。您可以说：参加、请假、签到、活动、我的。") for text in commands]
    await cast.refused(refusals)
    await cast.refused(refusals, chat="")
    await cast.refused([("某某", text, "我还不认识您。请先说：我是 姓名") for text in commands])
    await cast.refused(
        [("周敏", "/branch bind 第二党支部", "由管理员使用"), ("周敏", "/dues confirm 1", "由党费收缴人使用")]
    )


async def test_an_unbound_group_hears_its_id_and_the_command(cast: Stage) -> None:
    how = "群编号：g9\n请管理员在群里发：/branch bind 支部名称"
    texts = ("参加", "/attendance", "你好", "", "我是 张三", "/attendance open 党课 12月9日9:00", "@支部小助手")
    await cast.refused([(name, text, how) for name in ("张三", "周敏", "某某", "admin") for text in texts], chat="g9")
    await cast.refused([("张三", "/branch bind 第一党支部", "由管理员使用")], chat="g9")
    await cast.refused([("admin", "/branch bind 第三党支部", "是不是：第一党支部")], chat="g9")
    await cast.refused([("admin", "/branch bind", "请写上支部名称")], chat="g9")


async def test_empty_long_and_unreadable_messages(cast: Stage) -> None:
    await cast.dialog([OPEN])
    for chat in ("g1", ""):
        await cast.refused(
            [
                ("张三", "", "请写上要说的话"),
                ("张三", "  \n ", "请写上要说的话"),
                ("张三", "@支部小助手", "请写上要说的话"),
                ("张三", "/", "发 /help 看全部命令"),
                ("张三", "参加" * (BIG // 6), "消息太长"),
                ("张三", "x" * BIG, "消息太长"),
                ("周敏", "/attendance open " + "x" * BIG, "命令太长"),
                ("周敏", "/" + "x" * 1999, "没有 /xxx"),
            ],
            chat,
        )
    before = await cast.books()
    reply = await cast.reply("张三", "", kind="other")
    assert reply is not None
    assert "我只读文字" in reply.text
    assert await cast.books() == before


async def test_markup_and_sql_are_only_words(cast: Stage) -> None:
    kind, place = "<b>党课</b>", "三楼'); DROP TABLE members;--"
    await cast.dialog(
        [
            ("周敏", f"/attendance open {kind} 12月9日9:00 {place}", f"已开 #1 {kind} 12月9日(周三)09:00\n{place}"),
            ("张三", "参加", "应到 14 · 参加 1"),
            ("周敏", "/attendance mark 张三';-- 到", "名册里没有「张三'」"),
            ("周敏", "/member add <script>alert(1)</script>", "已加入名册"),
            ("周敏", "/attendance", "应到 15 · 参加 1"),
        ]
    )
    await cast.refused([("周敏", "/member find %", "没有找到"), ("周敏", "/member find _三", "没有找到")])


async def test_mistyped_commands_are_guessed_at(cast: Stage) -> None:
    await cast.refused(
        [
            ("周敏", "/attendence", "没有 /attendence，是不是 /attendance？"),
            ("周敏", "/考情", "是不是 /考勤？"),
            ("周敏", "/attendance opne 党课 12月9日9:00", "没有 /attendance opne，是不是 /attendance open？"),
            ("周敏", "/volunteer 99", "没有 /volunteer 99"),
            ("周敏", "/xyzzy", "没有 /xyzzy。发 /help 看全部命令。"),
            ("张三", "/help atendance", "是不是 attendance？"),
        ]
    )

"""The catalogue: every figure once, as data. What a report prints, a name in a template, `/report why` and the command
line all mean the figure of that name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.figures import deeds, hours, meetings, money, people
from handlers.figures.figure import Figure
from handlers.figures.rows import Chosen, Rows
from handlers.registers_tables import register_rows as _r

PLACES = ("公立医院", "乡镇卫生院")

# 党员: at the cut-off.

MEMBERS = Figure("党员", "人", "截止日在册的党员（正式、预备、留党察看），不含停止党籍的", people.ALL)


def _members(name: str, definition: str, rows: Rows) -> Figure:
    return Figure(name, "人", f"截止日在册党员中{definition}", rows)


def _shares(figures: Iterable[Figure]) -> Iterable[Figure]:
    """Each figure of members, and its share of all members."""
    for one in figures:
        yield one
        yield Figure(f"{one.name}占比", "%", f"{one.name}人数÷党员人数，保留一位小数", one.rows, one.measure, MEMBERS)


def _is(*words: str) -> people.Test:
    return lambda value, _asked: value in words


def _not_han(value: str, _asked: Any) -> bool:
    return value not in people.HAN


_YOUNG = people.who("born_on", lambda born, asked: born > asked["young_after"])
_OF_MEMBERS = (
    _members("青年党员", "截止日{young}的", _YOUNG),
    _members("大专以上党员", "学历为大专、本科、硕士、博士的", people.who("education", _is(*people.HIGHER))),
    _members("女党员", "性别为女的", people.who("gender", _is("女"))),
    _members("少数民族党员", "民族不是汉族的", people.who("ethnicity", _not_han)),
)
_STANDING = (
    _members("在职党员", "状态为在职的", people.who("status", _is("在职"))),
    _members("退休党员", "状态为退休、离休的", people.who("status", _is(*people.RETIRED))),
    _members("预备党员", "类别为预备党员的", people.who("category", _is("预备党员"))),
    _members("流动党员", "状态为流动的", people.who("status", _is("流动"))),
)
_ADMITTED = "支部大会通过的日期在本期内的党员"


def _admitted(name: str, of: str, column: str, test: people.Test) -> Figure:
    return Figure(f"发展{name}党员", "人", f"{_ADMITTED}中{of}的", people.who(column, test, within=people.admitted))


ADMISSIONS = (
    Figure("发展党员", "人", _ADMITTED, Chosen(people.PEOPLE, people.admitted)),
    _admitted("少数民族", "民族不是汉族", "ethnicity", _not_han),
    _admitted("公务员", "岗位类别为公务员", "post", _is("公务员")),
    _admitted("事业管理技术", "岗位类别为事业管理、事业专业技术", "post", _is(*people.MANAGERS)),
    _admitted("公有制工人", "岗位类别为公有制工人、工勤", "post", _is(*people.WORKERS)),
)
SECRETARIES = Figure(
    "新任40岁以下书记",
    "人",
    "任职日期在本期内、截止日未满40周岁的支部书记",
    people.who("born_on", lambda born, asked: born > asked["forty_after"], within=people.appointed),
)

# 组织

ORGANISATION = (
    Figure("党支部", "个", "截止日有党员的支部", people.ALL, "branches"),
    Figure("二级党委", "个", "单位名单里在册的二级党委", deeds.book("unit", "二级党委", when="standing")),
    Figure("医疗卫生单位", "家", "单位名单里在册的医疗卫生单位", deeds.book("unit", "医疗卫生单位", when="standing")),
    Figure("公立医院", "家", "在册医疗卫生单位中类型为公立医院的", deeds.units(_r.c.level == "公立医院")),
    Figure("乡镇卫生院", "家", "在册医疗卫生单位中类型为乡镇卫生院的", deeds.units(_r.c.level == "乡镇卫生院")),
    Figure(
        "其他医疗机构", "家", "在册医疗卫生单位中公立医院、乡镇卫生院以外的", deeds.units(_r.c.level.not_in(PLACES))
    ),
    Figure("乡镇卫生院党支部", "个", "单位名单里在册、类型为乡镇卫生院的党支部", deeds.branches_of("乡镇卫生院")),
    Figure(
        "新纳入基层医疗党支部", "个", "本年划入系统管理的乡镇卫生院、社区卫生服务中心党支部", deeds.joined_branches()
    ),
    Figure("新成立党支部", "个", "本年新成立的党支部", deeds.founded_branches()),
    SECRETARIES,
)

# 会议和学习

KINDS: Mapping[str, tuple[str, ...]] = {
    "党员大会": ("支部党员大会",),
    "支委会": ("支委会",),
    "党小组会": ("党小组会",),
    "党课": ("党课",),
    "主题党日": ("主题党日",),
    "组织生活会": ("组织生活会",),
    "民主评议": ("民主评议",),
    "集中学习": ("集中学习",),
    "专题研讨": ("专题研讨",),
    "中心组学习": ("理论中心组",),
    "集中培训": ("集中培训",),
    "警示教育": ("警示教育",),
    "红色教育": ("红色教育",),
    "道德讲堂": ("道德讲堂",),
    "宣传教育": ("宣传教育",),
    "宣传活动": ("宣传活动",),
    "党建工作会议": ("党建工作会议",),
}
_HELD = "本期内结束且记录完整的"


def _meetings() -> Iterable[Figure]:
    """Of each kind: 次, 人次, 人, and the branches that held one."""
    for name, kinds in KINDS.items():
        held, there = meetings.Sessions(*kinds), meetings.Attended(*kinds)
        yield Figure(name, "次", f"{_HELD}{name}场次，一次活动兼几类的各计一次", held)
        yield Figure(f"{name}人次", "人次", f"{_HELD}{name}的实到人次，补学不计", there, needs=held)
        yield Figure(f"{name}人数", "人", f"{_HELD}{name}到过会的党员人数，同一人只计一次", there, "people", needs=held)
        yield Figure(f"{name}支部", "个", f"本期内开过{name}（记录完整）的支部数", held, "branches")


_HELD_ANY, _EVERY = meetings.Sessions(), meetings.Attended()
_DUE = Figure("应到人次", "人次", f"{_HELD}各类会议活动的应到人次，不计入应到的除外", meetings.Due(), needs=_HELD_ANY)
MEETINGS = (
    *_meetings(),
    Figure(
        "集中学习和道德讲堂",
        "次",
        f"{_HELD}集中学习、道德讲堂场次，兼两类的只计一次",
        meetings.Sessions("集中学习", "道德讲堂"),
    ),
    Figure("活动", "场", f"{_HELD}各类会议活动场次", _HELD_ANY),
    Figure("参加活动人次", "人次", f"{_HELD}各类会议活动的实到人次", _EVERY, needs=_HELD_ANY),
    Figure("参加活动人数", "人", f"{_HELD}各类会议活动到过会的党员人数", _EVERY, "people", needs=_HELD_ANY),
    _DUE,
    Figure("出勤率", "%", "实到人次÷应到人次，保留一位小数", _EVERY, over=_DUE),
)

# 志愿服务、实事、心愿

_VOLUNTEERS = deeds.volunteers()
SERVICE = (
    Figure("志愿服务", "场", "本期内有人到岗的志愿服务场次，一次活动分几班的计一场", deeds.events()),
    Figure("志愿服务人次", "人次", "本期内志愿服务到岗人次", _VOLUNTEERS),
    Figure("志愿服务时长", "小时", "本期内经书记确认的志愿服务时长", deeds.service(), "minutes"),
    Figure("志愿者", "人", "本期内参加过志愿服务的党员人数，同一人只计一次", _VOLUNTEERS, "people"),
    Figure("双报到党员", "人", "截止日在册党员中已向居住地社区报到的", people.Reported()),
    Figure(
        "办实事党员",
        "人",
        "本期内参加志愿服务、认领微心愿或负责实事项目的党员，同一人只计一次",
        deeds.doers(),
        "people",
    ),
    Figure("实事项目", "项", "本期内确立的实事项目", deeds.book("project", "实事项目")),
    Figure("办结实事项目", "项", "本期内办结的实事项目", deeds.book("project", "实事项目", when="done")),
    Figure("征集微心愿", "个", "本期内征集的微心愿", deeds.wishes_with("add")),
    Figure("认领微心愿", "个", "本期内认领、没有退回的微心愿", deeds.wishes_claimed()),
    Figure("兑现微心愿", "个", "本期内确认兑现的微心愿", deeds.wishes_with("done")),
    Figure(
        "先锋示范岗", "个", "截止日在册的党员先锋示范岗", deeds.book("award", "党员先锋岗", when="standing"), "quantity"
    ),
)

# 谈心、关怀、问题、表彰、宣传

_TALKS = deeds.talks()


def _sum(name: str, unit: str, definition: str, register: str, *kinds: str, when: deeds.When = "within") -> Figure:
    return Figure(name, unit, definition, deeds.book(register, *kinds, when=when), "quantity")


BOOKS = (
    Figure("谈心谈话", "次", "本期内的谈心谈话次数", _TALKS),
    Figure("谈心谈话人次", "人次", "本期内谈心谈话的参加人次，两人谈一次计2人次", _TALKS, "quantity"),
    _sum("党内关怀", "人次", "本期内党内关怀的人次", "care"),
    _sum("问题", "个", "本期内梳理的问题", "issue", "问题"),
    _sum("意见建议", "条", "本期内收到的意见建议", "issue", "建议"),
    _sum("整改措施", "个", "本期内制定的整改措施", "issue", "措施"),
    _sum("销号问题", "个", "本期内销号的问题", "issue", "问题", when="done"),
    _sum("先进单位", "家", "本期内表彰的先进单位", "award", "先进单位"),
    _sum("先进个人", "名", "本期内表彰的先进个人", "award", "先进个人"),
    _sum("示范单位", "家", "本期内选树的示范点、示范单位", "award", "示范点"),
    _sum("党员名医", "名", "本期内选树的党员名医", "award", "党员名医"),
    _sum("较好党支部", "个", "本期内评为较好的党支部", "award", "较好党支部"),
    _sum("良好党支部", "个", "本期内评为良好的党支部", "award", "良好党支部"),
    Figure("稿件", "篇", "本期内撰写的新闻宣传稿件", deeds.book("article")),
    Figure(
        "采用稿件", "篇", "本期内被媒体采用的稿件", deeds.book("article", when="done", more=_r.c.state == "adopted")
    ),
    _sum("下派医护人员", "人次", "本期内基层巡诊下派的人次", "record", "基层巡诊"),
    _sum("外训宣传骨干", "人", "本期内外出培训的人数", "record", "外出培训"),
    _sum("基层调研", "次", "本期内联系点调研的次数", "record", "联系点调研"),
    _sum("发展计划", "人", "上级下达的本年发展党员计划数", "plan", "发展计划", when="due"),
    _sum("发展少数民族计划", "人", "本年发展计划中少数民族人数", "plan", "发展计划·少数民族", when="due"),
    _sum("发展公务员计划", "人", "本年发展计划中公务员人数", "plan", "发展计划·公务员", when="due"),
    _sum("发展事业管理技术计划", "人", "本年发展计划中事业管理技术人数", "plan", "发展计划·事业管理技术", when="due"),
    _sum("发展公有制工人计划", "人", "本年发展计划中公有制工人人数", "plan", "发展计划·公有制工人", when="due"),
    _sum("每月专题会议计划", "次", "计划每月召开党建专题会议的次数", "plan", "每月专题会议", when="due"),
    _sum("每季度调研计划", "次", "计划每季度到基层调研的次数", "plan", "每季度调研", when="due"),
)

# 学时

_ENOUGH, _TRAINED = hours.enough(), hours.trained()
STUDY = (
    Figure("学时", "学时", "本年到截止日全体党员的学时合计", hours.STUDIED, "minutes"),
    Figure("学时达标党员", "人", "本年到截止日满规定学时（党员32）的党员", _ENOUGH),
    Figure("学时达标率", "%", "满规定学时的党员÷党员人数，保留一位小数", _ENOUGH, over=MEMBERS),
    Figure(
        "班子成员", "人", "截止日在册的书记、副书记和委员", Chosen(people.PEOPLE, lambda one, _asked: people.leads(one))
    ),
    Figure("班子学时达标", "人", "本年到截止日满规定学时（班子56）的班子成员", hours.enough_for_leaders()),
    Figure("轮训党员", "人", "本年到截止日参加过集中培训的党员", _TRAINED),
    Figure("轮训率", "%", "参加过集中培训的党员÷党员人数，保留一位小数", _TRAINED, over=MEMBERS),
)

# 党费

_DUES = money.received()
DUES = (
    Figure("党费", "元", "记入本期各月台账、经收缴人确认的党费（含自愿多交，不含大额党费），冲正已扣除", _DUES, "fen"),
    Figure("大额党费", "元", "本期内收到的大额党费，全部上缴中央", money.received("large"), "fen"),
    Figure("交纳党费人数", "人", "本期内交纳党费的党员人数", money.payers(), "people"),
)

# Short name, Chinese name, figures: in the order in which they are printed.
GROUPS: tuple[tuple[str, str, tuple[Figure, ...]], ...] = (
    ("organisation", "组织", ORGANISATION),
    ("members", "党员", (MEMBERS, *_STANDING, *_shares(_OF_MEMBERS), *ADMISSIONS)),
    ("meetings", "会议和学习", MEETINGS),
    ("service", "服务和心愿", SERVICE),
    ("books", "谈心、问题、表彰、宣传", BOOKS),
    ("study", "学时", STUDY),
    ("dues", "党费", DUES),
)
FIGURES: tuple[Figure, ...] = tuple(one for _, _, figures in GROUPS for one in figures)
CATALOGUE: Mapping[str, Figure] = {one.name: one for one in FIGURES}
HEADLINES = (
    *("党员", "党员大会", "支委会", "党课", "主题党日", "集中学习", "集中学习人次", "出勤率"),
    *("志愿服务", "志愿者", "认领微心愿", "兑现微心愿", "谈心谈话人次", "稿件", "采用稿件", "发展党员"),
)

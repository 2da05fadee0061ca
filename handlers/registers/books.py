"""The small books as data: what an entry needs, what it is called, and who may see it.

A new book is one entry here. None holds the content of a talk, a state of health or a family matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from bot.commands import Role
from bot.message import Refused
from handlers.registers import fields
from handlers.registers.fields import Field, Values

STUDY_KINDS: dict[str, tuple[str, ...]] = {
    "集中学习": ("学习", "政治学习"),
    "集中培训": ("培训", "外训", "外出培训", "轮训"),
    "党课": ("听党课",),
    "讲党课": ("上党课",),
    "主题党日": ("党日",),
    "专题研讨": ("研讨",),
    "网络学习": ("线上学习",),
    "自学": (),
    "补学": (),
}
TALK_KINDS: dict[str, tuple[str, ...]] = {
    "谈心谈话": ("谈心", "日常", "日常谈话"),
    "支委之间": (),
    "支委与党员": (),
    "党员之间": (),
    "入党谈话": (),
    "任职谈话": ("任前谈话",),
}
AWARD_KINDS: dict[str, tuple[str, ...]] = {
    "先进个人": (),
    "先进单位": ("先进集体",),
    "优秀共产党员": ("优秀党员",),
    "优秀党务工作者": (),
    "先进基层党组织": ("先进党支部", "先进党组织"),
    "党员先锋岗": ("先锋岗", "示范岗", "党员示范岗", "党员先锋示范岗"),
    "示范点": ("示范单位", "示范党支部"),
    "党员名医": (),
    "最美医师": (),
    "最美护士": (),
    "创新项目": ("组织创新项目",),
    "其他表彰": ("表彰", "其他"),
}
LEVELS: dict[str, tuple[str, ...]] = {
    "本单位": ("单位",),
    "系统": ("局级", "卫健系统"),
    "县级": ("区级",),
    "市级": (),
    "省级": (),
    "国家级": (),
}
ISSUE_KINDS: dict[str, tuple[str, ...]] = {
    "问题": ("突出问题",),
    "建议": ("意见", "意见建议"),
    "措施": ("整改措施",),
}
CARE_KINDS: dict[str, tuple[str, ...]] = {
    "走访慰问": ("走访", "慰问"),
    "结对帮扶": ("帮扶",),
    "节日慰问": (),
    "送学上门": ("送学",),
    "其他关怀": ("关怀", "其他"),
}


@dataclass(frozen=True, slots=True)
class Book:
    """One book: `/name`, its Chinese name, its fields in the order in which they are taken.

    `shown` is what a group may hear: everything, the counts, or not even that there is an entry. `states` are the
    state of a new entry and of a done one, with their words; `unit` counts the quantity ("学时" divides minutes by 60).
    """

    name: str
    chinese: str
    help: str
    example: str
    correction: str
    fields: tuple[Field, ...]
    shown: Literal["all", "counts", "nothing"]
    unit: str = ""
    states: tuple[tuple[str, str], ...] = ()
    done_word: str = ""
    today: bool = False
    spare: str = ""
    check: Callable[[Values], None] | None = None
    readers: tuple[Role, ...] = ("secretary", "committee")


def _somebody(values: Values) -> None:
    if not values.get("member_id") and not values.get("title"):
        raise Refused("请写明是谁：党员姓名，或单位、岗位的名称。")


_DAY = Field("日期", fields.on_date, needed=True)

STUDY = Book(
    "study",
    "学时",
    "党员学时",
    "/study add 张三、李四 11月20日 半天 集中学习",
    "/study correct 3 2学时 原因 时长记错",
    (
        _DAY,
        Field("学时（如 2学时、半天、3天）", fields.hours, needed=True),
        Field("来源", fields.one_of("kind", STUDY_KINDS), default={"kind": "集中学习"}),
        Field("党员姓名", fields.members, needed=True),
        Field("主题", fields.title(40, "主题")),
    ),
    "counts",
    unit="学时",
)
TALK = Book(
    "talk",
    "谈话",
    "谈心谈话：谁和谁、哪天、哪类",
    "/talk add 周敏 张三 11月20日 谈心谈话",
    "/talk correct 3 11月19日 原因 日期写错",
    (
        _DAY,
        Field("类别", fields.one_of("kind", TALK_KINDS), default={"kind": "谈心谈话"}),
        Field("谈话双方的姓名", fields.pair, needed=True),
    ),
    "nothing",
    spare="谈话只记：谁和谁、哪天、哪类。不记内容，请去掉其他文字再发。",
    readers=("secretary",),
)
ARTICLE = Book(
    "article",
    "稿件",
    "稿件：撰写和采用",
    "/article add 义诊进社区 11月20日 张三 县卫健公众号 采用",
    "/article correct 3 11月19日 原因 日期写错",
    (
        _DAY,
        Field("采用", fields.adopted),
        Field("作者", fields.member),
        Field("媒体", fields.media),
        Field("标题", fields.title(60, "标题"), needed=True),
    ),
    "all",
    states=(("written", "撰写"), ("adopted", "采用")),
    done_word="采用",
)
AWARD = Book(
    "award",
    "表彰",
    "表彰、先锋岗、示范点",
    "/award add 张三 先进个人 县级 7月1日",
    "/award correct 3 市级 原因 级别写错",
    (
        _DAY,
        Field("类别", fields.one_of("kind", AWARD_KINDS), needed=True),
        Field("级别", fields.one_of("level", LEVELS)),
        Field("数量", fields.count, default={"quantity": 1}),
        Field("党员姓名", fields.member),
        Field("名称", fields.title(60, "名称")),
    ),
    "all",
    unit="个",
    check=_somebody,
)
ISSUE = Book(
    "issue",
    "问题",
    "问题、建议、整改措施清单",
    "/issue add 学习记录不全 期限 12月31日",
    "/issue correct 3 期限 12月20日 原因 提前完成",
    (
        Field("期限", fields.due),
        Field("日期", fields.on_date),
        Field("类别", fields.one_of("kind", ISSUE_KINDS), default={"kind": "问题"}),
        Field("数量", fields.count, default={"quantity": 1}),
        Field("责任人", fields.member),
        Field("内容", fields.title(80, "内容"), needed=True),
    ),
    "counts",
    unit="条",
    states=(("open", "未销号"), ("done", "已销号")),
    done_word="销号",
    today=True,
)
PROJECT = Book(
    "project",
    "实事",
    "实事项目、重点项目",
    "/project add 社区义诊点 负责人 张三 期限 12月31日",
    "/project correct 3 负责人 李四 原因 换人",
    (
        Field("期限", fields.due),
        Field("日期", fields.on_date),
        Field(
            "类别",
            fields.one_of("kind", {"实事项目": ("实事",), "重点项目": ("重点",)}),
            default={"kind": "实事项目"},
        ),
        Field("负责人", fields.member),
        Field("名称", fields.title(60, "名称"), needed=True),
    ),
    "all",
    states=(("open", "进行中"), ("done", "已办结")),
    done_word="办结",
    today=True,
)
CARE = Book(
    "care",
    "关怀",
    "党内关怀：哪天、哪类、几人次",
    "/care add 11月20日 走访慰问 3人次",
    "/care correct 3 2人次 原因 人数写错",
    (
        _DAY,
        Field("类别", fields.one_of("kind", CARE_KINDS), default={"kind": "其他关怀"}),
        Field("人次", fields.count, default={"quantity": 1}),
        Field("党员姓名", fields.member),
    ),
    "nothing",
    unit="人次",
    spare="关怀只记：哪天、哪类、几人次、哪位党员。不记困难和病情，请去掉其他文字再发。",
    readers=("secretary",),
)
BOOKS: tuple[Book, ...] = (STUDY, TALK, ARTICLE, AWARD, ISSUE, PROJECT, CARE)


def optional(book: Book) -> Book:
    """The same book for a correction: no field is needed and nothing stands in for what isn't typed."""
    return replace(book, fields=tuple(replace(one, needed=False, default={}) for one in book.fields), check=None)

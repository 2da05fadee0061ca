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
from handlers.registers.kinds import (
    AWARD_KINDS,
    CARE_KINDS,
    ISSUE_KINDS,
    LEVELS,
    PLAN_KINDS,
    RECORD_KINDS,
    STUDY_KINDS,
    TALK_KINDS,
    UNIT_KINDS,
    UNIT_TYPES,
)


@dataclass(frozen=True, slots=True)
class Book:
    """One book: `/name`, its Chinese name, its fields in the order in which they are taken.

    `shown` is what a group may hear: everything, the counts, or not even that there is an entry. `states` are the
    state of a new entry, of one that is under way (some books only) and of a done one, with their words; `unit` counts
    the quantity ("学时" divides minutes by 60). `proved`: it is done only with 依据. `standing`: a list of what there
    is, whatever the period. `counted_by` says which of its days puts an entry into a period.
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
    proved: bool = False
    standing: bool = False
    counted_by: Literal["on_date", "due_on"] = "on_date"

    @property
    def done_state(self) -> str:
        """The state of what is done, "" in a book that has none."""
        return self.states[-1][0] if self.states else ""


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
        Field("学时（如 2学时、半天、3天）", fields.hours, needed=True, header="学时"),
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
        Field("谈话双方的姓名", fields.pair, needed=True, header="谈话双方"),
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
    states=(("valid", "有效"), ("ended", "已撤销")),
    done_word="撤销",
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
        Field("对应", fields.of_number, hint="整改措施对应的问题的编号，如 #3"),
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
PLAN = Book(
    "plan",
    "计划",
    "年度计划清单：事项、责任人、期限、依据、状态",
    "/plan add 召开组织生活会 期限 12月31日 负责人 李红",
    "/plan correct 3 期限 2027-01-15 原因 会期推迟",
    (
        Field("期限", fields.due, needed=True),
        Field("日期", fields.on_date),
        Field("类别", fields.one_of("kind", PLAN_KINDS), default={"kind": "重点任务"}),
        Field("数量", fields.count, default={"quantity": 1}),
        Field("负责人", fields.member),
        Field("事项", fields.title(60, "事项"), needed=True),
    ),
    "all",
    states=(("open", "未开始"), ("doing", "进行中"), ("done", "完成")),
    done_word="完成",
    today=True,
    proved=True,
    counted_by="due_on",
)
UNIT = Book(
    "unit",
    "单位",
    "单位和党组织名单",
    "/unit add 城关镇卫生院党支部 党支部 卫生院 2026-03-01 划入",
    "/unit correct 3 公立医院 原因 类型写错",
    (
        Field("日期", fields.on_date, hint="成立或划入的日期；不写是登记当天"),
        Field("类别", fields.one_of("kind", UNIT_KINDS), needed=True),
        Field("类型", fields.one_of("level", UNIT_TYPES)),
        Field("来历", fields.one_of("place", {"新成立": ("成立",), "划入": ("转入", "新纳入")})),
        Field("名称", fields.title(60, "名称"), needed=True),
    ),
    "all",
    states=(("valid", "在册"), ("ended", "已撤销")),
    done_word="撤销",
    today=True,
    standing=True,
)
RECORD = Book(
    "record",
    "台账",
    "其他台账：结对、承诺、调研、公开等",
    "/record add 结对帮扶 11月20日 张三 阳光社区3号楼",
    "/record correct 3 11月19日 原因 日期写错",
    (
        _DAY,
        Field("类别", fields.one_of("kind", RECORD_KINDS), needed=True),
        Field("数量", fields.count, default={"quantity": 1}),
        Field("党员姓名", fields.member),
        Field("依据", fields.evidence),
        Field("内容", fields.title(60, "内容")),
    ),
    "counts",
)
BOOKS: tuple[Book, ...] = (STUDY, TALK, ARTICLE, AWARD, ISSUE, PROJECT, CARE, PLAN, UNIT, RECORD)
BY_NAME = {book.name: book for book in BOOKS}


def optional(book: Book) -> Book:
    """The same book for a correction: no field is needed and nothing stands in for what isn't typed."""
    return replace(book, fields=tuple(replace(one, needed=False, default={}) for one in book.fields), check=None)

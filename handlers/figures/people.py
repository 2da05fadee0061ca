"""党员 at the cut-off: who belongs to which branch, and how many are of one kind or another.

Counted are 正式党员 and 预备党员; who applies, and whose membership rests (停止党籍), is not. Where a figure asks for
something that the register doesn't say of a member, he isn't guessed to be one or the other: he isn't sound.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, or_, select

from bot.sql import p
from handlers.figures.rows import NOTHING, ONE, ZERO, Rows, columns, in_scope
from handlers.people.who import roles_of
from handlers.tables import members, memberships

NOT_COUNTED = ("入党申请人", "入党积极分子", "发展对象", "停止党籍")
HIGHER = ("大专", "大学专科", "本科", "大学本科", "研究生", "硕士", "博士")
RETIRED = ("退休", "离休", "离退休")
MANAGERS = ("事业管理", "事业专业技术")
WORKERS = ("公有制工人", "工勤")
HAN = ("汉", "汉族")

m, belongs = members, memberships


def counted() -> Any:
    """The conditions by which a membership counts at the cut-off."""
    return and_(
        belongs.c.from_at < p("end"),
        or_(belongs.c.to_at == ZERO, belongs.c.to_at >= p("end")),
        or_(m.c.left_at == ZERO, m.c.left_at >= p("end")),
        m.c.category.not_in(NOT_COUNTED),
        in_scope(belongs.c.branch_id),
    )


def members_where(test: Any = None, needs: Any = None, *more: Any) -> Rows:
    """The members for whom `test` holds; who has nothing in the column `needs` is listed as not sound.

    `more` narrows whom the question is about at all.
    """
    unknown = needs == "" if needs is not None else ZERO == ONE
    fits = ONE == ONE if test is None else test
    return Rows(
        select(
            *columns(
                m.c.id,
                belongs.c.branch_id,
                day=m.c.joined_on,
                what=m.c.category,
                member=m.c.id,
                sound=case((unknown, 0), else_=1),
            )
        )
        .join_from(m, belongs, belongs.c.member_id == m.c.id)
        .where(counted(), or_(unknown, fits), *more)
    )


def status() -> Any:
    """在职, 退休, … at the cut-off."""
    return m.c.status


def category() -> Any:
    """正式党员, 预备党员, … at the cut-off."""
    return m.c.category


EDUCATED = m.c.education.in_(HIGHER)
RETIRED_TEST = status().in_(RETIRED)
ADMITTED = m.c.joined_on.between(p("first"), p("last"))
YOUNG = m.c.born_on > p("young_after")
BELOW_FORTY = m.c.born_on > p("forty_after")
MINORITY = and_(m.c.ethnicity != NOTHING, m.c.ethnicity.not_in(HAN))
SECRETARY = and_(
    m.c.duty.contains("书记"),
    ~m.c.duty.contains("副书记"),
    ~m.c.duty.contains("党委"),
    ~m.c.duty.contains("总支"),
    ~m.c.duty.contains("纪委"),
    ~m.c.duty.contains("团"),
)
APPOINTED = and_(SECRETARY, m.c.duty_since.between(p("first"), p("last")))


def duties() -> Rows:
    """Members with a 党内职务, which is `what`."""
    shown = columns(m.c.id, belongs.c.branch_id, what=m.c.duty, member=m.c.id)
    return Rows(
        select(*shown).join_from(m, belongs, belongs.c.member_id == m.c.id).where(counted(), m.c.duty != NOTHING)
    )


def leads(duty: str) -> bool:
    """Whether a 党内职务 makes somebody a member of the branch's committee."""
    return bool(roles_of(duty) & {"secretary", "committee"})

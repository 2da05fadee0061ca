"""A demonstration branch for the console: invented people of a county hospital, two groups, nothing to set up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.cli.place import Place
from bot.commands import Who
from bot.db import Tx, micros
from bot.platforms.console import NAME
from bot.sql import sql
from bot.tables import trail
from handlers import people
from handlers.sheet import check
from handlers.tables import members

LATEST = sql(select(func.max(trail.c.at)))
ANYBODY = sql(select(members.c.id).limit(1))
FIRST, SECOND = "第一党支部", "第二党支部"
GROUPS = (("g1", FIRST), ("g2", SECOND))
HEADER = ["姓名", "支部", "科室", "党内职务", "党小组", "党员类别", "党费类别", "党费基数", "企业微信账号"]
FULL = "正式党员"
PEOPLE = (
    ("周敏", FIRST, "院办公室", "书记", "", FULL, "在职", "6888.88", "zhoumin"),
    ("李红", FIRST, "护理部", "组织委员", "", FULL, "在职", "5200.00", "lihong"),
    ("陈建国", FIRST, "检验科", "宣传委员", "", FULL, "在职", "4800.00", "chenjianguo"),
    ("何静", FIRST, "内科", "纪检委员", "", FULL, "在职", "5600.00", "hejing"),
    ("张三", FIRST, "内科", "党小组长", "第一党小组", FULL, "在职", "4237.56", "zhangsan"),
    ("李四", FIRST, "外科", "", "第一党小组", FULL, "在职", "7321.40", "lisi"),
    ("王芳", FIRST, "检验科", "", "第一党小组", FULL, "在职", "3900.00", "wangfang"),
    ("王芳", FIRST, "护理部", "", "第二党小组", FULL, "在职", "4100.00", "wangfang2"),
    ("刘敏", FIRST, "药剂科", "", "第二党小组", FULL, "在职", "3600.00", "liumin"),
    ("赵丽华", FIRST, "妇产科", "党小组长", "第二党小组", FULL, "在职", "6100.00", "zhaolihua"),
    ("欧阳静", FIRST, "儿科", "", "第二党小组", "预备党员", "在职", "4500.00", "ouyangjing"),
    ("马志远", FIRST, "急诊科", "", "第一党小组", FULL, "在职", "5900.00", "mazhiyuan"),
    ("孙桂兰", FIRST, "", "", "第二党小组", FULL, "离退休", "3456.78", "sunguilan"),
    ("吴大勇", FIRST, "放射科", "", "第一党小组", FULL, "", "", "wudayong"),
    ("郑晓燕", SECOND, "疾控中心", "书记", "", FULL, "在职", "6300.00", "zhengxiaoyan"),
    ("冯磊", SECOND, "应急办", "", "", FULL, "在职", "5100.00", "fenglei"),
    ("蒋玉梅", SECOND, "免疫规划科", "", "", FULL, "在职", "4700.00", "jiangyumei"),
    ("沈国强", SECOND, "卫生监督所", "", "", FULL, "在职", "5500.00", "shenguoqiang"),
)


async def furnish(place: Place) -> None:
    """Makes the branches, their members and groups; a second call changes nothing that people did since.

    Where the console's clock was moved ahead before a restart it goes on from there, or its rows would lie in the
    future.
    """
    latest = await place.database.write(_furnish)
    place.clock.ahead = max(place.clock.ahead, timedelta(microseconds=latest - micros(place.clock())))


def _furnish(tx: Tx) -> int:
    installer = Who(account="demo", name="演示数据")
    lines = [HEADER, *(list(person) for person in PEOPLE)]
    sheet = check(list(enumerate(lines, 1)))
    if tx.one(ANYBODY) is None:
        people.import_members(tx, sheet.rows, installer, {"企业微信账号": NAME})
        for chat, branch in GROUPS:
            people.bind_group(tx, NAME, chat, branch, by=installer)
    return int(tx.value(LATEST) or 0)

"""What a working week's group says while everything is open: nothing of it is answered, and no row is written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import Tx
from bot.sql import metadata, sql
from tests.cast import Cast
from tests.language.lines import load

OPENED = (
    ("周敏", "/attendance open 支部党员大会 11月21日10:05 三楼会议室", "已开 #1"),
    ("周敏", "/volunteer open 义诊 11月21日10:10-12:00 人民广场 6人", "报名请发：报名 #2"),
    ("李红", "/dues", "未交 13 人"),
)
CHECK_IN = ("周敏", "/attendance checkin on #1", "开始签到")
SHARP = (
    "今天儿科就我一个人，走不开，饭谁给我带一份",
    "后天我上午在、下午不在，找我趁早",
    "奶茶+1，少糖",
    "聚餐我不去了，减肥",
    "聚餐算我一个",
    "我请客，都来",
    "来来来，食堂抢鸡腿了",
    "不去了，下雨钓不成",
    "我去我去，把鱼竿带上，水库见",
    "采购的会我就不去了，你们定",
    "市里的技能比武我不想参加，年轻人上吧",
    "药事会你去还是我去",
    "院周会我替主任去听了，主要讲医保飞检",
    "院感培训线上的，自己扫码签到",
    "职工大会请假找办公室李姐",
    "工会组织看电影，参加的找王姐领票",
    "体检取消，改期另行通知",
    "取消了，改成下周三",
    "退了，尺码小了",
    "我退了，群太多",
    "到了，少了三百",
    "到家了，放心",
    "到楼下了，开下门",
    "来了来了",
    "我在呢，说",
    "下乡补助一天40，报到上个月",
    "疫情报告卡漏了两张，补报一下",
    "那天我请假了，不晓得啥情况",
    "请假要提前说，别到点了才讲",
    "签到要本人签，代签不算的",
    "老李说他参加，结果又没来，惯犯了",
    "老刘请假去省里看病了",
    "社保已交，社保局网上能查",
    "转你了，收一下",
    "多交的党费退不了的",
    "我爸退休了党费还是回厂里交",
    "组织关系转走了党费就在那边交了",
    "收工了，一起走",
    "慰问品送到了，老人家不在",
    "补课去了，娃数学不行",
    "义诊的照片发我几张，写简报用",
    "村支书问咱们啥时候再去义诊，老百姓盼着",
    "「王主任：谁有空去一趟检验科」\n- - - - - - - - - - - - - - -\n我去",
)
WEEK = [line["text"] for line in load("hostile24.jsonl") if line["intent"] == "none"]
COUNTS = {
    table.name: sql(select(func.count()).select_from(table)) for table in metadata.sorted_tables if table.name != "seen"
}


async def counted(cast: Cast) -> dict[str, Any]:
    """How many rows every table but that of repeats has."""

    def work(tx: Tx) -> dict[str, Any]:
        return {name: tx.value(count) for name, count in COUNTS.items()}

    return await cast.place.database.read(work)


@pytest.mark.parametrize("more", [(), (CHECK_IN,)], ids=["before", "while people check in"])
async def test_talk_is_not_answered(one_cast: Cast, more: tuple[tuple[str, str, str], ...]) -> None:
    await one_cast.dialog([*OPENED, *more])
    before = await counted(one_cast)
    await one_cast.dialog([("张三", line, "") for line in (*SHARP, *WEEK)])
    assert await counted(one_cast) == before


async def test_the_same_group_is_heard_when_it_answers(one_cast: Cast) -> None:
    await one_cast.dialog(
        [
            *OPENED,
            ("张三", "参加", "已记：参加"),
            ("李四", "去不成了，有台急诊手术", "已记：请假"),
            ("何静", "义诊我报一个", "已报名：#2"),
            ("张三", "这个月党费交了", "已登记，待确认"),
            CHECK_IN,
            ("张三", "我到了，后排", "已签到"),
        ]
    )

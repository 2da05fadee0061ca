"""Lived through by the program of the time: `make.py` runs this inside a checkout of an old commit, never here.

It asks of that commit only `tests.cast`; a line that the old program doesn't know is refused and leaves nothing.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.cast import opened_cast

NOVEMBER = (
    ("周敏", "/attendance open 主题党日 11月24日15:00 三楼会议室", "g1"),
    ("张三", "参加", "g1"),
    ("李四", "请假 值班", "g1"),
    ("王芳", "参加", "g1"),
    ("刘敏", "我和赵丽华都参加", "g1"),
    ("周敏", "/todo", ""),
    ("周敏", "/todo ok 1", ""),
    ("周敏", "/volunteer open 义诊 11月25日9:00-11:00 人民广场 2人", "g1"),
    ("张三", "报名 #2", "g1"),
    ("李四", "报名 #2", "g1"),
    ("刘敏", "报名 #2", "g1"),
    ("李四", "退出 #2", "g1"),
    ("李红", "/dues set 孙桂兰 离退休 3500 基数年中变动", ""),
    ("张三", "已交 42.38 11月", "g1"),
    ("李四", "已交 73.21 11月", ""),
    ("李红", "/dues confirm 张三", ""),
    ("李红", "/dues confirm 李四", ""),
    ("周敏", "/wish add 一副老花镜（300度）", "g1"),
    ("张三", "认领 #3", "g1"),
    ("张三", "兑现 #3", "g1"),
    ("周敏", "/wish confirm 3", "g1"),
    ("周敏", "/study add 张三、李四 11月20日 半天 集中学习", "g1"),
    ("周敏", "/talk add 周敏 张三 11月20日 谈心谈话", ""),
    ("周敏", "/article add 义诊进社区 11月20日 张三 县卫健公众号 采用", "g1"),
    ("周敏", "/award add 张三 先进个人 县级 7月1日", "g1"),
    ("周敏", "/issue add 学习记录不全 期限 12月31日", "g1"),
    ("周敏", "/develop add 孙悦", ""),
    ("周敏", "/plan add 主题党日 12次 党支部", "g1"),
    ("周敏", "/remind once 11月26日9:00 交学习心得", "g1"),
    ("新同志", "我是 马志远", ""),
    ("周敏", "/volunteer report 阳光社区 3月5日", ""),
    ("周敏", "/member transfer 吴大勇 第二党支部", ""),
)
MEETING = (
    ("周敏", "/attendance checkin on #1", "g1"),
    ("张三", "签到", "g1"),
    ("王芳", "签到", "g1"),
    ("周敏", "/attendance mark #1 陈建国 到 何静 缺席", "g1"),
    ("周敏", "/attendance close #1", "g1"),
    ("周敏", "/attendance record #1 主持人 周敏 记录人 李红 议题 学习党章", ""),
    ("周敏", "/attendance correct #1 赵丽华 到 原因 漏签", ""),
)
SERVICE = (("张三", "签到 #2", "g1"),)
LATER = (
    ("张三", "签退 #2", "g1"),
    ("周敏", "/todo ok 3", ""),
    ("李红", "/dues close 11月", ""),
    ("周敏", "/dues close 11月", ""),
    ("李红", "/dues remit 11月", ""),
    ("张三", "我的", ""),
    ("周敏", "/attendance open 党员大会 12月4日15:00", "g1"),
    ("张三", "参加", "g1"),
)


async def live(url: str, folder: Path) -> None:
    """November and a few days of December of the demonstration branch."""
    async with opened_cast(url, folder) as cast:
        for moment, lines in (
            ("2026-11-21 10:30", NOVEMBER),
            ("2026-11-24 15:00", MEETING),
            ("2026-11-25 09:00", SERVICE),
            ("2026-11-25 11:05", LATER),
            ("2026-12-02 09:00", ()),
        ):
            await cast.until(moment)
            for name, text, chat in lines:
                await cast.says(name, text, chat)
        await cast.settle()


if __name__ == "__main__":
    asyncio.run(live(sys.argv[1], Path(sys.argv[2])))

"""Words that are made, not listed: a verb written by ear in many ways, certainty before a move, being at a place.

Voice input and pinyin keyboards write by sound, so a verb stands here as its syllables with the characters that sound
alike. Data only; a word that `words.py` lists keeps its class.
"""

from __future__ import annotations

from itertools import product

from bot.language.patterns import words

_SOUNDS: tuple[tuple[str, str, str], ...] = (
    ("L", "请清情青轻倾晴氢", "假架价甲嘉佳驾稼贾"),
    ("A", "参餐叁惨残掺", "加佳嘉家假架"),
    ("I", "签千前牵迁欠谦铅", "到道倒"),
    ("N", "报抱暴爆豹宝保鲍", "名明鸣铭民冥"),
    ("C", "收手首受守", "到道倒"),
    ("Q", "签千牵迁谦", "退腿推褪"),
    ("F", "党档挡当", "费废非飞肥菲沸匪"),
    ("y", "认任忍", "领岭令"),
    ("K", "取曲", "消销肖"),
    ("M", "补", "学雪穴"),
)
_REAL = words(
    "保民 保名 餐架 残架 保明 前道 欠到 手倒 受道 守到 铅到 首倒 首道 手道 请家 轻驾 清家 忍令 当非 当飞 任令"
)
_CERTAIN = words(
    """
        一定 肯定 必须 保证 准时 按时 铁定 绝对 指定 一准 一准儿 准 保准 准定 必 会 能 可以 照常 照旧 如期 到时 准点
        照样 一定会 肯定会 一定能 肯定能 会准时 会按时 能准时 可以准时 尽力 保证准时 确保 确保准时 提前 没问题能 都能
        必定 必然 正常
    """
)
_COMING = ["到", "到会", "到场", "参加", "出席", "参会", "赶到"]
_SURE = ["一定", "肯定", "必须", "保证", "铁定", "绝对", "一准", "准时", "按时", "照常", "正常"]
_HARDLY = ["难以", "确难", "实难", "暂不", "恕不", "恕难", "暂时不能", "暂不能", "恕不能"]
_GOING = ["来", "去", "过去", "过来"]
_PLACES = words(
    """
        哨位 卡点 点上 岗亭 执勤点 值守点 服务点 村里 主会场 分会场 会场门口 会议室门口 礼堂门口 会场 现场 会议室 礼堂
        报告厅 活动室 党员活动室 会议厅 多功能厅 大会议室 小会议室
        学习室 会上 点位 集合点 集合地点 岗位 社区 活动现场 党建室 集合处 会议 腾讯会议 钉钉会议
        线上会议 直播间 视频会议 会议间 线上会议室 腾讯会议室 视频会议室 云会议室 网络会议室 钉钉会议室 会议号
    """
)
_ARRIVED = words(
    """
        已到 已到达 已经到 已在 已进 已进入 已经在 已经进 刚到 刚进 刚进入 已赶到 刚赶到 人已到 人已在 人在 我已到
        已坐在 赶到 顺利到达 准时到达 已入 已抵达 到达 抵达
    """
)
_NOW_AT = ["到", "在", "进", "进入", "坐在", "来到", "进到", "进来"]
_OVER = ["了", "啦", "咯", "喽", "咧"]
_MADE_UP = ["补学", "补课", "自学", "补看", "补听", "补习"]
_FINISHED = ["完", "完了", "完成", "完成了", "好了", "完毕", "结束", "结束了", "完啦", "过了"]
_FOR_ME = words(
    """
        给我 把我 帮我 把我也 给我也 帮我也 把我名字 把我的名字 帮忙把我 麻烦把我 麻烦给我 也给我 也把我
    """
)
_PUT_DOWN = words(
    """
        列入 列上 纳入 编入 加上 加到 加进 添上 写上 写到 排上 排个 排进 算上 算进 算进去 加进去 加入 拉进 登上 登记上
        报上 报上名 报到
        留个名额 留一个 留个 安排个岗 安排一个 安排上 安排个活 安排个班 安排个名额 填上 带上 加个名 加一个 报一下 报个
        记上
    """
)
_DONE_WITH = words(
    """
        扫完 站完 干完 忙完 清完 讲完 发完 巡完 送完 做完 值完 值完班 守完 量完 测完 看诊完 搞完 收完 剪完 站完岗
        值完岗 撤岗 服务完
    """
)
_MEANS = ["微信", "支付宝", "现金", "网银", "银行卡", "手机银行", "扫码", "手机", "用微信", "通过微信", "以现金"]
_PAYS = ["转", "已转", "已经转", "交", "已交", "付", "已付", "给", "已给", "缴", "已缴", "转账", "转给", "交给", "付给"]
_LATE_ASKING = ["补", "补个", "补一个", "补办", "补交", "补张", "补份", "补上", "补一张", "补写", "补写个", "补下"]
_PAPERS = ["请假条", "假条", "请假", "假", "请假手续", "请假单"]
_STAYS_AWAY = ["听", "来", "去", "到", "参加", "出席", "过去", "赶过去", "到场", "到会", "参会", "过来", "赶到"]
_UNABLE = ["不能", "没法", "无法", "不会", "没办法", "不可能", "不克", "没空", "没时间", "未能"]
_WHERE = words(
    """
        到场 到会 参会 出席 过去 过来 赶到 赶回 赶来 到现场 到会场 前来 前往 到位
    """
)
_CANNOT = ["脱不了身", "走不脱", "抽不出身", "走不掉", "脱不了", "赶不上", "不克出席", "不克参加"]


def _sounding() -> dict[str, str]:
    made = {one + two: letter for letter, first, last in _SOUNDS for one, two in product(first, last)}
    return {word: letter for word, letter in made.items() if word not in _REAL}


_HALF_TYPED = {"L": ("请", "假", "qing", "jia"), "A": ("参", "加", "can", "jia"), "I": ("签", "到", "qian", "dao")} | {
    "N": ("报", "名", "bao", "ming"),
    "C": ("收", "到", "shou", "dao"),
    "Q": ("签", "退", "qian", "tui"),
    "F": ("党", "费", "dang", "fei"),
}  # 参jia, can加, 参加加
_CAUSES = words(
    """
        健康 社区 爱国 爱国卫生 创文 创城 文明 义务 便民 志愿 志愿者 交通 防疫 急救 科普 环境 卫生 环境卫生 河道 街道
        小区 校园 敬老 助老 助学 助残 爱心 文艺 文化 法律 知识 科学 群众 老人 孤寡老人 困难群众 文体 公益 控烟 禁毒
        反诈 消防 安全 应急 党员 雷锋 入户 乡村 送医 免费 中医 慢病 上门 路口 重阳 防溺水 森林防火 防火 防汛 抗旱 无偿
    """
)
_DEEDS = words(
    """
        宣讲 宣教 宣传 讲座 咨询 义诊 巡查 巡街 巡逻 劝导 引导 值守 清扫 清理 保洁 整治 服务 植树 绿化 消杀 消毒 送诊
        执勤 站岗 采样 疏导 帮扶 慰问 走访 陪护 导诊 送药 理发 捐款 捐赠 行动 活动 监督 大扫除 扫除 志愿服务 随访 献血
        义剪 帮厨 送餐 巡河 护河 清雪 除草
    """
)
_BODIES = words(
    """
        支部 党支部 党员 党小组 全体党员 专题 集中 理论 政治 政治理论 廉政 警示 警示教育 主题 总支 党总支 党委 年度
        季度 月度 支部党员 专题理论 民主 组织
    """
)
_MEETINGS = words(
    """
        大会 会议 学习 学习会 研讨 研讨会 教育 党课 讲座 座谈会 测评 评议 评议会 组织生活会 学习日 例会 集中学习
        主题党日 学习教育 读书会
    """
)


def _half_typed() -> dict[str, str]:
    made: dict[str, str] = {}
    for letter, (one, two, first, last) in _HALF_TYPED.items():
        made |= dict.fromkeys((one + last, first + two, one + two + two, one + one + two), letter)
    return made


def made_words() -> dict[str, str]:
    """Every made word with its class letter."""
    made = _sounding()
    made |= dict.fromkeys(map("".join, product(_CERTAIN, _COMING)), "A")
    made |= dict.fromkeys(map("".join, product(_SURE, _GOING)), "A")
    made |= dict.fromkeys(map("".join, product(["准时", "按时", "提前"], ["到", "到达", "赶到"], _PLACES)), "A")
    made |= dict.fromkeys(map("".join, product(_HARDLY, _COMING)), "U")
    made |= dict.fromkeys(map("".join, product(_ARRIVED, _PLACES)), "I")
    made |= dict.fromkeys(map("".join, product(_NOW_AT, _PLACES, _OVER)), "I")
    made |= dict.fromkeys(map("".join, product(_MADE_UP, _FINISHED)), "M")
    made |= dict.fromkeys(map("".join, product(_STAYS_AWAY, ["不了", "不成"], ["了", "啦", "一点"])), "U")
    made |= dict.fromkeys([*_CANNOT, *map("".join, product(_UNABLE, _WHERE))], "U")
    made |= dict.fromkeys(map("".join, product(_FOR_ME, _PUT_DOWN)), "N")
    made |= dict.fromkeys(map("".join, product(_DONE_WITH, ["", *_OVER])), "q")
    made |= dict.fromkeys(map("".join, product(_LATE_ASKING, _PAPERS)), "B")
    made |= dict.fromkeys(map("".join, product(_MEANS, _PAYS)), "Y")
    made |= _half_typed()
    made |= dict.fromkeys(map("".join, product(_CAUSES, _DEEDS)), "W")
    made |= dict.fromkeys(map("".join, product(_BODIES, _MEETINGS)), "V")
    return made

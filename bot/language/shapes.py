"""What is found by its shape and not by a list: times, numbers, mentions, departments, foreign names. Data only.

Each shape stands for a class letter of `words.py`; the digits are classes of their own: 1 a number, 2 people counted,
3 an item (3号, #12), 4 a sum, 5 a length of time, 7 months, 8 times or study hours.
"""

from __future__ import annotations

import re

from bot.language import clock
from bot.language.names import SOUNDS
from bot.language.numerals import CHINESE
from bot.language.patterns import alternatives

_CN = CHINESE
_N = rf"(?:\d{{1,9}}(?:\.\d{{1,4}})?|[{_CN}]{{1,10}})"


def _bare(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


_DAY, _CLOCK = _bare(clock.DAY.pattern), _bare(clock.CLOCK.pattern)
_VAGUE = alternatives(
    """
        上次 上回 上一次 上周 本周 这周 下周 上个星期 上个月 上月 本月 这个月 下个月底 下月底 本月底 这个月底 下个月
        今年 去年 上半年 这两天 这几天 这几个月 这两个月 近几个月 最近几个月
        前两天 刚才那次 前半场 后半场 上半场 下半场 前半程 后半程 前半段 后半段
        """
)
_HOURS = rf"(?:{clock.PART})?\s?{_CLOCK}(?:\s?(?:-+|~+|至|到|—)\s?(?:{_DAY})?\s?(?:{clock.PART})?\s?{_CLOCK})?"
TIME = re.compile(
    rf"""(?:(?:{_DAY})|{_VAGUE})(?:\s?\((?:周|星期|礼拜)[{clock.DAY_SIGN}]\))?(?:[ 的]{{0,2}}(?:{_HOURS}|{clock.PART}))?
  | {_HOURS} | {clock.PART}(?!班|操|会|饭|餐|期) | 全天 | 半天
    """,
    re.X,
)
TIME_SIGNS = frozenset(
    "0123456789零一二两三四五六七八九十今明昨前后大上下本这近最周星礼每当年月凌清早中午傍晚夜半全去刚"
)
NUMERIC = tuple(
    (letter, re.compile(pattern))
    for letter, pattern in (
        ("H", rf"第?{_N}号?(?:岗|台|哨|点位)(?:位)?"),
        ("J", rf"第{_N}个?(?:班次?|场次?|批次?|时段)(?!次)"),
        ("j", r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,4})(?:个)?(?:分钟|小时|天)(?:以|之)?(?:后|内)"),
        (".", rf"(?:{_N}个月|半年|一年|{_N}天(?!假|都)|{_N}(?:周|个星期|个礼拜|星期|礼拜)(?![\u4e00-\u9fff]))"),
        ("5", rf"(?:{_N}个?半?(?:小时|钟头)半?|半个?小时|{_N}(?:分钟|min|h(?![a-z])))"),
        ("2", rf"{_N}(?:名|位|个)?(?:人|党员|同志)(?!次|民)|[两三四五六2-9]位(?!置|于|的)"),
        ("8", rf"(?:{_N}个?学时|第?{_N}次)"),
        (
            "4",
            rf"(?!一块(?:儿|交|缴|转|付|去|来|参|报|到|过|认|签|请|补))(?:¥|￥)?\s?{_N}(?:元|块(?:钱)?)(?:整)?(?:[{_CN}\d](?:[毛角](?:[{_CN}\d]分?)?)?)?|[¥￥]\s?\d+(?:\.\d+)?",
        ),
        ("7", rf"(?:\d{{1,2}}|[{_CN}]{{1,3}})月份?[-~至到](?:\d{{1,2}}|[{_CN}]{{1,3}})月份?(?!\d)"),
        (
            "7",
            rf"(?:20\d\d年)?(?:\d{{1,2}}|[{_CN}]{{1,3}})(?:[-~至到、和](?:\d{{1,2}}|[{_CN}]{{1,3}}))?月份?(?:(?!\d(?!\d?月))|(?=(?:3[2-9]|[4-9]\d|\d{{3}})(?:\.\d+)?(?![\d日号])))"
            r"|第?[一二三四1-4]季度?|[qQ][1-4](?!\d)|(?:上|下)半年|全年",
        ),
        ("3", rf"(?:#\s?\d+|第{_N}[个号条]|{_N}[号#](?!楼|线|床|院))"),
        ("1", rf"\d+(?:\.\d+)?|[{_CN}]{{0,9}}[十百千拾佰][{_CN}]{{0,9}}(?![分])"),
    )
)
DIGITS = frozenset("0123456789#¥￥qQ" + _CN + "第上下全半")
_DEPARTMENTS = alternatives(
    """
    机关 离退休 退休 检验 护理 急诊 内 外 儿 妇产? 产 药剂 放射 影像 超声 麻醉 中医 康复 财务 医务 院感 信息
    后勤 总务 公卫 防保 人事 医保 质控 口腔 眼 耳鼻喉 皮肤 心内 神内 神外 骨 普外 泌尿 呼吸 消化 感染 传染 针灸
    理疗 设备 保卫 重症医学 疾控 预防 功能 病案 血液净化 透析 采购 宣传 办公 药 心血管 内分泌 肾内 血液 风湿 肝胆 胃肠
    胸外 乳腺 肛肠 烧伤 肿瘤 疼痛 老年 发热 核医学 病理 输血 营养 心理 精神 儿保 妇保 健教 健康教育 慢病 结核 消毒
    供应 急救 合管 纪检 监察 审计 基建 党群 政工 科教 医教 药械 器械 规财 基卫 卫监 卫生监督 妇幼 爱卫 老干 综合 行政
    门诊 住院 体检 收费 挂号
    """
)
GROUP = re.compile(
    rf"""第?(?:[{_CN}]{{1,4}}|\d{{1,3}})(?:党?小组|党?支部|病区|组)
  | (?!参加|出席|请假|[向在跟到])[\u4e00-\u9fff]{{1,4}}?党小组(?!会)
  | (?:{_DEPARTMENTS})(?:[一二三]?科?党?支部|[一二三]?科室?|部|室|股|办(?!公室|事|理|好|完|证|[了的]))
  | [A-Za-z]{{1,3}}超?室 | 彩超室 | 心电图室 | 胃镜室 | 内镜室 | 换药室 | 注射室 | 输液室 | 抢救室 | 收费室 | 挂号室 |
  病案室 | 护理站
  | 药房 | 手术室 | 供应室 | 体检中心 | 党办 | 院办 | 办公室 | 门诊部""",
    re.X,
)
MENTION = re.compile(r"@(?:小助手|支部小助手|全体成员|所有人|[^\s@,:]{1,20})\s*")
STUB = re.compile(r"\[[^\[\]\n]{1,8}\]")
# Who comes along takes nothing from what is said of oneself: 带2人, 带一名家属.
GUESTS = re.compile(r"带(?:[1-9一二两三四五六七八九])(?:个|名|位)?(?:人|家属|朋友|孩子|亲友|同事)")
PLACE = re.compile(
    r"(?:[一二三四五六七八九十\d]{1,3}楼的?)?(?:党员活动室|报告厅|礼堂|会场|大会议室|小会议室|(?:党建|党员|多功能|视频)?会议[室厅])"
)
ASKING = re.compile(rf"请个?(?:\d{{1,2}}|[{_CN}半])个?(?:小时|钟头|天|上午|下午|周|星期|礼拜|月|节课)的?假")
HANDED = re.compile(r"放(?:到|在)?[^,。\s]{0,6}?(?:桌上|抽屉|柜子|办公室|信封|桌子上)里?(?=了|,|。|$)")
I_GO = re.compile(r"我[上值站守盯顶](?=[吧了哈啊,。!~\s]|$|[\d一二三四五六七八九十]{1,2}号)")  # 导诊我上; not 我上夜班
PLACE_SIGNS = frozenset("一二三四五六七八九十0123456789党报礼大小多视会")
PLUS_ONE = re.compile(r"\+\s?[1一](?![\d人个])")
_SOUND = "[" + "".join(sorted(SOUNDS)) + "]"
_FOREIGN_STARTS = alternatives(
    """
    扎西 卓玛 次仁 央金 达瓦 洛桑 格桑 旦增 丹增 才让 巴桑 普布 阿依 阿布 阿迪 古丽 热依 帕提 买买 麦麦 吐尔
    艾尔 艾力 努尔 迪丽 玛依 热孜 木合 巴特 乌兰 娜仁 萨仁 其其 斯琴 呼和 哈斯 苏日 朝鲁 恩和 吉克 阿木
    """
)
FOREIGN = re.compile(
    rf"""(?:{_FOREIGN_STARTS}){_SOUND}{{1,6}}(?:·{_SOUND}{{1,6}})*
  | (?:阿[不卜](?:都|杜)?{_SOUND}{{1,5}}|{_SOUND}{{2,6}}|阿[不卜](?:都|杜))(?:·{_SOUND}{{1,6}})+
  | 阿[不卜][都杜]{_SOUND}{{1,5}}""",
    re.X,
)
LATE = re.compile(
    rf"""[晚迟](?:到|来|点|了)?(?:大概|大约|约|差不多|个)?(?:\d{{1,3}}|[{_CN}半几]{{1,5}})[多来几]?个?(?:分钟|小时|钟头|刻钟)(?:左右)?(?:再?到|来|过去)?
  | [晚迟](?:到|来)?(?:一点|一会儿?|一些|几分钟|点|些)儿?再?(?:到|来|过去)""",
    re.X,
)
LATIN = re.compile(r"[a-z][a-z']*")

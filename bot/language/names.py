"""Which unknown words are people: surnames, compound surnames, names of the minorities, and 小王 / 老李.

Without a register this is a guess from tables; with one, its names are found first and exactly (`tokens.py`).
"""

from __future__ import annotations

import re

from bot.language.patterns import words

SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严"
    "牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫"
    "查屈鲍覃霍翁隋甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫嵺苟全褚廉简娄盖符奚木穆"
    "党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟敖糜鄢冷卓花仇艾蓝巩井练仲乐虞卞封竺冼衣楚佟栗匡宗巫鞠桑荆谌沙伏岑习胥和"
    "蔺帅肖闫宓樵"
)
COMPOUND = words(
    """
    上官 东方 东郭 令狐 公冶 公孙 南宫 司徒 司马 呼延 夏侯 太史 宇文 完颜 宗政 尉迟 慕容 拓跋 欧侯 欧阳 淳于
    澹台 濮阳 爱新觉罗 独孤 申屠 百里 皇甫 端木 第五 耶律 西门 诸葛 赫连 轩辕 钟离 长孙 闻人 鲜于
    """
)
# Characters that write Uyghur, Kazakh, Mongolian, Tibetan and Yi names.
SOUNDS = frozenset(
    "阿依古丽买提艾力热木江合帕夏汗尼亚孜布都拉克巴特尔其格乌兰娜仁托娅萨白音卓玛扎西才让次旦增多吉央金达瓦洛桑曲麦迪"
    "努肖开吐逊沙吾塔什别叶赛斯琴高娃呼和哈苏日朝鲁恩雅图毕敖登曼满莱丁迈麻坎杰明索朗顿珠平措姆贡罗色嘎美朵泽尕旺马子"
    "支伍果夫呷万米送祖纳比伊卡玉山库班司莫根额勒德宝玲青穆罕默亥再洪"
)
NOT_NAMES = words(
    """
    周一 周二 周三 周四 周五 周六 周日 周天 周末 查下 查查 查看 查询 查到 查收 查清 查明 连上 连接 连不上 连线 包上
    包下 管下 计下 别说 别管 常去 常来 明说 和上 任选 成了 全到 安上 安好 强调 高兴 向来 路过 支持 车上 家属 时间
    金额 项目 解释 文具 文盲 房东 房主 房客 包车 包粽子 路封 路断 路面 路口 路障 路程 路滑 路远 路堵 车队 车夫 车祸
    车限号 岳父 岳母 岳家 连轴 连台 强降雨 应酬 应聘 商务 时差 方才 甘愿 全勤 全家 水管 水灾 雷阵雨 洪涝 明早 明晚
    常年 成天 江边 山上 温书 农忙 武汉 成都 安阳 常州 温州 苏州 杭州 广州 沈阳 包头 柳州 桂林 梅州 邯郸 马鞍山 贵州
    孝感 黄冈 黄石 唐山 和田 常德 金华 宁波 伊犁 伊宁 洛阳 荆州 曲靖 吉安 安庆 单县 巫山 古镇 康定 连云港 盘锦 昌吉
    项城 鲁山 范县 秦皇岛 常熟 丛书 严格 严肃 严重 乐意 乐观 乔迁 习近平 于是 云南 代价 代办 代班 代码 代表 代签
    代报 代交 代请 任何 任务 伏案 位置 何况 何必 何时 何苦 余下 余地 余额 元旦 党内 党刊 党务 党史 党员 党外 党委
    党小组 党建 党徽 党性 党总支 党报 党支部 党政 党旗 党校 党章 党籍 党纪 党组 党规 党风 党龄 全体 全力 全县 全员
    全国 全天 全市 全年 全文 全科 全程 全部 全院 全面 关于 关心 关注 关系 关键 关门 关闭 冬天 冷空气 冷静 包子 包括
    华为 单位 单号 单子 单据 单独 卫健 卫生 古代 古城 古籍 古诗 司机 司法 吉林 向上 向前 向阳 周报 周期 周转 周边
    和平 和谐 商场 商店 商量 夏天 夏季 季度 季节 宁夏 安全 安心 安慰 安排 安检 安装 安静 宋体 官方 宫缩 宫颈 封控
    封闭 封面 尤其 山东 左右 左手 左腿 左边 巫婆 席位 常务 常委 常态 常用 常见 常规 平安 广大 应对 应当 应急 康养
    康复 强制 强化 强烈 成为 成功 成员 成品 成本 成果 成立 成绩 房产 房子 房租 房间 文书 文件 文化 文字 文档 文章
    文艺 方向 方式 方案 方面 施工 施行 时候 时刻 时常 时期 明确 明细 易患 易感 易拉宝 景区 景点 曾经 林业 林区 柏油
    查岗 查房 查阅 柴油 欧洲 段时间 段落 毛巾 毛泽东 毛病 水平 江南 江湖 江苏 江西 池塘 汤圆 汪洋 河南 洪水 洪灾
    海南 温度 温水 温馨 游戏 游泳 牛奶 牛肉 牛逼 甘肃 甘露 田地 申报 申请 白内障 白大褂 白天 白细胞 白色 白菜 白酒
    盛大 石化 石头 石家庄 石河子 石膏 祝你 祝大家 祝您 祝愿 祝福 祝贺 秋天 程序 程度 穆斯林 章程 章节 童话 简单 简历
    简报 简直 管子 管床 管护 管控 管理 管道 米粒 米线 米饭 红色 花名册 花生 花费 花钱 莫名 莫慌 莫要 莫非 蓝色 计划
    计生 计算 许可 许多 谈心 谈话 谢绝 费劲 费心 费用 贺电 路况 路演 路边 车位 车坏了 车子 车票 车间 边上 边远 连夜
    连班 连着 连续 邓小平 金属 金牌 金融 钱到 钱包 钱款 阳光 阳台 阳性 阴性 陕西 雷电 雷锋 雷雨 项圈 项链 马克思
    马虎 马路 高值 高原 高发 高峰 高标准 高温 高烧 高热 高级 高考 高血压 高质量 高速 高铁 高龄 黄体 黄疸 黄色 黄金
    齐了 齐全 齐心 龙头
    """
)
# Whom a first word may name without doubt: 替老周请假, 小王去不了; 老高 and 小方 may be anything.
_COMMON = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛"
    "叶潘杜戴夏钟汪田任姜范姚谭廖邹陆郝孔崔邱秦侯邵孟尹武乔贺龚"
)
CALLED = re.compile(
    rf"[老小][{_COMMON}](?![家子爷头板]|毛病|时候)"
    rf"|[{_COMMON}](?:大爷|大妈|大姐|大哥|大叔|阿姨|师傅|大夫|老师|医生|护士长?|主任|书记|院长|科长|姐|哥|叔|姨|嫂|婶|老)"
)
_AFFECTION = frozenset("小老阿")
FOREIGN_HEADS = SOUNDS - SURNAMES | {"买", "马", "古"}
# No name ends or goes on like this: 车坏, 高烧, 时忙.
_NO_GIVEN = frozenset(
    "坏病痛死疼记烧没丢错忘累忙吃喝睡跑走哭笑骂堵些么们里面边样种件次回个天点号日月年周们他她它谁哪这那说问看听想做办把被让叫给"
)
LONGEST = 40


def _plain(word: str) -> bool:
    if word in NOT_NAMES or any(word.startswith(other) for other in (word[:2], word[:3]) if other in NOT_NAMES):
        return False
    if len(word) == 2 and word[0] in _AFFECTION and word[1] in SURNAMES:
        return True
    if not _NO_GIVEN.isdisjoint(word[1:]):
        return False
    if word[:2] in COMPOUND:
        return 3 <= len(word) <= 4
    return word[0] in SURNAMES and 2 <= len(word) <= 3


def _foreign(word: str) -> bool:
    if "·" in word:
        parts = word.split("·")
        return 2 <= len(parts) <= 4 and all(1 <= len(part) <= 8 and part.isalpha() for part in parts)
    return 3 <= len(word) <= 8 and SOUNDS.issuperset(word)


def people(run: str) -> list[str]:
    """The names that a run of unknown characters is made of, [] where it is anything else.

    张三 -> [张三], 张三李四 -> [张三, 李四], 买买提·艾力 -> [买买提·艾力], 高血压 -> [].
    """
    if not 2 <= len(run) <= LONGEST:
        return []
    cut: dict[int, list[str]] = {}  # the names from each place on, found from the end so that none is sought twice
    for at in range(len(run) - 2, -1, -1):
        rest = run[at:]
        if _plain(rest) or _foreign(rest):
            cut[at] = [rest]
            continue
        size = next((size for size in (3, 2, 4) if at + size in cut and _plain(rest[:size])), 0)
        if size:
            cut[at] = [rest[:size], *cut[at + size]]
    return cut.get(0, [])


def name_like(text: str) -> bool:
    """Whether a text holds anything that could be a name at all; the register is not asked otherwise."""
    return "·" in text or not SURNAMES.isdisjoint(text)

"""Which unknown words are people: surnames, compound surnames, names of the minorities, and 小王 / 老李.

Without a register this is a guess from tables; with one, its names are found first and exactly (`tokens.py`).
"""

from __future__ import annotations

_SINGLE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪"
    "翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧"
    "畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺代帅肖闫宓樵么库奥党上"
)
SURNAMES = frozenset(_SINGLE) - frozenset("上么台来位来保宇都明应原官沿植稽僧银扬时库") | {"时"}
COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 长孙 宇文 夏侯 轩辕 端木 百里 呼延 南宫 独孤 申屠 澹台 拓跋 赫连 完颜 耶律 闻人 东郭 西门 钟离 濮阳 淳于 太史 公冶 宗政 鲜于 第五 欧侯 爱新觉罗".split()
)
# Characters that write Uyghur, Kazakh, Mongolian, Tibetan and Yi names.
SOUNDS = frozenset(
    "阿依古丽买提艾力热木江合帕夏汗尼亚孜布都拉克巴特尔其格乌兰娜仁托娅萨白音卓玛扎西才让次仁旦增多吉央金达瓦洛桑格曲麦迪努尔肖开吐逊沙吾塔什别克叶赛迪达娅斯琴高娃呼和哈苏日朝鲁恩巴雅图毕力敖登"
    "曼满莱苏丁迈麻坎杰明图雅索朗顿珠平措拉姆贡布罗色嘎美朵泽仁桑珠尕旺姆吉克沙马子阿木支伍果木夫依呷热孜万古力米吐送祖马纳斯比伊卡玉山江库尔班买合木提司迪克莫日根额勒德宝玲青格勒穆罕默德萨依提帕提亥日古再吐尔洪孜"
)
NOT_NAMES = frozenset(
    "高血压 高铁 高兴 高速 高峰 高温 何时 何必 方案 方式 方向 方面 周报 周边 周期 周转 安排 安全 安静 安装 温度 马路 马虎 黄金 白天 白酒 白菜 白大褂 金额 元旦 时间 时候 计划 计算 水平 成本 成绩 成功 成立 包子 包括 "
    "程序 程度 常见 常规 连续 连接 连着 余额 余下 田地 车子 车间 车位 车坏了 于是 关于 关心 关键 关系 关注 关门 关闭 任务 任何 解释 强调 强烈 盛大 严格 严重 严肃 贺电 申报 申请 平安 全国 全县 全市 全院 许多 许可 石头 "
    "施工 施行 康复 毛病 毛巾 雷雨 童话 花钱 花生 应急 应对 管理 管床 路况 路边 宋体 乐意 乐观 明确 文件 文章 文化 文字 文档 文书 文艺 向前 向上 单位 单独 单子 单号 章程 项目 项链 司机 季度 季节 党员 党建 党委 党章 "
    "党组 党总支 党徽 党旗 党龄 党务 党校 党组织 党支部 党小组 华为 江苏 江西 江南 云南 海南 宁夏 吉林 河南 山东 谈话 谈心 查收 查阅 查房 查看 查询 查岗 钱包 钱到 钱款 黄色 蓝色 白色 红色 温馨 夏天 秋天 冬天 "
    "夏季 段时间 段落 游戏 游泳 费用 费心 费劲 米饭 米线 冷静 冷空气 边上 左右 左边 牛奶 牛肉 牛逼 简单 简报 简历 简直 商量 商店 商场 房间 房子 房租 古代 古诗 齐了 齐全 雷锋 洪水 洪灾 甘肃 陕西 宫颈 宫缩 "
    "穆斯林 祝福 祝贺 祝大家 祝您 祝你 祝愿 谢绝 何况 何苦 安心 安慰 余地 应当 成为 成员 成果 成品 曾经 莫名 莫非 莫要 柴油 席位 景区 景点 卫生 卫健局 卫生局 卫健 卫生院 卫生间 卫生所 易拉宝 常委 常用 常务 常态 阳性 "
    "阳光 阳台 欧洲 金融 金牌 龙头 马克思 毛泽东 邓小平 习近平 雷电 汤圆 石膏 柏油 乔迁 向阳 边远 花名册 全科 全面 全年 全文 全天 全力 全体 全县 连夜 连班 代表 代办 代码 代价 代班 和谐 和平 广大 位置 齐心 路演 "
    "康养 古城 甘露 计生 计生委 伏案 安检 阴性 花费 石化 党内 司法 房产 党风 党政 林业 林区 江湖 池塘 高考 高原 高级 高值 高质量 高标准 尤其 莫慌 强化 强制 丛书 封闭 封控 封面 官方 巫婆 单据 明细 米粒 项圈 章节 汪洋 车票 "
    "党报 党刊 党史 党性 党纪 党规 党籍 党外 党组书记 连线 连续性 易感 易患 管道 管控 管子 管护 温水 高烧 高热 高龄 高发 左手 左腿 白内障 白细胞 黄疸 黄体 石家庄 石河子 金属 古籍 全程 全部 全员 时期 时常 时刻".split()
)
_AFFECTION = frozenset("小老阿")
FOREIGN_HEADS = SOUNDS - SURNAMES | {"买", "马", "古"}
# No name ends or goes on like this: 车坏, 高烧, 时忙.
_NO_GIVEN = frozenset("坏病痛死疼烧没丢错忘累忙吃喝睡跑走哭笑骂堵些么们里面边样种件次回个天点号日月年周们他她它谁哪这那说问看听想做办把被让叫给")
LONGEST = 40


def _plain(word: str) -> bool:
    if word in NOT_NAMES or any(word.startswith(other) for other in (word[:2], word[:3]) if other in NOT_NAMES):
        return False
    if not _NO_GIVEN.isdisjoint(word[1:]):
        return False
    if len(word) == 2 and word[0] in _AFFECTION and word[1] in SURNAMES:
        return True
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
    if _plain(run) or _foreign(run):
        return [run]
    if len(run) < 4:
        return []
    for size in (3, 2, 4):
        rest = people(run[size:]) if _plain(run[:size]) and len(run) - size >= 2 else []
        if rest:
            return [run[:size], *rest]
    return []


def name_like(text: str) -> bool:
    """Whether a text holds anything that could be a name at all; the register is not asked otherwise."""
    return "·" in text or not SURNAMES.isdisjoint(text)

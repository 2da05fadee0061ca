"""Why somebody can't come: the kind of a reason, by the words in it. Only the kind is ever kept."""

from __future__ import annotations

import re

from bot.language.patterns import any_of

# Why somebody can't come: the first kind that matches counts.
REASONS: dict[str, str] = {
    "leave": r"""
        产假 婚假 年假 探亲假 公休 轮休 调休 补休 哺乳假 育儿假 陪护假 丧假 休假 年休 疗休养 (?<!在家)(?<!家里)休息
        护理假 休班
        倒休 下班
        """,
    "family": r"""
        老伴 孩子 小孩 娃 宝宝 儿子 女儿 闺女 家里 家中 家有 家事 老人 父亲 母亲 父母 爸 妈 爱人 媳妇 老公 老婆 丈夫
        妻子 婆婆 公公 岳父 岳母 丈母娘 奶奶 爷爷 姥姥 姥爷 外婆 外公 亲属 亲戚 亲人 家属 家长会 探亲 奔丧 丧事 婚礼
        结婚 白事 红事 喜事 陪护 陪床 家母 家父 内人 老爹 老娘 老妈 寿 搬家 装修 老家 哥 姐 弟 妹 侄 接学生 上坟 扫墓
        葬礼 办酒 喝喜酒 水管 接送
        家庭(?!医生 病床) 公婆 孙子 孙女
        """,
    "sick": r"""
        生病 病重 病了 感冒 发烧 发热(?!门诊) 住院(?!部 总 医) 看病 就医 就诊 术后 手术后 做[了完]?个?手术 看牙 牙
        刚手术 身体 不舒服 不适 疼 痛 点滴 打针 骨折 扭 脚 腿伤 崴 阳了 阳性 新冠 流感 病假 拔牙 复查 高烧 低烧
        养病 肚子 咳嗽 头晕 晕 过敏 产检 孕检 孕吐 保胎 (?<!公卫)(?<!年人)(?<!学生)体检(?!车 中心 科 班)
        病$ 因病 血压高 卧床 养伤 受伤 摔
        腰 治疗 化疗 透析治疗 胃肠炎 嗓子 肺炎 确诊 隔离(?![点区病门]) 吊水 挂水 抱恙 带病
        """,
    "training": r"""
        进修 培训 期末考 电大 考试 上课 听课 规培 答辩 论文 学术 讲座 三基 考核 党校 实习 面授 继续教育 网课 学习 轮训
        跟班学 研修 备考 考研 考证 读研 上学 学术会 年会 竞赛 比武 比赛 轮转 带教 授课 讲课
        """,
    "official": r"""
        公假 出差 支援 下乡 开会 会议 公务 公干 公出 调研 迎检 迎接 督导 督查 外派 援疆 援藏 援外 对口 驻村 挂职 借调
        开(?:别的|另外?的?|个|其他|科室|全院)会
        采样 核酸 疫苗 接种 流调 抗疫 汇报 述职 招聘 巡回 接待 评审 审计 义诊 帮扶 包联 包村 入户 卫健 县里 局里
        市里 省里 院里 上级 检查 外出办 公事 出公差 外出 评估 验收 采购 宣讲 扶贫 防疫 疫情 值守卡口 卡口 巡察
        抽调 保障 执法 监督 出庭 签约 参会 有会 述廉 人代会 政协 两会 接检 因公 双选会 送检 工作(?!了 二 三 多)
        """,
    "duty": r"""
        值班 排班 夜班 白班 大夜 小夜 中班 早班 晚班 当班 上班 倒班 连班 加班 门诊 出诊 急诊 手术 上台 台上 抢救 车祸
        伤员
        中毒 外伤 接诊
        坐诊 查房 会诊 病房 病人 患者 值守 备班 二线 听班 替班 顶班 带班 透析 接生 分娩 出车 120 急救 转诊 转运
        跟车 巡诊 轮班 轮值 产房 住院 输液 换药 内镜 胃镜 肠镜 麻醉 科里 科室 离不开 救护车 交班 分诊 护理 查体
        体检 放射 发药 药房 检验 采血 收病 危重 重症 出院 入院 会阴 院感 消毒 助产 随访 彩超 B超 超声 跟班 调班
        换班 监护室 ICU 公卫 慢病
        """,
}

# Signs too short to decide anything; they only sort a reason that is one.
_LOOSE = re.compile("(?<!航)班|[值术超忙诊岗台抢剖]|ct|icu")
_KINDS = (*((kind, any_of(words)) for kind, words in REASONS.items()), ("leave", re.compile("休息")))


def known_kind(reason: str) -> str | None:
    """duty, official, training, sick, family or leave; None where no word tells."""
    low = reason.lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(low)), None)


def begins(words: str) -> bool:
    """Whether a reason begins right at the head of the words (腰扭了)."""
    return any(pattern.match(words.lower()) for _, pattern in _KINDS)


def kind_of(reason: str) -> str:
    """As `known_kind`, with "other" for all else."""
    return known_kind(reason) or ("duty" if _LOOSE.search(reason.lower()) else "other")

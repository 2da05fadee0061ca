"""The columns of the member sheet and what may stand in them; a public contract, once shipped."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Column of the sheet -> column of `members`; 支部, the accounts and the dues have rows of their own.
FIELDS = {
    "姓名": "name",
    "别名": "aliases",
    "性别": "gender",
    "民族": "ethnicity",
    "出生日期": "born_on",
    "学历": "education",
    "党员类别": "category",
    "入党日期": "joined_on",
    "转正日期": "full_on",
    "状态": "status",
    "党小组": "party_group",
    "科室": "department",
    "党内职务": "duty",
    "任职日期": "duty_since",
    "岗位类别": "post",
    "手机": "phone",
}
COLUMNS = (
    *("姓名", "别名", "性别", "民族", "出生日期", "学历", "党员类别", "入党日期", "转正日期", "状态", "支部"),
    *("党小组", "科室", "党内职务", "任职日期", "岗位类别", "手机", "企业微信账号", "钉钉账号", "党费类别", "党费基数"),
)
REQUIRED = ("姓名", "支部")
DATES = ("出生日期", "入党日期", "转正日期", "任职日期")
ACCOUNTS = ("企业微信账号", "钉钉账号")
LONGEST = {"姓名": 40, "支部": 60}
LONGEST_CELL = 200

_PEOPLES = _words(
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
# What the figures know how to count; anything else is kept, with a warning.
KNOWN: dict[str, frozenset[str]] = {
    "性别": _words("男 女"),
    "民族": _PEOPLES | frozenset(f"{people}族" for people in _PEOPLES),
    "学历": _words("小学 初中 高中 中专 高中/中专 大专 本科 硕士 博士 研究生 大学专科 大学本科"),
    "党员类别": _words("入党申请人 入党积极分子 发展对象 预备党员 正式党员 留党察看 停止党籍"),
    "状态": _words("在职 离休 退休 离退休 待业 流动"),
    "岗位类别": _words("公务员 事业管理 事业专业技术 公有制工人 工勤 农牧民 学生 其他"),
}

EXPLAINED = {
    "姓名": "必填，1 到 40 个字",
    "别名": "群昵称、常用名，几个之间用顿号隔开，如 老张、张主任",
    "性别": "男 或 女",
    "民族": "如 汉族",
    "出生日期": "写成 1990-02-28 这样",
    "学历": "小学、初中、高中、中专、大专、本科、硕士、博士",
    "党员类别": "正式党员、预备党员、发展对象、入党积极分子、入党申请人",
    "入党日期": "支部大会通过的日期，写成 2015-07-01 这样",
    "转正日期": "写成 2016-07-01 这样",
    "状态": "在职、离休、退休、待业、流动",
    "支部": "必填，如 第一党支部；没有的支部会新建",
    "党小组": "如 第一党小组",
    "科室": "如 检验科；同名的人靠它区分",
    "党内职务": "书记、副书记、组织委员、宣传委员、纪检委员、党小组长；几个之间用顿号隔开",
    "任职日期": "写成 2024-03-01 这样",
    "岗位类别": "公务员、事业管理、事业专业技术、公有制工人、农牧民、学生、其他",
    "手机": "只有书记和组织委员私聊时能查到",
    "企业微信账号": "企业微信通讯录里的账号，填了就不用再认领",
    "钉钉账号": "钉钉通讯录里的 UserID，填了就不用再认领",
    "党费类别": "在职、离退休、农民、学生、个体、固定；不交的空着",
    "党费基数": "每月计算党费的基数，元，最多两位小数，如 3000.50；“固定”填每月交的数",
}

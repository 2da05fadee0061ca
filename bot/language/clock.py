"""The shapes of times in text, as data: regular expressions only. `times.py` says what they mean."""

from __future__ import annotations

import re

# One character for one character, so that a span found in the folded text fits the text as given.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_OTHER = dict(
    zip(
        map(ord, "週點號鐘兩後禮內時間個這後開會總—–−～〜　\u00a0\u2005〇"),
        "周点号钟两后礼内时间个这后开会总---~~   零",
        strict=True,
    )
)
FOLD = _WIDE | {code: ord(sign) for code, sign in _OTHER.items()}

_CN = "零一二两三四五六七八九十"
NUM = rf"(?:\d{{1,2}}|[{_CN}]{{1,3}})"
DAY_SIGN = "一二三四五六日天"
WEEKDAY = rf"(?:周|星期|礼拜)[{DAY_SIGN}1-7](?![{_CN}\d]?[次回遍场节届])"
PART = "(?:清晨|凌晨|早晨|早上|上午|中午|午后|下午|傍晚|晚上|夜里|夜间|半夜|今晚|早|晚)"

DAY = re.compile(
    rf"""
    (?P<iso>(?<![\d.\-])(?P<year>20\d\d)\s*[-/.年]\s*(?P<imonth>\d{{1,2}})\s*[-/.月]\s*(?P<iday>\d{{1,2}})
        (?![\d.]|-\d)\s*[日号]?)
  | (?P<md>(?<![\d.])(?:(?P<yword>今年|明年|去年))?(?P<month>{NUM})月(?:份)?(?P<mday>{NUM})
        (?!\d|[{_CN}])(?:[日号]|(?=[\s,、(]|$|{PART}|前|之前|以前)))
  | (?P<slash>(?<![\d./\-])(?P<smonth>0?[1-9]|1[0-2])/(?P<sday>[0-3]?\d)(?![\d/.%]|[的人]))
  | (?P<every>(?P<eword>每月|每个月|本月|这个月|当月|下个?月)的?(?P<eday>{NUM})
        [日号](?![岗楼床线桌机房]))
  | (?P<rel>大后天|大前天|后天|前天|今天|明天|昨天|今日|明日|昨日|今儿|明儿|后儿|今早|明早|今晚|明晚|昨晚|后晚|当晚)
  | (?P<week>(?P<wword>上上|下下|上|本|这|下)?(?:一)?(?:个)?(?P<wday>{WEEKDAY}))
  | (?P<weekend>(?P<eword2>上|本|这|下)?(?:个)?周末)
  | (?P<edge>(?P<edgeword>本月|这个月|下个?月|每月|当月|本|这)?(?P<edgeside>月底|月末|月初)|年底|年末)
  | (?P<dom>(?<![\d.第])(?P<dday>{NUM})
        (?:日|[日号](?=\s*(?:{PART}|\d{{1,2}}:|前|之前|以前|\((?:周|星期|礼拜)|的(?:支部|党[课员日小]|主题|学习|组织|大会|义诊|活动|会议)))))
    """,
    re.X,
)
CLOCK = re.compile(
    rf"""(?:
    (?<![\d.:/])(?P<h>\d{{1,2}})\s*:\s*(?P<m>\d{{2}})(?::\d{{2}})?(?![\d:.]|\s*[%])
  | (?<![\d.:])(?P<ch>{NUM})\s*(?:点钟|点|时(?![间候段长期]))(?!\d{{3}}|[名人赞评滴])
    (?:(?P<half>半)|(?P<quarter>[一三1-3])刻|过?(?P<cm>\d{{1,2}}|[{_CN}]{{1,3}})分?(?![\d{_CN}]|[个人点名:]|小时)|整)?
    )""",
    re.X,
)
OFFSET = re.compile(
    rf"(?P<n>(?<![\d.])\d{{1,3}}|[{_CN}]{{1,3}}|半|一个半)(?P<unit>个半小时|个半钟头|分钟|个?小时|个?钟头|天|个?星期|个?礼拜|周|个月)(?:之|以)?后"
)
PARTS = re.compile(PART)
GAP = re.compile(r"[\s,T的]{0,3}")
# 12月4日(周五), 12月4日 星期五, 本周五(12月4日)
BRACKET = re.compile(rf"\s?[(\[]?\s?(?P<wday>(?:周|星期|礼拜)[{DAY_SIGN}1-7])\s?[)\]]?")
DATE_BRACKET = re.compile(rf"\s?\(\s?(?P<month>{NUM})(?:月|/)(?P<mday>{NUM})[日号]?\s?\)")
TO = re.compile(r"\s?(?:-+|~+|至|到)\s?")
BEFORE = re.compile(r"(?:之|以)?前")

# Where a time may begin at all; anything else in the text is skipped over.
_OFFSET_AGAIN = OFFSET.pattern.replace("?P<n>", "?:").replace("?P<unit>", "?:")
START = re.compile(
    rf"""{DAY.pattern}
  | (?P<clock>(?<![\d.:/\-]){PART}?\s?(?<![\d.:/\-])(?:\d{{1,2}}\s?:\s?\d{{2}}|{NUM}\s?(?:点|时)))
  | (?P<offset>{_OFFSET_AGAIN})
    """,
    re.X,
)

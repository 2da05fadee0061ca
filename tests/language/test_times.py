"""The table of times, all seen from Saturday 2026-11-21 10:00 +08:00, and the days that can't be."""

from __future__ import annotations

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import When, find_when
from bot.message import Refused
from tests.language.lines import NOW


def short(found: When | None) -> str:
    """Start, end and whether a clock was told, as one short line."""
    if found is None:
        return "-"
    start = found.start.strftime("%m-%d %H:%M" if found.clock else "%m-%d")
    if found.start.year != NOW.year:
        start = f"{found.start.year}-{start}"
    return start + (found.end.strftime(" .. %m-%d %H:%M") if found.end else "")


TABLE = {
    "明天下午三点半": "11-22 15:30",
    "本周五15:00": "11-20 15:00",
    "周五15点": "11-27 15:00",
    "下周三晚7点": "11-25 19:00",
    "12月4日": "12-04",
    "12月4日15:00": "12-04 15:00",
    "12月4日(周五)15:00": "12-04 15:00",
    "１２月４日（周五）１５：００": "12-04 15:00",
    "周五(12月4日)15:00": "12-04 15:00",
    "每月5号": "12-05",
    "每月25号": "11-25",
    "15点到17点": "11-21 15:00 .. 11-21 17:00",
    "月底前": "11-30",
    "八点二十": "11-21 08:20",
    "下午3:00-5:30": "11-21 15:00 .. 11-21 17:30",
    "12/4": "12-04",
    "2026-12-04 15:00": "12-04 15:00",
    "2026-12-04 15:00-17:00": "12-04 15:00 .. 12-04 17:00",
    "2026-12-04T15:00": "12-04 15:00",
    "2026年12月4日下午3点": "12-04 15:00",
    "今晚": "11-21",
    "今晚8点": "11-21 20:00",
    "后天上午9点": "11-23 09:00",
    "大后天": "11-24",
    "下午两点一刻": "11-21 14:15",
    "明早8点": "11-22 08:00",
    "12月4日下午3点至5点": "12-04 15:00 .. 12-04 17:00",
    "9:00": "11-21 09:00",
    "星期日": "11-22",
    "礼拜天": "11-22",
    "周日": "11-22",
    "週五下午三點": "11-27 15:00",
    "10分钟后": "11-21 10:10",
    "半小时后": "11-21 10:30",
    "两个半小时后": "11-21 12:30",
    "两天后": "11-23",
    "1月5日": "2027-01-05",
    "6月1日": "06-01",
    "11月20日": "11-20",
    "22:00-2:00": "11-21 22:00 .. 11-22 02:00",
    "上午11点到1点": "11-21 11:00 .. 11-21 13:00",
    "晚上12点": "11-22 00:00",
    "中午12点半": "11-21 12:30",
    "25号下午3点": "11-25 15:00",
    "十二月四日": "12-04",
    "截止周四18:00": "11-26 18:00",
    "党员大会定在下周二下午两点半，二楼会议室": "11-24 14:30",
    # and what is no time at all
    "参加3号岗": "-",
    "5号心愿": "-",
    "3楼会议室": "-",
    "13812345678": "-",
    "0431-88123456": "-",
    "党费50.00元": "-",
    "版本v1.2.3": "-",
    "192.168.1.1:8080": "-",
    "参加12号活动": "-",
    "11月党费": "-",
    "": "-",
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items())
def test_table(text: str, expected: str) -> None:
    assert short(find_when(text, NOW)) == expected


IMPOSSIBLE = {
    "2月30日": "没有2月30日，请重写日期",
    "13月1日": "没有13月1日，请重写日期",
    "2026-02-29": "没有2月29日，请重写日期",
    "25:00": "没有25:00这个时间，请重写时间",
    "9点70": "没有9点70这个时间，请重写时间",
    "明天24:30": "没有24:30这个时间，请重写时间",
    "12月4日（周四）15:00": "12月4日是周五，不是周四",
    "周四（12月4日）": "12月4日是周五，不是周四",
    "每月32号": "没有每月32号，请重写日期",
}


@pytest.mark.parametrize(("text", "line"), IMPOSSIBLE.items())
def test_impossible_days_are_refused_by_name(text: str, line: str) -> None:
    with pytest.raises(Refused) as refused:
        find_when(text, NOW)
    assert refused.value.text == line


def test_weekend_is_ambiguous() -> None:
    found = find_when("周末上午9点义诊", NOW)
    assert found is not None
    assert [one.strftime("%m-%d %H") for one in found.ambiguous] == ["11-21 09", "11-22 09"]


def test_an_hour_without_its_half_of_the_day_is_ambiguous() -> None:
    found = find_when("周五3点", NOW)
    assert found is not None
    assert [one.hour for one in found.ambiguous] == [15, 3]


def test_the_span_fits_the_text_as_given() -> None:
    text = "支部大会：１２月４日（周五）１５：００ 开会"
    found = find_when(text, NOW)
    assert found is not None
    assert text[slice(*found.span)] == found.text == "１２月４日（周五）１５：００"


@given(st.datetimes(min_value=datetime(2026, 11, 22), max_value=datetime(2027, 5, 1)))
def test_what_is_written_out_is_read_back(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0, tzinfo=NOW.tzinfo)
    sign = "一二三四五六日"[moment.weekday()]
    for text in (
        f"{moment:%Y-%m-%d %H:%M}",
        f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}",
        f"{moment.month}月{moment.day}日(周{sign}){moment:%H:%M}",
    ):
        found = find_when(f"活动定在{text}开始", NOW)
        assert found is not None
        assert found.start == moment


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        found = find_when(text, NOW)
        assert found is None or text[slice(*found.span)] == found.text

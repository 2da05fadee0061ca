"""The notice of a year: read to the last day or not at all; theme days follow and the secretary hears what moved."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import chinese_calendar
import pytest

from bot.cli.rosters import import_holidays
from bot.message import Refused
from handlers.reminders.holidays import notice_of
from scheduler.calendar import days
from tests.cast import Cast
from tests.scheduler.conftest import live, whispered

# 国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04.
NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。"""
# Invented for the test: what 2027 could be.
NOTICE_2027 = """2027年
元旦：1月1日至3日放假，共3天。
春节：2月5日（除夕）至13日放假调休，共9天。2月14日（周日）、2月20日（周六）上班。
清明节：4月3日至5日放假，共3天。"""


@pytest.fixture(autouse=True)
def _awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """2027 is not published in any package, whatever version is installed."""
    monkeypatch.setattr(days, "_packaged", lambda year: year <= 2026)


def test_the_notice_of_2026_is_read_to_the_day() -> None:
    body = notice_of(NOTICE_2026)
    assert body["year"] == 2026
    assert len(body["days"]) == 33 + 6
    for one in body["days"]:
        assert chinese_calendar.is_workday(date.fromisoformat(one["date"])) is not one["isOffDay"], one


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("元旦：1月1日放假，共1天。", "请写明是哪一年"),
        ("2027年放假通知", "没看懂放假通知"),
        ("2027年 元旦：1月1日至3日放假，共4天。", "共 4 天，数出来 3 天"),
        ("2027年 元旦：1月1日至3日放假，共3天。春节：1月3日放假，共1天。", "2027-01-03 写了两次"),
        ("2027年 元旦：好好休息。", "没看懂哪几天放假"),
        ("2027年 春节：2月30日放假，共1天。", "没有 2月30日 这一天"),
        ("2027年 春节：2月5日至1月7日放假。", "不像一个假期"),
        ("2027年 国庆节：10月4日放假，共1天。10月1日上班。", "2027-10-01 是法定节假日"),
    ],
)
async def test_a_notice_that_is_not_understood_changes_nothing(one_cast: Cast, text: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        notice_of(text)
    assert complaint[:6] in await one_cast.says("周敏", f"/remind holidays {text}")
    assert "没有登记" not in await one_cast.says("周敏", "/remind")


async def test_a_secretarys_notice_moves_his_own_theme_days_and_says_which(cast: Cast) -> None:
    await cast.dialog(
        [("周敏", f"/remind holidays {NOTICE_2027}", "已登记2027年节假日安排（第一党支部），主题党日随之重算：")]
    )
    heard = await cast.says("周敏", "/remind holidays " + NOTICE_2027)
    assert "春节：休 2月5日、2月6日、2月7日" in heard
    assert "上班 2月14日、2月20日" in heard
    await cast.settle()
    [told] = [text for text in whispered(cast, "周敏") if "已公布" in text]
    assert "2月：2月15日(周一) → 2月14日(周日)" in told
    assert told.count("日期不变") == 1, "the same notice again moves nothing"
    assert "1月：" not in told
    await live(cast, "2027-02-11 09:00")
    assert any("主题党日 2月14日(周日)15:00" in one.text for one in cast.pushed())
    assert not any("2月14日" in one.text for one in cast.pushed("g2"))


async def test_an_administrators_notice_holds_for_all_and_comes_as_a_file(one_cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "2027.txt"
    path.write_text(NOTICE_2027, encoding="utf-8")
    assert await import_holidays(one_cast.place.config, path) == "2027年节假日安排已登记：放假 15 天，调休上班 2 天"
    await one_cast.reply("admin", f"/remind holidays {NOTICE_2027}", chat="")
    for name in ("周敏", "郑晓燕"):
        await one_cast.settle()
        assert any("已公布" in text for text in whispered(one_cast, name))
    body = {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    assert "放假 1 天" in await import_holidays(one_cast.place.config, path)


@pytest.mark.parametrize(
    "rows",
    [
        [("2027-01-01", True), ("2027-01-01", True)],
        [("2028-05-01", True)],
        [("2027-02-30", True)],
        [("2027-01-01", "是")],
    ],
)
async def test_a_file_with_a_double_or_impossible_day_is_refused(
    one_cast: Cast, tmp_path: Path, rows: list[tuple[str, object]]
) -> None:
    path = tmp_path / "2027.json"
    body = {"year": 2027, "days": [{"name": "元旦", "date": day, "isOffDay": off} for day, off in rows]}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(Refused, match=r"2027\.json"):
        await import_holidays(one_cast.place.config, path)
    path.write_text('{"year": 2027}', encoding="utf-8")
    with pytest.raises(Refused, match="not of the form"):
        await import_holidays(one_cast.place.config, path)

"""`calendar`: twelve months as text, JSON and iCalendar that a calendar program reads without complaint."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from icalendar import Calendar

from bot.cli import calendar as pages
from bot.cli.place import opened
from tests.cast import ZONE, Cast, configure, opened_cast


async def test_a_calendar_program_reads_a_year(sqlite: str, tmp_path: Path) -> None:
    place = "三楼\\\\东, 会议室; 靠窗的那一间，请走侧门并带好党徽和笔记本"
    odd = f'[branches."第三党支部; 乡镇, 卫生院"]\ntheme_day_place = "{place}"\n'
    config = configure(sqlite, tmp_path, odd)
    async with opened(config):
        rows = await pages.rows(config, "", "2026-12", 12)
    read = Calendar.from_ical(pages.as_ics(rows).encode())
    assert isinstance(read, Calendar)
    assert not read.errors
    events = list(read.walk("VEVENT"))
    assert len(events) == len(rows) > 50
    assert len({str(one["UID"]) for one in events}) == len(events)
    for event, row in zip(events, rows, strict=True):
        assert not event.errors
        assert str(event["SUMMARY"]) == row.coming.text
        assert event.decoded("DTSTART").astimezone(ZONE) == row.coming.at
        assert event.decoded("DTEND") > event.decoded("DTSTART")
        assert str(event["STATUS"]) == ("CONFIRMED" if row.coming.certain else "TENTATIVE")
    assert all(len(line) <= 75 for line in pages.as_ics(rows).encode().split(b"\r\n"))


async def test_every_reminder_of_the_year_stands_in_it_with_its_audience(one_cast: Cast) -> None:
    rows = await pages.rows(one_cast.place.config, "第一党支部", "2026-12", 12)
    told = json.loads(pages.as_json(rows))
    assert {row["audience"] for row in told} == {"branch", "secretary", "collector", "committee"}
    assert sum(row["job"] == "theme_day" for row in told) == 12
    assert sum(row["job"] == "dues_notice" for row in told) == 36
    assert sum(row["job"] == "quarter_watch" for row in told) == 4
    assert [row["at"] for row in told] == sorted(row["at"] for row in told)


async def test_what_it_shows_is_what_is_pushed(sqlite: str, tmp_path: Path) -> None:
    """Every message of two months that a group hears stands in the calendar at that minute, and the other way round."""
    async with opened_cast(sqlite, tmp_path) as cast:
        rows = await pages.rows(cast.place.config, "第一党支部", "2026-12", 2)
        shown = {row.coming.at for row in rows if row.coming.job in ("theme_day_notice", "dues_notice")}
        heard = set()
        await cast.until("2026-11-30 23:00")
        while cast.place.clock() < datetime(2027, 2, 1, tzinfo=ZONE):
            before = len(cast.pushed())
            cast.place.clock.ahead += timedelta(minutes=30)
            await cast.settle()
            if len(cast.pushed()) > before:
                heard.add(cast.place.clock())
        # In a month's last days the notices of the next month's meeting come, which the two months do not hold.
        assert heard == {at for at in shown if at < datetime(2027, 2, 1, tzinfo=ZONE)}

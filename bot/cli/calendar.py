"""`calendar`: every reminder that will be pushed, as text, JSON or iCalendar; the same computation as the tick's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.cli.place import Place, opened
from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from scheduler import jobs
from scheduler.calendar.festivals import LUNAR_YEARS
from scheduler.jobs import Branch, Coming, looking

LINE_BYTES = 73  # RFC 5545 folds lines at 75 bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the calendar."""

    branch: str
    coming: Coming


async def rows(config: Config, branch: str, start: str, count: int) -> list[Row]:
    """The meetings and reminders of `count` months from `start` (YYYY-MM, default this month) on, in time order."""
    async with opened(config) as place:
        return await place.database.read(lambda tx: _rows(tx, place, branch, start, count))


def _rows(tx: Tx, place: Place, name: str, start: str, count: int) -> list[Row]:
    known = {branch.name: branch for branch in jobs.branches_of(tx)}
    for listed in place.config.branches:
        known.setdefault(listed, Branch(0, listed, 0))
    if name and name not in known:
        raise Refused(f"no branch named {name}; there are: {', '.join(known) or 'none yet'}")
    chosen = [known[name]] if name else list(known.values()) or [Branch(0, "", 0)]
    first = _month(start, place.config) if start else jobs.month_of(tx.now)
    found = [Row(branch.name, one) for branch in chosen for one in _of(tx, place, branch, first, count)]
    return sorted(found, key=lambda row: (row.coming.at, row.branch, row.coming.job))


def _of(tx: Tx, place: Place, branch: Branch, first: datetime, count: int) -> list[Coming]:
    """A month that is over is what the rules give; from this month on what was opened in chat counts."""
    found = []
    for month in jobs.months(first, count):
        end = jobs.next_month(month)
        known = bool(branch.id) and month >= jobs.month_of(tx.now)
        books = jobs.Books(tx, place.setting, month, end, branch.id, held=known)
        found += looking.coming(books, branch, month, end, jobs.JOBS)
        held = jobs.meeting(books, branch, month)
        found += [held] if held else []
    return found


def _month(text: str, config: Config) -> datetime:
    """The first instant of a month. Raises Refused, also outside the years whose festivals can be reckoned."""
    try:
        found = datetime.strptime(text, "%Y-%m").replace(tzinfo=config.zone)
    except ValueError:
        raise Refused(f"--from {text}: write a month like 2026-12") from None
    if found.year not in LUNAR_YEARS:
        raise Refused(f"--from {text}: write a month from {LUNAR_YEARS[0]}-01 to {LUNAR_YEARS[-1]}-12")
    return found


def as_json(found: list[Row]) -> str:
    """The list that the contract promises."""
    return json.dumps(
        [
            {
                "at": row.coming.at.isoformat(),
                "branch": row.branch,
                "job": row.coming.job,
                "audience": row.coming.audience,
                "text": row.coming.text,
                "certainty": "certain" if row.coming.certain else "provisional",
            }
            for row in found
        ],
        ensure_ascii=False,
        indent=1,
    )


def as_text(found: list[Row]) -> str:
    """A line a reminder."""
    lines = [f"{row.coming.at:%Y-%m-%d %H:%M}  {row.branch}  {row.coming.job}  {row.coming.text}" for row in found]
    return "\n".join(lines) or "nothing is planned"


def as_ics(found: list[Row]) -> str:
    """iCalendar (RFC 5545): instants in UTC, lines folded at 75 bytes, one event a reminder."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//zhibu//branch assistant//ZH", "CALSCALE:GREGORIAN"]
    for row in found:
        lines += _event(row)
    return "\r\n".join(part for line in [*lines, "END:VCALENDAR"] for part in _fold(line)) + "\r\n"


def _event(row: Row) -> list[str]:
    start = row.coming.at.astimezone(UTC)
    length = timedelta(hours=1, minutes=30) if row.coming.job == "theme_day" else timedelta(minutes=10)
    text = row.coming.text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return [
        "BEGIN:VEVENT",
        f"UID:{row.coming.job}-{row.coming.period.replace(' ', '_')}-{row.coming.audience}-{row.branch}@zhibu",
        f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + length:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{text}",
        f"STATUS:{'CONFIRMED' if row.coming.certain else 'TENTATIVE'}",
        "END:VEVENT",
    ]


def _fold(line: str) -> list[str]:
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > LINE_BYTES:
            parts.append(part)
            part = " "
        part += char
    return [*parts, part]

"""总览 in the browser: required meetings done or not done, figures with their rows, months, messages, papers.

Every request asks anew who may see what; what is dear is reckoned beside the short readings and remembered until a
row changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.pages.entry import COOKIE, Entry, page
from bot.pages.overview_memory import Memory, version
from bot.pages.overview_numbers import beside, charts, one_figure, years
from bot.pages.overview_view import View, view_of
from handlers import burden, figures, quota
from handlers.links import Pass, admitted
from handlers.overview import PAGE, Sent, sent
from handlers.selfcheck import Item, required, selfcheck
from handlers.selfcheck.item import WORDS
from handlers.selfcheck.required import asked_for, frequencies, instants

T = TypeVar("T")
BRANCHES_A_PAGE = 30
TABS = (("", "规定动作"), ("/figures", "数字"), ("/charts", "逐月"), ("/messages", "消息"), ("/files", "导出"))
TAGS = {"done": "done", "missing": "strong", "running": "", "late": "warm", "blank": ""}
DEFAULT_GROUP = "meetings"


class Overview:
    """The pages behind one link."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.place, self.memory = entry, entry.place, Memory()

    async def asked(self, request: web.Request) -> tuple[Pass, View, tuple[int, int]]:
        """(who asks, what for, the version of the rows). Raises Refused."""
        secret, words = request.cookies.get(COOKIE, ""), dict(request.query)
        return await self.place.database.read(partial(_asked, secret=secret, words=words, config=self.place.config))

    async def reckon(self, key: str, view: View, rows: tuple[int, int], work: Callable[[Tx], T], *, long: bool) -> T:
        """What `work` reads for a question, remembered; `long`: beside the short readings."""
        database = self.place.database
        read = partial(database.read_long if long else database.read, work)
        asked = (key, view.asked.span.code, view.asked.branch, view.day)
        return await self.memory.get(asked, (rows, view.asked.cutoff), read)

    async def required(self, request: web.Request) -> web.StreamResponse:
        """Branches by required frequency, a page of them; one branch with the records behind. Raises Refused."""
        _, view, rows = await self.asked(request)
        if len(view.chosen) == 1:
            return await self._branch(view, rows)
        number, pages, here = _page_of(view.chosen, view.page, BRANCHES_A_PAGE)
        config, span, known = self.place.config, view.asked.span, view.asked.known

        def work(tx: Tx) -> dict[int, list[Item]]:
            return required(tx, here, span.first, view.asked.cutoff, config, known)

        items = await self.reckon(f"required {number}", view, rows, work, long=False)
        kinds = [(kind, asked_for(rule)) for kind, rule in frequencies(config)]
        table = [(one, [_cell(item) for item in items[one.id]]) for one in here]
        return shown("overview_required.html", view, "规定动作", kinds=kinds, rows=table, page=number, pages=pages)

    async def _branch(self, view: View, rows: tuple[int, int]) -> web.StreamResponse:
        config, span, branch = self.place.config, view.asked.span, view.chosen[0]

        def work(tx: Tx) -> list[Item]:
            return selfcheck(tx, branch.id, span.first, view.asked.cutoff, config, view.asked.known)

        items = await self.reckon("branch", view, rows, work, long=False)
        more: dict[str, Any] = {
            "items": [one for one in items if one.asked],
            "blank": [one.name for one in items if not one.asked],
        }
        return shown("overview_branch.html", view, "规定动作", words=WORDS, tags=TAGS, **more)

    async def figures(self, request: web.Request) -> web.StreamResponse:
        """A group of figures, last year's beside. Raises Refused."""
        _, view, rows = await self.asked(request)
        chosen = view.more.get("group", DEFAULT_GROUP)
        group = next((found for code, _, found in figures.GROUPS if code == chosen), None)
        if group is None:
            raise Refused("没有这一类数字，请从页面上点开。")

        def work(tx: Tx) -> tuple[str, list[tuple[figures.Value, str]]]:
            return beside(tx, view.asked, group)

        why, values = await self.reckon(f"figures {chosen}", view, rows, work, long=True)
        groups = [(code, name) for code, name, _ in figures.GROUPS]
        last = view.asked.year_before().cutoff
        more = {"rows": values, "why": why, "groups": groups, "group": chosen, "last_cutoff": last}
        return shown("overview_figures.html", view, "数字", {"group": chosen}, **more)

    async def figure(self, request: web.Request) -> web.StreamResponse:
        """One figure: its months, and a page of the rows behind it. Raises Refused."""
        _, view, _ = await self.asked(request)
        figure = figures.named(view.more.get("name", ""))
        values = await self.place.database.read_long(partial(one_figure, view=view, figure=figure))
        return shown("overview_figure.html", view, "数字", {"name": figure.name}, name=figure.name, **values)

    async def charts(self, request: web.Request) -> web.StreamResponse:
        """Attendance and completion month by month, this year and the last. Raises Refused."""
        _, view, rows = await self.asked(request)
        work = partial(charts, view=view, config=self.place.config)
        found = await self.reckon("charts", view, rows, work, long=True)
        return shown("overview_charts.html", view, "逐月", charts=found, years=years(view))

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """What was sent to each branch, and what is left of the month's quota. Raises Refused."""
        _, view, _ = await self.asked(request)
        return shown(
            "overview_messages.html", view, "消息", **await self.place.database.read_long(partial(self._messages, view))
        )

    def _messages(self, view: View, tx: Tx) -> dict[str, Any]:
        span, branch, house = view.asked.span, view.asked.branch, self.place.house
        counts = sent(tx, *instants(tx, span.first, view.asked.cutoff))
        if branch:
            lines = quota.lines(tx, branch, house.meters, house.coming)
        else:
            lines = [one.line for one in quota.outlook(tx, house.meters, house.coming) if one.allowed]
        rows, people = [(one, counts.get(one.id, Sent())) for one in view.chosen], None
        number, pages, shown_rows = _page_of(rows, view.page, PAGE)
        if branch and view.sight.may_name(branch):
            found = burden.burden(tx, branch, span.first, view.asked.cutoff)
            number, pages, people = _page_of(found, view.page, PAGE)
            shown_rows = rows
        return {"rows": shown_rows, "people": people, "quota": lines, "page": number, "pages": pages}


def _asked(tx: Tx, secret: str, words: Mapping[str, str], config: Config) -> tuple[Pass, View, tuple[int, int]]:
    given = admitted(tx, secret, "dashboard")
    view = view_of(tx, given, words, config)
    return given, view, version(tx) if view.asked.known >= tx.at else (0, 0)


def shown(template: str, view: View, tab: str, kept: Mapping[str, str] | None = None, **values: Any) -> web.Response:
    """A page of the overview; `kept` are the words of its address that the form must bring along."""
    path = next(path for path, name in TABS if name == tab) if not kept or "name" not in kept else "/figure"
    return page(template, view=view, heading=tab, tab=tab, tabs=TABS, path=path, kept=kept or {}, **values)


def _page_of(rows: list[T], number: int, size: int) -> tuple[int, int, list[T]]:
    """(page, pages, its rows); behind the last page stands the last."""
    pages = max(1, -(-len(rows) // size))
    number = min(number, pages)
    return number, pages, rows[(number - 1) * size : number * size]


def _cell(item: Item) -> dict[str, str]:
    """A branch and a kind in a few words: 3/4 未做 2月."""
    if not item.windows:
        return {"state": "", "count": "", "told": item.why or "—"}
    count = f"{item.done}/{len(item.windows)}"
    if item.missing:
        return {"state": "missing", "count": count, "told": f"未做 {runs([one.name for one in item.missing])}"}
    if item.done == len(item.windows):
        return {"state": "done", "count": count, "told": "做到"}
    return {"state": "running", "count": count, "told": "本期未满"}


def runs(names: list[str]) -> str:
    """1月, 2月, 3月, 6月 -> 1-3、6月: windows that follow each other in one word."""
    numbers = [int(name.rstrip("月季度")) for name in names if not name.endswith("年")]
    if len(numbers) < len(names) or len(numbers) < 2:
        return "、".join(names)
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    unit = names[0].lstrip("0123456789")
    return "、".join(f"{one[0]}-{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in parts) + unit

"""总览 in the browser: required meetings done or not done, figures with their rows, months, messages, papers.

Every request asks anew who may see what; what is dear is reckoned beside the short readings and remembered until a
row changes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from bot.pages.entry import COOKIE, Entry, looker_of, page, pages_of
from bot.pages.overview_memory import MINUTE, Memory, Stand, stand
from bot.pages.overview_numbers import beside, charts, one_figure, rows_of, years
from bot.pages.overview_view import View, view_of
from handlers import burden, figures, quota
from handlers.figures import Figure
from handlers.figures.explain import Line
from handlers.links import Pass, admitted
from handlers.looks import note_looks
from handlers.overview import PAGE, Sent, sent
from handlers.selfcheck import Item, required, selfcheck
from handlers.selfcheck.item import WORDS
from handlers.selfcheck.required import asked_for, frequencies, instants

T = TypeVar("T")
BRANCHES_A_PAGE = 30
WHOLE_AGE = MINUTE  # what every branch's rows give is not reckoned more often, since some row changes all the time
TABS = (("", "规定动作"), ("/figures", "数字"), ("/charts", "逐月"), ("/messages", "消息"), ("/files", "导出"))
TAGS = {"done": "done", "missing": "strong", "running": "", "late": "warm", "blank": ""}
DEFAULT_GROUP = "meetings"


class Overview:
    """The pages behind one link."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.place, self.memory = entry, entry.place, Memory()

    async def asked(self, request: web.Request) -> tuple[Pass, View, Stand]:
        """(who asks, what for, how far the rows have come). Raises Refused."""
        secret, words = request.cookies.get(COOKIE, ""), dict(request.query)
        return await self.place.database.read(partial(_asked, secret=secret, words=words, config=self.place.config))

    async def reckon(self, key: str, view: View, stand: Stand, work: Callable[[Tx], T]) -> tuple[T, str]:
        """(what `work` reads for a question, when), remembered; a branch is read anew as soon as a row changes."""
        asked = (key, view.asked.span.code, view.asked.branch, view.asked.cutoff, view.day)
        age = 0 if view.asked.branch else WHOLE_AGE
        found, at = await self.memory.get(asked, stand, partial(self.read(view), work), age)
        return found, f"{datetime.fromtimestamp(at / 1_000_000, view.asked.zone):%H:%M}"

    def read(self, view: View) -> Callable[[Callable[[Tx], Any]], Awaitable[Any]]:
        """Where a reading belongs: that of every branch takes long and waits for its turn beside the short ones."""
        return self.place.database.read if view.asked.branch else self.place.database.read_long

    async def required(self, request: web.Request) -> web.StreamResponse:
        """Branches by required frequency, a page of them; one branch with the records behind. Raises Refused."""
        _, view, stand = await self.asked(request)
        if len(view.chosen) == 1:
            return await self._branch(view, stand)
        number, pages, here = _page_of(view.chosen, view.page, BRANCHES_A_PAGE)
        config, span, known = self.place.config, view.asked.span, view.asked.known

        def work(tx: Tx) -> dict[int, list[Item]]:
            return required(tx, here, span.first, view.asked.cutoff, config, known)

        key = ("required", number, view.asked.span.code, view.asked.cutoff, view.day)
        items, _ = await self.memory.get(key, stand, partial(self.place.database.read, work))
        kinds = [(kind, asked_for(rule)) for kind, rule in frequencies(config)]
        table = [(one, [_cell(item) for item in items[one.id]]) for one in here]
        return shown("overview_required.html", view, "规定动作", kinds=kinds, rows=table, page=number, pages=pages)

    async def _branch(self, view: View, stand: Stand) -> web.StreamResponse:
        config, span, branch = self.place.config, view.asked.span, view.chosen[0]

        def work(tx: Tx) -> list[Item]:
            return selfcheck(tx, branch.id, span.first, view.asked.cutoff, config, view.asked.known)

        key = ("branch", branch.id, span.code, view.asked.cutoff, view.day)
        items, _ = await self.memory.get(key, stand, partial(self.place.database.read, work))
        more: dict[str, Any] = {
            "items": [one for one in items if one.asked],
            "blank": [one.name for one in items if not one.asked],
        }
        return shown("overview_branch.html", view, "规定动作", words=WORDS, tags=TAGS, **more)

    async def figures(self, request: web.Request) -> web.StreamResponse:
        """A group of figures, last year's beside. Raises Refused."""
        _, view, stand = await self.asked(request)
        chosen = view.more.get("group", DEFAULT_GROUP)
        group = next((found for code, _, found in figures.GROUPS if code == chosen), None)
        if group is None:
            raise Refused("没有这一类数字，请从页面上点开。")

        work = partial(beside, asked=view.asked, group=group)
        (why, values), at = await self.reckon(f"figures {chosen}", view, stand, work)
        groups = [(code, name) for code, name, _ in figures.GROUPS]
        last = view.asked.year_before().cutoff
        more = {"rows": values, "why": why, "groups": groups, "group": chosen, "last_cutoff": last, "at": at}
        return shown("overview_figures.html", view, "数字", {"group": chosen}, **more)

    async def figure(self, request: web.Request) -> web.StreamResponse:
        """One figure: its months, and a page of the rows behind it. Raises Refused."""
        given, view, stand = await self.asked(request)
        figure = figures.named(view.more.get("name", ""))
        work = partial(one_figure, asked=view.asked, figure=figure)
        values, at = await self.reckon(f"figure {figure.name}", view, stand, work)
        if not values["why"]:
            values = {**values, **await self.read(view)(partial(rows_of, view=view, figure=figure))}
            await self._noted(given, figure, values["behind"].lines)
        return shown("overview_figure.html", view, "数字", {"name": figure.name}, name=figure.name, at=at, **values)

    async def _noted(self, given: Pass, figure: Figure, lines: Sequence[Line]) -> None:
        """Each look at somebody's rows is his to know."""
        people = [one.member for one in lines if one.member]
        if people:
            looker, what = looker_of(given), f"{figure.name}的明细"
            await self.place.database.write(lambda tx: note_looks(tx, looker, people, what))

    async def charts(self, request: web.Request) -> web.StreamResponse:
        """Attendance and completion month by month, this year and the last. Raises Refused."""
        _, view, stand = await self.asked(request)
        work = partial(charts, asked=view.asked, config=self.place.config)
        found, at = await self.reckon("charts", view, stand, work)
        return shown("overview_charts.html", view, "逐月", charts=found, years=years(view.asked), at=at)

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


def _asked(tx: Tx, secret: str, words: Mapping[str, str], config: Config) -> tuple[Pass, View, Stand]:
    given = admitted(tx, secret, "dashboard")
    view = view_of(tx, given, words, config)
    return given, view, stand(tx, past=view.asked.known < tx.at)


def shown(template: str, view: View, tab: str, kept: Mapping[str, str] | None = None, **values: Any) -> web.Response:
    """A page of the overview; `kept` are the words of its address that the form must bring along."""
    path = next(path for path, name in TABS if name == tab) if not kept or "name" not in kept else "/figure"
    return page(template, view=view, heading=tab, tab=tab, tabs=TABS, path=path, kept=kept or {}, **values)


def _page_of(rows: list[T], number: int, size: int) -> tuple[int, int, list[T]]:
    """(page, pages, its rows); behind the last page stands the last."""
    pages = pages_of(len(rows), size)
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

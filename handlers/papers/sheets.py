"""台账 as xlsx: attendance, volunteers, dues, study, wishes; figures beside last year's; 通报; what forms ask for.

Each sheet is a function that yields its rows branch by branch: a long export can be stopped, and needs little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from bot.config import Config
from bot.db import Tx
from bot.message import Refused
from handlers import figures
from handlers.papers import ledgers
from handlers.papers.forms import FORMS
from handlers.papers.ledgers import Wanted
from handlers.selfcheck import selfcheck
from handlers.sheet.book import Book

WHOLE = "台账"
Progress = Callable[[int, int], None]


NO_RECORDS = "没有记录"
Write = Callable[[Wanted], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, its head, and what writes its rows."""

    title: str
    head: tuple[str, ...]
    write: Write


def _numbers(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """Every figure, this period's beside that of the year before up to the same day."""
    now = figures.Reading(wanted.tx, wanted.asked)
    earlier = wanted.asked.year_before()
    before = figures.Reading(wanted.tx, earlier) if figures.is_recorded(wanted.tx, earlier) else None
    for figure in figures.FIGURES:
        one = figures.value(now, figure)
        last = _number(figures.value(before, figure)) if before else NO_RECORDS
        told = figures.defined(one, wanted.asked)
        waits = "" if one.complete else f"{one.unsound} 条待核"
        yield figure.name, _number(one), figure.unit, last, one.rows, waits, told


def _number(one: figures.Value) -> Any:
    return "—" if one.number is None else float(one.number) if one.number % 1 else int(one.number)


def _forms(wanted: Wanted) -> Iterator[Sequence[Any]]:
    reading = figures.Reading(wanted.tx, wanted.asked)
    for item in FORMS:
        if item.figure:
            one = figures.value(reading, figures.CATALOGUE[item.figure])
            yield item.form, item.asked, _number(one), one.figure.unit, item.figure, "" if one.complete else "待核"
        else:
            yield item.form, item.asked, "", "", "", f"本系统没有：{item.why}"


def _circular(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """通报: what each branch has done and not done, in the order of the register; nobody is compared with anybody."""
    span, known = wanted.asked.span, wanted.asked.known
    for branch, name in wanted.branches.items():
        for item in selfcheck(wanted.tx, branch, span.first, wanted.asked.cutoff, wanted.config, known):
            if item.asked:
                state = "—" if not item.windows else "未完成" if item.missing else "已完成" if item.done else "本期未满"
                missing = "、".join(one.name for one in item.missing)
                told = item.why or (f"未做：{missing}" if missing else "")
                yield name, item.name, item.asked, state, f"{item.done}/{len(item.windows)}", told


SHEETS: tuple[Sheet, ...] = (
    Sheet("指标", ("名称", "本期", "单位", "上年同期", "条数", "待核", "怎么算"), _numbers),
    Sheet("通报", ("支部", "事项", "要求", "情况", "已做/应做", "说明"), _circular),
    Sheet("考勤", ledgers.ATTENDANCE, ledgers.attendance),
    Sheet("志愿服务", ledgers.VOLUNTEERS, ledgers.volunteers),
    Sheet("党费", ledgers.DUES, ledgers.dues),
    Sheet("学时", ledgers.STUDY, ledgers.study),
    Sheet("微心愿", ledgers.WISHES, ledgers.wish_list),
    Sheet("上报对照", ("表", "要填的", "数", "单位", "对应的数", "说明"), _forms),
)


def titled(title: str) -> Sheet:
    """The sheet of that title; there is one."""
    return next(one for one in SHEETS if one.title == title)


def named(name: str) -> str:
    """The sheet that is meant, "" = all of them (台账). Raises Refused, with near names."""
    titles = [one.title for one in SHEETS]
    if name in ("", WHOLE):
        return WHOLE
    if name in titles:
        return name
    near = [one for one, _, _ in process.extract(name, titles, scorer=fuzz.ratio, score_cutoff=30, limit=3)]
    raise Refused(f"没有叫「{name[:20]}」的表。{'是不是' if near else '可以要'}：{'、'.join(near or [WHOLE, *titles])}")


def workbook(
    tx: Tx,
    asked: figures.Question,
    scope: str,
    name: str,
    *,
    config: Config,
    amounts: bool,
    progress: Progress | None = None,
) -> bytes:
    """One sheet or all of them as an xlsx file; `amounts`: whether what each paid may stand in it.

    `progress(done, all)` counts sheets.
    """
    branches = {one: title for one, title in figures.branch_names(tx).items() if asked.branch in (0, one)}
    wanted = Wanted(tx, asked, scope, branches, config, amounts)
    chosen = [one for one in SHEETS if name in (WHOLE, one.title)]
    book = Book()
    for done, one in enumerate(chosen, 1):
        book.sheet(one.title, one.head, one.write(wanted))
        if progress:
            progress(done, len(chosen))
    return book.data()

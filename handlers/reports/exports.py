"""Orders of papers: noted in the message's own transaction, made by whoever is free, handed over as a file.

An order is claimed with a lease by a conditional UPDATE, so that one process makes it; where that one died it is made
again, at most ATTEMPTS times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update

from bot import outbox
from bot.commands import Ask, may
from bot.config import Config
from bot.db import Tx
from bot.files import LARGEST, attach
from bot.message import Refused, Reply
from bot.sql import insert_row, p, sql
from bot.trail import note
from handlers import figures
from handlers.papers import sheets
from handlers.papers.printed import Print
from handlers.papers.templates import template as word_template
from handlers.reports_tables import orders

LEASE_SECONDS = 600
ATTEMPTS = 2
MOST_WAITING = 3  # orders of one person
KINDS = {"word": "文稿", "excel": "表格", "chart": "图"}
ENDINGS = {"word": "docx", "excel": "xlsx", "chart": "png"}
TOLD = "orders"  # what listeners of the database hear

ADD = insert_row(
    orders,
    *("branch_id", "scope", "kind", "template", "period", "amounts", "platform", "account", "asked_at", "asked_by"),
    *("state", "lease_until", "attempts", "error"),
)
WAITING = sql(
    select(orders.c.id).where(
        orders.c.account == p("account"), orders.c.platform == p("platform"), orders.c.state.in_(("waiting", "making"))
    )
)
OPEN = sql(select(orders).where(orders.c.state.in_(("waiting", "making"))).order_by(orders.c.id))
FREE = or_(orders.c.state == "waiting", (orders.c.state == "making") & (orders.c.lease_until < p("at")))
NEXT = sql(select(orders.c.id).where(FREE).order_by(orders.c.id).limit(1))
TAKE = sql(
    update(orders)
    .where(orders.c.id == p("order_id"), FREE)
    .values(state="making", lease_until=p("until"), attempts=orders.c.attempts + 1)
    .returning(orders)
)
END = sql(
    update(orders)
    .where(orders.c.id == p("order_id"), orders.c.state == "making")
    .values(state=p("new_state"), error=p("new_error"))
)


def order(tx: Tx, ask: Ask, kind: str, asked: figures.Question, scope: str, name: str) -> str:
    """Notes an order for whoever asks, and what to tell him. Raises Refused for an unknown template, and too many."""
    platform = ask.house.private_via.get(ask.incoming.platform)
    if platform is None:
        raise Refused("这里不能私发文件。请发 /report dashboard，打开它给的链接，在“导出”里下载。")
    name = checked(kind, name, ask.house.config.bot.data_dir)
    account = {"platform": platform, "account": ask.incoming.sender}
    if len(tx.all(WAITING, **account)) >= MOST_WAITING:
        raise Refused(f"您已经有 {MOST_WAITING} 份在做，等做好了再要。")
    row = {"branch_id": asked.branch, "scope": scope, "kind": kind, "template": name, "period": asked.span.code}
    amounts = int(may(ask.who, ("collector", "admin")))
    tx.run(ADD, **row, **account, amounts=amounts, asked_at=tx.at, asked_by=ask.who.label, state="waiting",
           lease_until=0, attempts=0, error="")  # fmt: skip
    note(tx, asked.branch, ask.who.label, ask.who.member, "report", f"report:{kind}", period=asked.span.code, name=name)
    tx.tell(TOLD)
    return f"正在做{asked.span.name}{name}，做好后私发给您。"


def checked(kind: str, name: str, data_dir: Path) -> str:
    """The name of what is asked for: a template, a sheet, a picture. Raises Refused for one that there isn't."""
    if kind == "word":
        word_template(data_dir, name or "年报")
        return name or "年报"
    if kind == "excel":
        return sheets.named(name)
    if name:
        raise Refused(f"「{name[:20]}」不是时间。图按年画，如：/report chart 2026")
    return "图"


def claim(tx: Tx) -> Any:
    """The oldest order that nobody makes, now this process's; None where there is none."""
    found = tx.value(NEXT, at=tx.at)
    if found is None:
        return None
    row = tx.one(TAKE, order_id=found, at=tx.at, until=tx.at + LEASE_SECONDS * outbox.SECOND)
    if row.attempts > ATTEMPTS:
        finished(tx, row, None, "做的时候程序停了，请再要一次。")
        return claim(tx)
    return row


def made(tx: Tx, row: Any, config: Config) -> bytes:
    """The paper of a claimed order. Only reads, so it may take its time. Raises Refused."""
    asked = figures.question(tx, figures.coded(row.period), row.branch_id, config)
    return paper(tx, asked, row.scope, row.kind, row.template, config=config, amounts=bool(row.amounts))


def paper(tx: Tx, asked: figures.Question, scope: str, kind: str, name: str, *, config: Config, amounts: bool) -> bytes:
    """A paper of a kind (a key of KINDS), with what single members paid only where `amounts`. Raises Refused."""
    if kind == "excel":
        return sheets.workbook(tx, asked, scope, name, config=config, amounts=amounts)
    if kind == "word":
        from handlers.papers.render import rendered  # imported only here: what writes Word costs memory

        printed = Print(tx, asked, scope, config.bot.organisation)
        return rendered(name, word_template(config.bot.data_dir, name), printed)
    from handlers.papers import charts  # imported only here: what draws costs memory

    return charts.picture(tx, asked, scope, config)


def finished(tx: Tx, row: Any, data: bytes | None, why: str = "") -> None:
    """Ends an order: hands the file over to who asked, or says why there is none."""
    if data is not None and len(data) > LARGEST:
        why = f"文件太大（{len(data) // 1_000_000} MB），请按月或按支部要。"
        data = None
    if tx.run(END, order_id=row.id, new_state="failed" if data is None else "done", new_error=why) == 0:
        return
    name = f"{row.scope}{row.period}{row.template}.{ENDINGS[row.kind]}"
    if data is None:
        reply = Reply(f"{name} 没做成：{why}", private=True)
    else:
        reply = Reply(f"做好了：{name}", private=True, attachments=(attach(tx, name, data),))
    key = f"order:{row.id}"
    outbox.put(tx, row.platform, row.account, reply, key=key, purpose="answer", branch=row.branch_id, private=True)

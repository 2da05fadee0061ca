"""Retention: what has served its purpose is let go of, after the days that the configuration names."""

from __future__ import annotations

from sqlalchemy import exists, or_, select, update

from bot.commands import Who
from bot.config import Retention
from bot.db import Tx
from bot.sql import p, sql
from bot.tables import outbox
from handlers import looks
from handlers.links import let_go_of
from handlers.personal.forgetting import EMPTY, LEFT_SINCE, forget
from handlers.registers_tables import wish_events, wishes

CLOCK = Who(account="clock", name="定时清理")
DAY = 86_400_000_000  # microseconds
YEAR_DAYS = 365

UNSAY = sql(
    update(outbox)
    .where(
        outbox.c.state.in_(("sent", "failed", "unknown")), outbox.c.settled_at < p("before"), outbox.c.reply != EMPTY
    )
    .values(reply=EMPTY)
)
_younger = exists(
    select(wish_events.c.id).where(wish_events.c.wish_id == wishes.c.id, wish_events.c.recorded_at >= p("before"))
)
FORGET_RESIDENTS = sql(
    update(wishes)
    .where(or_(wishes.c.state == "done", wishes.c.state == "closed"), wishes.c.resident != "", ~_younger)
    .values(resident="")
)


def let_go(tx: Tx, rules: Retention) -> dict[str, int]:
    """Does what the rules say, 0 of a rule being never: how many promises, residents' codes, people and looks went.

    The rows stay and count: a promise keeps its key (so it is said once), a wish its events, a person his place in the
    figures. A second call finds nothing more to do.
    """
    done = {"promises": 0, "residents": 0, "people": 0, "looks": 0}
    if rules.said_days:
        done["promises"] = tx.run(UNSAY, before=tx.at - rules.said_days * DAY)
        let_go_of(tx, tx.at - rules.said_days * DAY)
    if rules.resident_days:
        done["residents"] = tx.run(FORGET_RESIDENTS, before=tx.at - rules.resident_days * DAY)
    if rules.look_days:
        done["looks"] = looks.let_go_of(tx, tx.at - rules.look_days * DAY)
    if rules.left_years:
        gone = tx.all(LEFT_SINCE, before=tx.at - rules.left_years * YEAR_DAYS * DAY)
        done["people"] = len([forget(tx, person, CLOCK) for person in gone])
    return done

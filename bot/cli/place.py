"""The composition root: a configuration becomes a database, platforms and a house. The only place that knows all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import update

import handlers
from bot import sealing, vault
from bot.cli.keeper import not_in_anothers_name
from bot.config import Config, ConfigError, is_kept, load, secret_key, secret_keys, stamp
from bot.coordination import Coordination, coordination
from bot.db import Database, DatabaseDown, Tx
from bot.dispatch import House
from bot.logs import speak_to_log
from bot.message import Listener, Platform
from bot.meter import Meter
from bot.migrations import current, migrate, newest
from bot.outbox import Lost
from bot.platforms import KINDS, PLATFORMS
from bot.platforms.console import Console
from bot.sql import insert_row, p, sql
from bot.tables import jobs as done
from bot.vault import Vault
from handlers import ahead, people, quota
from handlers.cards import card_of
from handlers.reminders.quiet import quiet_of
from scheduler import jobs
from scheduler.calendar import load_years
from scheduler.jobs import Setting, coming_for, preview_for
from scheduler.runner import write_usage

log = logging.getLogger(__name__)

_chore = (done.c.job == "ready", done.c.period == "", done.c.audience == "house")
READY_AGAIN = sql(update(done).where(*_chore).values(at=p("at")))
READY = insert_row(done, "job", "period", "audience", "at", "outcome", conflict=["job", "period", "audience"])


@dataclass(slots=True)
class Clock:
    """The house's now. Only the console moves it, so that reminders can be watched without waiting."""

    config: Config
    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(self.config.zone) + self.ahead


@dataclass(frozen=True, slots=True)
class Place:
    """All that a running bot is made of."""

    config: Config
    clock: Clock
    database: Database
    coordination: Coordination
    platforms: dict[str, Platform]
    console: Console
    house: House
    setting: Setting
    lost: Lost

    async def ready(self, *, hearing: bool = True) -> list[str]:
        """What keeps the bot from working, one line each; [] when it is ready.

        Without `hearing` the connections of its own don't matter: `check` opens none.
        """
        stuck = self.database.trouble()
        reasons = [f"database: {stuck}"] if stuck else []
        try:
            if not stuck:
                await self.database.write(_can_write)
        except DatabaseDown as error:
            reasons.append(f"database: {error}")
        if not reasons and await asyncio.to_thread(current, self.config.bot.database) != newest():
            reasons.append("database: another version of the program has migrated it; install that one")
        listeners = self.listeners() if hearing else []
        reasons += [f"platforms.{name}: {one.trouble}" for name, one in listeners if one.trouble]
        unready = await self.coordination.ready()
        return [*reasons, unready] if unready else reasons

    def gauges(self, tx: Tx) -> list[quota.Gauge]:
        """What `/metrics` reads from the rows beside the machine's own: the monthly quotas."""
        return quota.gauges(tx, self.house.meters, self.house.coming)

    def listeners(self) -> list[tuple[str, Listener]]:
        """The platforms that open a connection of their own."""
        return [(name, cast("Listener", one)) for name, one in self.platforms.items() if hasattr(one, "listen")]


def configuration(path: Path | None) -> Config:
    """The configuration and, with it, how loudly the log speaks. Raises ConfigError."""
    speak_to_log("text", "info")
    config = load(path, KINDS)
    speak_to_log(config.bot.log_format, config.bot.log_level)
    not_in_anothers_name(config)
    return config


def make_platforms(config: Config, shared: Coordination) -> dict[str, Platform]:
    """The platforms of the configuration by their names."""
    made = {}
    for name, settings in config.platforms.items():
        _, make = PLATFORMS[cast("Any", settings).kind]
        made[name] = make(name, settings, shared.token)
    return made


@asynccontextmanager
async def opened(config: Config, clock: Clock | None = None) -> AsyncIterator[Place]:
    """A place with its database migrated; everything is let go of at the end."""
    migrate(config.bot.database)
    keys = vault_of(config)
    key = secret_key(config)
    clock = clock or Clock(config)
    database = Database(config.bot.database, config.zone, now=clock, keys=keys)
    shared = coordination(config.bot.redis)
    console = Console()
    platforms: dict[str, Platform] = {**make_platforms(config, shared), Console.name: console}
    setting = Setting(
        config.reminders_for,
        load_years(config.bot.data_dir / "years"),
        {name: platform.abilities for name, platform in platforms.items()},
        private_ways(config, platforms),
        config.standards,
        config.registers.wish_release,
        config.retention,
        meters_of(platforms),
        alarms=partial(alarms_of, platforms),
    )
    house = make_house(config, platforms, setting, key)
    setting = replace(setting, admins=reachable(config.bot.admins, house.private_via))
    tell = partial(people.tell_lost, private_via=house.private_via, admins=config.bot.admins)
    lost = partial(jobs.unless_carried, tell=tell)
    try:
        await sealing.begin(database)
        yield Place(config, clock, database, shared, platforms, console, house, setting, lost)
    finally:
        for platform in platforms.values():
            await platform.close()
        await _write_down(database, setting)
        await shared.close()
        await database.close()


def vault_of(config: Config) -> Vault:
    """The keys of the sealed columns. Raises ConfigError where the database needs one that isn't here; none is made."""
    needed = sealing.keys_of(config.bot.database)
    lost = needed if needed and not is_kept(config) else []
    keys = Vault(partial(secret_keys, config), partial(stamp, config)) if not lost else vault.NONE
    lost = [one for one in needed if not keys.has(one)]
    if lost:
        raise ConfigError([f"bot.secret_key: the database is sealed by key {lost[0]}, which is not here; put it back"])
    return keys


def make_house(config: Config, platforms: dict[str, Platform], setting: Setting, key: bytes) -> House:
    """What dispatch is handed: commands, the register's eyes, what each platform can do.

    The self-built app of WeCom speaks to the same accounts as the robot, which in callback mode can't speak first.
    """
    app_of = _apps(config)
    return House(
        commands=handlers.COMMANDS,
        words=handlers.WORDS,
        who=partial(people.who, admins=frozenset(config.bot.admins), same=app_of),
        ahead=partial(ahead.ahead, same=app_of),
        names=people.names,
        abilities=setting.abilities,
        inline={name: platform.inline for name, platform in platforms.items()},
        at_once={name: getattr(platform, "at_once", frozenset()) for name, platform in platforms.items()},
        private_via=private_ways(config, platforms),
        coming=coming_for(setting),
        preview=preview_for(setting),
        card_of=card_of,
        quiet_of=partial(quiet_of, reminders_for=config.reminders_for),
        meters=setting.meters,
        config=config,
        key=key,
    )


def _apps(config: Config) -> dict[str, str]:
    """Self-built app of WeCom -> the robot whose accounts it shares."""
    kinds = {name: cast("Any", settings).kind for name, settings in config.platforms.items()}
    robot = next((name for name, kind in kinds.items() if kind == "wecom"), "")
    return {name: robot for name, kind in kinds.items() if kind == "wecom_app" and robot}


def private_ways(config: Config, platforms: dict[str, Platform]) -> dict[str, str]:
    """For each platform the one that can speak to a person alone; absent where none can."""
    own = {name: name for name, platform in platforms.items() if "private" in platform.abilities}
    return {**{robot: app for app, robot in _apps(config).items()}, **own}


def meters_of(platforms: Mapping[str, Platform]) -> tuple[Meter, ...]:
    """The monthly quotas. Sections of one meter share it; the limits are those of the first that hears and answers."""
    metered: dict[str, dict[str, Any]] = {}
    for name, platform in platforms.items():
        if hasattr(platform, "meter"):
            metered.setdefault(platform.meter, {})[name] = platform
    return tuple(
        Meter(
            meter,
            next((one.allowed for one in of.values() if "answer" in one.abilities), next(iter(of.values())).allowed),
            {name: one.push_kind for name, one in of.items()},
            {name: one.usage for name, one in of.items()},
        )
        for meter, of in metered.items()
    )


def alarms_of(platforms: Mapping[str, Platform]) -> list[tuple[str, str]]:
    """What keeps a platform from hearing people, as an admin reads it in chat: (name, line)."""
    return [(name, line) for name, platform in platforms.items() for line in getattr(platform, "alarms", ())]


def reachable(admins: Iterable[str], private_via: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The admins ("platform:account") who can be told something alone: (platform that reaches them, account)."""
    split = (one.partition(":") for one in admins)
    return tuple((private_via[platform], account) for platform, _, account in split if platform in private_via)


def _can_write(tx: Tx) -> None:
    """Writes a row: a disk that is full or read-only can still be read. It stands beside the house's other chores."""
    if tx.run(READY_AGAIN, at=tx.at) == 0:
        tx.run(READY, job="ready", period="", audience="house", at=tx.at, outcome="done")


async def _write_down(database: Database, setting: Setting) -> None:
    """What was used and isn't in the rows yet, before the database is let go of."""
    try:
        await write_usage(database, setting)
    except DatabaseDown as error:
        log.warning("the last of the quota's figures is lost: %s", error)

"""Plays a seed's story: delivers, kills, heals, and asks the judge after every life."""

from __future__ import annotations

import asyncio
import random
import signal

from sqlalchemy import func, select

from bot.cli.check import verify
from bot.db import Tx
from bot.sql import sql
from bot.tables import outbox
from tests.faults.judge import Life, faults, look
from tests.faults.story import Story
from tests.faults.world import Message, World

OPEN = sql(select(func.count()).select_from(outbox).where(outbox.c.state.in_(("planned", "claimed"))))
WAITERS = 3  # connections of the platforms to the bot
PATIENCE = 3000  # looks at the outbox before a promise counts as stuck
LOOK_SECONDS = 0.025
LOOKS = 8  # between jumps of the clock; twice as many after each JUMPS, or a slow database never notes what it claimed
JUMPS = 32  # more than half an hour, by which a clock may have been ahead


async def lived(world: World, told: Story) -> list[str]:
    """Plays it; a line for each promise that was broken."""
    chance, broken, before = random.Random(-told.seed), list[str](), Life()
    await world.welcome(told.seed)
    for life in range(len(told.kills) + 1):
        last = life == len(told.kills)
        kill = ("", 0) if last else told.kills[life]
        told.now += 70.0 if last else max(told.ahead[life], 0.0)  # what was claimed when it died is free again
        await world.nursery.turn(now=told.now + min(told.ahead[life], 0.0), kill=kill, step=told.steps[life])
        _befall(world, told.network[life], kill)
        await _talk(world, told, chance, everything=last)
        code = await _settled(world, told, kill[0], last=last)
        _heal(world)
        now = await look(world.database, told.seed)
        broken += faults(told, before, now, code, world, last=last)
        before = now
    return broken + await verify(world.direct)


def _befall(world: World, trouble: tuple[str, int], kill: tuple[str, int]) -> None:
    wire, pieces = trouble
    if wire and pieces < 0:
        world.network[wire].lag = 0.01
    elif wire:
        world.network[wire].cut_after(pieces)
    if kill[0] == "on its way":
        for one in ("wecom", "ding"):
            world.network[one].on_answer = lambda: world.nursery.tell(signal.SIGKILL)


def _heal(world: World) -> None:
    for one in world.network.values():
        one.lag, one.on_answer = 0.0, None
        one.cut_after(-1)


async def _talk(world: World, told: Story, chance: random.Random, *, everything: bool) -> None:
    """Delivers what waits: in another order, some twice, some later; what gets no 200 again, while the bot lives."""
    first = [one for one in told.messages if everything or one.id not in told.later]
    waiting = [one for one in first if one.id not in told.heard]
    if not told.heard:  # a meeting is opened before it is answered, mostly
        head, waiting = waiting[:2], waiting[2:]
        chance.shuffle(waiting)
        waiting = head + waiting
    else:
        chance.shuffle(waiting)
    waiting += [one for one in first if chance.random() < 0.25]  # a platform repeats also what was answered
    await asyncio.gather(*(_carry(world, told, waiting) for _ in range(WAITERS)))


async def _carry(world: World, told: Story, waiting: list[Message]) -> None:
    tries = 0
    while waiting and world.nursery.address:
        message = waiting.pop(0)
        status = await world.post(world.nursery.address, message)
        if status == 200:
            told.heard.add(message.id)
            continue
        waiting.append(message)
        tries += 1
        assert world.nursery.over is not None
        if world.nursery.over.done() or tries > PATIENCE:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _settled(world: World, told: Story, kill: str, *, last: bool) -> int:
    """Waits until nothing is left to be said, or the bot died; its exit code."""
    assert world.nursery.over is not None
    still, jump, jumps = 0, LOOKS, 0
    while not world.nursery.over.done() and await world.database.read(_open):
        still += 1
        if still == jump:
            jumps += 1
            jump += LOOKS << jumps // JUMPS
            told.now += 70.0
            world.nursery.tell(signal.SIGUSR1)
        if still > PATIENCE:
            break
        await asyncio.sleep(LOOK_SECONDS)
    if not last and world.nursery.over.done():
        world.deaths[kill] += 1
    if last and not told.term and not world.nursery.over.done():
        return 0  # it lives on, into the next seed's morning
    return await world.nursery.end(signal.SIGTERM if last else signal.SIGKILL)


def _open(tx: Tx) -> bool:
    return bool(tx.value(OPEN))

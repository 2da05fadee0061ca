"""What chance decides of a seed: a morning of a branch whose bot dies, whose network breaks and whose clock steps."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace

from tests.faults.steps import STEPS
from tests.faults.world import EPOCH, Message, World, account

MORNING = ("参加", "请假 值夜班", "报名 #2", "已交 11月", "退出 #2", "取消", "帮助", "中午吃什么好呢", "我的")
AHEAD = (0.0, 0.0, 61.0, 1800.0, -45.0)  # by which a clock is off after a restart, or steps in the middle


@dataclass
class Story:
    """What a seed has decided, before anything happens."""

    seed: int
    kills: list[tuple[str, int]]
    steps: list[tuple[str, int, float]]
    ahead: list[float]
    network: list[tuple[str, int]]
    messages: list[Message]
    later: set[str]
    term: bool
    heard: set[str] = field(default_factory=set)
    now: float = EPOCH

    def told(self) -> str:
        """In one line, for who looks for the cause."""
        return f"seed {self.seed}: kills {self.kills}, clock {self.ahead} {self.steps}, network {self.network}"


def story(seed: int, world: World) -> Story:
    """All that chance decides of a seed."""
    chance = random.Random(seed)
    lives = chance.choice((1, 1, 1, 2))
    kills = [(chance.choice(STEPS), chance.choice((1, 1, 2, 3, 5))) for _ in range(lives)]
    steps = [(chance.choice(STEPS), chance.randrange(1, 6), chance.choice(AHEAD)) for _ in range(lives + 1)]
    ahead = [chance.choice(AHEAD) for _ in range(lives + 1)]
    network = [_trouble(chance, sorted(world.network)) for _ in range(lives + 1)]
    messages = _messages(seed, chance, world)
    later = {one.id for one in messages if chance.random() < 0.2}
    return Story(seed, kills, steps, ahead, network, messages, later, chance.random() < 0.1)


def calm(seed: int, world: World, *kills: tuple[str, int]) -> Story:
    """A morning on which nothing happens but these deaths."""
    lives, told = len(kills) + 1, story(seed, world)
    steps, ahead, network = [("", 0, 0.0)] * lives, [0.0] * lives, [("", 0)] * lives
    return Story(seed, list(kills), steps, ahead, network, told.messages, set(), term=not kills)


def _trouble(chance: random.Random, wires: list[str]) -> tuple[str, int]:
    """What befalls the network of a life: ("", 0) or (which wire, after how many pieces it is cut; -1: it lags)."""
    if chance.random() < 0.5:
        return "", 0
    return chance.choice(wires), chance.choice((-1, 1, 2, 3, 5, 8, 13))


def _messages(seed: int, chance: random.Random, world: World) -> list[Message]:
    said = [(0, "/attendance open 主题党日 12月4日 15:00 三楼会议室", True)]
    said += [(0, f"/volunteer open 义诊 12月6日 09:00-11:00 {place(seed, n)} 3人", True) for n in range(2)]
    said += [(chance.randrange(2, 5), chance.choice(MORNING), chance.random() < 0.8) for _ in range(5)]
    said += [(1, "/dues confirm", False)]
    return [_message(world, seed, number, chance.choice(("wecom", "ding")), *one) for number, one in enumerate(said, 1)]


def place(seed: int, number: int) -> str:
    """A place where only one shift of one seed is."""
    return f"{seed * 10 + number}号楼前"


def _message(world: World, seed: int, number: int, way: str, person: int, text: str, group: bool) -> Message:
    chat = {"wecom": f"g{seed}", "ding": f"cid{seed}"}[way] if group else ""
    made = Message(seed * 100 + number, way, account(seed, person), text, chat)
    if way == "wecom":
        return made
    more = {"msgId": made.id, "sessionWebhookExpiredTime": int((EPOCH + 5400) * 1000)}
    body = world.ding.body(made.sender, chat) | {"msgtype": "text", "text": {"content": text}} | more
    return replace(made, body=json.dumps(body).encode())

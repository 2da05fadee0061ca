"""Lines that were written by somebody who had not read the rules, batch by batch; measured before anything was tuned.

Each line has its intent and the slots that it must at least give; the first figures stand in docs/status.md.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.cli.demo import PEOPLE
from bot.language import Context, Reading, read
from tests.language.lines import ACTS, NOW, load

BATCHES = {number: load(f"hostile{number}.jsonl") for number in range(1, 25)}
REGISTER = Context(names=lambda: [person[0] for person in PEOPLE])
INTENTS = 0.96
SLOTS = 0.97


def right(line: dict[str, Any], got: Reading) -> bool:
    """Whether the slots that matter are as they must be; others may stand beside them."""
    return all(got.slots.get(key) == value for key, value in line["slots"].items())


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("context", [None, REGISTER], ids=["bare", "register"])
def test_no_false_command_and_nearly_every_intent(
    batch: int, context: Context | None, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = BATCHES[batch]
    readings = [(line, read(line["text"], NOW, context)) for line in lines]
    false = [line["text"] for line, got in readings if got.intent in ACTS and line["intent"] not in ACTS]
    hits = [(line, got) for line, got in readings if got.intent == line["intent"]]
    share, slots = len(hits) / len(lines), sum(right(*one) for one in hits) / len(hits)
    with capsys.disabled():
        print(f"\nhostile {batch}: {len(lines)} lines, false {len(false)}, intents {share:.1%}, slots {slots:.1%}")
    assert false == []
    assert share >= INTENTS
    assert slots >= SLOTS


def test_the_batches_are_new() -> None:
    texts = [line["text"] for lines in BATCHES.values() for line in lines]
    known = {line["text"] for name in ("utterances.jsonl", "more.jsonl") for line in load(name)}
    assert len(texts) == len(set(texts)) > 1000
    assert not known & set(texts)

"""How well the labelled lines are read: false commands, intents, slots; and how long a line takes."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from bot.language import read
from tests.language.lines import ACTS, EVERY, NOW, OWN, PUBLISHED


def measure(lines: list[dict[str, Any]]) -> tuple[list[str], float, float]:
    """False commands, share of right intents, share of lines with exactly the right slots."""
    readings = [(line, read(line["text"], NOW)) for line in lines]
    false = [line["text"] for line, got in readings if got.intent in ACTS and line["intent"] not in ACTS]
    intents = sum(got.intent == line["intent"] for line, got in readings) / len(lines)
    slots = sum(got.intent == line["intent"] and got.slots == line["slots"] for line, got in readings) / len(lines)
    return false, intents, slots


@pytest.mark.parametrize(("name", "lines"), [("published", PUBLISHED), ("own", OWN)])
def test_labelled_lines(name: str, lines: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    false, intents, slots = measure(lines)
    with capsys.disabled():
        print(f"\n{name}: {len(lines)} lines, false commands {len(false)}, intents {intents:.1%}, slots {slots:.1%}")
    assert false == []
    assert intents >= 0.99
    assert slots >= 0.97


def test_own_lines_are_many_and_new() -> None:
    assert len(OWN) >= 150
    assert not {line["text"] for line in OWN} & {line["text"] for line in PUBLISHED}


@pytest.mark.parametrize("line", EVERY, ids=lambda line: line["text"][:24].replace("\n", " "))
def test_line(line: dict[str, Any]) -> None:
    got = read(line["text"], NOW)
    assert (got.intent, got.slots) == (line["intent"], line["slots"])


def test_every_act_names_its_rule_and_words() -> None:
    for line in EVERY:
        got = read(line["text"], NOW)
        if got.intent in ACTS:
            assert got.rule, line["text"]
            assert got.words, line["text"]


def test_reading_time_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line["text"] for line in EVERY if 20 <= len(line["text"]) <= 40]
    times = []
    for text in lines:
        start = time.perf_counter()
        read(text, NOW)
        times.append(time.perf_counter() - start)
    with capsys.disabled():
        print(f"\nmedian reading of {len(lines)} lines of 20-40 characters: {statistics.median(times) * 1e6:.0f} µs")
    assert times

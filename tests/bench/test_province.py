"""The simulation's arithmetic: queueing theory where there is a formula, and no message vanishes or counts twice."""

from __future__ import annotations

import random

import pytest

from bench import province
from bench.costs import Cost, split
from bench.theme_day import HOUR, PATIENCE, Day, arrivals, lived
from bot.db import MOST_WAITING


def poisson(rate: float, seconds: float, seed: int = 1) -> list[float]:
    chance, at, found = random.Random(seed), 0.0, []
    while (at := at + chance.expovariate(rate)) < seconds:
        found.append(at)
    return found


def mean(day: Day) -> float:
    return sum(step * count for step, count in day.waits.items()) / day.heard / 10_000


def whole(day: Day) -> None:
    assert day.arrived == day.heard + day.unheard + day.lost
    assert day.recorded == day.heard + day.unheard
    assert sum(day.waits.values()) == day.heard


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_server_with_a_fixed_time_waits_as_the_formula_says(load: float) -> None:
    """M/D/1 (Pollaczek and Khinchine): time in the system = d + load * d / (2 * (1 - load))."""
    took = 0.01
    day = lived(poisson(load / took, 2000), 1, Cost(0, took, 0), random.Random(1), most=1)
    assert mean(day) == pytest.approx(took + load * took / (2 * (1 - load)), rel=0.05)
    assert sum(day.busy.values()) == pytest.approx(took * day.arrived)
    whole(day)


def test_an_idle_server_answers_in_its_own_time() -> None:
    day = lived([1.0, 2.0, 3.0], 1, Cost(0.002, 0.003, 0.004), random.Random(1))
    assert (day.waited(0.5), day.waited(1.0), day.batches) == (0.009, 0.009, 3)


def test_what_comes_meanwhile_is_committed_together() -> None:
    """400 a second where a commit alone takes 10 ms: one by one it would carry 100."""
    due = poisson(400, 60)
    together, alone = (lived(due, 1, Cost(0, 0.0001, 0.01), random.Random(1), most=most) for most in (64, 1))
    assert together.good
    assert together.batches < together.arrived / 3
    assert alone.lost > 0
    whole(alone)


def test_processes_side_by_side_share_all_but_the_writing() -> None:
    due, cost = poisson(150, 120), Cost(0.01, 0.002, 0)
    found = [lived(due, processes, cost, random.Random(1)) for processes in (1, 2, 4)]
    assert [day.good for day in found] == [False, True, True]
    assert found[2].load == pytest.approx(0.3, abs=0.05)  # of the writer, whoever writes
    too_much = lived(due, 8, Cost(0, 0.01, 0), random.Random(1))
    assert too_much.load > 0.99
    assert not too_much.good


@pytest.mark.parametrize("seed", range(20))
def test_nothing_vanishes_and_nothing_counts_twice(seed: int) -> None:
    chance = random.Random(seed)
    due = poisson(chance.choice([5, 50, 300]), 60, seed)
    cost = Cost(chance.uniform(0, 0.004), chance.uniform(0.001, 0.02), chance.uniform(0, 1), (0.5, 1.0, 1.5, 40.0))
    day = lived(due, chance.choice([1, 2, 3]), cost, chance)
    assert day.arrived == len(due)
    assert day.waited(1.0) <= 3 * PATIENCE
    whole(day)


def test_a_late_answer_is_asked_for_again_and_heard_from_what_is_recorded() -> None:
    day = lived([0.0, 0.1, 0.2], 1, Cost(0, 0, 6.0, (1.0, 1.0)), random.Random(1), most=64)
    assert day.again > 0
    assert day.recorded == 3
    whole(day)


def test_a_crowd_above_the_limit_is_refused() -> None:
    crowd = MOST_WAITING * 2
    day = lived([0.0] * crowd, 1, Cost(0, 0.001, 0), random.Random(1))
    assert day.lost == crowd - MOST_WAITING - 1
    whole(day)


def test_the_curve_has_its_peak_in_the_first_minutes() -> None:
    due = arrivals(20_000, random.Random(1))
    minutes = [sum(1 for at in due if at // 60 == minute) for minute in range(60)]
    assert len(due) == sum(minutes) == 20_000
    assert max(due) < HOUR
    assert minutes.index(max(minutes)) in (1, 2)
    assert max(minutes) > 10 * minutes[40]


def test_the_same_seed_is_the_same_day() -> None:
    def once() -> Day:
        chance = random.Random(7)
        return lived(arrivals(2000, chance), 2, Cost(0.001, 0.001, 0.002, (0.9, 1.0, 3.0)), chance)

    assert once() == once()


def test_costs_are_the_line_through_the_loads() -> None:
    """A commit of 2 ms and 0.3 ms a message, of which 0.1 ms is before the row."""
    rates = [load / (0.002 + load * 0.0003) for load in (1, 8, 64)]
    cost = split(rates, 0.0001, [0.002, 0.004, 0.008])
    assert (cost.commit, cost.front, cost.unit) == pytest.approx((0.002, 0.0001, 0.0002))
    assert cost.spread == (0.5, 1.0, 2.0)
    assert cost.top == pytest.approx(rates[-1])


def test_the_busiest_minute_is_reckoned_as_it_is_drawn() -> None:
    due = arrivals(100_000, random.Random(1))
    seen = max(sum(1 for at in due if start <= at < start + 60) for start in range(60, 90, 5))
    assert province.busiest_minute(100_000) == pytest.approx(seen, rel=0.03)


def test_counties_are_uneven_and_add_up() -> None:
    counties = province.shares(10_000, 10, random.Random(1))
    assert sum(counties) == 10_000
    assert counties == sorted(counties, reverse=True)
    assert counties[0] > 2 * counties[-1]


def test_the_fewest_processes_are_found_and_said() -> None:
    """About 90 a second at the peak; 12 ms of each are done side by side, 4 ms of writing are not."""
    cost = Cost(0.012, 0.004, 0.001)
    processes, day = province.enough(40_000, cost, (1, 2, 4))
    assert (processes, day.lost, day.unheard) == (2, 0, 0)
    tried, worst = province.enough(40_000, Cost(0, 0.05, 0), (1, 2, 4))
    assert tried == 1  # the others would only wait for the writer
    assert not worst.good
    assert worst.lost > 0
    assert "40,000" in province.line("a county", day)
    assert "before the row 12000 µs" in province.told("SQLite", cost)


def test_the_province_is_the_sum_of_its_counties() -> None:
    counties, days = province.province(20_000, Cost(0.0001, 0.0002, 0.001), each=map)
    first, largest, _ = province.whole(counties, days)
    assert [day.arrived for day in days] == counties
    assert first.split()[5] == "20,000"
    assert f"{counties[0]:,}" in largest
    assert f"{max(day.load for day in days):.1%}" in first
    assert sum(day.heard for day in days) == 20_000

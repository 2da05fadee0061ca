"""`make province`: a province's theme day, simulated over the service times that this machine shows in the same run.

100,000 branches in 100 counties, 10 million answers within an hour, most of them in the first minutes after 09:00; one
database per county. Then which size of database how many processes carry.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from bench.costs import Cost, measured
from bench.runs import SECONDS, at_ease, ours, pin, postgresql
from bench.theme_day import HOUR, RUSH, RUSH_SECONDS, Day, arrivals, lived

BRANCHES, ANSWERS, COUNTIES = 100_000, 10_000_000, 100
UNEVEN = 0.5  # sigma of the logarithm: the largest of a hundred counties is about three times the middle one
SIZES = (300, 1_000, 3_000, 10_000, 30_000)  # branches of one database
PROCESSES = (1, 2, 4, 8)
SEED = 20261205


def shares(whole: int, parts: int, chance: random.Random) -> list[int]:
    """A whole in uneven parts that add up to it, the largest first."""
    weights = sorted((chance.lognormvariate(0, UNEVEN) for _ in range(parts)), reverse=True)
    cut = [whole * weight / sum(weights) for weight in weights]
    found = [int(part) for part in cut]
    found[0] += whole - sum(found)
    return found


def busiest_minute(answers: int) -> float:
    """How many of them come in the busiest minute: the one around the curve's peak, RUSH_SECONDS after 09:00."""
    soon = sum(math.exp(-at / RUSH_SECONDS) * at / RUSH_SECONDS**2 for at in range(70, 130))
    return answers * (RUSH * soon + (1 - RUSH) * 60 / HOUR)


def theme_day(answers: int, processes: int, cost: Cost, seed: int) -> Day:
    """One database's theme day."""
    chance = random.Random(seed)
    return lived(arrivals(answers, chance), processes, cost, chance)


Each = Callable[[Callable[[int, int], Day], Sequence[int], Sequence[int]], Iterable[Day]]  # as map is


def province(answers: int, cost: Cost, each: Each, seed: int = SEED) -> tuple[list[int], list[Day]]:
    """Every county's answers and its day with one process, the largest county first."""
    counties = shares(answers, COUNTIES, random.Random(seed))
    return counties, list(each(partial(_alone, cost=cost), counties, range(seed, seed + COUNTIES)))


def _alone(answers: int, seed: int, cost: Cost) -> Day:
    return theme_day(answers, 1, cost, seed)


def enough(answers: int, cost: Cost, choices: Sequence[int], seed: int = SEED) -> tuple[int, Day]:
    """The fewest processes with which everybody is heard in time, or the most that were tried; and that day.

    Where the busiest minute alone asks more than a minute of the writer, more processes would only wait for it.
    """
    hopeless = busiest_minute(answers) * cost.unit > 60
    for processes in choices[:1] if hopeless else choices:
        day = theme_day(answers, processes, cost, seed)
        if day.good:
            break
    return processes, day


def line(name: str, day: Day) -> str:
    """What came of a day."""
    waits = " ".join(f"{day.waited(share) * 1000:>8.1f}" for share in (0.5, 0.99, 1.0))
    return f"{name:44} {day.arrived:>10,} {day.load:>6.1%} {waits} {day.again:>9,} {day.unheard:>9,} {day.lost:>9,}"


HEAD = (
    f"{'':44} {'answers':>10} writer {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'again':>9} {'unheard':>9} {'lost':>9}"
)


def whole(counties: Sequence[int], days: Sequence[Day]) -> Iterator[str]:
    """The province's lines."""
    together = Day()
    for day in days:
        together.add(day)
    yield line(f"{len(counties)} counties, one process each", together)
    yield line("  the largest of them", days[0])
    good, batch = sum(day.good for day in days), together.recorded / together.batches
    yield f"  {batch:.2f} answers a commit; everybody heard in time: {good} of {len(days)}"


def sizes(name: str, cost: Cost, choices: Sequence[int], answers: int) -> Iterator[str]:
    """Which size of database how many processes carry."""
    for branches in SIZES:
        processes, day = enough(answers * branches // BRANCHES, cost, choices)
        needed = f"{processes} process{'es' if processes > 1 else ''}"
        if not day.good:
            needed = f"not with {'any number' if processes < choices[-1] else needed}"
        yield line(f"{name}, {branches:,} branches: {needed}", day)


def told(name: str, cost: Cost) -> str:
    """The costs that were measured."""
    slow = sorted(cost.spread)[int(len(cost.spread) * 0.99)]
    front, unit, commit = (round(part * 1e6) for part in (cost.front, cost.unit, cost.commit))
    return (
        f"{name}: before the row {front} µs, in the writer {unit}, a commit {commit}; up to {cost.top:,.0f} answers"
        f" a second; one of a hundred lone answers takes {slow:.1f} times the middle one"
    )


def main() -> None:
    """Measures, then simulates: the province, then databases of several sizes on both engines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=ANSWERS)
    answers = parser.parse_args().answers
    pin(0, 0)
    sqlite = measured(ours("bot"), SECONDS)
    with postgresql() as uri:
        postgres = measured(ours("bot", uri), SECONDS)
    print(told("SQLite", sqlite), told("PostgreSQL", postgres), HEAD, sep="\n", flush=True)
    at_ease()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        print("\n".join(whole(*province(answers, sqlite, pool.map))), flush=True)
    for found in (*sizes("SQLite", sqlite, PROCESSES[:1], answers), *sizes("PostgreSQL", postgres, PROCESSES, answers)):
        print(found, flush=True)


if __name__ == "__main__":
    main()

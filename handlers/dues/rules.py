"""The rules in force where people have written their own practice: the regulation with [dues] of config.toml on top."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.config.dues import Dues, Rates, bands_of, hundredths
from handlers.rates import RATES, Rule


def rules_of(dues: Dues) -> tuple[Rule, ...]:
    """The rate table of a house, oldest first: what is built in, rounded its way, and what changes later.

    A change keeps of the rule before it what it does not name. One with the month of a rule replaces it.
    """
    rules = [replace(rule, amount_rounding=dues.amount_rounding, base_rounding=dues.base_rounding) for rule in RATES]
    for change in dues.rates:
        before = [rule for rule in rules if rule.since <= change.since]
        after = [rule for rule in rules if rule.since > change.since]
        changed = replace(before[-1] if before else rules[0], **_changes(change))
        rules = [*(rule for rule in before if rule.since != change.since), changed, *after]
    return tuple(rules)


def _changes(change: Rates) -> dict[str, Any]:
    """The fields of a Rule that a change names, in fen and hundredths of a per cent."""
    found: dict[str, Any] = {"since": change.since, "source": change.source}
    found |= {name: bands_of(bands) for name in ("salaried", "retired") if (bands := getattr(change, name))}
    found |= {name: hundredths(text) for name in ("student", "cap") if (text := getattr(change, name))}
    found |= {name: way for name in ("amount_rounding", "base_rounding") if (way := getattr(change, name))}
    if change.farmer:
        found["farmer"] = tuple(hundredths(text) for text in change.farmer.split("-"))
    return found


def share_of(dues: Dues) -> int:
    """The share that is handed up, in hundredths of a per cent (10000 = all)."""
    return hundredths(dues.remit_percent)

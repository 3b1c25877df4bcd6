"""How often each insight detector finds what was planted, and how often it finds what was not: `--only insights`.

Thirty cases with and thirty without, for each of several seeds. What a detector sees is what the product would give it.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from bench import planted
from csuite.personas.insights import (
    Finding,
    Series,
    find_concentration,
    find_goal_at_risk,
    find_record,
    find_slipping,
    find_stale,
    find_trend_break,
    limits,
)

CASES, SEEDS = 30, (1, 2, 3, 4, 5)
OLD = 150  # days; deals that will never go on are seen at some age up to this
Make = Callable[[Random, str], Series]
Find = Callable[[Series], Finding | None]


def rates(found: Sequence[bool], alarms: Sequence[bool]) -> dict[str, float]:
    """Shares of planted cases found, and of the others in which something was seen."""
    return {"found": round(sum(found) / len(found), 3), "false_alarms": round(sum(alarms) / len(alarms), 3)}


def of_series(find: Find, planted_in: Make, not_in: Make, seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """The rates of a detector of series."""
    found, alarms = [], []
    for seed in seeds:
        draw = Random(seed)
        for n in range(CASES):
            found.append(find(planted_in(draw, f"with {seed} {n}")) is not None)
            alarms.append(find(not_in(draw, f"without {seed} {n}")) is not None)
    return rates(found, alarms)


def of_goals(find: Callable[[Series, Any], Finding | None], seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """Of goals missed in the end, those called at risk; of goals met, those called so; of those called, the met."""
    called = [
        (find(one.series, one.aim) is not None, one.met)
        for seed in seeds
        for draw in [Random(seed)]
        for one in [planted.aimed(draw, f"{seed} {n}") for n in range(2 * CASES)]
    ]
    met = [met for at_risk, met in called if at_risk]
    share = round(sum(met) / max(1, len(met)), 3)
    return rates([c for c, met in called if not met], [c for c, met in called if met]) | {"met_of_called": share}


def of_deals(seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """Of deals that will never go on, seen at any age, those found; of deals about to go on, those called slipping."""
    found, alarms = [], []
    for seed in seeds:
        draw = Random(seed)
        limit = limits(planted.past_stays(draw))
        for n in range(CASES):
            stuck, moving = planted.quoted(f"S{n}", draw.randrange(1, OLD)), planted.quoted(f"M{n}", planted.stay(draw))
            found.append(bool(find_slipping([stuck], limit, planted.TODAY)))
            alarms.append(bool(find_slipping([moving], limit, planted.TODAY)))
    return rates(found, alarms)


def of_amounts(seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """Of companies with one large customer, those found; of rather even ones, those called concentrated."""
    found, alarms = [], []
    for seed in seeds:
        draw = Random(seed)
        for _ in range(CASES):
            held, even = planted.amounts(draw, held=True), planted.amounts(draw, held=False)
            found.append(find_concentration(held, "open deals", planted.TODAY) is not None)
            alarms.append(find_concentration(even, "open deals", planted.TODAY) is not None)
    return rates(found, alarms)


def insights(say: Callable[[str], None]) -> dict[str, Any]:
    """what each detector finds of what was planted, and its false alarms"""
    today = planted.TODAY
    return {
        "trend breaks": of_series(lambda s: find_trend_break(s, today), planted.with_break, planted.without_break),
        "records": of_series(lambda s: find_record(s, today), planted.with_record, planted.without_record),
        "goals at risk": of_goals(lambda s, aim: find_goal_at_risk(s, aim, today)),
        "stale data": of_series(lambda s: find_stale(s, today), planted.stale, planted.without_record),
        "concentration": of_amounts(),
        "slipping deals": of_deals(),
    }


def insight_lines(found: dict[str, Any]) -> list[str]:
    """The figures as lines of text."""
    return [
        f"insights, {name:<15} " + "  ".join(f"{what.replace('_', ' ')} {share:.1%}" for what, share in shares.items())
        for name, shares in found.items()
    ]

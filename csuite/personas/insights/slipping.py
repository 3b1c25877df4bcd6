"""Slipping deals: longer in their stage than nearly all that went on, or foretold later than last time.

The limit of a stage is the time within which 95 of 100 deals that went on had done so: **1 in 20 deals that will go on
is called slipping** for its age. A date that moved later by over two weeks is a fact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from csuite.personas.cashflow import Deal, Prediction, Spell
from csuite.personas.insights.finding import Finding

LEAST = 20  # deals that went on, before a stage has a limit
SHARE = 0.95
MOVED = 14  # days


def limits(spells: Iterable[Spell], name: Callable[[str], str] = str) -> dict[str, int]:
    """Days by stage within which 95 of 100 deals that went on had done so."""
    days: dict[str, list[int]] = {}
    for spell in spells:
        if spell.outcome == "reached" and spell.ended_on:
            days.setdefault(name(spell.stage), []).append((spell.ended_on - spell.entered_on).days)
    return {
        stage: sorted(taken)[min(len(taken) - 1, int(SHARE * len(taken)))]
        for stage, taken in days.items()
        if len(taken) >= LEAST
    }


def find_slipping(
    deals: Sequence[Deal],
    limit: Mapping[str, int],
    today: date,
    *,
    name: Callable[[str], str] = str,
    persona: str = "ceo",
    show: Callable[[Decimal], str] = str,
) -> list[Finding]:
    """One finding for each stage with deals beyond its limit, the largest sum first."""
    over: dict[str, list[tuple[Deal, int]]] = {}
    for deal in deals:
        age = (today - deal.entered_on).days if deal.entered_on else 0
        if age > limit.get(name(deal.stage), age):
            over.setdefault(deal.stage, []).append((deal, age))
    found = [_told(stage, late, limit[name(stage)], today, persona, show) for stage, late in over.items()]
    return sorted(found, key=lambda one: (-one.strength, one.title))


def _told(
    stage: str, late: Sequence[tuple[Deal, int]], limit: int, today: date, persona: str, show: Callable[[Decimal], str]
) -> Finding:
    worth = sum((deal.value for deal, _ in late), Decimal(0))
    largest, age = max(late, key=lambda one: (one[0].value, one[0].id))
    count = f"{len(late)} {'deal' if len(late) == 1 else 'deals'}"
    return Finding(
        kind="slipping",
        persona=persona,
        title=f"{count} worth {show(worth)} {'sits' if len(late) == 1 else 'sit'} in {stage} too long",
        text=f"95 of 100 deals that went on left {stage} within {limit} days. The largest of these, "
        f"{largest.title or largest.id} ({show(largest.value)}), is there for {age}.",
        figures=(
            ("Deals", str(len(late))),
            ("Worth", show(worth)),
            ("Usual limit", f"{limit} days"),
            ("Largest for", f"{age} days"),
        ),
        about=("deal", largest.id),
        found_on=today,
        strength=min(1.0, age / (3 * max(1, limit))),
        matter=stage,
    )


def find_moved(
    before: Mapping[str, date], now: Iterable[Prediction], today: date, persona: str = "cfo"
) -> list[Finding]:
    """One finding for each deal or invoice whose payment is foretold over two weeks later than before (dates by id)."""
    found = []
    for one in now:
        was = before.get(one.id)
        days = (one.payment.on - was).days if was else 0
        if was is None or days <= MOVED:
            continue
        found.append(
            Finding(
                kind="slipping",
                persona=persona,
                title=f"{one.title} is expected {days} days later than before",
                text=f"Its payment was foretold for {was.isoformat()}, now for {one.payment.on.isoformat()}. "
                f"{one.payment.steps[0]}.",
                figures=(
                    ("Before", was.isoformat()),
                    ("Now", one.payment.on.isoformat()),
                    ("Later by", f"{days} days"),
                ),
                about=(one.kind, one.id),
                found_on=today,
                strength=min(1.0, days / 90),
                matter=f"moved:{one.id}",
            )
        )
    return sorted(found, key=lambda one: (-one.strength, one.title))

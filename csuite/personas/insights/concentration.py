"""Concentration: much depends on one customer or a few.

A share is a fact, not an estimate: **no false alarms by chance**, only thresholds: one name holds a quarter and at
least twice its even share, or three hold half and at least twice theirs.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from csuite.personas.insights.finding import Finding

LEAST = 5  # names; among fewer every share is large
ONE, THREE, EVEN = Decimal("0.25"), Decimal("0.5"), 2


def find_concentration(
    amounts: Mapping[str, Decimal],
    what: str,
    today: date,
    *,
    persona: str = "cfo",
    show: Callable[[Decimal], str] = str,
) -> Finding | None:
    """Whether few names hold much of `what` (as in “open deals”). Amounts at or below zero do not count."""
    held = sorted(((amount, name) for name, amount in amounts.items() if amount > 0), key=lambda one: (-one[0], one[1]))
    if len(held) < LEAST:
        return None
    total = sum((amount for amount, _ in held), Decimal(0))
    for count, most in ((1, ONE), (3, THREE)):
        part = sum((amount for amount, _ in held[:count]), Decimal(0))
        share = part / total
        if share < most or share < EVEN * Decimal(count) / len(held):
            continue
        names = ", ".join(name for _, name in held[:count])
        return Finding(
            kind="concentration",
            persona=persona,
            title=f"{names} {'holds' if count == 1 else 'hold'} {share:.0%} of {what}",
            text=f"{show(part)} of {show(total)} lie with {names}; evenly spread over {len(held)} it would be "
            f"{Decimal(count) / len(held):.0%}.",
            figures=(("Share", f"{share:.1%}"), ("Amount", show(part)), ("Of", show(total)), ("Names", str(len(held)))),
            about=("customer", held[0][1]),
            found_on=today,
            strength=float(share),
            matter=f"{what}:{', '.join(sorted(name for _, name in held[:count]))}",
        )
    return None

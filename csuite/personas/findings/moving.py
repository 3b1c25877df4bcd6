"""Payments that are expected much later than a week ago. Inside a tenant scope."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from csuite.personas.cashflow import Prediction
from csuite.personas.findings.officers import wanted
from csuite.personas.insights import Finding, find_moved
from csuite.personas.models import InsightsDue, Persona

WEEK = timedelta(days=7)
SEVERAL = 4  # so many at once are one finding: something moved them together


def of_payments(
    due: InsightsDue,
    now: Sequence[Prediction],
    today: date,
    officers: Sequence[Persona],
    show: Callable[[Decimal], str],
) -> list[Finding]:
    """Held against what was foretold up to a week ago; what is foretold today is kept for the week to come."""
    persona = wanted("cfo", officers)
    by_key = {f"{one.kind}:{one.id}": one for one in now}
    before = {key: date.fromisoformat(day) for key, day in due.foretold.items() if key in by_key}
    found = find_moved({by_key[key].id: day for key, day in before.items()}, now, today, persona)
    if due.foretold_on is None or today - due.foretold_on >= WEEK:
        foretold = {key: one.payment.on.isoformat() for key, one in by_key.items()}
        InsightsDue.objects.filter(pk=due.pk).update(foretold=foretold, foretold_on=today)
    return found if len(found) < SEVERAL else [_together(found, {one.id: one for one in now}, today, show)]


def _together(
    found: Sequence[Finding], now: Mapping[str, Prediction], today: date, show: Callable[[Decimal], str]
) -> Finding:
    worth = sum((now[one.about[1]].value for one in found), Decimal(0))
    names = ", ".join(now[one.about[1]].title for one in found[:3])
    return Finding(
        kind="slipping",
        persona=found[0].persona,
        title=f"{len(found)} payments worth {show(worth)} are expected over two weeks later than before",
        text=f"The furthest are {names}.",
        figures=(("Payments", str(len(found))), ("Worth", show(worth))),
        about=("", ""),
        found_on=today,
        strength=found[0].strength,
        matter="moved:several",
    )

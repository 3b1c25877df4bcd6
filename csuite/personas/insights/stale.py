"""Stale data: a period that should have come has not.

A period's value is expected as long after its end as its predecessors took at most, as far as that is known, else half
a period. Nothing is estimated: **no false alarms where values keep to their usual days**.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from csuite.personas.insights.finding import Finding, Series, month

GRACE = 0.5  # of a period


def find_stale(series: Series, today: date, delays: Sequence[int] = ()) -> Finding | None:
    """The period that is missing. `delays` are the days after their end at which past periods came in."""
    if not series.points:
        return None
    last = series.points[-1][0]
    missing = last + timedelta(days=series.days)
    usual = max(delays, default=round(GRACE * series.days))
    expected = missing + timedelta(days=series.days + usual)
    late = (today - expected).days
    if late <= 0:
        return None
    figures = (
        ("Latest period", month(last)),
        ("Expected by", f"{expected.day} {month(expected)}"),
        ("Late by", f"{late} {'day' if late == 1 else 'days'}"),
    )
    return Finding(
        kind="stale",
        persona=series.persona,
        title=f"{series.name} has no value for {month(missing)}",
        text=f"The latest value is of {month(last)}; the next was expected by {expected.day} {month(expected)}.",
        figures=figures,
        about=("metric", series.key),
        found_on=today,
        strength=min(1.0, late / (2 * series.days)),
        matter=series.key,
        since=missing.replace(day=1),
    )

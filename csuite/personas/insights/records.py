"""Records: the latest period is the highest or lowest of all, by more than a hair.

A record is a fact, yet one period in n is the highest by chance. It must therefore pass the old one by half of what a
period usually moves. **In series that only scatter, about 1 in 25 looks at two years of months finds one** (fewer with
more periods).
"""

from datetime import date
from itertools import pairwise
from statistics import median

from csuite.personas.insights.finding import Finding, Series, month

LEAST = 12
PASSED = 0.5  # of the usual change between periods


def find_record(series: Series, today: date) -> Finding | None:
    """The record that the latest period set, if it set one."""
    values = series.values
    if len(values) < LEAST:
        return None
    last, before = values[-1], values[:-1]
    usual = median(abs(one - other) for one, other in pairwise(before))
    for word, old, passed in (
        ("highest", max(before), last - max(before)),
        ("lowest", min(before), min(before) - last),
    ):
        if passed <= PASSED * usual or passed <= 0:
            continue
        held = max(day for day, value in series.points[:-1] if value == old)
        day, show = series.points[-1][0], series.show
        figures = (
            (month(day), show(last)),
            (f"The {word} so far, {month(held)}", show(old)),
            ("Periods", str(len(values))),
        )
        return Finding(
            kind="record",
            persona=series.persona,
            title=f"{series.name}: the {word} in {series.counted(len(values))}",
            text=f"{show(last)} in {month(day)}; the {word} before was {show(old)} in {month(held)}.",
            figures=figures,
            about=("metric", series.key),
            found_on=today,
            strength=min(1.0, passed / (usual or passed) / 4),
            matter=f"{series.key}:{word}",
            since=day,
        )
    return None

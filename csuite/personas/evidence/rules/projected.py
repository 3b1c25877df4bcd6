"""Where the year ends for a metric that adds up, at the pace of the newest month or at the average so far."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Span


def projected(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("ending", "forecast", "annual"):
        return
    year, done = known.clock.year(), known.clock.to_date
    for metric in query.metrics:
        quantity = known.plain(metric)
        if quantity is None or quantity.aggregation != "sum" or quantity.steady:
            continue
        reached, newest = quantity.over(done), quantity.stated(known.clock.newest)
        if reached is None or newest is None:
            continue
        left, show = year.length - done.length, quantity.show
        at_pace = reached.value + newest.value * left
        average = reached.value / done.length
        for value, told in (
            (at_pace, f"{show(reached.value)} + {left} × {show(newest.value)} = {show(at_pace)}"),
            (average * year.length, f"{year.length} × {show(average)} = {show(average * year.length)}"),
            (newest.value * 12, f"12 × {show(newest.value)} = {show(newest.value * 12)}"),
        ):
            yield Candidate(
                value, quantity.unit, metric, Span(year.first, year.last), told, reached.facts, as_of=newest.as_of
            )

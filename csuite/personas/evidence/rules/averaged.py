"""Averages of a metric over the months that are named, or over those one usually averages."""

from collections.abc import Iterator
from datetime import date

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Span
from csuite.profiles import months


def averaged(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("average"):
        return
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if quantity.steady:
                continue
            others = () if query.own_named else usual(quantity.newest, min(quantity.values), known)
            for span in (*query.own, *query.before, *others):
                if span.length > 1 and (found := quantity.mean(span)):
                    yield found


def usual(newest: date, oldest: date, known: Knowledge) -> Iterator[Span]:
    yield known.clock.to_date
    yield from (Span(months.shift(newest, 1 - count), newest) for count in (3, 6, 12))
    yield Span(oldest, newest)

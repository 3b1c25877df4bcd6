"""Averages of a metric over the months that are named, or over those one usually averages."""

from collections.abc import Iterator
from datetime import date

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Span
from csuite.profiles import months


def averaged(query: Query, known: Knowledge) -> Iterator[Candidate]:
    monthly = query.close("monthly") and query.figure.kind not in ("percent", "points")
    if not monthly and not query.close("average"):
        return
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if quantity.steady:
                continue
            others = (
                ()
                if query.own_named or query.has("after", "from")
                else usual(quantity.newest, min(quantity.values), known)
            )
            for span in (*query.own, *query.before, *others):
                if span.length > 1 and quantity.aggregation == "last" and (growth := _growth(quantity, span)):
                    yield growth
                if span.length > 1 and (found := quantity.mean(span)):
                    yield found


def usual(newest: date, oldest: date, known: Knowledge) -> Iterator[Span]:
    yield known.clock.to_date
    yield from (Span(months.shift(newest, 1 - count), newest) for count in (3, 6, 12))
    yield Span(oldest, newest)


def _growth(quantity: Quantity, span: Span) -> Candidate | None:
    """How much a balance grew a month, on average."""
    first, last = quantity.stated(months.shift(span.first, -1)), quantity.stated(span.last)
    if first is None or last is None:
        return None
    value, show = (last.value - first.value) / span.length, quantity.show
    told = f"({show(last.value)} − {show(first.value)}) ÷ {span.length} months = {show(value)}"
    facts = (*last.facts, *first.facts)
    return Candidate(value, quantity.unit, quantity.metric, span, told, facts, as_of=last.as_of)

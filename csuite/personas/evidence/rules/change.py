"""How a metric moved between two periods: in its own unit, in points, in per cent, as a multiple."""

from collections.abc import Iterator
from decimal import Decimal

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Kind, Span, month
from csuite.profiles import formatting, months

MINUS = formatting.MINUS


def change(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if quantity.steady:
                continue
            for own in query.own:
                if own.length not in (1, 3, 6, 12) and (known.clock.newest >= own.last):
                    last = quantity.stated(own.last)
                    for begun in (own.first, months.shift(own.first, -1)):  # `in nine months`: since the one before
                        if last and (first := quantity.stated(begun)):
                            yield from moved(query, quantity, first, last)
                for earlier in (*query.before, *record_months(query, quantity)):
                    after, before = quantity.over(own), quantity.over(earlier)
                    if after and before and own.last > earlier.last:
                        yield from moved(query, quantity, before, after)


def record_months(query: Query, quantity: Quantity) -> list[Span]:
    """`six days above the low of 41`."""
    picks = [pick for cue, pick in (("high", max), ("low", min)) if query.says(cue)]
    return [month(pick(quantity.values, key=lambda period: quantity.values[period])) for pick in picks]


def moved(query: Query, quantity: Quantity, before: Candidate, after: Candidate) -> Iterator[Candidate]:
    show, absolute = quantity.show, after.value - before.value
    rate = quantity.unit == "percent"
    if rate and query.wants(absolute, "points"):
        told = f"{show(after.value)} {MINUS} {show(before.value)} = {formatting.signed(absolute, 2)} points"
        yield made(before, after, absolute, "points", told)
    if not rate and query.wants(absolute, quantity.unit) and absolute_meant(query):
        told = f"{show(after.value)} {MINUS} {show(before.value)} = {show(absolute)}"
        yield made(before, after, absolute, quantity.unit, told)
    if not before.value:
        return
    relative = absolute / abs(before.value) * 100
    if query.wants(relative, "percent") and (not rate or query.says("relative") or after_points(query)):
        told = f"({show(after.value)} {MINUS} {show(before.value)}) ÷ {show(before.value)}"
        yield made(before, after, relative, "percent", f"{told} = {formatting.percent(relative)}")
    ratio = after.value / before.value
    if query.wants(ratio, "multiple"):
        told = f"{show(after.value)} ÷ {show(before.value)} = {formatting.number(ratio, 2)}"
        yield made(before, after, ratio, "multiple", told, False)


def absolute_meant(query: Query) -> bool:
    return query.has("change") or query.is_cell or query.says("difference", "extra")


def after_points(query: Query) -> bool:
    """`0.18 points, or 9.9%`."""
    lead = query.text[max(0, query.figure.start - 24) : query.figure.start].lower()
    return any(word in lead for word in ("points, or ", "points or ", "punkte oder ", "puntos o "))


def made(
    before: Candidate, after: Candidate, value: Decimal, unit: Kind, told: str, directed: bool = True
) -> Candidate:
    return Candidate(
        value=value,
        unit=unit,
        metric=after.metric,
        period=after.period,
        calculation=told,
        facts=(*after.facts, *before.facts),
        change=directed,
        as_of=after.as_of,
        source=after.source,
    )

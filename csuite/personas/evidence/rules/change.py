"""How a metric moved between two periods: in its own unit, in points, in per cent, as a multiple."""

from collections.abc import Iterator
from decimal import Decimal

from csuite.personas.evidence.context import Query
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.records import Candidate, Kind
from csuite.profiles import arithmetic, formatting

MINUS = formatting.MINUS


def change(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if quantity.steady:
                continue
            for own in query.own:
                if own.length not in (1, 3, 6, 12) and (known.clock.newest >= own.last):
                    first, last = quantity.stated(own.first), quantity.stated(own.last)
                    if first and last:
                        yield from moved(query, quantity, first, last)
                for earlier in query.before:
                    after, before = quantity.over(own), quantity.over(earlier)
                    if after and before and own != earlier:
                        yield from moved(query, quantity, before, after)


def moved(query: Query, quantity: Quantity, before: Candidate, after: Candidate) -> Iterator[Candidate]:
    step = arithmetic.Change(before.value, after.value)
    told = f"{quantity.show(after.value)} {MINUS} {quantity.show(before.value)}"
    if quantity.unit == "percent" and "points" in query.kinds:
        yield made(before, after, step.absolute, "points", f"{told} = {formatting.signed(step.absolute, 2)} points")
    if quantity.unit != "percent" and quantity.unit in query.kinds and absolute_meant(query):
        yield made(before, after, step.absolute, quantity.unit, f"{told} = {quantity.show(step.absolute)}")
    relative_meant = quantity.unit != "percent" or query.says("relative") or after_points(query)
    if "percent" in query.kinds and step.relative is not None and relative_meant:
        told = f"({told}) ÷ {quantity.show(before.value)} = {formatting.percent(step.relative)}"
        yield made(before, after, step.relative, "percent", told)
    if "multiple" in query.kinds and before.value:
        ratio = after.value / before.value
        told = f"{quantity.show(after.value)} ÷ {quantity.show(before.value)} = {formatting.number(ratio, 2)}"
        yield made(before, after, ratio, "multiple", told, False)


def absolute_meant(query: Query) -> bool:
    return query.has("change") or query.is_cell or query.says("gap", "difference", "extra")


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

"""One metric per unit of another: revenue a head, sessions for each request, spend per sign-up."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Kind, Span
from csuite.profiles import formatting, months


def ratio(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("per") and not query.has("after:per") and "multiple" not in query.kinds:
        return
    yield from _of_one(query, known)
    plain = [
        one for metric in query.all_metrics[:5] if (one := known.plain(metric)) and one.unit in ("currency", "count")
    ]
    spans = (*query.own, *query.before) if query.before_named or query.has("after", "from") else query.own
    for above in plain:
        for below in plain:
            unit = _unit(above, below)
            if above is not below and (unit in query.kinds or query.figure.kind == "bare"):
                yield from _over(above, below, spans, unit)


def _unit(above: Quantity, below: Quantity) -> Kind:
    return "currency" if above.unit == "currency" and below.unit == "count" else "count"


def _over(above: Quantity, below: Quantity, spans: tuple[Span, ...], unit: Kind) -> Iterator[Candidate]:
    for span in spans:
        first, second = above.over(span), below.over(span)
        if first and second and second.value:
            value = first.value / second.value
            told = f"{above.show(first.value)} ÷ {below.show(second.value)} = {formatting.number(value, 2)}"
            yield Candidate(value, unit, above.metric, span, told, (*first.facts, *second.facts), as_of=first.as_of)


def _of_one(query: Query, known: Knowledge) -> Iterator[Candidate]:
    """What a day or a per cent of a metric is worth: `a day of revenue`, `each point of price`."""
    per_day, per_point = query.says("day"), query.says("point")
    for metric in query.all_metrics[:4]:
        quantity = known.plain(metric)
        if quantity is None or quantity.aggregation != "sum" or quantity.unit not in query.kinds:
            continue
        for span in query.own:
            found = quantity.over(span)
            days = (months.last_day(span.last) - span.first).days + 1
            for wanted, parts, name in ((per_day, days, "days"), (per_point, 100, "")):
                if wanted and found:
                    value = found.value / parts
                    told = f"{quantity.show(found.value)} ÷ {parts} {name}".rstrip() + f" = {quantity.show(value)}"
                    yield Candidate(value, quantity.unit, metric, span, told, found.facts, as_of=found.as_of)

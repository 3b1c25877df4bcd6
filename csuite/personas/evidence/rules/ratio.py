"""One metric per unit of another: revenue a head, sessions for each request, spend per sign-up."""

from collections.abc import Iterator

from csuite.personas.evidence.context import Query
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.records import Candidate, Kind, Span
from csuite.profiles import formatting


def ratio(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("per") and not query.has("after:per"):
        return
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

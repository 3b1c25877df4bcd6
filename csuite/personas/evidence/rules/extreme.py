"""The best and the worst month on record, and the ends of a range."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate

Pick = Callable[[Iterable[Decimal]], Decimal]


def extreme(query: Query, known: Knowledge) -> Iterator[Candidate]:
    ends = [pick for cue, pick in (("high", max), ("low", min)) if query.close(cue)]
    if query.close("range"):
        ends = [max, min]
    if query.has("change") or not ends:
        return
    earlier = query.close("prior", "range")
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if not quantity.steady:
                yield from (one for pick in ends for one in _records(quantity, pick, earlier) if _allowed(query, one))


def _records(quantity: Quantity, pick: Pick, earlier: bool) -> Iterator[Candidate]:
    """The record, and the one before the newest month where that is spoken of."""
    past = {period: value for period, value in quantity.values.items() if period != quantity.newest}
    for values in (quantity.values, past if earlier else {}):
        if values:
            best = pick(values.values())
            found = quantity.stated(max(period for period, value in values.items() if value == best))
            if found:
                yield found


def _allowed(query: Query, found: Candidate) -> bool:
    """A month that is named beside the figure must be the record's."""
    if not query.bound or found.period is None:
        return True
    return any(span.first <= found.period.first and found.period.last <= span.last for span in query.own)

"""The best and the worst month on record, and the ends of a range."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate


def extreme(query: Query, known: Knowledge) -> Iterator[Candidate]:
    ends = [pick for cue, pick in (("high", max), ("low", min)) if query.says(cue)]
    if query.says("range"):
        ends = [max, min]
    if query.has("change") or not ends:
        return
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            if quantity.steady:
                continue
            for pick in ends:
                for months_ in (quantity.values, {p: v for p, v in quantity.values.items() if p != quantity.newest}):
                    if months_:
                        best = pick(months_.values())
                        period = max(period for period, value in months_.items() if value == best)
                        if found := quantity.stated(period):
                            yield found

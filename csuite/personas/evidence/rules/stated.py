"""The metric itself, in the month or over the months that are named."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate


def stated(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if query.has("change") and not query.has("value", "after") and query.figure.kind != "percent":
        return
    if query.is_cell and query.says("average"):
        return
    earlier = query.has("from", "after") and not query.bound_behind
    spans = (*query.before, *query.own) if earlier else (*query.own, *query.before) if query.alone else query.own
    for metric in query.metrics:
        for quantity in known.of(metric, query.entities):
            for span in spans:
                if found := quantity.over(span):
                    yield found
                ends = span.length in (2, 4, 5) and query.has(
                    "from", "value"
                )  # `September to October: from 41% to 38%`
                for end in (span.first, span.last) if ends else ():
                    if found := quantity.stated(end):
                        yield found

"""One metric less another of the same unit, in the same period."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate


def difference(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("difference", "gap"):
        return
    plain = [one for metric in query.all_metrics[:4] if (one := known.plain(metric))]
    for above in plain:
        for below in plain:
            if above is below or above.unit != below.unit or above.unit not in query.kinds:
                continue
            for span in query.own:
                first, second = above.over(span), below.over(span)
                if first and second and first.value > second.value:
                    value = first.value - second.value
                    told = f"{above.show(first.value)} − {below.show(second.value)} = {above.show(value)}"
                    facts = (*first.facts, *second.facts)
                    yield Candidate(value, above.unit, above.metric, span, told, facts, as_of=first.as_of)

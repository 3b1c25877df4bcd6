"""A figure beside which no metric is named anywhere: only one of the newest month, exact, with three digits or more."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.personas.evidence.rules.goal import ending, needed, parts, target


def unnamed(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if query.close("goal") and not query.strong:
        for aims in known.aims.values():
            for aim in aims:
                yield target(aim)
    if "÷" in query.text:
        for aims in known.aims.values():
            for aim in aims:
                yield from (*parts(aim), *needed(aim))
    if query.close("ending", "needed") and not query.strong and not query.bound:
        for aims in known.aims.values():
            for aim in aims:
                yield from needed(aim) if query.close("needed") else ()
                yield from ending(aim) if query.close("ending") else ()
    written = query.figure.readings[0]
    if query.all_metrics or query.figure.about or written.value / written.step < 100 or query.has("change"):
        return
    yield from (
        candidate
        for quantities in known.quantities.values()
        for quantity in quantities[:1]
        if not quantity.entity and not quantity.formula
        for span in query.own
        if (candidate := quantity.over(span)) and candidate.unit in query.kinds
    )

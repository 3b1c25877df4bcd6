"""A share that was named just before, of a metric: `58% of revenue, i.e. $1.40m`."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.profiles import formatting


def product(query: Query, known: Knowledge) -> Iterator[Candidate]:
    shares = [one for one in query.here[:2] if one.unit == "percent" and not one.change and 0 < one.value < 100]
    for share in shares:
        for metric in query.all_metrics[:4]:
            quantity = known.plain(metric)
            if quantity is None or quantity.unit not in ("currency", "count") or quantity.unit not in query.kinds:
                continue
            for span in query.own:
                whole = quantity.over(span)
                if whole:
                    value = whole.value * share.value / 100
                    told = f"{quantity.show(whole.value)} × {formatting.percent(share.value)} = {quantity.show(value)}"
                    yield Candidate(
                        value, quantity.unit, metric, span, told, (*whole.facts, *share.facts), as_of=whole.as_of
                    )

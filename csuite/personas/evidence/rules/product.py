"""A share that was named just before, of a metric: `58% of revenue, i.e. $1.40m`."""

import re
from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.profiles import formatting

_THAT_IS = re.compile(
    r"(?:i\.e\.|that is|that's|which is|d\. ?h\.|das sind|es decir|son|=|or|about|roughly|rund)[^\w]*$", re.IGNORECASE
)


def product(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not _THAT_IS.search(query.text[: query.figure.start][-24:]):
        return
    shares = [one for one in query.here[:1] if one.unit == "percent" and not one.change and 0 < one.value < 100]
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

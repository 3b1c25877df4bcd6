"""How many months the cash lasts at the average burn of the last months."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Span
from csuite.profiles import formatting, months


def runway(query: Query, known: Knowledge) -> Iterator[Candidate]:
    found = known.plain("runway")
    if found is None or "months" not in query.kinds:
        return
    cash, burn = (known.quantities[part.removeprefix("metric:")][0] for part in found.parts)
    newest = cash.stated(found.newest)
    means = [burn.mean(Span(months.shift(found.newest, 1 - count), found.newest)) for count in (3, 6, 12)]
    named = [burn.over(span) for span in query.own if span.length == 1] if query.own_named else []
    for mean in (burn.over(Span(found.newest, found.newest)), *means, *named):
        if newest and mean and mean.value > 0:
            value = newest.value / mean.value
            told = f"{cash.show(newest.value)} ÷ {burn.show(mean.value)} a month = {formatting.number(value, 1)} months"
            facts = (*newest.facts, *mean.facts)
            yield Candidate(value, "months", "runway", newest.period, told, facts, as_of=newest.as_of)

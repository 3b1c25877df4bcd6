"""One figure in per cent of another: a line of the whole, an invoice of all, one metric of a second."""

from collections.abc import Iterator
from decimal import Decimal

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.profiles import arithmetic, formatting


def share(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if "percent" not in query.kinds or (query.has("change") and not query.has("after:share")):
        return
    yield from _of_lines(query, known)
    yield from _of_metrics(query, known)


def _of_lines(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric in query.metrics:
        whole = known.plain(metric)
        lines = [one for one in known.of(metric, query.entities) if one.entity]
        if whole is None or whole.unit == "percent":
            continue
        for span in (*query.own, *(query.before if query.before_named or query.has("from") else ())):
            total = whole.over(span)
            for line in lines:
                part = line.over(span)
                if part and total and total.value:
                    yield _made(part, total, f"{line.show(part.value)} ÷ {whole.show(total.value)}")


def _of_metrics(query: Query, known: Knowledge) -> Iterator[Candidate]:
    plain = [one for metric in query.all_metrics[:4] if (one := known.plain(metric)) and one.unit != "percent"]
    if not query.says("share", "per") and not query.has("after:share"):
        return
    for part in plain:
        for whole in plain:
            if part is not whole and part.unit == whole.unit:
                for span in (*query.own, *(query.before if query.before_named else ())):
                    first, second = part.over(span), whole.over(span)
                    if first and second and second.value:
                        yield _made(first, second, f"{part.show(first.value)} ÷ {whole.show(second.value)}")


def _made(part: Candidate, whole: Candidate, told: str) -> Candidate:
    value = arithmetic.share(part.value, whole.value) or Decimal(0)
    return Candidate(
        value,
        "percent",
        part.metric,
        part.period,
        f"{told} = {formatting.percent(value)}",
        (*part.facts, *whole.facts),
        as_of=part.as_of,
        source=part.source,
    )

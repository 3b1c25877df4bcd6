"""What moved a metric: the size of a cause, of several, of all, and what its remedy gives back."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Kind, month
from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.records import Cause


def cause(query: Query, known: Knowledge) -> Iterator[Candidate]:
    nearest = [id for id in query.entities if id in known.causes]
    fitting = [id for id in query.all_entities if id in known.causes and known.causes[id].metric in query.metrics]
    named = list(dict.fromkeys((*nearest, *fitting)))
    metrics = dict.fromkeys((*query.metrics, *query.all_metrics, *(known.causes[id].metric for id in named)))
    for metric in metrics:
        ids = [id for id in named if known.causes[id].metric == metric]
        for id in ids:
            yield from _sizes([id], known, metric)
            yield from _remedy(id, known)
            yield from _share(id, known, query)
        if len(ids) > 1:
            yield from _sizes(ids, known, metric)
        everything = [id for id, one in known.causes.items() if one.metric == metric]
        is_total = query.says("total", "kind") or (query.is_cell and query.has("change"))
        if is_total and everything:
            yield from _sizes(everything, known, metric)
            for kind in () if not query.says("total", "kind") else ("passes", "lasts", "open"):
                yield from _sizes([id for id in everything if known.causes[id].lasting == kind], known, metric)


def _sizes(ids: Sequence[str], known: Knowledge, metric: str) -> Iterator[Candidate]:
    causes = [known.causes[id] for id in ids]
    if not causes:
        return
    unit: Kind = known.unit(metric) or "count"
    if all(one.points is not None for one in causes):
        points = [one.points for one in causes if one.points is not None]
        yield _of(causes, ids, points, "points" if unit == "percent" else unit)
    if all(one.amount is not None for one in causes):
        amounts = [one.amount for one in causes if one.amount is not None]
        yield _of(causes, ids, amounts, "currency")


def _of(causes: Sequence[Cause], ids: Sequence[str], values: Sequence[Decimal], unit: Kind) -> Candidate:
    whole = arithmetic.total(values)
    told = ""
    if len(values) > 1:
        told = f"{' + '.join(formatting.number(value, 1) for value in values)} = {formatting.number(whole, 1)}"
    period = causes[0].period
    return Candidate(abs(whole), unit, causes[0].metric, month(period), told, tuple(ids), as_of=months.last_day(period))


def _remedy(id: str, known: Knowledge) -> Iterator[Candidate]:
    found = known.causes[id]
    if found.remedy_share is None:
        return
    share = found.remedy_share * 100
    yield Candidate(share, "percent", found.metric, month(found.period), "", (id,), as_of=months.last_day(found.period))
    for size, percent in ((found.points, known.unit(found.metric) == "percent"), (found.amount, False)):
        if size is not None:
            unit: Kind = (
                "points" if percent else "currency" if size is found.amount else known.unit(found.metric) or "count"
            )
            told = f"{formatting.number(abs(size), 1)} × {formatting.percent(share, 0)}"
            yield Candidate(abs(size) * found.remedy_share, unit, found.metric, month(found.period), told, (id,))


def _share(id: str, known: Knowledge, query: Query) -> Iterator[Candidate]:
    """An amount in per cent of the metric it belongs to: one invoice of all that are late."""
    found = known.causes[id]
    whole = known.plain(found.metric)
    total = whole.over(month(found.period)) if whole and whole.unit == "currency" else None
    if whole and total and total.value and found.amount is not None and "percent" in query.kinds:
        share = found.amount / total.value * 100
        told = f"{whole.show(found.amount)} ÷ {whole.show(total.value)} = {formatting.percent(share)}"
        yield Candidate(share, "percent", found.metric, total.period, told, (id, *total.facts), as_of=total.as_of)

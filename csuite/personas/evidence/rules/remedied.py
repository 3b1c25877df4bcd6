"""Where a metric and its goal come to if every remedy that is known lands."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Aim, Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.profiles import arithmetic, formatting


def remedied(query: Query, known: Knowledge) -> Iterator[Candidate]:
    if not query.says("remedy"):
        return
    for aims in known.aims.values():
        for aim in aims:
            yield from _of(aim, known)


def _of(aim: Aim, known: Knowledge) -> Iterator[Candidate]:
    metric, found, show = aim.quantity.metric, aim.standing, aim.quantity.show
    causes = {id: one for id, one in known.causes.items() if one.metric == metric}
    gains = [-(one.points or 0) * one.remedy_share for one in causes.values() if one.remedy_share is not None]
    newest = aim.quantity.stated(aim.quantity.newest)
    if not gains or newest is None:
        return
    month = found.now + arithmetic.total([arithmetic.ZERO + gain for gain in gains])
    told = f"{show(found.now)} + {' + '.join(formatting.number(gain, 1) for gain in gains)} = {show(month)}"
    facts = (*newest.facts, *causes)
    yield Candidate(month, aim.quantity.unit, metric, None, told, facts, as_of=newest.as_of)
    if found.made is not None and found.weight_done is not None:
        ahead = arithmetic.total(found.ahead)
        whole = (found.made + month * ahead) / (found.weight_done + ahead)
    else:
        done = [value for period in found.done if (value := aim.quantity.at(period)) is not None]
        whole = arithmetic.mean([*done, *[month] * len(found.remaining)]) if done or found.remaining else month
    told = f"{told}, in each month that remains; the whole then comes to {show(whole)}"
    yield Candidate(whole, aim.quantity.unit, metric, None, told, (f"goal:{aim.goal.key}", *facts), as_of=newest.as_of)

"""Whether a candidate is what was written: value within the precision of the digits, unit, sign and direction."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.personas.evidence.rules.averaged import averaged
from csuite.personas.evidence.rules.cause import cause
from csuite.personas.evidence.rules.change import change
from csuite.personas.evidence.rules.deals import deals
from csuite.personas.evidence.rules.extreme import extreme
from csuite.personas.evidence.rules.goal import goal
from csuite.personas.evidence.rules.local import local
from csuite.personas.evidence.rules.product import product
from csuite.personas.evidence.rules.projected import projected
from csuite.personas.evidence.rules.ratio import ratio
from csuite.personas.evidence.rules.remedied import remedied
from csuite.personas.evidence.rules.runway import runway
from csuite.personas.evidence.rules.share import share
from csuite.personas.evidence.rules.stated import stated
from csuite.personas.evidence.rules.told import told
from csuite.personas.evidence.rules.unnamed import unnamed
from csuite.personas.evidence.tolerance import written

Rule = Callable[[Query, Knowledge], Iterator[Candidate]]
# In tiers: asked for each metric that may be meant, the nearest first.
OF_A_METRIC: dict[str, Rule] = {
    "stated": stated,
    "extreme": extreme,
    "averaged": averaged,
    "goal": goal,
    "projected": projected,
    "change": change,
    "share": share,
}
# Asked once: they look at everything that the sentence names.
OF_A_SENTENCE: dict[str, Rule] = {
    "cause": cause,
    "deals": deals,
    "ratio": ratio,
    "runway": runway,
    "product": product,
    "remedied": remedied,
    "told": told,
    "local": local,
    "unnamed": unnamed,
}


OF_MEASURES = frozenset({"ratio", "runway", "product"})


def matched(query: Query, known: Knowledge, without: frozenset[str] = frozenset()) -> Candidate | None:
    """The first candidate that fits; None where none does. `without`: names of rules to leave out."""
    if query.figure.currency not in ("", known.currency):  # facts are in one; texts may name others
        return _first(told(query, known), query)
    for number, tier in enumerate(query.tiers):
        if number and query.strong:
            break
        query.metrics = tier
        for name, rule in OF_A_METRIC.items():
            if name not in without and (found := _first(rule(query, known), query)):
                return replace(found, rule=name)
    query.metrics = query.tiers[0] if query.tiers else ()
    counted = query.figure.spelled and query.figure.kind == "bare"  # `four months running` is no ratio
    for name, rule in OF_A_SENTENCE.items():
        if counted and name in OF_MEASURES:
            continue
        if name not in without and (found := _first(rule(query, known), query)):
            return replace(found, rule=name)
    return None


def _first(candidates: Iterator[Candidate], query: Query) -> Candidate | None:
    return next((one for one in candidates if fits(one, query)), None)


def fits(candidate: Candidate, query: Query) -> bool:
    if candidate.unit not in query.kinds or not directed(candidate, query):
        return False
    return written(query.figure, candidate.value, candidate.unit)


def directed(candidate: Candidate, query: Query) -> bool:
    """A written sign holds for everything, a word like `fell` for changes."""
    way = (candidate.value > 0) - (candidate.value < 0)
    if candidate.change:
        return not query.direction or not way or way == query.direction
    return way >= 0 or query.direction < 0

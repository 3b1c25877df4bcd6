"""Everything that a sentence, and what came before it, says about one of its figures."""

from collections.abc import Sequence

from csuite.personas.evidence import cues
from csuite.personas.evidence.distance import NEAR, cost
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Line, Memory, Query
from csuite.personas.evidence.records import Candidate, Figure
from csuite.personas.evidence.referring import entities_of, is_rate, kinds_of, ranked_mentions, tiers
from csuite.personas.evidence.spans import alone, periods_of


def asked_of(line: Line, figure: Figure, known: Knowledge, memory: Memory, here: Sequence[Candidate]) -> Query:
    """Everything that the sentence and what came before say about one of its figures."""
    place = line.figures.index(figure)
    before = line.figures[place - 1].end if place else 0
    after = line.figures[place + 1].start if place + 1 < len(line.figures) else len(line.text)
    named_before = (one.end for one in line.mentions if one.kind == "metric" and before < one.end <= figure.start)
    lead = max(named_before, default=before)  # `accounts lost 9`: a name says nothing of a change
    near = cues.near(line.text, lead if not line.text[lead : figure.start].strip(" :") else before, figure, after)
    ranked = ranked_mentions(line, figure)
    kinds = kinds_of(figure)
    metrics = [(far, mention) for far, mention in ranked if mention.kind == "metric"]
    entities = entities_of(ranked, line, figure, memory)
    found, strong = tiers(line, figure, metrics, kinds, known, memory, entities, near)
    own, own_named, compared, before_named = periods_of(line, figure, known, memory, near, _may_be_rate(line, known))
    nearest = [cost(line.text, named.start, named.end, figure, line.figures) for named in line.named if not named.lasts]
    bound_behind = any(
        named.start >= figure.end and cost(line.text, named.start, named.end, figure, line.figures) <= NEAR
        for named in line.named
    )
    said = tuple(dict.fromkeys(key for _, mention in metrics for key in sorted(mention.ids)))
    return Query(
        figure=figure,
        kinds=kinds,
        tiers=found,
        metrics=(),
        entities=entities,
        own=own,
        before=compared,
        own_named=own_named,
        before_named=before_named,
        bound_behind=bound_behind,
        bound=own_named and any(far <= NEAR for far in nearest),
        near=near,
        wide=line.wide,
        nearby=cues.around(line.text, figure),
        direction=figure.sign or cues.direction(line.text, before, figure, after),
        text=line.text,
        following=line.text[figure.end : figure.end + 40],
        matched=tuple(memory.matched),
        strong=strong,
        alone=alone(line, figure),
        all_entities=tuple(dict.fromkeys(id for m in line.mentions if m.kind == "entity" for id in sorted(m.ids))),
        all_metrics=tuple(dict.fromkeys((*said, *memory.metrics[:4]))),
        here=tuple(here),
    )


def _may_be_rate(line: Line, known: Knowledge) -> bool:
    """Whether a per cent may be a metric's own value, and not a change or a share."""
    metrics = [one for one in line.mentions if one.kind == "metric"]
    return not metrics or any(is_rate(one, known) for one in metrics)

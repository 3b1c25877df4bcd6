"""Which metric, line or deal a figure speaks of."""

import re
from collections.abc import Sequence

from csuite.personas.evidence.distance import NEAR, cost
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.naming import Mention
from csuite.personas.evidence.query import Line, Memory
from csuite.personas.evidence.records import Figure, Kind

_FITS: dict[Kind, frozenset[str]] = {
    "currency": frozenset({"currency"}),
    "percent": frozenset({"percent", "currency", "count", "days", "hours"}),
    "points": frozenset({"percent"}),
    "multiple": frozenset({"percent", "currency", "count", "days", "hours"}),
    "days": frozenset({"days"}),
    "hours": frozenset({"hours"}),
    "months": frozenset({"months"}),
    "count": frozenset({"count"}),
    "bare": frozenset({"count", "days", "hours", "months"}),
}
MOST_ALIGNED = 6
BEYOND = 14.0  # cost of a name that only comes after a break of the sentence
_PRONOUN = re.compile(r"\b(?:its|it|their|they|ihre?[nrsm]?|seine?[nrsm]?|sus?)\b", re.IGNORECASE)


def refers_back(text: str) -> bool:
    """`its margin`: of what the sentence before spoke of."""
    return bool(_PRONOUN.search(text))


def ranked_mentions(line: Line, figure: Figure) -> list[tuple[float, Mention]]:
    found = [
        (cost(line.text, m.start, m.end, figure, line.figures) + (3.0 if m.weak else 0.0), m) for m in line.mentions
    ]
    return sorted(found, key=lambda one: (one[0], one[1].start))


def kinds_of(figure: Figure) -> tuple[Kind, ...]:
    if figure.kind == "bare":
        return tuple(dict.fromkeys((*figure.kinds, "count", "days", "hours", "months")))
    return (figure.kind,)


def tiers(
    line: Line,
    figure: Figure,
    ranked: Sequence[tuple[float, Mention]],
    kinds: Sequence[Kind],
    known: Knowledge,
    memory: Memory,
    entities: Sequence[str],
    near: frozenset[str],
) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The nearest metrics that the figure's unit fits, then the sentence's others, then those spoken of before."""
    fitting = frozenset().union(*(_FITS[kind] for kind in kinds))

    def fits(key: str) -> bool:
        return known.unit(key) in fitting

    tiers: list[tuple[str, ...]] = []
    strong, far_off = False, False
    if kinds == ("percent",) and "change" not in near:  # a rate before what it is a rate of
        ranked = sorted(ranked, key=lambda one: (not is_rate(one[1], known), one[0]))
    for far, mention in ranked:
        keys = tuple(key for key in sorted(mention.ids) if fits(key))
        if not keys:
            continue
        if not tiers:
            strong, far_off = far <= NEAR, far > 2 * NEAR and mention.start >= figure.end
            strong &= kinds != ("percent",) or "change" in near or is_rate(mention, known)
        tiers.append(keys)
    of_entities = tuple(
        dict.fromkeys(
            one.metric for entity in entities for one in known.of_entity.get(entity, ()) if one.unit in fitting
        )
    )
    aligned = _aligned(line, figure)
    if aligned and any(fits(key) for key in aligned):
        tiers, strong = [tuple(key for key in aligned if fits(key)), *tiers], True
    named_here = [id for m in line.mentions if m.kind == "entity" and not m.weak for id in m.ids]
    if not tiers and named_here and not of_entities and all(id.startswith("cause:") for id in named_here):
        return (), False  # `the Rotterdam lane accounts for 0.8 points`: of its causes, and of nothing else
    if of_entities:
        tiers.append(of_entities)
    if not tiers or far_off:
        tiers += [(key,) for key in memory.metrics if fits(key)][:5]
    return tuple(dict.fromkeys(tiers)), strong


def is_rate(mention: Mention, known: Knowledge) -> bool:
    return any(known.unit(key) == "percent" for key in mention.ids)


def _aligned(line: Line, figure: Figure) -> tuple[str, ...]:
    """`Users grew slower than sessions: 25.4% against 26.6%`: as many metrics before as figures, each has its own."""
    place = line.figures.index(figure)
    first = last = place
    metrics = [one for one in line.mentions if one.kind == "metric"]

    def joined(left: Figure, right: Figure) -> bool:
        named = any(left.end <= one.start < right.start for one in metrics)
        return left.kind == right.kind and right.start - left.end < 24 and not named

    while first and place - first < MOST_ALIGNED and joined(line.figures[first - 1], line.figures[first]):
        first -= 1
    while (
        last + 1 < len(line.figures)
        and last - place < MOST_ALIGNED
        and joined(line.figures[last], line.figures[last + 1])
    ):
        last += 1
    start = line.figures[first - 1].end if first else 0
    before = [one for one in metrics if start <= one.start < line.figures[first].start]
    behind = line.text[line.figures[last].end : line.figures[last].end + 30]
    told = "respectively" in behind or "bzw" in line.text[line.figures[first].end : line.figures[last].start]
    if (
        last == first
        or len(before) != last - first + 1
        or not (told or ":" in line.text[: line.figures[first].start][-3:])
    ):
        return ()
    return tuple(sorted(before[place - first].ids))


def entities_of(ranked: Sequence[tuple[float, Mention]], line: Line, figure: Figure, memory: Memory) -> tuple[str, ...]:
    """The nearest that is named; where nothing is, what was spoken of before only if no metric is either."""
    named = [(far, mention) for far, mention in ranked if mention.kind == "entity"]
    if named and named[0][0] >= BEYOND and named[0][1].start >= figure.end:
        named = []  # `$3.1m, up 16%; Retail fell`: that is another one's
    if named:
        first = named[0][0]
        near = [mention for far, mention in named if far <= first + 3.0]
        return tuple(dict.fromkeys(id for mention in near for id in sorted(mention.ids)))
    if any(m.kind == "metric" for m in line.mentions) and not _PRONOUN.search(line.text):
        return ()
    return tuple(memory.entities)

"""What a figure speaks of: which metric, line or deal, which period, compared with what, up or down."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from csuite.personas.evidence import cues
from csuite.personas.evidence.dating import Named
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.naming import Mention
from csuite.personas.evidence.records import Candidate, Figure, Kind, Span, month
from csuite.personas.evidence.tolerance import written

NEAR = 4.5  # up to this cost a name belongs to the figure and to no other
_STOPS = re.compile(
    r"(?P<hard>;|—| – |, (?:but|while|whereas|aber|pero|mientras)\b)|(?P<soft>,|\b(?:and|while|but|und|aber|y|pero|against|vs|versus|after|from|nach|tras)\b|:)|(?P<paren>[()])"
)
_SAME = re.compile(
    r"\b(?:same months|selben monate\w*|gleichen monate\w*|mismos meses)\b", re.IGNORECASE
)
_LIST = re.compile(r"\s*(?:,|and|und|y|&|/|, and)\s*(?:in |im |en )?")
_PRONOUN = re.compile(r"\b(?:its|it|their|they|ihre?[nrsm]?|seine?[nrsm]?|sus?)\b", re.IGNORECASE)


@dataclass(slots=True)
class Memory:
    """What was spoken of before, the newest first: what `it`, or nothing, refers to."""

    metrics: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    before: list[Span] = field(default_factory=list)  # what was compared with
    run: list[Span] = field(default_factory=list)  # several in a row, as of a list of months
    matched: list[Candidate] = field(default_factory=list)
    scale: str = ""  # `in €k`, said above a table


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a cell with what its column and row say, ready to be asked for its figures."""

    text: str
    figures: tuple[Figure, ...]
    mentions: tuple[Mention, ...]
    named: tuple[Named, ...]
    wide: frozenset[str]


@dataclass(frozen=True, slots=True)
class Query:
    """Metrics in tiers, the nearest first. `own`: the periods the figure may be of. `before`: what it is compared with.

    `own_named`, `before_named`: whether the sentence names them, so that nothing else will do.
    """

    figure: Figure
    kinds: tuple[Kind, ...]
    tiers: tuple[tuple[str, ...], ...]
    metrics: tuple[str, ...]
    entities: tuple[str, ...]
    own: tuple[Span, ...]
    before: tuple[Span, ...]
    own_named: bool
    before_named: bool
    bound_behind: bool
    near: frozenset[str]
    wide: frozenset[str]
    direction: int
    text: str
    following: str
    matched: tuple[Candidate, ...]
    strong: bool = False
    is_cell: bool = False
    alone: bool = False
    all_entities: tuple[str, ...] = ()
    all_metrics: tuple[str, ...] = ()
    here: tuple[Candidate, ...] = ()

    def has(self, *names: str) -> bool:
        return any(name in self.near for name in names)

    def says(self, *names: str) -> bool:
        return any(name in self.near or name in self.wide for name in names)

    def wants(self, value: Decimal, unit: Kind) -> bool:
        """Whether a value is what was written: asked before a calculation is put into words."""
        return unit in self.kinds and written(self.figure, value, unit)

    def only(self, metrics: tuple[str, ...]) -> "Query":
        return replace(self, metrics=metrics)


def cost(text: str, start: int, end: int, figure: Figure, figures: Sequence[Figure]) -> float:
    """How far a name is from a figure: words between them, more for what divides a sentence, most for other figures."""
    after = start >= figure.end
    first, last = (figure.end, start) if after else (end, figure.start)
    if first > last:
        return 0.0
    gap = text[first:last]
    total = len(gap) / 6
    labels = not after and not figures[:1][0].start < figure.start and start < 40  # `Cash – $4.62m`
    for stop in _STOPS.finditer(gap):
        hard = 0.5 if labels and "–—".find(stop.group().strip()) >= 0 else 8
        total += hard if stop["hard"] else _paren(stop.group(), after) if stop["paren"] else _soft(stop.group(), after)
    total += 5 * sum(1 for other in figures if first <= other.start < last and other is not figure)
    return total + (1.0 if after and len(gap) > 1 else 0.0)


def _paren(mark: str, after: bool) -> float:
    """What stands before a bracket reaches into it; what stands in it does not reach out."""
    return 1.0 if mark == "(" and not after else 4.0


def _soft(mark: str, after: bool) -> float:
    if mark == ":":
        return 6.0 if after else 0.5
    return 3.0


def query(line: Line, figure: Figure, known: Knowledge, memory: Memory, here: Sequence[Candidate]) -> Query:
    """Everything that the sentence and what came before say about one of its figures."""
    place = line.figures.index(figure)
    before = line.figures[place - 1].end if place else 0
    after = line.figures[place + 1].start if place + 1 < len(line.figures) else len(line.text)
    near = cues.near(line.text, before, figure, after)
    ranked = _ranked(line, figure)
    kinds = _kinds(figure)
    metrics = [(far, mention) for far, mention in ranked if mention.kind == "metric"]
    entities = _entities(ranked, line, memory)
    tiers, strong = _tiers(line, figure, metrics, kinds, known, memory, entities, near)
    own, own_named, compared, before_named = _periods(line, figure, known, memory, near)
    bound_behind = any(
        named.start >= figure.end and cost(line.text, named.start, named.end, figure, line.figures) <= NEAR
        for named in line.named
    )
    said = tuple(dict.fromkeys(key for _, mention in metrics for key in sorted(mention.ids)))
    return Query(
        figure=figure,
        kinds=kinds,
        tiers=tiers,
        metrics=(),
        entities=entities,
        own=own,
        before=compared,
        own_named=own_named,
        before_named=before_named,
        bound_behind=bound_behind,
        near=near,
        wide=line.wide,
        direction=figure.sign or cues.direction(line.text, before, figure, after),
        text=line.text,
        following=line.text[figure.end : figure.end + 40],
        matched=tuple(memory.matched),
        strong=strong,
        alone=_alone(line, figure),
        all_entities=tuple(dict.fromkeys(id for m in line.mentions if m.kind == "entity" for id in sorted(m.ids))),
        all_metrics=tuple(dict.fromkeys((*said, *memory.metrics[:4]))),
        here=tuple(here),
    )


def _ranked(line: Line, figure: Figure) -> list[tuple[float, Mention]]:
    found = [
        (cost(line.text, m.start, m.end, figure, line.figures) + (3.0 if m.weak else 0.0), m) for m in line.mentions
    ]
    return sorted(found, key=lambda one: (one[0], one[1].start))


def _kinds(figure: Figure) -> tuple[Kind, ...]:
    if figure.kind == "bare":
        return tuple(dict.fromkeys((*figure.kinds, "count", "days", "hours", "months")))
    return (figure.kind,)


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


def _tiers(
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
        ranked = sorted(ranked, key=lambda one: (not _is_rate(one[1], known), one[0]))
    for far, mention in ranked:
        keys = tuple(key for key in sorted(mention.ids) if fits(key))
        if not keys:
            continue
        if not tiers:
            strong, far_off = far <= NEAR, far > 2 * NEAR
            strong &= kinds != ("percent",) or "change" in near or _is_rate(mention, known)
        tiers.append(keys)
    of_entities = tuple(
        dict.fromkeys(
            one.metric for entity in entities for one in known.of_entity.get(entity, ()) if one.unit in fitting
        )
    )
    aligned = _aligned(line, figure)
    if aligned and any(fits(key) for key in aligned):
        tiers, strong = [tuple(key for key in aligned if fits(key)), *tiers], True
    if of_entities:
        tiers.append(of_entities)
    if not tiers or far_off:
        tiers += [(key,) for key in memory.metrics if fits(key)][:5]
    return tuple(dict.fromkeys(tiers)), strong


def _is_rate(mention: Mention, known: Knowledge) -> bool:
    return any(known.unit(key) == "percent" for key in mention.ids)


def _aligned(line: Line, figure: Figure) -> tuple[str, ...]:
    """`Users grew slower than sessions: 25.4% against 26.6%`: as many metrics before as figures, each has its own."""
    place = line.figures.index(figure)
    first = last = place
    metrics = [one for one in line.mentions if one.kind == "metric"]

    def joined(left: Figure, right: Figure) -> bool:
        named = any(left.end <= one.start < right.start for one in metrics)
        return left.kind == right.kind and right.start - left.end < 24 and not named

    while first and joined(line.figures[first - 1], line.figures[first]):
        first -= 1
    while last + 1 < len(line.figures) and joined(line.figures[last], line.figures[last + 1]):
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


def _entities(ranked: Sequence[tuple[float, Mention]], line: Line, memory: Memory) -> tuple[str, ...]:
    """The nearest that is named; where nothing is, what was spoken of before only if no metric is either."""
    named = [(far, mention) for far, mention in ranked if mention.kind == "entity"]
    if named:
        first = named[0][0]
        near = [mention for far, mention in named if far <= first + 3.0]
        return tuple(dict.fromkeys(id for mention in near for id in sorted(mention.ids)))
    if any(m.kind == "metric" for m in line.mentions) and not _PRONOUN.search(line.text):
        return ()
    return tuple(memory.entities)


def _periods(
    line: Line, figure: Figure, known: Knowledge, memory: Memory, near: Iterable[str]
) -> tuple[tuple[Span, ...], bool, tuple[Span, ...], bool]:
    ranked = sorted(
        ((cost(line.text, n.start, n.end, figure, line.figures), n) for n in line.named),
        key=lambda one: (one[0], one[1].start),
    )
    newest = month(known.clock.newest)
    ranked = [(far, _in_context(named, memory)) for far, named in ranked if _reaches(line, named, figure, far)]
    inside = [(far, named) for far, named in ranked if _same_brackets(line.text, named, figure)]
    ranked = inside or ranked
    plain = [(far, named) for far, named in ranked if named.spans and not named.compared]
    base = plain[0][1].spans if plain else (*memory.spans[:2], newest)
    bound = next(((far, named) for far, named in ranked if far <= NEAR), None)
    is_change = "change" in near or figure.kind in ("points", "multiple")
    bound_behind = bound is not None and bound[1].start >= figure.end
    if bound and not (is_change and bound[1].compared) and ("from" not in near or bound_behind):
        listed = bound[1].spans and not bound[1].compared
        own, own_named = _listed(line.text, [bound, *plain]) if listed else _spans(bound[1], base), True
    elif plain:
        own, own_named = _listed(line.text, plain), True
    elif memory.run and _SAME.search(line.text):
        own, own_named = tuple(memory.run), True
    else:
        own, own_named = tuple(dict.fromkeys((*memory.spans[:2], newest))), False
    own = tuple(dict.fromkeys((*own, *(span for _, named in ranked for span in named.also))))
    compared = [span for _, named in ranked if named.compared for span in _spans(named, own)]
    others = [span for _, named in plain if named.spans != own for span in named.spans]
    if compared and not own_named:
        own = tuple(dict.fromkeys((*own, *(s for one in compared for s in _later(one) if s.last <= newest.last))))
    if compared:
        return own, own_named, tuple(dict.fromkeys(compared)), True
    usual = (span for one in own for span in before(one))
    return own, own_named, tuple(dict.fromkeys((*others, *usual, *memory.before))), False


def _listed(text: str, plain: Sequence[tuple[float, Named]]) -> tuple[Span, ...]:
    """The nearest period, with those that are listed beside it, and all of them as one."""
    nearest = plain[0][1]
    row = sorted({named.start: named for _, named in plain}.values(), key=lambda named: named.start)
    place = row.index(nearest)
    first = last = place
    while first and _LIST.fullmatch(text, row[first - 1].end, row[first].start):
        first -= 1
    while last + 1 < len(row) and _LIST.fullmatch(text, row[last].end, row[last + 1].start):
        last += 1
    if first == last:
        return nearest.spans
    latest = row[last].spans[0]
    spans = [_up_to(named.spans, latest) for named in row[first : last + 1]]
    whole = Span(min(spans).first, max(span.last for span in spans))
    listed = (*nearest.spans, *spans, whole) if whole.length == len(spans) else (*nearest.spans, *spans)
    return tuple(dict.fromkeys(listed))


def _up_to(spans: Sequence[Span], latest: Span) -> Span:
    """`October, November and December 2025`: the year of the last holds for all."""
    back = (spans[0].first.year - latest.first.year) * 12
    moved = spans[0].shifted(-back)
    return moved if moved.last <= latest.last else moved.shifted(-12)


def _in_context(named: Named, memory: Memory) -> Named:
    if not named.of_quarter:
        return named
    spoken = [span for span in memory.spans if span.length == 3]
    return replace(named, spans=tuple(dict.fromkeys((*spoken[:1], *named.spans))))


def _same_brackets(text: str, named: Named, figure: Figure) -> bool:
    around = in_brackets(text, figure.start, figure.end)
    return around is not None and around[0] < named.start < around[1]


def _later(span: Span) -> tuple[Span, ...]:
    return (span.shifted(12), span.shifted(span.length))


def _reaches(line: Line, named: Named, figure: Figure, far: float) -> bool:
    """Whether a period may be the figure's: not one in brackets that it is outside of, nor one behind it that
    stands closer to another figure."""
    text = line.text
    brackets = in_brackets(text, named.start, named.end)
    if brackets and not brackets[0] < figure.start < brackets[1]:
        opened, closed = brackets
        others = any(opened < other.start < closed for other in line.figures)
        return not others and far < NEAR * 2
    if named.start < figure.end:
        return True
    nearest = min(cost(text, named.start, named.end, other, line.figures) for other in line.figures)
    return far <= nearest + 1.5


def in_brackets(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The brackets around a place, if it stands in some."""
    opened, closed = text.rfind("(", 0, start), text.find(")", end)
    return (opened, closed) if opened > text.rfind(")", 0, start) and closed >= 0 else None


def _alone(line: Line, figure: Figure) -> bool:
    """Whether the figure stands in brackets by itself: the one before it, a month or a year earlier."""
    around = in_brackets(line.text, figure.start, figure.end)
    if around is None:
        return False
    inside = line.text[around[0] + 1 : figure.start] + line.text[figure.end : around[1]]
    return not re.search(r"\w", inside)


def before(span: Span) -> tuple[Span, ...]:
    """What a period is usually compared with: the one before it and the same a year earlier."""
    return (span.shifted(-span.length), span.shifted(-12)) if span.length < 12 else (span.shifted(-12),)


def _spans(named: Named, base: Sequence[Span]) -> tuple[Span, ...]:
    if named.spans:
        return named.spans
    least = {1: 1, 3: 3}.get(named.back)
    return tuple(dict.fromkeys(span.shifted(-(max(least, span.length) if least else named.back)) for span in base))

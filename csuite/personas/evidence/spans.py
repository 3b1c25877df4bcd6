"""Which months a figure is of, and which it is compared with."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from csuite.personas.evidence.dating import Named
from csuite.personas.evidence.distance import NEAR, beside, cost, in_brackets
from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Line, Memory
from csuite.personas.evidence.records import Figure, Span, month

_SAME = re.compile(r"\b(?:same months|selben monate\w*|gleichen monate\w*|mismos meses)\b", re.IGNORECASE)
_TO = re.compile(r"(?:\bto|→|\bauf|\ba|\bhasta)\s*[$€£]?\s*$", re.IGNORECASE)
_SINCE_THEN = re.compile(r"\b(?:since then|ever since|seither|seitdem|desde entonces)\b", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|and|und|y|&|/|, and)\s*(?:in |im |en )?")


def periods_of(
    line: Line, figure: Figure, known: Knowledge, memory: Memory, near: Iterable[str], rates: bool
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
    if _SINCE_THEN.search(line.text[: figure.start]) and "change" in near:
        begun = [span for _, named in plain for span in named.spans if span.last < newest.last] or memory.spans[:1]
        return (newest,), True, tuple(dict.fromkeys(begun)), True
    base = plain[0][1].spans if plain else (*memory.spans[:1], *memory.topic[:1], newest)
    bound = next(
        (
            (far, named)
            for far, named in ranked
            if far <= NEAR and not named.lasts and not _leads_on(line.text, named, figure)
        ),
        None,
    )
    is_change = "change" in near or figure.kind in ("points", "multiple") or (not rates and figure.kind == "percent")
    bound_behind = bound is not None and bound[1].start >= figure.end
    if bound and not (is_change and bound[1].compared) and ("from" not in near or bound_behind):
        listed = bound[1].spans and not bound[1].compared
        own, own_named = _listed(line.text, [bound, *plain]) if listed else _spans(bound[1], base), True
    elif plain:
        own, own_named = _listed(line.text, plain), True
    elif memory.run and _SAME.search(line.text):
        own, own_named = tuple(memory.run), True
    else:
        spoken = (*memory.spans[:1], *memory.topic[:1], newest)
        other = {span for _, named in ranked if named.compared for span in named.spans}
        own, own_named = tuple(dict.fromkeys(span for span in spoken if span not in other)) or (newest,), False
    own = tuple(dict.fromkeys((*own, *(span for _, named in ranked for span in named.also))))
    if figure.kind == "multiple":  # `2.4x those of October 2025`
        own = tuple(dict.fromkeys((*own, *memory.spans[:1], *memory.topic[:1], newest)))
    compared = [span for _, named in ranked if named.compared for span in _past(named, own)]
    others = [span for _, named in plain if named.spans != own for span in named.spans]
    others = [*others, *own] if figure.kind == "multiple" else others
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


def _past(named: Named, own: Sequence[Span]) -> tuple[Span, ...]:
    """What is compared with lies behind: of a month without a year, the last."""
    return named.spans[:1] or _spans(named, own)


def _leads_on(text: str, named: Named, figure: Figure) -> bool:
    """`from 58 in December to 62`: what stands behind the `to` is of another month."""
    return named.compared and named.end <= figure.start and bool(_TO.search(text[named.end : figure.start]))


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
    nearest = min(
        cost(text, named.start, named.end, other, line.figures) for other in beside(named.start, line.figures)
    )
    return far <= nearest + 1.5


def alone(line: Line, figure: Figure) -> bool:
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

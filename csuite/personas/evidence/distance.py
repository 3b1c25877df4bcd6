"""How far a name is from a figure in a sentence: what belongs together."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from csuite.personas.evidence.records import Figure

FAR = 300  # characters
NEAR = 4.5  # up to this cost a name belongs to the figure and to no other
_STOPS = re.compile(
    r"(?P<hard>;|—| – |, (?:but|while|whereas|aber|pero|mientras)\b"
    r"|\b(?:although|though|whereas|obwohl|aunque)\b)"
    r"|(?P<soft>,|\b(?:and|while|but|und|aber"
    r"|y|pero|against|vs|versus|after|from|nach|tras)\b|:)|(?P<paren>[()])"
)


def cost(text: str, start: int, end: int, figure: Figure, figures: Sequence[Figure]) -> float:
    """How far a name is from a figure: words between them, more for what divides a sentence, most for other figures."""
    after = start >= figure.end
    first, last = (figure.end, start) if after else (end, figure.start)
    if first > last:
        return 0.0
    if last - first > FAR:
        return (last - first) / 6 + NEAR * 4
    gap = text[first:last]
    total = len(gap) / 6
    labels = not after and not figures[:1][0].start < figure.start and start < 40  # `Cash – $4.62m`
    for stop in _STOPS.finditer(gap):
        hard = 0.5 if labels and "–—".find(stop.group().strip()) >= 0 else 8
        hard = 20 if after else hard
        total += hard if stop["hard"] else _paren(stop.group(), after) if stop["paren"] else _soft(stop.group(), after)
    total += 5 * (bisect_left(figures, last, key=_start) - bisect_left(figures, first, key=_start))
    return total + (1.0 if after and len(gap) > 1 else 0.0)


def _start(figure: Figure) -> int:
    return figure.start


def beside(place: int, figures: Sequence[Figure]) -> Sequence[Figure]:
    """The figures before and behind a place."""
    at = bisect_left(figures, place, key=_start)
    return figures[max(0, at - 1) : at + 1]


def _paren(mark: str, after: bool) -> float:
    """What stands before a bracket reaches into it; what stands in it does not reach out."""
    return 1.0 if mark == "(" and not after else 4.0


def _soft(mark: str, after: bool) -> float:
    if mark == ":":
        return 6.0 if after else 0.5
    return 6.0 if after else 3.0


def in_brackets(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The brackets around a place, if it stands in some."""
    opened, closed = text.rfind("(", 0, start), text.find(")", end)
    return (opened, closed) if opened > text.rfind(")", 0, start) and closed >= 0 else None

"""Trend breaks: the latest periods do not continue what came before.

A line is laid through all periods, with a step or a bend before each number of latest ones up to a year; neighbours
that are tied are untied first, so that a slow swing is not taken for a step. The shape that fits best is compared with
the best of 199 series that do continue, drawn with the same tie. **False alarms: about 1 in 25 series without a break**
at each look. A season is taken out first where the years before show one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from operator import mul
from random import Random

from csuite.personas.insights.finding import Finding, Series, month

LEAST = 15  # periods before anything is said
LATEST = 12  # periods that may be new
BEFORE = 10  # periods that a line needs
DRAWS = 199
ALARMS = 0.025  # among drawn series; 0.04 where ties and seasons are only estimated, as they always are (bench)
BENT = 3  # latest periods that it takes to see a bend
FEW, TIE_LEAST = 30, 0.3  # among so few periods a tie cannot be told from none, so this one is assumed at least
TIE_MOST = 0.7  # the strongest tie between neighbours that is believed


@dataclass(frozen=True, slots=True)
class Break:
    """`latest` periods deviate by `shift` on average (in the metric's unit); four in five would lie `low` to `high`."""

    latest: int
    shift: float
    expected: float
    low: float
    high: float
    chance: float


def find_trend_break(series: Series, today: date) -> Finding | None:
    """The break in a series, if there is one; None for a series that is too short or does not vary."""
    found = break_in(series.values, series.season, series.key)
    if found is None:
        return None
    start, (last, value) = series.points[-found.latest][0], series.points[-1]
    show, up = series.show, found.shift > 0
    good = (
        "" if series.good == "neither" else (", for the better" if up == (series.good == "up") else ", for the worse")
    )
    when = f"in {month(last)}" if found.latest == 1 else f"since {month(start)}"
    figures = (
        (month(last), show(value)),
        ("Expected from before", show(found.expected)),
        ("Four in five would lie", f"{show(found.low)} to {show(found.high)}"),
        ("Chance without a break", f"{found.chance:.1%}"),
    )
    before = series.counted(len(series.points) - found.latest)
    text = (
        f"{month(last)} closed at {show(value)}. The {before} before lead to "
        f"{show(found.expected)}; four in five would lie between {show(found.low)} and {show(found.high)}."
    )
    return Finding(
        kind="trend_break",
        persona=series.persona,
        title=f"{series.name} left the usual course {when}{good}",
        text=text,
        figures=figures,
        about=("metric", series.key),
        found_on=today,
        strength=1 - found.chance,
        matter=f"{series.key}:{'up' if up else 'down'}",
        since=start,
    )


def break_in(values: Sequence[float], season: int, seed: str, alarms: float = ALARMS) -> Break | None:
    """The break in a row of values. `alarms` is the share of rows without a break in which one is seen."""
    count = len(values)
    if count < LEAST or max(values) == min(values):
        return None
    level = without_season(values, season)
    tie, spread = _tie(level, _farthest(level))
    shapes = _shapes(count, tie)
    latest, score = shapes.best(level)
    draw = Random(seed)  # noqa: S311 -- a simulation, nothing secret
    beyond = 0
    for _ in range(DRAWS):
        beyond += shapes.best(without_season(_continuing(draw, count, tie), season))[1] >= score
        if 1 + beyond > alarms * (DRAWS + 1):
            return None
    chance = (1 + beyond) / (DRAWS + 1)
    at, slope, _, _ = _line(level[:-latest])
    ahead = [at + slope * n for n in range(count - latest, count)]
    shift = sum(level[n - latest] - ahead[n] for n in range(latest)) / latest
    expected = ahead[-1] + values[-1] - level[-1]  # the season put back
    off = 1.2816 * spread
    return Break(latest, shift, expected, expected - off, expected + off, chance)


def without_season(values: Sequence[float], season: int) -> list[float]:
    """Values less what each place in the year adds, as far as the years before the last tell it from scatter."""
    known = len(values) - LATEST
    if not season or known < 2 * season:
        return list(values)
    at, slope, _, _ = _line(values[:known])
    rest = [value - at - slope * n for n, value in enumerate(values[:known])]
    groups = [rest[place::season] for place in range(season)]
    means = [sum(group) / len(group) for group in groups]
    between = sum(len(g) * mean**2 for g, mean in zip(groups, means, strict=True)) / (season - 1)
    free = known - season - 1
    inside = sum((one - mean) ** 2 for g, mean in zip(groups, means, strict=True) for one in g) / max(1, free)
    share = max(0.0, 1 - 2 * inside / between) if between else 0.0  # twice: a weak season is none
    return [value - share * means[n % season] for n, value in enumerate(values)]


def _line(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Start, slope, variance around the line, and the spread of places (for the doubt of its ends)."""
    count = len(values)
    middle = (count - 1) / 2
    places = count * (count * count - 1) / 12
    mean = sum(values) / count
    slope = sum((n - middle) * value for n, value in enumerate(values)) / places
    total = sum((value - mean) ** 2 for value in values) - slope * slope * places
    return mean - slope * middle, slope, max(0.0, total) / (count - 2), places


def _farthest(values: Sequence[float]) -> int:
    """The number of latest values that deviate most from the line through the others."""
    best, most, count = 1, 0.0, len(values)
    for latest in range(1, min(LATEST, count - BEFORE) + 1):
        before = count - latest
        at, slope, variance, places = _line(values[:before])
        centre = before + (latest - 1) / 2
        off = sum(values[before:]) / latest - at - slope * centre
        doubt = variance * (1 / latest + 1 / before + (centre - (before - 1) / 2) ** 2 / places)
        score = abs(off) / sqrt(doubt) if doubt > 0 else 0.0
        if score > most:
            best, most = latest, score
    return best


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Steps and bends of untied series, each of length 1 and free of what a line explains, which is `lines`."""

    tie: float
    lines: tuple[tuple[float, ...], ...]
    shapes: tuple[tuple[int, tuple[float, ...]], ...]

    def best(self, values: Sequence[float]) -> tuple[int, float]:
        """The number of latest values of the shape that fits best, and how well: a t value."""
        untied = _untied(values, self.tie)
        rest = _dot(untied, untied) - sum(_dot(line, untied) ** 2 for line in self.lines)
        fits = [(abs(_dot(shape, untied)), latest) for latest, shape in self.shapes]
        fit, latest = max(fits, key=lambda one: one[0])
        left = rest - fit * fit
        return latest, fit / sqrt(left / (len(values) - 3)) if left > 1e-12 * rest else (1e12 if fit else 0.0)


@lru_cache(maxsize=256)
def _shapes(count: int, tie: float) -> _Shapes:
    lines: list[tuple[float, ...]] = []
    for line in ([1.0] * count, [float(n) for n in range(count)]):
        lines.append(_freed(_untied(line, tie), lines))
    shapes = []
    for latest in range(1, min(LATEST, count - BEFORE) + 1):
        since = [max(0, n - (count - latest) + 1) for n in range(count)]
        shapes.append((latest, _freed(_untied([float(n > 0) for n in since], tie), lines)))
        if latest >= BENT:
            shapes.append((latest, _freed(_untied([float(n) for n in since], tie), lines)))
    return _Shapes(tie, tuple(lines), tuple(shapes))


def _untied(values: Sequence[float], tie: float) -> list[float]:
    """What each value adds to what its neighbour lets expect."""
    fresh = sqrt(1 - tie * tie)
    return [values[0], *((one - tie * before) / fresh for before, one in pairwise(values))]


def _freed(row: Sequence[float], of: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Of length 1, without what lies along the others, which are so too and stand square to each other."""
    parts = [_dot(row, other) for other in of]
    rest = [one - sum(part * other[n] for part, other in zip(parts, of, strict=True)) for n, one in enumerate(row)]
    size = sqrt(_dot(rest, rest))
    return tuple(one / size for one in rest)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return float(sum(map(mul, one, other)))


def _tie(values: Sequence[float], latest: int) -> tuple[float, float]:
    """How strongly neighbours are tied (0 to TIE_MOST), and the scatter around the line before the latest values."""
    before = values[:-latest]
    at, slope, variance, _ = _line(before)
    rest = [value - at - slope * n for n, value in enumerate(before)]
    total = sum(one * one for one in rest)
    tie = sum(one * other for one, other in pairwise(rest)) / total if total else 0.0
    count = len(before)
    tie = min(max((count * tie + 2) / (count - 4), 0.0), TIE_MOST)  # a line's rest looks less tied than it is
    return round(max(tie, TIE_LEAST if len(values) < FEW else 0.0), 1), sqrt(variance)


def _continuing(draw: Random, count: int, tie: float) -> list[float]:
    """A row without a break; its level and slope do not matter."""
    found, last, fresh = [], draw.gauss(0, 1), sqrt(1 - tie * tie)
    for _ in range(count):
        last = tie * last + fresh * draw.gauss(0, 1)
        found.append(last)
    return found

"""One value over time: measured, forecast and its target. The axis spans the values, not necessarily from zero."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from csuite.charts.axis import FOOT, NARROW, RIGHT, TOP, WIDE, Frame, Say, Size, drawing
from csuite.charts.scale import Linear, coordinate

_CHARACTER = 6.4  # width of a tick's digit
_STEPS = 5  # of the value axis at most


@dataclass(frozen=True, slots=True)
class Line:
    """`values`: one for each of `labels`, oldest first; None breaks the line. `ahead` follows the last of them."""

    labels: Sequence[str]
    values: Sequence[float | None]
    ahead: Sequence[float] = ()
    target: float | None = None


def line(data: Line, *, name: str, title: str, about: str, say: Say) -> str:
    """Two SVG drawings, wide and narrow; "" without a value."""
    if all(value is None for value in data.values):
        return ""
    return "".join(drawing(size, name, title, about, _draw(size, data, say)) for size in (WIDE, NARROW))


def spanning(low: float, high: float) -> tuple[float, ...]:
    """Round ticks from at most `low` to at least `high`; with zero when it is near."""
    if 0 < low < high / 2:
        low = 0.0
    spread = high - low or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(spread / _STEPS))
    step = next(s for s in (1 * power, 2 * power, 5 * power, 10 * power) if spread / s <= _STEPS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(step * n, 10) for n in range(first, max(last, first + 1) + 1))


def _draw(size: Size, data: Line, say: Say) -> str:
    known = [value for value in (*data.values, *data.ahead, data.target) if value is not None]
    ticks = spanning(min(known), max(known))
    left = max(len(say(tick)) for tick in ticks) * _CHARACTER + 12
    frame = Frame(size, left, Linear(ticks[0], ticks[-1], size.height - FOOT, TOP), ticks, say)
    step = (size.width - RIGHT - left - 8) / max(len(data.values) + len(data.ahead) - 1, 1)

    def at(place: int, value: float) -> tuple[str, str]:
        return coordinate(left + 8 + step * place), coordinate(frame.scale(value))

    parts = [frame.grid()]
    if data.target is not None:
        y = coordinate(frame.scale(data.target))
        parts.append(
            f'<line class="g-limit" x1="{coordinate(left)}" x2="{coordinate(frame.right)}" y1="{y}" y2="{y}"/>'
        )
    points = [None if value is None else at(place, value) for place, value in enumerate(data.values)]
    parts += [_polyline(run, "g-line") for run in _runs(points)]
    last = max(place for place, point in enumerate(points) if point is not None)
    if data.ahead:
        ahead = [at(len(points) + place, value) for place, value in enumerate(data.ahead)]
        parts.append(_polyline([point for point in (points[-1], *ahead) if point], "g-line g-dash"))
    x, y = at(last, data.values[last] or 0.0)
    parts.append(f'<circle class="g-dot" cx="{x}" cy="{y}" r="4.5"/>')
    parts.append(_label(frame, float(x), float(y), say(data.values[last] or 0.0)))
    parts.append(frame.labels(data.labels, lambda place: left + 8 + step * place))
    return "".join(parts)


def _runs(points: Sequence[tuple[str, str] | None]) -> list[list[tuple[str, str]]]:
    """Neighbouring points, cut where a value is missing."""
    runs: list[list[tuple[str, str]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _polyline(points: Sequence[tuple[str, str]], look: str) -> str:
    return f'<polyline class="{look}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def _label(frame: Frame, x: float, y: float, text: str) -> str:
    side = "end" if x > frame.left + 60 else "start"
    return (
        f'<text class="t-label {side} halo" x="{coordinate(x)}" y="{coordinate(max(y - 10, 12))}">{escape(text)}</text>'
    )

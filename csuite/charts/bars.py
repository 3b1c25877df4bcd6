"""Stacked bars over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from csuite.charts.axis import NARROW, WIDE, Frame, Say, Size, drawing
from csuite.charts.scale import coordinate

GAP = 0.28  # between two bars, of a bar's place
SERIES = 4  # colours; what comes after them is drawn as the rest


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its label on the axis, and the values from the floor up, each at least 0."""

    label: str
    values: Sequence[float]


def stacked_bars(bars: Sequence[Bar], *, name: str, title: str, about: str, say: Say) -> str:
    """Two SVG drawings, wide and narrow; "" without bars. The highest bar carries its value."""
    if not bars:
        return ""
    return "".join(drawing(size, name, title, about, _draw(size, bars, say)) for size in (WIDE, NARROW))


def _draw(size: Size, bars: Sequence[Bar], say: Say) -> str:
    sums = [sum(bar.values) for bar in bars]
    frame = Frame.over(size, max(sums), say)
    place = (frame.right - frame.left) / len(bars)
    parts = [frame.grid()]
    for n, bar in enumerate(bars):
        parts.append(_bar(frame, frame.left + place * (n + GAP / 2), place * (1 - GAP), bar.values))
    top = sums.index(max(sums))
    if sums[top]:
        x, y = coordinate(frame.left + place * (top + 0.5)), coordinate(frame.scale(sums[top]) - 6)
        parts.append(f'<text class="t-label mid halo" x="{x}" y="{y}">{escape(say(sums[top]))}</text>')
    parts.append(frame.labels([bar.label for bar in bars], lambda n: frame.left + place * (n + 0.5)))
    return "".join(parts)


def _bar(frame: Frame, x: float, width: float, values: Sequence[float]) -> str:
    parts, below = [], 0.0
    for n, value in enumerate(values):
        if value > 0:
            top, foot = frame.scale(below + value), frame.scale(below)
            series = f"s{n + 1}" if n < SERIES else "s0"
            parts.append(
                f'<rect class="{series}" x="{coordinate(x)}" width="{coordinate(width)}" '
                f'y="{coordinate(top)}" height="{coordinate(max(foot - top - 0.8, 0.3))}"/>'
            )
            below += value
    return "".join(parts)

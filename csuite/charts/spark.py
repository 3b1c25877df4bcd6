"""A small line without axes, for a key figure."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from csuite.charts.scale import Linear, coordinate

WIDTH, HEIGHT = 150, 38
LEFT, RIGHT = 2, 144  # the last point's dot needs room
TOP, BOTTOM = 4, 34
DOT = 3

Value = Decimal | float | int | None


def sparkline(values: Sequence[Value], target: Value = None, label: str = "", is_bad: bool = False) -> str:
    """SVG of the values, oldest first, in their own unit; "" without any. A missing month breaks the line.

    `target` is a dashed rule and kept within view; `is_bad` marks the last point; `label` is read aloud.
    """
    known = [float(value) for value in values if value is not None]
    if not known:
        return ""
    scale = Linear.over([*known, *([] if target is None else [float(target)])], BOTTOM, TOP)
    step = (RIGHT - LEFT) / max(len(values) - 1, 1)
    points = [
        None if value is None else (coordinate(LEFT + step * place), coordinate(scale(float(value))))
        for place, value in enumerate(values)
    ]
    return (
        f'<svg class="spark chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{_rule(scale, target)}{''.join(_line(run) for run in _runs(points))}{_dot(points, is_bad)}</svg>"
    )


Place = tuple[str, str]


def _rule(scale: Linear, target: Value) -> str:
    if target is None:
        return ""
    y = coordinate(scale(float(target)))
    return f'<line class="g-target" x1="0" x2="{WIDTH}" y1="{y}" y2="{y}"/>'


def _runs(points: Sequence[Place | None]) -> list[list[Place]]:
    """Neighbouring points, cut where a month is missing."""
    runs: list[list[Place]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _line(run: Sequence[Place]) -> str:
    return f'<polyline class="g-line" points="{" ".join(f"{x},{y}" for x, y in run)}"/>'


def _dot(points: Sequence[Place | None], is_bad: bool) -> str:
    x, y = next(point for point in reversed(points) if point is not None)
    return f'<circle class="g-dot{" g-dot--bad" if is_bad else ""}" cx="{x}" cy="{y}" r="{DOT}"/>'

"""One expected value a period, with the range that it lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from csuite.charts.axis import NARROW, WIDE, Frame, Say, Size, drawing
from csuite.charts.scale import coordinate

INSET = 14  # of the first and last period from the edge


@dataclass(frozen=True, slots=True)
class Band:
    """One value, its lower and its upper end for each of `labels`; none below 0."""

    labels: Sequence[str]
    values: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def band(data: Band, *, name: str, title: str, about: str, say: Say) -> str:
    """Two SVG drawings, wide and narrow; "" without a value. The highest value carries its figure."""
    if not data.values:
        return ""
    return "".join(drawing(size, name, title, about, _draw(size, data, say)) for size in (WIDE, NARROW))


def _draw(size: Size, data: Band, say: Say) -> str:
    frame = Frame.over(size, max(*data.values, *data.high, 0.0), say)
    step = (frame.right - frame.left - 2 * INSET) / max(len(data.values) - 1, 1)

    def x(place: int) -> float:
        return frame.left + INSET + step * place

    def points(values: Sequence[float]) -> list[str]:
        return [f"{coordinate(x(n))},{coordinate(frame.scale(value))}" for n, value in enumerate(values)]

    top = max(range(len(data.values)), key=lambda n: data.values[n])
    parts = [
        frame.grid(),
        f'<polygon class="g-band" points="{" ".join([*points(data.high), *reversed(points(data.low))])}"/>',
        f'<polyline class="g-line" points="{" ".join(points(data.values))}"/>',
        _dot(frame, x(top), data.values[top], say),
        frame.labels(data.labels, x),
    ]
    return "".join(parts)


def _dot(frame: Frame, x: float, value: float, say: Say) -> str:
    y = frame.scale(value)
    side = "end" if x > frame.right - 40 else "start" if x < frame.left + 40 else "mid"
    above = coordinate(max(y - 12, 12))
    return (
        f'<circle class="g-dot" cx="{coordinate(x)}" cy="{coordinate(y)}" r="4.5"/>'
        f'<text class="t-label {side} halo" x="{coordinate(x)}" y="{above}">{escape(say(value))}</text>'
    )

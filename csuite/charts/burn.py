"""What has been spent so far, where it leads, and the limit it must not reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from csuite.charts.axis import NARROW, WIDE, Frame, Say, Size, drawing
from csuite.charts.scale import coordinate


@dataclass(frozen=True, slots=True)
class Burn:
    """Cumulative values at the end of each day. `ahead` begins with the day after the last of `spent`; `low` and
    `high` are its range, empty if none is known. `labels` has one for each day of both."""

    labels: Sequence[str]
    spent: Sequence[float]
    ahead: Sequence[float] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    limit: float | None = None


def burn(data: Burn, *, name: str, title: str, about: str, say: Say) -> str:
    """Two SVG drawings, wide and narrow; "" without a day."""
    if not data.spent:
        return ""
    return "".join(drawing(size, name, title, about, _draw(size, data, say)) for size in (WIDE, NARROW))


def _draw(size: Size, data: Burn, say: Say) -> str:
    highest = max([*data.spent, *data.ahead, *data.high, data.limit or 0.0])
    frame = Frame.over(size, highest, say)
    step = (frame.right - frame.left) / max(len(data.labels), 1)

    def at(day: int, value: float) -> str:
        """Day 0 is the beginning of the period, with nothing spent."""
        return f"{coordinate(frame.left + step * day)},{coordinate(frame.scale(value))}"

    today = len(data.spent)
    spent = [at(day, value) for day, value in enumerate([0.0, *data.spent])]
    ahead = [at(today + day, value) for day, value in enumerate([data.spent[-1], *data.ahead])]
    parts = [frame.grid()]
    if data.low and data.high:
        under = [at(today + day, value) for day, value in enumerate([data.spent[-1], *data.low])]
        over = [at(today + day, value) for day, value in enumerate([data.spent[-1], *data.high])]
        parts.append(f'<polygon class="g-band" points="{" ".join([*over, *reversed(under)])}"/>')
    if data.limit is not None:
        parts.append(_limit(frame, data.limit, say))
    if data.ahead:
        x = coordinate(frame.left + step * today)
        parts.append(f'<line class="g-today" x1="{x}" x2="{x}" y1="14" y2="{coordinate(frame.floor)}"/>')
    parts.append(f'<polyline class="g-line" points="{" ".join(spent)}"/>')
    if data.ahead:
        parts.append(f'<polyline class="g-line g-dash" points="{" ".join(ahead)}"/>')
    parts.append(_ends(frame, step, data, say))
    parts.append(frame.labels(data.labels, lambda n: frame.left + step * (n + 1)))
    return "".join(parts)


def _limit(frame: Frame, limit: float, say: Say) -> str:
    y = frame.scale(limit)
    return (
        f'<line class="g-limit" x1="{coordinate(frame.left)}" x2="{coordinate(frame.right)}" '
        f'y1="{coordinate(y)}" y2="{coordinate(y)}"/>'
        f'<text class="t-bad halo" x="{coordinate(frame.left + 6)}" y="{coordinate(y - 6)}">'
        f"Budget {escape(say(limit))}</text>"
    )


def _ends(frame: Frame, step: float, data: Burn, say: Say) -> str:
    """The dot of today and the two figures that matter."""
    x, y = frame.left + step * len(data.spent), frame.scale(data.spent[-1])
    dot = f'<circle class="g-dot" cx="{coordinate(x)}" cy="{coordinate(y)}" r="4.5"/>'
    side, shift = ("end", -9) if x > frame.left + 100 else ("start", 9)
    now = (
        f'<text class="t-label {side} halo" x="{coordinate(x + shift)}" y="{coordinate(y - 6)}">'
        f"{escape(say(data.spent[-1]))} to date</text>"
    )
    if not data.ahead:
        return dot + now
    top = frame.scale(max(data.ahead[-1], data.high[-1] if data.high else 0.0)) - 8
    return (
        dot
        + now
        + (
            f'<text class="t-label end halo" x="{coordinate(frame.right)}" y="{coordinate(max(top, 12))}">'
            f"{escape(say(data.ahead[-1]))} forecast</text>"
        )
    )

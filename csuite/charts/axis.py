"""The frame of a drawing: its size, a value axis with round ticks, and labels that fit."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from csuite.charts.scale import Linear, coordinate

Say = Callable[[float], str]

_CHARACTER = 6.4  # width of a tick's digit


@dataclass(frozen=True, slots=True)
class Size:
    """One drawing for wide screens and one for narrow ones; CSS shows the one that fits."""

    name: str
    width: int
    height: int
    ticks: int  # labels along the time axis at most


WIDE, NARROW = Size("wide", 720, 250, 9), Size("narrow", 340, 220, 4)
TOP, FOOT, RIGHT = 22, 26, 12


@dataclass(frozen=True, slots=True)
class Frame:
    """The place for the data within a drawing, and the scale of its values from 0 up."""

    size: Size
    left: float
    scale: Linear
    ticks: tuple[float, ...]
    say: Say

    @classmethod
    def over(cls, size: Size, highest: float, say: Say) -> "Frame":
        ticks = round_ticks(highest)
        left = max(len(say(tick)) for tick in ticks) * _CHARACTER + 12
        return cls(size, left, Linear(0, ticks[-1], size.height - FOOT, TOP), ticks, say)

    @property
    def right(self) -> float:
        return self.size.width - RIGHT

    @property
    def floor(self) -> float:
        return self.size.height - FOOT

    def grid(self) -> str:
        """Lines and labels of the value axis."""
        parts = []
        for tick in self.ticks:
            y = coordinate(self.scale(tick))
            kind = "g-grid" if tick else "g-base"
            parts.append(
                f'<line class="{kind}" x1="{coordinate(self.left)}" x2="{coordinate(self.right)}" y1="{y}" y2="{y}"/>'
                f'<text x="{coordinate(self.left - 8)}" y="{coordinate(self.scale(tick) + 3.5)}" class="end">'
                f"{escape(self.say(tick))}</text>"
            )
        return "".join(parts)

    def labels(self, labels: Sequence[str], place: Callable[[int], float]) -> str:
        """Some of the labels under the floor, evenly, the first and the last among them."""
        step = max(1, math.ceil((len(labels) - 1) / max(1, self.size.ticks - 1)))
        chosen = [n for n in range(0, len(labels), step) if len(labels) - 1 - n >= step or n == len(labels) - 1]
        if labels and len(labels) - 1 not in chosen:
            chosen.append(len(labels) - 1)
        y = coordinate(self.floor + 18)
        return "".join(
            f'<text class="{"end" if n == len(labels) - 1 and n else "mid"}" '
            f'x="{coordinate(min(place(n), self.right) if n < len(labels) - 1 else min(place(n) + 10, self.right))}" '
            f'y="{y}">{escape(labels[n])}</text>'
            for n in chosen
        )


def round_ticks(highest: float, most: int = 6) -> tuple[float, ...]:
    """From 0 to at least `highest` in steps of 1, 2 or 5 times a power of ten; at most `most` steps."""
    if highest < 1e-9:
        return (0.0, 1.0)
    power = 10 ** math.floor(math.log10(highest / most))
    step = next(s for s in (1 * power, 2 * power, 5 * power, 10 * power) if highest / s <= most)
    return tuple(step * n for n in range(math.ceil(highest / step - 1e-9) + 1))


def drawing(size: Size, name: str, title: str, about: str, content: str) -> str:
    """The SVG with what a screen reader says; `name` is unique on the page."""
    key = f"{name}-{size.name}"
    return (
        f'<svg class="chart__plot chart__plot--{size.name}" viewBox="0 0 {size.width} {size.height}" role="img" '
        f'aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(about)}</desc>{content}</svg>'
    )

"""From values to places on the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps [low, high] to [start, end]; values that are all the same land in the middle."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "Linear":
        """Spans the values. Raises ValueError without any."""
        return cls(min(values), max(values), start, end)

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def coordinate(value: float) -> str:
    """One decimal, none when it is 0: a tenth of a unit cannot be seen."""
    return f"{value:.1f}".removesuffix(".0")

"""Arithmetic on figures: exact, on Decimal, with no opinion on what is shown.

Every function raises ValueError on an empty sequence where a result would need at least one figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """From one figure to another. `relative` in per cent of `before`; None where `before` is zero."""

    before: Decimal
    after: Decimal

    @property
    def absolute(self) -> Decimal:
        return self.after - self.before

    @property
    def relative(self) -> Decimal | None:
        return self.absolute / abs(self.before) * HUNDRED if self.before else None


def total(values: Sequence[Decimal]) -> Decimal:
    return sum(values, ZERO)


def mean(values: Sequence[Decimal]) -> Decimal:
    if not values:
        raise ValueError("an average needs at least one figure")
    return total(values) / len(values)


def weighted_mean(values: Sequence[Decimal], weights: Sequence[Decimal]) -> Decimal:
    """The average of `values` by `weights`, as a year's margin by its revenue."""
    if len(values) != len(weights):
        raise ValueError("each figure needs a weight")
    whole = total(weights)
    if not whole:
        raise ValueError("the weights sum to zero")
    return total([v * w for v, w in zip(values, weights, strict=True)]) / whole


def needed_mean(target: Decimal, done: Sequence[Decimal], remaining: int) -> Decimal:
    """What each remaining period must average so that all together average `target`."""
    if remaining < 1:
        raise ValueError("no period remains")
    return (target * (len(done) + remaining) - total(done)) / remaining


def needed_sum(target: Decimal, done: Sequence[Decimal], remaining: int) -> Decimal:
    """What each remaining period must bring so that all together sum to `target`."""
    if remaining < 1:
        raise ValueError("no period remains")
    return (target - total(done)) / remaining


def needed_weighted(
    target: Decimal, done: Sequence[Decimal], weights: Sequence[Decimal], coming: Sequence[Decimal]
) -> Decimal:
    """What the remaining periods, weighing `coming`, must average so that the whole averages `target`."""
    ahead = total(coming)
    if not ahead:
        raise ValueError("no weight remains")
    made = total([v * w for v, w in zip(done, weights, strict=True)])
    return (target * (total(weights) + ahead) - made) / ahead


def projected_weighted(
    rest: Decimal, done: Sequence[Decimal], weights: Sequence[Decimal], coming: Sequence[Decimal]
) -> Decimal:
    """The whole's average if the remaining periods average `rest`."""
    return weighted_mean([*done, rest], [*weights, total(coming)])


def streak(values: Sequence[Decimal]) -> int:
    """How many steps in a row the series moved the same way at its end: three rises 3, two falls -2."""
    run = 0
    for before, after in zip(reversed(values[:-1]), reversed(values[1:]), strict=True):
        step = (after > before) - (after < before)
        if step == 0 or (run and step != (run > 0) - (run < 0)):
            break
        run += step
    return run


def is_record(values: Sequence[Decimal]) -> str | None:
    """`high` or `low` if the last figure lies outside all earlier ones; None if not, or with under three."""
    if len(values) < 3:
        return None
    *earlier, last = values
    if last > max(earlier):
        return "high"
    return "low" if last < min(earlier) else None


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` in per cent of `whole`; None where the whole is zero."""
    return part / whole * HUNDRED if whole else None

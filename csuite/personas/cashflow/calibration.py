"""Correcting odds by what came: past forecasts say 30 %; how often was it?

For each past invoice the odds are taken as they stood on the day it was issued, from invoices paid until then alone.
The share of cases that came at or below each level gives the correction, recent ones counting more.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

LEAST = 60  # past forecasts before odds are corrected
DOUBT = 15.0  # forecasts' worth of trust in odds as they are
HALF_LIFE = 120.0
STEPS = 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """`came[n]` is the share of cases that came when the odds said n/STEPS; `count` past forecasts tell it."""

    came: tuple[float, ...] = ()
    count: int = 0

    def corrected(self, chance: float) -> float:
        """The chance as it proved to be, 0 to 1; as it is without enough past forecasts."""
        if not self.came or chance <= 0 or chance >= 1:
            return min(max(chance, 0.0), 1.0)
        place = chance * STEPS
        n = int(place)
        return self.came[n] + (self.came[n + 1] - self.came[n]) * (place - n)


def calibration_of(seen: Sequence[tuple[float, float]]) -> Calibration:
    """From pairs of (odds of coming by the time it came, weight)."""
    if len(seen) < LEAST:
        return Calibration()
    ordered = sorted(seen)
    odds = [odd for odd, _ in ordered]
    sums = [0.0, *accumulate(weight for _, weight in ordered)]
    total = sums[-1]
    worth = total * total / sum(weight * weight for _, weight in ordered)
    share = worth / (worth + DOUBT)
    came = [(1 - share) * n / STEPS + share * sums[bisect_right(odds, n / STEPS)] / total for n in range(1, STEPS)]
    return Calibration((0.0, *came, 1.0), len(seen))

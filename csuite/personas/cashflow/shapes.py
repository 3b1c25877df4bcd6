"""The form of scatter around a level: standardized residuals, kept as knots of their distribution."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

KNOTS = 48
NORMAL_WEIGHT = 20  # residuals' worth of a bell curve, so that a few cases do not make a staircase
TAIL = 1.0  # how far beyond the farthest residual something may still fall, in scatters


@dataclass(frozen=True, slots=True)
class Shape:
    """`at` are standardized residuals in rising order, `share` the part that lies at or below each (0 to 1)."""

    at: tuple[float, ...]
    share: tuple[float, ...]

    def below(self, z: float) -> float:
        """The share at or below `z`, straight lines between the knots."""
        at = self.at
        if z <= at[0]:
            return 0.0
        if z >= at[-1]:
            return 1.0
        n = bisect_right(at, z)
        low, high = at[n - 1], at[n]
        return self.share[n - 1] + (self.share[n] - self.share[n - 1]) * (z - low) / (high - low)


def shape_of(residuals: Iterable[float]) -> Shape:
    """A shape from standardized residuals; a bell curve if there are none."""
    bell = [NormalDist().inv_cdf((n + 0.5) / NORMAL_WEIGHT) for n in range(NORMAL_WEIGHT)]
    pooled = sorted([*residuals, *bell])
    at, share = [pooled[0] - TAIL], [0.0]
    for n in range(KNOTS):
        z = pooled[min(len(pooled) - 1, int((n + 0.5) / KNOTS * len(pooled)))]
        if z > at[-1]:
            at.append(z)
            share.append((n + 0.5) / KNOTS)
        else:  # several knots in one place: the last tells the share
            share[-1] = (n + 0.5) / KNOTS
    return Shape((*at, max(pooled[-1], at[-1]) + TAIL), (*share, 1.0))

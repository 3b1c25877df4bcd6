"""What moves together: in some weeks all customers pay late, in some months few deals close. Sums of independent draws
know nothing of that, so their range is too narrow; how much, the company's own past forecasts tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

LEAST_WEEKS = 8
LONGEST_SHIFT = 30.0  # days
LEAST_PACE_MONTHS = 4
LARGEST_PACE = 1.0


@dataclass(frozen=True, slots=True)
class Off:
    """A past payment: the week it was foretold for, and by how many days it missed that (late is positive)."""

    week: int
    days: float


def shift_of(past: Sequence[Off]) -> tuple[float, int]:
    """How far the payments of a week come early or late together, as a standard deviation in days, and the number of
    weeks that tell it: what the weeks' means differ more than single payments explain (by moments)."""
    weeks: dict[int, list[float]] = {}
    for off in past:
        weeks.setdefault(off.week, []).append(off.days)
    count, free = len(past), len(past) - len(weeks)
    if len(weeks) < LEAST_WEEKS or free < 1:
        return 0.0, 0
    means = {week: sum(days) / len(days) for week, days in weeks.items()}
    within = sum((day - means[week]) ** 2 for week, days in weeks.items() for day in days) / free
    middle = sum(off.days for off in past) / count
    between = sum(len(days) * (means[week] - middle) ** 2 for week, days in weeks.items())
    scale = count - sum(len(days) ** 2 for days in weeks.values()) / count
    excess = (between - (len(weeks) - 1) * within) / scale if scale > 0 else 0.0
    return min(sqrt(max(0.0, excess)), LONGEST_SHIFT), len(weeks)


def pace_of(months: Sequence[tuple[float, float]]) -> float:
    """How far the endings of whole months lie from those foretold, as a standard deviation relative to them, beyond
    what chance explains; from (endings, endings foretold) of each past month."""
    foretold = [(ended, expected) for ended, expected in months if expected > 0]
    if len(foretold) < LEAST_PACE_MONTHS:
        return 0.0
    level = sum(ended for ended, _ in foretold) / sum(expected for _, expected in foretold)
    excess = sum((ended - level * expected) ** 2 - level * expected for ended, expected in foretold)
    base = sum((level * expected) ** 2 for _, expected in foretold)
    return min(sqrt(max(0.0, excess / base)), LARGEST_PACE) if base else 0.0

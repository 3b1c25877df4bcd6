"""Goals at risk: what the rest of the time would have to bring, and how likely that is by the course so far.

The line through the last year foretells the periods to come, with its slope halved (courses bend more often than they
go on), and with the doubt of that line. **A goal is called at risk below a chance of 3 in 10; of goals called so, fewer
than 3 in 10 are met after all** where courses go on as they did.
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist
from typing import Literal

from csuite.personas.insights.finding import Finding, Series

LEAST = 6
YEAR = 12  # latest periods that tell the course
BENT = 0.5  # of the slope that goes on
RISK = 0.3


@dataclass(frozen=True, slots=True)
class Aim:
    """What must be true of a metric: the `sum`, `mean` or `last` of `periods` from `start` on, at least or at most
    `target`."""

    key: str
    title: str
    target: float
    start: date
    periods: int
    counts: Literal["sum", "mean", "last"] = "mean"
    at_most: bool = False


def find_goal_at_risk(series: Series, aim: Aim, today: date) -> Finding | None:
    """The goal, if it is at risk; None if it is not, if its time is over, or if there are too few values."""
    counted = [value for day, value in series.points if day >= aim.start][: aim.periods]
    left = aim.periods - len(counted)
    if left < 1 or len(series.points) < LEAST:
        return None
    done = sum(counted)
    needed = {"sum": (aim.target - done) / left, "mean": (aim.target * aim.periods - done) / left}.get(
        aim.counts, aim.target
    )
    middle, doubt = ahead(series.values[-YEAR:], left, last_alone=aim.counts == "last")
    under = NormalDist(middle, doubt).cdf(needed) if doubt > 0 else float(middle < needed)
    chance = under if aim.at_most else 1 - under
    return None if chance >= RISK else _told(series, aim, today, left, needed, middle, chance)


def ahead(values: list[float], left: int, *, last_alone: bool) -> tuple[float, float]:
    """The mean of the next `left` periods (or the last of them), and its standard error."""
    count = len(values)
    centre, mean = (count - 1) / 2, sum(values) / count
    places = count * (count * count - 1) / 12
    slope = sum((n - centre) * value for n, value in enumerate(values)) / places
    rest = [value - mean - slope * (n - centre) for n, value in enumerate(values)]
    variance = sum(one * one for one in rest) / (count - 2)
    far = count - 1 + (left if last_alone else (left + 1) / 2)
    middle = mean + slope * (count - 1 - centre) + BENT * slope * (far - (count - 1))
    periods = 1 if last_alone else left
    return middle, sqrt(variance * (1 / periods + 1 / count + (far - centre) ** 2 / places))


def _told(series: Series, aim: Aim, today: date, left: int, needed: float, middle: float, chance: float) -> Finding:
    show, bound = series.show, "at most" if aim.at_most else "at least"
    wanted = {"last": "the last one has to reach", "sum": "each has to bring", "mean": "they have to average"}[
        aim.counts
    ]
    rest = series.counted(left)
    figures = (
        ("Target", f"{bound} {show(aim.target)}"),
        ("Latest", show(series.values[-1])),
        ("Needed from here", show(needed)),
        ("Expected by the course so far", show(middle)),
        ("Chance", f"{chance:.0%}"),
    )
    return Finding(
        kind="goal_at_risk",
        persona=series.persona,
        title=f"The goal “{aim.title}” is at risk",
        text=f"{series.name} stands at {show(series.values[-1])}. With {rest} left "
        f"{wanted} {bound} {show(needed)}; the course so far leads to {show(middle)}.",
        figures=figures,
        about=("metric", series.key),
        found_on=today,
        strength=1 - chance,
        matter=aim.key,
        since=aim.start,
    )

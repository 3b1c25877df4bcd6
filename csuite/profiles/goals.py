"""Where a goal stands: what has been reached, what is still needed, and what happens if nothing changes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csuite.profiles import arithmetic, months
from csuite.profiles.records import GoalRecord, Point, Series


@dataclass(frozen=True, slots=True)
class Standing:
    """All figures in the metric's unit; None where the data do not say.

    `now`: the last month. `reached`: the whole so far (a sum, an average, or the last month). `gap`: how far
    `now` (for a sum: `reached`) is from the target, positive when it is still missing. `needed`: what each
    remaining month must bring (None where only the last month counts). `unchanged`: the whole if the remaining
    months are like the last; `expected`: if they come as forecast. For a weighted average: `made` the sum of
    value times weight so far, `weight_done` the sum of its weights, `ahead` the weights of the remaining
    months, `assumed` when the last one was repeated for want of a forecast.
    """

    goal: GoalRecord
    now: Decimal
    reached: Decimal
    gap: Decimal
    done: tuple[date, ...]
    remaining: tuple[date, ...]
    needed: Decimal | None
    unchanged: Decimal | None
    best: Point
    expected: Decimal | None = None
    ahead: tuple[Decimal, ...] = ()
    made: Decimal | None = None
    weight_done: Decimal | None = None
    assumed: bool = False

    @property
    def met(self) -> bool:
        return not self.better(self.goal.target, self.reached)

    @property
    def out_of_reach(self) -> bool:
        """Whether the remaining months would have to be better than any month on record."""
        if self.needed is None:
            return False
        return self.better(self.needed, self.best.value)

    def better(self, one: Decimal, other: Decimal) -> bool:
        return one > other if self.goal.direction == "at_least" else one < other

    @property
    def ends_met(self) -> bool | None:
        """Whether the goal is met if nothing changes."""
        return None if self.unchanged is None else not self.better(self.goal.target, self.unchanged)


def best_of(series: Series, direction: str) -> Point:
    """The best month on record; the latest of equals."""
    pick = max if direction == "at_least" else min
    return pick(reversed(series.points), key=lambda point: point.value)


def standing(goal: GoalRecord, series: Series, weight: Series | None = None) -> Standing | None:
    """None when no month of the goal's period, and none before it, has a figure."""
    if series.last is None:
        return None
    first, end = months.first_of(goal.start), months.first_of(goal.deadline)
    done = series.within(first, end)
    newest = max(series.last.period, months.shift(first, -1))
    remaining = months.span(months.shift(newest, 1), end)
    figures = _figures(goal, series, weight, done, remaining)
    reached = figures.reached if figures.reached is not None else series.last.value
    base = reached if series.aggregation == "sum" else series.last.value
    gap = goal.target - base if goal.direction == "at_least" else base - goal.target
    return Standing(
        goal=goal,
        now=series.last.value,
        reached=reached,
        gap=gap,
        done=tuple(point.period for point in done),
        remaining=remaining,
        needed=figures.needed,
        unchanged=figures.unchanged,
        best=best_of(series, goal.direction),
        expected=figures.expected,
        ahead=figures.ahead,
        made=figures.made,
        weight_done=figures.weight_done,
        assumed=figures.assumed,
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    reached: Decimal | None
    needed: Decimal | None = None
    unchanged: Decimal | None = None
    expected: Decimal | None = None
    ahead: tuple[Decimal, ...] = ()
    made: Decimal | None = None
    weight_done: Decimal | None = None
    assumed: bool = False


def _figures(
    goal: GoalRecord, series: Series, weight: Series | None, done: list[Point], remaining: tuple[date, ...]
) -> _Figures:
    values = [point.value for point in done]
    now = series.points[-1].value
    if series.aggregation == "weighted" and weight is not None:
        weighted = _weighted(goal, now, weight, done, remaining)
        if weighted is not None:
            return weighted
    left = len(remaining)
    if series.aggregation == "sum":
        reached = arithmetic.total(values)
        needed = arithmetic.needed_sum(goal.target, values, left) if left else None
        planned = {point.period: point.value for point in series.forecast}
        known = left and all(period in planned for period in remaining)
        expected = reached + arithmetic.total([planned[period] for period in remaining]) if known else None
        return _Figures(reached, needed, reached + now * left, expected)
    if series.aggregation == "last":
        return _Figures(now, None, now)
    reached_mean = arithmetic.mean(values) if values else None
    whole = [*values, *[now] * left]
    return _Figures(
        reached_mean,
        arithmetic.needed_mean(goal.target, values, left) if left else None,
        arithmetic.mean(whole) if whole else None,
    )


def _weighted(
    goal: GoalRecord, now: Decimal, weight: Series, done: list[Point], remaining: tuple[date, ...]
) -> _Figures | None:
    """None when a month has no weight, or the weights sum to zero."""
    found = [weight.at(point.period) for point in done]
    if weight.last is None or any(point is None for point in found):
        return None
    values, weights = [p.value for p in done], [p.value for p in found if p is not None]
    planned = {point.period: point.value for point in weight.forecast}
    ahead = tuple(planned.get(period, weight.last.value) for period in remaining)
    if arithmetic.total([*weights, *ahead]) <= 0 or (ahead and arithmetic.total(ahead) <= 0):
        return None
    made = arithmetic.total([v * w for v, w in zip(values, weights, strict=True)])
    return _Figures(
        reached=arithmetic.weighted_mean(values, weights) if weights else None,
        needed=arithmetic.needed_weighted(goal.target, values, weights, ahead) if ahead else None,
        unchanged=arithmetic.projected_weighted(now, values, weights, ahead),
        ahead=ahead,
        made=made,
        weight_done=arithmetic.total(weights),
        assumed=any(period not in planned for period in remaining),
    )

"""Which numbers may stand in an answer: those of the facts, and arithmetic on them, written as we write figures.

A number counts with its unit ("38.4%", "$2.41m", "2.8 points"), so that it cannot be right by accident in another.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.goals import standing
from csuite.profiles.records import Facts, GoalRecord, Point, Series, to_json

NUMBER = re.compile(r"[$€]?\d+(?:,\d{3})*(?:\.\d+)?(?:%|[mk]\b| points?| days?| hours?)?")


def numbers(text: str) -> set[str]:
    """Every number of a text with its unit, without a sign."""
    return set(NUMBER.findall(text))


def texts(data: object) -> Iterator[str]:
    """What people wrote: names, titles, causes, insights. Figures are strings of digits and stay out."""
    if isinstance(data, dict):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    elif isinstance(data, str) and not re.fullmatch(r"-?[\d.]+|\d{4}-\d\d-\d\d", data):
        yield data


class Allowed:
    """The figures of some facts, as text."""

    def __init__(self, facts: Facts, question: str) -> None:
        self.facts, self.currency = facts, facts.company.currency
        self.asked = [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", question)]
        written = set().union(*(numbers(text) for text in texts(to_json(facts))), numbers(question))
        counted = {str(n) for n in range(1, 32)}  # list numbers and days
        years = {str(year) for year in range(facts.today.year - 3, facts.today.year + 3)}
        figures = set().union(*(numbers(text) for text in [*self.of_metrics(), *self.of_goals(), *self.of_causes()]))
        self.all = written | counted | years | figures

    def value(self, series: Series, value: Decimal) -> Iterator[str]:
        yield formatting.worded(value, series.unit, self.currency, series.places)
        yield formatting.bare(value, series.unit, self.currency, series.places)

    def change(self, series: Series, before: Decimal, after: Decimal) -> Iterator[str]:
        change = arithmetic.Change(before, after)
        yield formatting.difference(change.absolute, series.unit, self.currency, series.places)
        yield formatting.change(change.absolute, series.unit, self.currency, series.places)
        if series.aggregation == "sum" and change.relative is not None:
            yield formatting.percent(change.relative)

    def of_metrics(self) -> Iterator[str]:
        for series in self.facts.metrics:
            for points in (series.points, *series.lines.values()):
                for place, point in enumerate(points):
                    yield from self.value(series, point.value)
                    near = [points[place - lag] for lag in (1, 12) if place >= lag]
                    for earlier in [*near, *(points if point is points[-1] else ())]:
                        yield from self.change(series, earlier.value, point.value)
            yield from self.of_runs(series)

    def whole(self, series: Series, points: tuple[Point, ...]) -> Decimal | None:
        values = [point.value for point in points]
        weight = self.facts.metric(series.weight)
        if series.aggregation == "sum":
            return arithmetic.total(values)
        if series.aggregation == "last":
            return values[-1]
        if series.aggregation == "weighted" and weight is not None:
            found = [weight.at(point.period) for point in points]
            return arithmetic.weighted_mean(values, [point.value for point in found if point is not None])
        return arithmetic.mean(values)

    def of_runs(self, series: Series) -> Iterator[str]:
        """Runs that end with the newest month or make a quarter, and the same runs a year before."""
        by_period = {point.period: point for point in series.points}
        for first, last in combinations(range(len(series.points)), 2):
            run = series.points[first : last + 1]
            if last < len(series.points) - 1 and len(run) not in (3, 8, 12):
                continue
            now = self.whole(series, run)
            assert now is not None
            yield from self.value(series, now)
            before = [by_period.get(months.shift(point.period, -12)) for point in run]
            then = tuple(point for point in before if point is not None)
            if len(then) == len(run):
                earlier = self.whole(series, then)
                assert earlier is not None
                yield from (*self.value(series, earlier), *self.change(series, earlier, now))

    def of_goals(self) -> Iterator[str]:
        for goal in self.facts.goals:
            series = self.facts.metric(goal.metric)
            if series is None:
                continue
            scales = [1, 1000, 1_000_000] if series.unit == "currency" else [1]
            for target in [goal.target, *(number * scale for number in self.asked for scale in scales)]:
                yield from self.of_goal(replace(goal, target=target), series)
        yield from self.asked_goals()

    def asked_goals(self) -> Iterator[str]:
        """A target for the year that a question names for a metric without a goal."""
        newest = self.facts.newest
        assert newest is not None
        begin = months.year_start(newest, self.facts.company.fiscal_year_start)
        for series in self.facts.metrics:
            for number in self.asked:
                shape = next(iter(self.facts.goals), None)
                if shape is None or not series.points:
                    continue
                scale = 1_000_000 if series.unit == "currency" else 1
                end = months.last_day(months.shift(begin, 11))
                way = "at_most" if series.good == "down" else "at_least"
                goal = replace(
                    shape, metric=series.key, unit=series.unit, target=number * scale, direction=way, start=begin
                )
                yield from self.of_goal(replace(goal, deadline=end), series)

    def of_goal(self, goal: GoalRecord, series: Series) -> Iterator[str]:
        found = standing(goal, series, self.facts.metric(series.weight))
        assert found is not None
        yield formatting.target(goal.target, goal.unit, self.currency)
        figures = [found.gap, found.reached, found.now, found.best.value]
        figures += [f for f in (found.needed, found.unchanged, found.expected) if f is not None]
        for figure in figures:
            yield from self.value(series, figure)
        yield formatting.difference(found.gap, series.unit, self.currency, series.places)
        if found.remaining:
            step = found.gap / len(found.remaining)
            yield formatting.difference(step, series.unit, self.currency, series.places)
        if found.needed is not None:
            yield from self.change(series, found.needed, found.now)
        if found.made is not None and found.weight_done is not None:
            ahead = arithmetic.total(found.ahead)
            for amount in (found.made / 100, found.weight_done + ahead, ahead):
                yield formatting.thousands(amount, self.currency)

    def of_causes(self) -> Iterator[str]:
        for metric in {cause.metric for cause in self.facts.causes}:
            series = self.facts.metric(metric)
            causes = [cause for cause in self.facts.causes if cause.metric == metric]
            if series is None:
                continue
            kinds = [[c for c in causes if c.lasting == kind] for kind in ("passes", "lasts", "open")]
            for some in [*([cause] for cause in causes), *filter(None, kinds), causes]:
                points = arithmetic.total([cause.points or Decimal(0) for cause in some])
                amount = arithmetic.total([cause.amount or Decimal(0) for cause in some])
                yield formatting.change(points, series.unit, self.currency, series.places)
                size = formatting.difference(points, series.unit, self.currency, series.places)
                yield from (size, size.removesuffix(" points"))
                yield formatting.number(amount / 1000)
                yield f"{formatting.symbol(self.currency)}{formatting.number(amount)}"
            whole = arithmetic.total([cause.amount or Decimal(0) for cause in causes])
            largest = max(cause.amount or Decimal(0) for cause in causes)
            yield formatting.percent(arithmetic.share(largest, whole) or Decimal(0))
            yield from self.of_remedies(series)

    def of_remedies(self, series: Series) -> Iterator[str]:
        """What each remedy gives back, and where the months ahead and the whole come to with all of them."""
        causes = [cause for cause in self.facts.causes if cause.metric == series.key]
        gains = [-(c.points or Decimal(0)) * c.remedy_share for c in causes if c.remedy_share is not None]
        for gain in gains:
            yield formatting.difference(gain, series.unit, self.currency, series.places)
        month = series.points[-1].value + arithmetic.total(gains)
        yield from self.value(series, month)
        for goal in self.facts.goals:
            found = standing(goal, series, self.facts.metric(series.weight)) if goal.metric == series.key else None
            if found is not None and found.made is not None and found.weight_done is not None:
                ahead = arithmetic.total(found.ahead)
                yield from self.value(series, (found.made + month * ahead) / (found.weight_done + ahead))
            elif found is not None:
                values = [point.value for point in series.points if point.period in found.done]
                yield from self.value(series, arithmetic.mean([*values, *[month] * len(found.remaining)]))


def allowed(facts: Facts, question: str) -> set[str]:
    """Every number that an answer to `question` from `facts` may contain."""
    return Allowed(facts, question).all

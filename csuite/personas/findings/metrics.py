"""What stands out in the metrics and goals of a tenant. Reads rows, so it needs an open tenant scope."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal
from uuid import UUID

from csuite.personas.findings.officers import officer_of
from csuite.personas.insights import (
    Aim,
    Finding,
    Series,
    find_goal_at_risk,
    find_record,
    find_stale,
    find_trend_break,
)
from csuite.personas.insights.finding import Good, month
from csuite.personas.models import Persona
from csuite.profiles import facts, formatting, months
from csuite.profiles.models import BusinessProfile, Goal, Metric, MetricPoint

HISTORY = 60  # months that detectors see
STEPS = {"monthly": 1, "quarterly": 3, "yearly": 12}  # months from one period to the next
FORGOTTEN = timedelta(days=400)  # nobody waits for a metric that has no value for so long
SEVERAL = 3  # metrics that lack the same month are told in one finding
COUNTS: dict[str, Literal["sum", "mean", "last"]] = {"sum": "sum", "last": "last"}


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric as detectors take it; `delays`: days after their end at which its periods came in."""

    metric: Metric
    series: Series
    delays: tuple[int, ...]


def of_metrics(today: date, officers: Sequence[Persona]) -> list[Finding]:
    measured = read_metrics(today, officers)
    found: list[Finding] = []
    for one in measured:
        broken = find_trend_break(one.series, today)
        found += [one for one in [broken or find_record(one.series, today)] if one is not None]
    return [*found, *_at_risk(measured, today), *_stale(measured, today)]


def read_metrics(today: date, officers: Sequence[Persona]) -> list[Measured]:
    """The closed periods of every metric, without what was before the last gap."""
    currency = facts.company(facts.current_profile()).currency
    this_month = months.first_of(today)
    rows = MetricPoint.objects.filter(
        line="", is_forecast=False, period__lt=this_month, period__gte=months.shift(this_month, -HISTORY)
    ).order_by("period")
    points: dict[UUID, list[tuple[date, Decimal, date | None]]] = defaultdict(list)
    for key, *point in rows.values_list("metric_id", "period", "value", "closed_on"):
        points[key].append((point[0], point[1], point[2]))
    return [
        _measured(metric, points[metric.pk], currency, officer_of(metric.key, officers))
        for metric in Metric.objects.all()
    ]


def _measured(
    metric: Metric, points: Sequence[tuple[date, Decimal, date | None]], currency: str, persona: str
) -> Measured:
    step = STEPS[metric.cadence]
    whole = list(_unbroken(points, step))
    good: dict[str, Good] = {"up": "up", "down": "down"}
    series = Series(
        key=metric.key,
        name=metric.name,
        points=tuple((day, float(value)) for day, value, _ in whole),
        good=good.get(metric.good, "neither"),
        persona=persona,
        season=12 // step if step < 12 else 0,
        days=round(step * 30.5),
        show=_shown(metric, currency),
    )
    ends = [(closed - months.last_day(months.shift(day, step - 1))).days for day, _, closed in whole if closed]
    return Measured(metric, series, tuple(ends))


def _unbroken(
    points: Sequence[tuple[date, Decimal, date | None]], step: int
) -> Sequence[tuple[date, Decimal, date | None]]:
    """The latest points that follow one another without a gap."""
    first = len(points) - 1
    while first > 0 and months.between(points[first - 1][0], points[first][0]) == step:
        first -= 1
    return points[max(0, first) :]


def _shown(metric: Metric, currency: str) -> Callable[[float], str]:
    return partial(_figure, unit=metric.unit, currency=currency, places=metric.places)


def _figure(value: float, *, unit: str, currency: str, places: int | None) -> str:
    return formatting.worded(Decimal(repr(value)), unit, currency, places)


def _at_risk(measured: Sequence[Measured], today: date) -> Iterable[Finding]:
    by_id = {one.metric.pk: one for one in measured}
    profile: BusinessProfile | None = facts.current_profile()
    for goal in Goal.objects.filter(profile=profile, metric__isnull=False, deadline__gte=today) if profile else ():
        one = by_id[goal.metric_id]
        span = months.between(months.first_of(goal.start), months.first_of(goal.deadline)) + 1
        aim = Aim(
            key=goal.key,
            title=goal.title,
            target=float(goal.target),
            start=months.first_of(goal.start),
            periods=max(1, span // STEPS[one.metric.cadence]),
            counts=COUNTS.get(one.metric.aggregation, "mean"),
            at_most=goal.direction == Goal.Direction.AT_MOST,
        )
        found = find_goal_at_risk(one.series, aim, today)
        if found is not None:
            yield found


def _stale(measured: Sequence[Measured], today: date) -> Iterable[Finding]:
    """One finding for each metric, or one for all that lack the same month: they come from one place."""
    missing: dict[date | None, list[tuple[Finding, str]]] = defaultdict(list)
    for one in measured:
        found = find_stale(one.series, today, one.delays)
        if found is not None and today - one.series.points[-1][0] < FORGOTTEN:
            missing[found.since].append((found, one.series.name))
    for since, group in missing.items():
        if since is None or len(group) < SEVERAL:
            yield from (found for found, _ in group)
        else:
            yield _several(since, group, today)


def _several(since: date, group: Sequence[tuple[Finding, str]], today: date) -> Finding:
    names = [name for _, name in group]
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return Finding(
        kind="stale",
        persona=group[0][0].persona,
        title=f"{len(names)} metrics have no value for {month(since)}",
        text=f"Expected by now, and not there: {shown}.",
        figures=(("Missing period", month(since)), ("Metrics", str(len(names)))),
        about=("", ""),
        found_on=today,
        strength=max(found.strength for found, _ in group),
        matter="several",
        since=since,
    )

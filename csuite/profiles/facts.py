"""The facts of a tenant, read from its rows. Everything here needs an open tenant scope."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from csuite.profiles import months
from csuite.profiles.models import BusinessProfile, Goal, Insight, Metric, MetricCause, MetricPoint
from csuite.profiles.records import Cause, Company, Elsewhere, Facts, GoalRecord, InsightRecord, Point, Series
from csuite.tenants.models import Tenant
from csuite.tenants.scope import current_tenant_id

HISTORY = 24  # months a persona is given
POINT = ("period", "value", "as_of", "closed_on", "source", "note")  # the fields of Point, in its order


def current_profile() -> BusinessProfile | None:
    """The newest published version."""
    return BusinessProfile.objects.filter(tenant=current_tenant_id(), status=BusinessProfile.Status.PUBLISHED).first()


def company(profile: BusinessProfile | None) -> Company:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    if profile is None:
        return Company(tenant.name, currency=tenant.currency)
    return Company(
        name=tenant.name,
        industry=profile.industry,
        people=profile.people,
        stage=profile.stage,
        revenue=profile.revenue,
        currency=profile.currency,
        fiscal_year_start=profile.fiscal_year_start,
        description=profile.description,
        version=profile.version,
        entries=MappingProxyType({str(name): str(entry) for name, entry in profile.entries.items()}),
    )


def all_series(today: date) -> tuple[Series, ...]:
    """Every metric with its last HISTORY months and what is forecast."""
    since = months.shift(months.first_of(today), -HISTORY)
    metrics = Metric.objects.filter(tenant=current_tenant_id()).select_related("owner", "weight")
    rows = MetricPoint.objects.filter(tenant=current_tenant_id(), period__gte=since).order_by("period")
    by_metric: dict[UUID, dict[tuple[str, bool], list[Point]]] = defaultdict(lambda: defaultdict(list))
    # Tuples, not models: a company has some hundred points, and every question reads them.
    for metric, line, forecast, *point in rows.values_list("metric_id", "line", "is_forecast", *POINT):
        by_metric[metric][line, forecast].append(Point(*point))
    return tuple(_series(metric, by_metric[metric.pk]) for metric in metrics)


def _series(metric: Metric, points: Mapping[tuple[str, bool], Sequence[Point]]) -> Series:
    return Series(
        key=metric.key,
        name=metric.name,
        unit=metric.unit,
        good=metric.good,
        aggregation=metric.aggregation,
        weight=metric.weight.key if metric.weight else None,
        places=metric.places,
        is_key=metric.is_key,
        owner=metric.owner.display_name if metric.owner else "",
        cadence=metric.cadence,
        synonyms=tuple(map(str, metric.synonyms)),
        points=tuple(points.get(("", False), ())),
        forecast=tuple(points.get(("", True), ())),
        lines=MappingProxyType(
            {line: tuple(found) for (line, forecast), found in points.items() if line and not forecast}
        ),
    )


def goals(profile: BusinessProfile | None) -> tuple[GoalRecord, ...]:
    rows = Goal.objects.filter(tenant=current_tenant_id(), profile=profile).select_related("metric")
    return tuple(
        GoalRecord(
            row.key,
            row.title,
            row.metric.key if row.metric else None,
            row.target,
            row.unit,
            row.direction,
            row.start,
            row.deadline,
        )
        for row in (rows if profile else ())
    )


def causes(today: date) -> tuple[Cause, ...]:
    since = months.shift(months.first_of(today), -HISTORY)
    rows = MetricCause.objects.filter(tenant=current_tenant_id(), period__gte=since).select_related("metric")
    return tuple(
        Cause(
            metric=row.metric.key,
            period=row.period,
            cause=row.cause,
            points=row.points,
            amount=row.amount,
            amount_name=row.amount_name,
            lasting=row.lasting,
            lasts=row.lasts,
            remedy=row.remedy,
            remedy_share=row.remedy_share,
        )
        for row in rows
    )


def insights(persona: str | None = None, limit: int | None = None) -> tuple[InsightRecord, ...]:
    """The newest insights that still hold: a persona's own first, then the others'; all of them without a persona."""
    keys = dict(Metric.objects.filter(tenant=current_tenant_id()).values_list("pk", "key"))
    rows: Iterable[Insight] = Insight.objects.filter(tenant=current_tenant_id(), closed_on__isnull=True)
    records = tuple(
        InsightRecord(
            row.kind,
            row.persona,
            row.title,
            row.text,
            row.found_on,
            keys.get(row.about_id, "") if row.about_kind == "metric" else "",
        )
        for row in rows
    )
    return _first_for(persona, records)[:limit]


def _first_for(persona: str | None, records: Sequence[InsightRecord]) -> tuple[InsightRecord, ...]:
    return tuple(sorted(records, key=lambda record: persona is not None and record.persona != persona))


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is known of a tenant on a day. Values only and never changed, so that it can be kept and shared."""

    today: date
    company: Company
    series: tuple[Series, ...]
    goals: tuple[GoalRecord, ...]
    causes: tuple[Cause, ...]
    insights: tuple[InsightRecord, ...]


def whole(today: date) -> Whole:
    profile = current_profile()
    return Whole(today, company(profile), all_series(today), goals(profile), causes(today), insights())


def facts_for(
    today: date,
    *,
    persona: str | None = None,
    sees: Sequence[str] = (),
    insight_limit: int | None = None,
    others: Sequence[tuple[str, Sequence[str]]] = (),
) -> Facts:
    """What a persona may know, read from the rows."""
    return part_of(whole(today), persona=persona, sees=sees, insight_limit=insight_limit, others=others)


def part_of(
    known: Whole,
    *,
    persona: str | None = None,
    sees: Sequence[str] = (),
    insight_limit: int | None = None,
    others: Sequence[tuple[str, Sequence[str]]] = (),
) -> Facts:
    """What a persona may know: the metrics it `sees` and those that nobody claims, with their weights.

    `others`: names and metrics of the other personas, so that it can say whom to ask. Goals and causes follow
    the metrics; goals without one are everybody's.
    """
    order = {key: place for place, key in enumerate(sees)}
    claimed = {key for _, keys in others for key in keys}
    shown = [s for s in known.series if not sees or s.key in order or s.key not in claimed]
    shown.sort(key=lambda s: order.get(s.key, len(order)))
    weights = {s.weight for s in shown} - {s.key for s in shown}
    seen = {s.key for s in shown}
    return Facts(
        today=known.today,
        company=known.company,
        metrics=(*shown, *(s for s in known.series if s.key in weights)),
        goals=tuple(g for g in known.goals if g.metric is None or g.metric in seen),
        causes=tuple(c for c in known.causes if c.metric in seen),
        insights=_first_for(persona, known.insights)[:insight_limit],
        sees=tuple(s.key for s in shown),
        elsewhere=_elsewhere([s for s in known.series if s.key not in seen], others),
    )


def _elsewhere(hidden: Sequence[Series], others: Sequence[tuple[str, Sequence[str]]]) -> tuple[Elsewhere, ...]:
    found = [(series, _who(series.key, others)) for series in hidden]
    return tuple(Elsewhere(series.key, series.name, who, series.synonyms) for series, who in found if who)


def _who(metric: str, others: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The persona that looks at the metric first; empty if none does."""
    ranks = [(sees.index(metric), name) for name, sees in others if metric in sees]
    return min(ranks)[1] if ranks else next((name for name, sees in others if not sees), "")

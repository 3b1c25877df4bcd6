"""The pages of metrics: all of them with how fresh they are, and one with its chart, its values and their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from csuite.charts import Line, line, sparkline
from csuite.profiles import facts, formatting, months
from csuite.profiles.freshness import NEWEST, Freshness, freshness
from csuite.profiles.metric_forms import FIELDS, MetricForm, ValueForm
from csuite.profiles.models import Metric, MetricPoint, MetricRevision
from csuite.profiles.records import Series
from csuite.profiles.values import NewValue, keep
from csuite.tenants.audit import record, record_change
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

SPARK = 18  # months
BY_HAND = "Entered by hand"


@dataclass(frozen=True, slots=True)
class MetricLine:
    metric: Metric
    value: str
    month: str
    target: str
    fresh: Freshness
    spark: SafeString


def _currency(request: MemberRequest) -> str:
    return facts.company(facts.current_profile()).currency


@require_http_methods(["GET", "POST"])
@member_required()
def metrics_list(request: MemberRequest) -> HttpResponse:
    """All metrics; a POST makes one more."""
    form = MetricForm(request.POST if request.method == "POST" else None, owners=_owners(request))
    if request.method == "POST" and form.is_valid():
        made = form.fill()
        made.position = Metric.objects.count()
        made.save()
        record("metric.made", user=request.user, target=str(made.pk), name=made.name)
        messages.success(request, "The metric is there. Give it its first value, or import them.")
        return redirect("metric", made.key)
    today, currency = request.member.tenant.today(), _currency(request)
    series = {one.key: one for one in facts.all_series(today)}
    rows = Metric.objects.select_related("owner").annotate(newest=NEWEST)
    lines = [_line(row, series[row.key], row.newest, today, currency) for row in rows]
    context = {"lines": lines, "form": form, "currency": currency}
    return render(request, "profiles/metrics.html", context, status=400 if form.errors else 200)


def _line(row: Metric, series: Series, measured: date | None, today: date, currency: str) -> MetricLine:
    """`measured`: the newest month that has a value, even if it is older than what `series` reaches back to."""
    newest = series.last
    recent = series.values[-SPARK:]
    label = f"{row.name}, the last {len(recent)} months"
    drawn = sparkline(recent, row.target, label)
    return MetricLine(
        row,
        formatting.bare(newest.value, row.unit, currency, row.places) if newest else "",
        months.short(newest.period) if newest else "",
        formatting.target(row.target, row.unit, currency) if row.target is not None else "",
        freshness(row.cadence, measured, today),
        mark_safe(drawn),  # noqa: S308 - charts escape what they are given
    )


@require_http_methods(["GET", "POST"])
@member_required()
def metric(request: MemberRequest, metric: str) -> HttpResponse:
    """One metric. A POST with `month` stores or corrects a value, any other changes what the metric is."""
    row = Metric.objects.select_related("owner", "weight").filter(key=metric).first()
    if row is None:
        raise Problem("not_found", "There is no such metric.")
    sent = request.POST if request.method == "POST" else None
    is_value = sent is not None and "month" in sent
    value_form = ValueForm(sent if is_value else None)
    form = MetricForm(None if is_value else sent, instance=row, owners=_owners(request))
    if is_value and value_form.is_valid():
        return _store(request, row, value_form.cleaned_data)
    if sent is not None and not is_value and form.is_valid():
        before = _said(Metric.objects.get(pk=row.pk))
        form.fill().save()
        record_change("metric.changed", user=request.user, target=str(row.pk), before=before, after=_said(row))
        messages.success(request, "The metric is changed.")
        return redirect("metric", row.key)
    wrong = bool(value_form.errors or form.errors)
    if form.errors:
        row.refresh_from_db()
    context = {**_shown(request, row), "form": form, "value_form": value_form}
    return render(request, "profiles/metric.html", context, status=400 if wrong else 200)


def _said(row: Metric) -> dict[str, Any]:
    return {name: str(getattr(row, name)) for name in (*FIELDS, "owner_id")}


def _store(request: MemberRequest, row: Metric, said: dict[str, Any]) -> HttpResponse:
    value = NewValue(said["month"], said["value"], source=BY_HAND, note=said["note"])
    stored = keep(row, [value], request.user)
    if not stored.same:
        record("metric.value", user=request.user, target=str(row.pk), month=f"{value.period:%Y-%m}",
               value=str(value.value))  # fmt: skip
    month = months.long(value.period)
    words = {
        stored.new: f"{month} is stored.",
        stored.corrected: f"{month} is corrected. What was there is kept below.",
    }
    messages.success(request, words.get(1, f"{month} had this value already."))
    return redirect("metric", row.key)


def _owners(request: MemberRequest) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(tenant_id=request.member.tenant_id, is_active=True).select_related("user")
    return sorted(((str(row.user_id), row.user.display_name) for row in rows), key=lambda pair: pair[1].lower())


def _shown(request: MemberRequest, row: Metric) -> dict[str, Any]:
    today, currency = request.member.tenant.today(), _currency(request)
    series = next(one for one in facts.all_series(today) if one.key == row.key)
    history = Prefetch("revisions", MetricRevision.objects.select_related("replaced_by"))
    points = list(
        MetricPoint.objects.filter(metric=row, is_forecast=False).order_by("-period", "line").prefetch_related(history)
    )

    def say(value: Decimal | float) -> str:
        return formatting.bare(Decimal(str(value)), row.unit, currency, row.places)

    return {
        "metric": row,
        "line": _line(
            row, series, max((point.period for point in points if not point.line), default=None), today, currency
        ),
        "chart": mark_safe(_chart(row, series, say)),  # noqa: S308 - charts escape what they are given
        "ahead": bool(series.forecast),
        "rows": [_value_line(point, say) for point in points],
        "currency": currency,
    }


def _value_line(point: MetricPoint, say: Any) -> dict[str, Any]:
    return {
        "point": point,
        "value": say(point.value),
        "earlier": [(say(one.value), one) for one in point.revisions.all()],
    }


def _chart(row: Metric, series: Series, say: Any) -> str:
    """Of a monthly metric every month has its place, also those without a value."""
    if series.last is None:
        return ""
    span = tuple(point.period for point in series.points)
    if row.cadence == Metric.Cadence.MONTHLY:
        span = months.span(span[0], span[-1])
    known = {point.period: float(point.value) for point in series.points}
    ahead = [point for point in series.forecast if point.period > series.last.period]
    labels: Sequence[str] = [months.short(period) for period in (*span, *(point.period for point in ahead))]
    data = Line(
        labels,
        [known.get(period) for period in span],
        [float(point.value) for point in ahead],
        None if row.target is None else float(row.target),
    )
    about = (
        f"From {say(series.points[0].value)} in {labels[0]} to {say(series.last.value)} in {months.short(span[-1])}."
    )
    return line(data, name="metric", title=row.name, about=about, say=say)

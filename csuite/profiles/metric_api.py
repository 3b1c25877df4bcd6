"""`/api/v1/metrics`: programs store values. The same again changes nothing, so every request may be repeated."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints, field_validator

from csuite.imports.reading import dates
from csuite.imports.reading.dates import Order
from csuite.profiles.freshness import NEWEST, freshness
from csuite.profiles.models import Metric, MetricPoint, Unit
from csuite.profiles.values import NewValue, keep
from csuite.tenants.audit import record
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

router = Router(tags=["metrics"])

MOST = 1000  # values of one request
KEY = re.compile(r"[a-z0-9_-]{1,60}")
Text = StringConstraints(strip_whitespace=True, max_length=160, pattern=r"^[^\x00]*$")


class MetricOut(Schema):
    """`newest`: the month of the newest value, as 2026-10. `days_late`: how long the next one is due."""

    key: str
    name: str
    unit: str
    direction: str
    cadence: str
    target: str | None
    newest: str | None
    days_late: int


class MetricIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
    unit: Unit
    direction: Metric.Good = Metric.Good.UP
    cadence: Metric.Cadence = Metric.Cadence.MONTHLY
    target: Annotated[Decimal, Field(max_digits=18, decimal_places=4)] | None = None


class ValueIn(Schema):
    """`period`: a month as 2026-10, or any day of it. Without `line` it is the whole company's."""

    model_config = ConfigDict(extra="forbid")

    period: str
    value: Annotated[Decimal, Field(max_digits=20, decimal_places=4, allow_inf_nan=False)]
    line: Annotated[str, Text, Field(max_length=80)] = ""
    forecast: bool = False
    as_of: date | None = None
    source: Annotated[str, Text] = "API"
    note: Annotated[str, Text] = ""

    @field_validator("period")
    @classmethod
    def _month(cls, text: str) -> str:
        found = dates.readings(text)
        if len(found) < len(Order):
            raise ValueError("a month as 2026-10")
        return f"{found[Order.YEAR]:%Y-%m}-01"


class ValuesIn(Schema):
    model_config = ConfigDict(extra="forbid")

    values: Annotated[list[ValueIn], Field(min_length=1, max_length=MOST)]


class StoredOut(Schema):
    new: int
    corrected: int
    same: int


class ValueOut(Schema):
    period: str
    value: str
    line: str
    forecast: bool
    as_of: date | None
    source: str
    note: str


def _metric(key: str) -> Metric:
    found: Metric | None = Metric.objects.filter(key=key).first()
    if found is None:
        raise Problem("not_found", "There is no such metric.")
    return found


@router.get("", response=list[MetricOut], url_name="metrics_api")
def all_metrics(request: MemberRequest) -> list[dict[str, Any]]:
    """Every metric of the company, with how fresh it is."""
    today = request.member.tenant.today()
    return [
        {
            "key": row.key,
            "name": row.name,
            "unit": row.unit,
            "direction": row.good,
            "cadence": row.cadence,
            "target": None if row.target is None else format(row.target.normalize(), "f"),
            "newest": f"{month:%Y-%m}" if month else None,
            "days_late": freshness(row.cadence, month, today).days_late,
        }
        for row in Metric.objects.annotate(newest=NEWEST)
        for month in [row.newest]
    ]


@router.put("/{key}", response=MetricOut, url_name="metric_api")
def put_metric(request: MemberRequest, key: str, body: MetricIn) -> dict[str, Any]:
    """Makes the metric, or changes what it is."""
    if not KEY.fullmatch(key):
        raise Problem("bad_frame", "A key has small letters, digits, _ and -, 60 at most.")
    said = {
        "name": body.name,
        "unit": body.unit,
        "good": body.direction,
        "cadence": body.cadence,
        "target": body.target,
    }
    row, made = Metric.objects.get_or_create(
        tenant_id=request.member.tenant_id, key=key, defaults={**said, "position": Metric.objects.count()}
    )
    if not made:
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
    record("metric.made" if made else "metric.changed", user=request.user, target=str(row.pk), name=row.name)
    return next(one for one in all_metrics(request) if one["key"] == key)


@router.put("/{key}/values", response=StoredOut, url_name="metric_values_api")
def put_values(request: MemberRequest, key: str, body: ValuesIn) -> dict[str, int]:
    """Stores or corrects values; what a correction replaces is kept."""
    values = [
        NewValue(date.fromisoformat(one.period), one.value, one.line, one.forecast, one.as_of, one.source, one.note)
        for one in body.values
    ]
    row = _metric(key)
    try:
        stored = keep(row, values, request.user)
    except ValueError as error:
        raise Problem("bad_frame", str(error)) from None
    if stored.new or stored.corrected:
        record("metric.values", user=request.user, target=str(row.pk), new=stored.new, corrected=stored.corrected)
    return {"new": stored.new, "corrected": stored.corrected, "same": stored.same}


@router.get("/{key}/values", response=list[ValueOut], url_name="metric_values_read")
def read_values(request: MemberRequest, key: str) -> list[dict[str, Any]]:
    """All values, oldest first."""
    rows = MetricPoint.objects.filter(metric=_metric(key)).order_by("period", "line", "is_forecast")
    return [
        {"period": f"{row.period:%Y-%m}", "value": format(row.value.normalize(), "f"), "line": row.line,
         "forecast": row.is_forecast, "as_of": row.as_of, "source": row.source, "note": row.note}
        for row in rows
    ]  # fmt: skip

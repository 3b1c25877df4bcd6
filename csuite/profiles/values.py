"""Values of a metric, month by month: stored once, corrected with their history kept. In the tenant's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from csuite.profiles import months
from csuite.profiles.models import Metric, MetricPoint, MetricRevision
from csuite.profiles.signals import metrics_imported
from csuite.tenants.models import User
from csuite.tenants.scope import current_tenant_id

LARGEST = Decimal(10) ** 16
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class NewValue:
    """`period`: the first day of its month. `as_of`: the day it describes; None: the last of the month."""

    period: date
    value: Decimal
    line: str = ""
    is_forecast: bool = False
    as_of: date | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    new: int = 0
    corrected: int = 0
    same: int = 0


def keep(metric: Metric, values: Sequence[NewValue], user: User | None) -> Stored:
    """Stores them; a value that is there already and equal changes nothing, so it may be sent again.

    No two values may be of the same month, line and kind: ValueError.
    """
    keys = [(one.period, one.line, one.is_forecast) for one in values]
    if len(set(keys)) != len(keys):
        raise ValueError("Two values are of the same month.")
    Metric.objects.select_for_update().get(pk=metric.pk)  # two that store the same month wait for each other
    rows = MetricPoint.objects.filter(metric=metric, period__in={one.period for one in values})
    there = {(row.period, row.line, row.is_forecast): row for row in rows}
    new, corrected = [], []
    for one in values:
        row, value = there.get((one.period, one.line, one.is_forecast)), one.value.quantize(PLACES)
        if row is None:
            new.append(_point(metric, one, value))
        elif row.value != value:
            _correct(row, one, value, user)
            corrected.append(row)
    MetricPoint.objects.bulk_create(new)
    touched = sorted({row.period for row in (*new, *corrected)})
    if touched:
        tenant = current_tenant_id()
        transaction.on_commit(lambda: metrics_imported.send(None, tenant=tenant, metrics=[metric.key], periods=touched))
    return Stored(len(new), len(corrected), len(values) - len(new) - len(corrected))


def _point(metric: Metric, one: NewValue, value: Decimal) -> MetricPoint:
    row = MetricPoint(
        metric=metric,
        period=one.period,
        line=one.line,
        is_forecast=one.is_forecast,
        value=value,
        as_of=one.as_of or as_of(one.period),
        source=one.source,
        note=one.note,
    )
    row.claim()
    return row


def _correct(row: MetricPoint, one: NewValue, value: Decimal, user: User | None) -> None:
    MetricRevision.objects.create(
        point=row, value=row.value, source=row.source, replaced_at=timezone.now(), replaced_by=user
    )
    row.value, row.as_of = value, one.as_of or row.as_of
    row.source, row.note = one.source or row.source, one.note or row.note
    row.save()


def as_of(period: date) -> date:
    """The day that a month's value describes, unless somebody says otherwise."""
    return months.last_day(period)

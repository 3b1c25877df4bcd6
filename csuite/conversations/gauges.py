"""What `/metrics` tells of turns."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Now
from prometheus_client.core import GaugeMetricFamily, Metric

from csuite.conversations.models import Turn
from csuite.tenants.scope import platform_scope

OPEN = (Turn.Status.QUEUED, Turn.Status.RUNNING)


def collect() -> Iterator[Metric]:
    """Of all companies; `silent` are running turns whose process gives no sign of life."""
    dead = Q(heartbeat_at__lt=Now() - timedelta(seconds=settings.TURN_DEAD_AFTER))
    with platform_scope("metrics"):
        counted = dict(
            Turn.objects.filter(status__in=OPEN).order_by().values_list("status").annotate(number=Count("pk"))
        )
        silent = Turn.objects.filter(dead, status=Turn.Status.RUNNING).count()
    family = GaugeMetricFamily("csuite_turns", "Questions that wait or are being answered", labels=["status"])
    for status in OPEN:
        family.add_metric([status.value], counted.get(status, 0))
    family.add_metric(["silent"], silent)
    yield family

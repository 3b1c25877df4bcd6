"""A provider fails too often."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.rollups import ErrorCell, ModelCell


class ErrorRate:
    """Over this hour and the one before, with enough calls to mean something."""

    name = "error_rate"
    quiet = 600

    def find(self, now: datetime) -> list[Finding]:
        since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        cells = ModelCell.objects.filter(span="hour", at__gte=since)
        rows = cells.values_list("provider").annotate(Sum("calls"), Sum("failed")).order_by("provider")
        limit: float = settings.ALERT_ERROR_RATE
        return [
            _finding(provider, failed, calls, limit, since)
            for provider, calls, failed in rows
            if calls >= settings.ALERT_LEAST_CALLS and failed / calls > limit
        ]


def _finding(provider: str, failed: int, calls: int, limit: float, since: datetime) -> Finding:
    kinds = (
        ErrorCell.objects.filter(span="hour", at__gte=since, provider=provider)
        .exclude(error_kind="cancelled")
        .values_list("error_kind")
        .annotate(calls=Sum("calls"))
        .order_by("-calls")[:3]
    )
    why = ", ".join(f"{kind.replace('_', ' ')} {number}" for kind, number in kinds)
    return Finding(
        rule="error_rate",
        scope=f"provider:{provider}",
        threshold=f"{limit:.0%}",
        title=f"{provider} errors at {failed / calls:.1%}",
        text=f"{failed} of {calls} calls failed since {since:%H:%M} UTC: {why}.",
        serious=failed / calls > 4 * limit,
        facts={"provider": provider, "failed": failed, "calls": calls},
    )

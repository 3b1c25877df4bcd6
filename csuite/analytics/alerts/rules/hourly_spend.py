"""Too much was spent within an hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum

from csuite.analytics.alerts.cause import spender
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.rollups import ModelCell
from csuite.analytics.templatetags.money import total


class HourlySpend:
    """Whole hours of the clock, so that each has one alert and nobody counts a call twice."""

    name = "hourly_spend"
    quiet = 3600

    def find(self, now: datetime) -> list[Finding]:
        limit: Decimal = settings.ALERT_HOURLY_SPEND
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        cells = ModelCell.objects.filter(span="hour", at=hour).exclude(currency="")
        spent = cells.values_list("currency").annotate(Sum("cost")).order_by("currency")
        return [_finding(hour, now, currency, cost, limit) for currency, cost in spent if cost >= limit]


def _finding(hour: datetime, now: datetime, currency: str, cost: Decimal, limit: Decimal) -> Finding:
    until = hour + timedelta(hours=1)
    cause = spender(hour, until)
    return Finding(
        rule="hourly_spend",
        scope=f"hour:{hour:%Y-%m-%dT%H}:{currency}",
        threshold=f"{limit} {currency}",
        title=f"Spend above {total(limit, currency)} in an hour",
        text=f"{total(cost, currency)} since {hour:%H:%M} UTC. {cause}".strip(),
        serious=True,
        facts={"hour": hour.isoformat(), "cost": str(cost), "currency": currency},
    )

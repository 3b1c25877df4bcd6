"""Calls without a known price: they are in no total until somebody enters one."""

from datetime import UTC, datetime

from django.db.models import Sum

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.rollups import ModelCell


class Unpriced:
    """This month's, by model."""

    name = "unpriced"
    quiet = 0  # over as soon as they are priced

    def find(self, now: datetime) -> list[Finding]:
        month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        cells = ModelCell.objects.filter(span="day", at__gte=month, unpriced__gt=0)
        rows = cells.values_list("provider", "model").annotate(Sum("unpriced"), Sum("unpriced_tokens"))
        return [_finding(month, *row) for row in rows.order_by("provider", "model")]


def _finding(month: datetime, provider: str, model: str, calls: int, tokens: int) -> Finding:
    return Finding(
        rule="unpriced",
        scope=f"model:{provider}/{model}:{month:%Y-%m}"[:160],
        threshold="1 call",
        title=f"{model or provider} has no price"[:160],
        text=(
            f"{calls} call{'s have' if calls != 1 else ' has'} no price and {'are' if calls != 1 else 'is'} in no"
            f" total: {tokens:,} tokens of {provider}. Platform staff enter the price; then the month can be"
            " recalculated."
        ),
        serious=True,
        facts={"provider": provider, "model": model, "calls": calls, "tokens": tokens},
    )

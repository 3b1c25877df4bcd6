"""The first text takes too long."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.conf import settings

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.rollups import PaceCell
from csuite.analytics.rollups.histogram import percentile, unpack


class Latency:
    """The 95th percentile of this hour and the one before, by provider."""

    name = "latency"
    quiet = 600

    def find(self, now: datetime) -> list[Finding]:
        since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        by_provider: dict[str, Counter[int]] = {}
        cells = PaceCell.objects.filter(span="hour", cut="model", at__gte=since)
        for provider, times in cells.values_list("provider", "times"):
            by_provider.setdefault(provider, Counter()).update(unpack(times, "first_ms"))
        limit: int = settings.ALERT_FIRST_TEXT_MS
        found = []
        for provider, counts in sorted(by_provider.items()):
            p95 = percentile(counts, 0.95)
            if p95 is not None and p95 > limit and sum(counts.values()) >= settings.ALERT_LEAST_CALLS:
                found.append(_finding(provider, p95, sum(counts.values()), limit))
        return found


def _finding(provider: str, p95: float, calls: int, limit: int) -> Finding:
    return Finding(
        rule="latency",
        scope=f"provider:{provider}",
        threshold=f"{limit} ms",
        title=f"{provider} is slow",
        text=f"5 of 100 answers begin after {p95 / 1000:.1f} s or later, of {calls}; {limit / 1000:g} s is the limit.",
        facts={"provider": provider, "p95_ms": round(p95), "calls": calls},
    )

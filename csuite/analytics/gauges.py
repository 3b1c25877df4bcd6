"""What `/metrics` tells beside the counters of a process: the pages' own figures, for all companies together.

Month to date in UTC, from the rollups, so a figure here is the sum of what the companies' usage pages show. Every web
process says the same. No label comes from a person or a company.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models import Count, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from csuite.analytics.budgets.settling import level_of
from csuite.analytics.budgets.standing import Standing, read
from csuite.analytics.models import Alert, Budget, BudgetHold, CacheCell, DueHour, ErrorCell, ModelCell, PaceCell
from csuite.analytics.rollups.histogram import percentile, unpack
from csuite.analytics.rollups.measures import MONTH
from csuite.llm import breaker
from csuite.llm.providers import table
from csuite.tenants.scope import platform_scope

LEVELS = ("within", "warned", "used_up")
CACHE = {"hit": "hits", "miss": "misses", "eviction": "evictions"}


def collect() -> Iterator[Metric]:
    """Reads everything in one transaction that looks across companies."""
    now = timezone.now()
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with platform_scope("metrics"):
        families = [*_calls(month), _errors(month), _first_text(month), _cache(month), *_budgets(), *_waiting(now)]
    yield from families
    yield _breakers()


def gauge(name: str, help_text: str, labels: tuple[str, ...], lines: Any) -> GaugeMetricFamily:
    """lines: (label values, number) each."""
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for values, number in lines:
        family.add_metric([str(value) for value in values], float(number))
    return family


def _calls(month: datetime) -> Iterator[Metric]:
    sums = ("calls", "failed", "stopped", "unpriced", "input_tokens", "output_tokens", "cached_tokens",
            "cache_write_tokens", "reasoning_tokens")  # fmt: skip
    cells = ModelCell.objects.filter(span=MONTH, at=month).order_by("provider", "model")
    rows = list(cells.values("provider", "model").annotate(**{f"sum_{name}": Sum(name) for name in sums}))
    who = ("provider", "model")

    def line(name: str) -> list[tuple[tuple[str, str], int]]:
        return [((row["provider"], row["model"]), row[f"sum_{name}"]) for row in rows]

    yield gauge("csuite_month_calls", "Attempts at providers, month to date", who, line("calls"))
    yield gauge("csuite_month_failed_calls", "Attempts that ended with an error", who, line("failed"))
    yield gauge("csuite_month_stopped_calls", "Attempts that somebody stopped", who, line("stopped"))
    yield gauge("csuite_month_unpriced_calls", "Attempts without a price, in no cost", who, line("unpriced"))
    kinds = [name for name in sums if name.endswith("_tokens")]
    counted = [((*values, kind.removesuffix("_tokens")), number) for kind in kinds for values, number in line(kind)]
    yield gauge("csuite_month_tokens", "Tokens; input has what is counted apart", (*who, "kind"), counted)
    costs = cells.exclude(currency="").values_list("provider", "model", "currency").annotate(Sum("cost"))
    money = [((provider, model, currency), cost) for provider, model, currency, cost in costs]
    yield gauge("csuite_month_cost", "Of the priced calls", (*who, "currency"), money)


def _errors(month: datetime) -> Metric:
    cells = ErrorCell.objects.filter(span=MONTH, at=month).order_by("error_kind", "provider")
    rows = cells.values_list("error_kind", "provider").annotate(Sum("calls"))
    lines = [((kind, provider), calls) for kind, provider, calls in rows]
    return gauge("csuite_month_errors", "Attempts that failed or were stopped, by kind", ("kind", "provider"), lines)


def _first_text(month: datetime) -> Metric:
    by_provider: dict[str, Counter[int]] = {}
    cells = PaceCell.objects.filter(span=MONTH, cut="model", at=month)
    for provider, times in cells.values_list("provider", "times"):
        by_provider.setdefault(provider, Counter()).update(unpack(times, "first_ms"))
    lines = [
        ((provider, share), value / 1000)
        for provider, counts in sorted(by_provider.items())
        for share in ("0.5", "0.95")
        if (value := percentile(counts, float(share))) is not None
    ]
    return gauge("csuite_month_first_text_seconds", "To the first text", ("provider", "quantile"), lines)


def _cache(month: datetime) -> Metric:
    cells = CacheCell.objects.filter(span=MONTH, at=month).order_by("cache")
    rows = cells.values("cache").annotate(**{name: Sum(name) for name in CACHE.values()})
    lines = [((row["cache"], event), row[name]) for row in rows for event, name in CACHE.items()]
    return gauge("csuite_month_cache_events", "What our caches did", ("cache", "event"), lines)


def _budgets() -> Iterator[Metric]:
    """By whom and for which time; how many stand where, and what they hold together."""
    tenants = Budget.objects.order_by("tenant_id").values_list("tenant_id", flat=True).distinct()
    found = [standing for tenant in tenants for standing in read(tenant, None) if standing.amount is not None]
    kind = ("scope", "period")
    levels = Counter((s.scope, s.period, LEVELS[min(level_of(s, s.spent), 2)]) for s in found)
    yield gauge("csuite_budgets", "Budgets with an amount, by where they stand", (*kind, "level"), levels.items())
    burn: dict[tuple[str, str], Decimal] = {}
    for one in found:
        key = (one.scope, one.period)
        burn[key] = max(burn.get(key, Decimal(0)), one.used(one.spent))
    yield gauge("csuite_budget_burn_ratio", "Spent of the amount, of the budget that is nearest its end", kind,
                burn.items())  # fmt: skip
    for name in ("amount", "spent", "held"):
        yield gauge(f"csuite_budget_{name}", "Of all budgets of that kind", (*kind, "currency"), _sums(found, name))


def _sums(found: list[Standing], name: str) -> Any:
    sums: dict[tuple[str, str, str], Decimal] = {}
    for one in found:
        key = (one.scope, one.period, one.currency)
        sums[key] = sums.get(key, Decimal(0)) + getattr(one, name)
    return sums.items()


def _waiting(now: datetime) -> Iterator[Metric]:
    yield gauge("csuite_holds_open", "Reservations that are open", (), [((), BudgetHold.objects.count())])
    late = BudgetHold.objects.filter(expires_at__lt=now).count()
    yield gauge("csuite_holds_expired", "Of them, those to be given back", (), [((), late)])
    alerts = Alert.objects.filter(recovered_at=None).order_by("rule").values_list("rule", "severity")
    lines = [((rule, severity), number) for rule, severity, number in alerts.annotate(Count("pk"))]
    yield gauge("csuite_alerts_open", "Alerts that are not over", ("rule", "severity"), lines)
    yield gauge("csuite_rollup_due_hours", "Hours of a company not summed yet", (), [((), DueHour.objects.count())])


def _breakers() -> Metric:
    """1 for a circuit that is open or being probed, 0 for one that is closed."""
    circuits = async_to_sync(breaker.standing)()
    usable = {name for name, row in table().items() if name not in breaker.WITHOUT and row.usable()}
    lines = [((name,), name in circuits) for name in sorted(usable | circuits.keys())]
    return gauge("csuite_breaker_open", "Whether a provider is not asked", ("provider",), lines)

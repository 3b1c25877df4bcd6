"""What it costs, over all companies: from rollups only, so that the figures are those of the usage pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from csuite.analytics.calls import Month
from csuite.analytics.models import ModelCell
from csuite.analytics.rollups.filling import day_of
from csuite.analytics.rollups.measures import DAY
from csuite.pages.console.panel import BAD, GOOD, Line, Panel

TOP = 5


def cells(now: datetime) -> Any:
    """Days of this month, in the platform's scope."""
    return ModelCell.objects.filter(span=DAY, at__gte=Month.of(now).start, at__lt=day_of(now) + timedelta(days=1))


def panels() -> list[Panel]:
    """In the platform's scope: what was spent, by whom it was answered, who spent it, and what has no price."""
    now = timezone.now()
    today = Sum("cost", filter=Q(at=day_of(now)))
    answered = list(
        cells(now).values("provider", "currency").annotate(month=Sum("cost"), today=today, calls=Sum("calls"))
    )
    return [_spent(answered, now), _providers(answered), _companies(now), _unpriced(now)]


def _spent(answered: list[dict[str, Any]], now: datetime) -> Panel:
    today, month = _by_currency(answered, "today"), _by_currency(answered, "month")
    calls = sum(row["calls"] for row in answered)
    lines = [
        Line("Today", money(today)),
        Line(f"{now:%B}, to date", money(month)),
        Line("Attempts at providers", f"{calls:,}"),
    ]
    ledger = reverse("admin:analytics_ledgerentry_changelist")
    return Panel("Cost", lines, url=ledger, more="The ledger")


def _providers(answered: list[dict[str, Any]]) -> Panel:
    names = dict.fromkeys(row["provider"] for row in answered)
    found = {name: _by_currency([row for row in answered if row["provider"] == name], "month") for name in names}
    lines = [Line(name, money(costs)) for name, costs in sorted(found.items(), key=_dearest)]
    return Panel("This month by provider", lines, "No calls this month.")


def _companies(now: datetime) -> Panel:
    spent = cells(now).exclude(currency="").values("tenant_id", "tenant__name", "currency")
    rows = list(spent.annotate(month=Sum("cost")).order_by("-month")[:TOP])
    lines = [
        Line(
            row["tenant__name"],
            money({row["currency"]: row["month"]}),
            url=reverse("admin:tenants_tenant_change", args=[row["tenant_id"]]),
        )
        for row in rows
    ]
    return Panel("This month by company", lines, "No calls this month.")


def _unpriced(now: datetime) -> Panel:
    rows = cells(now).filter(unpriced__gt=0).values("provider", "model").annotate(calls=Sum("unpriced"))
    lines = [
        Line(f"{r['provider']}: {r['model']}", f"{r['calls']:,} calls", BAD) for r in rows.order_by("-calls")[:TOP]
    ]
    lines = lines or [Line("This month", "every call has a price", GOOD)]
    return Panel("Models without a price", lines, url=reverse("admin:providers_price_add"), more="Enter a price")


def _by_currency(rows: Iterable[dict[str, Any]], name: str) -> dict[str, Decimal]:
    """Calls without a price have no currency, and no cost of their own."""
    found: dict[str, Decimal] = {}
    for row in rows:
        if row["currency"] and row[name] is not None:
            found[row["currency"]] = found.get(row["currency"], Decimal(0)) + row[name]
    return found


def _dearest(item: tuple[str, dict[str, Decimal]]) -> Decimal:
    return -sum(item[1].values(), Decimal(0))


def money(costs: dict[str, Decimal]) -> str:
    """Currencies are never added up."""
    return " and ".join(f"{cost:,.2f} {currency}" for currency, cost in sorted(costs.items())) or "nothing"

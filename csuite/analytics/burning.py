"""How much of its budgets a month has used: the company's, and those of persons."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.overview import Overview

LAST = timedelta(microseconds=1)  # before the end


@dataclass(frozen=True, slots=True)
class Burning:
    """A limit for a month; `share` of it is used, by the cost that the page shows, and `foreseen` by its end."""

    limit: Decimal
    share: Decimal
    foreseen: float | None = None

    @property
    def width(self) -> float:
        """Of its bar, 0 to 100."""
        return float(min(self.share, Decimal(1)) * 100)

    @property
    def ahead(self) -> float:
        """What the bar has to come."""
        return max(0.0, min(self.foreseen or 0.0, 1.0) * 100 - self.width)

    @property
    def over(self) -> Decimal | None:
        """By how much the limit is passed at the end of the month; None if it is not."""
        return self.limit * Decimal(self.foreseen - 1) if self.foreseen and self.foreseen > 1 else None


def month_budget(found: Overview, now: datetime) -> Burning | None:
    """In the tenant's scope. None without a limit in the currency that is shown, or if the time is no month."""
    if found.period.month is None:
        return None
    budget = _budgets(found, Budget.Scope.TENANT).first()
    if budget is None:
        return None
    used = _used(budget, found.cost, found, now)
    if found.forecast is None or not used.limit:
        return used
    return replace(used, foreseen=found.forecast.end.total / float(used.limit))


def personal_budgets(found: Overview, now: datetime) -> dict[UUID | None, Burning]:
    """By person, of those who have one and appear in the table. In the tenant's scope."""
    if found.period.month is None:
        return {}
    costs: dict[UUID | None, Decimal | None] = {UUID(row["user"]): row["cost"] for row in found.by["person"]
             if row["user"] and row["currency"] == found.currency}  # fmt: skip
    rows = (
        _budgets(found, Budget.Scope.USER).filter(user__in=[user for user in costs if user]).prefetch_related("raises")
    )
    return {row.user: _used(row, costs.get(row.user), found, now) for row in rows}


def _budgets(found: Overview, scope: str) -> "QuerySet[Budget]":
    return Budget.objects.filter(scope=scope, period=Budget.Period.MONTH, amount__isnull=False, currency=found.currency)


def _used(budget: Budget, cost: Decimal | None, found: Overview, now: datetime) -> Burning:
    at = min(now, found.period.until - LAST)  # as it stands, or as it stood at the end of the month
    raised = (one.amount for one in budget.raises.all() if one.since <= at < one.until)
    limit = sum(raised, budget.amount or Decimal(0))
    return Burning(limit, (cost or Decimal(0)) / limit if limit else Decimal(1))

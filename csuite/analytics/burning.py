"""How much of the company's budget a month has used."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.overview import Overview

LAST = timedelta(microseconds=1)  # before the end


@dataclass(frozen=True, slots=True)
class Burning:
    """The company's limit for a month; `share` of it is used, by the cost that the page shows."""

    limit: Decimal
    share: Decimal

    @property
    def width(self) -> float:
        """Of its bar, 0 to 100."""
        return float(min(self.share, Decimal(1)) * 100)


def month_budget(found: Overview, now: datetime) -> Burning | None:
    """In the tenant's scope. None without a limit in the currency that is shown, or if the time is no month."""
    if found.period.month is None:
        return None
    budget = Budget.objects.filter(
        scope=Budget.Scope.TENANT, period=Budget.Period.MONTH, amount__isnull=False, currency=found.currency
    ).first()
    if budget is None:
        return None
    at = min(now, found.period.until - LAST)  # as it stands, or as it stood at the end of the month
    raises = budget.raises.filter(since__lte=at, until__gt=at)
    limit: Decimal = budget.amount + sum(raises.values_list("amount", flat=True), Decimal(0))
    return Burning(limit, (found.cost or Decimal(0)) / limit if limit else Decimal(1))

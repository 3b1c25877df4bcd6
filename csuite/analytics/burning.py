"""How much of a month's budget is used."""

from dataclasses import dataclass
from decimal import Decimal

from csuite.analytics.budgets.rows import Budget as Row
from csuite.analytics.periods import Period


@dataclass(frozen=True, slots=True)
class Budget:
    """The company's limit for the month of a period."""

    limit: Decimal


def month_budget(period: Period, currency: str) -> Budget | None:
    """None if there is none, or if the period is no month. Inside the tenant's scope."""
    if period.month is None:
        return None
    row = Row.objects.filter(
        scope=Row.Scope.TENANT, period=Row.Period.MONTH, currency=currency, amount__isnull=False
    ).first()
    return None if row is None else Budget(row.amount)

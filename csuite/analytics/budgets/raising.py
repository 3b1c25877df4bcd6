"""Temporary raises: a budget allows more until a day, for a reason that somebody gave. They end by themselves."""

from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.functions import TransactionNow

from csuite.analytics.budgets.changing import tell_anew
from csuite.analytics.budgets.rows import Budget, BudgetRaise
from csuite.tenants.audit import record
from csuite.tenants.models import User


def add(budget: Budget, amount: Decimal, until: datetime, reason: str, by: User | None) -> BudgetRaise:
    """Holds for the next call, and warns anew when it comes to that."""
    made = BudgetRaise(budget=budget, amount=amount, until=until, reason=reason, user=by)
    made.save(force_insert=True)
    tell_anew(budget)
    record(
        "budget.raised", user=by, target=str(budget.id), amount=f"{amount.normalize():f}", currency=budget.currency,
        until=until, reason=reason,
    )  # fmt: skip
    return made


def end(raised: BudgetRaise, by: User | None) -> bool:
    """At once; False if it has ended already."""
    in_force = BudgetRaise.objects.filter(id=raised.id, until__gt=TransactionNow())
    if not in_force.update(until=TransactionNow(), ended_by=by):
        return False
    record("budget.raise_ended", user=by, target=str(raised.budget_id), amount=f"{raised.amount.normalize():f}")
    return True

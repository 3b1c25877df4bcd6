"""A budget has reached its warning, or its end."""

from datetime import UTC, datetime
from decimal import Decimal

from csuite.analytics.alerts.cause import spender
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.budgets.sentences import whose
from csuite.analytics.budgets.standing import Standing, read
from csuite.analytics.names import people
from csuite.analytics.templatetags.money import total
from csuite.tenants.scope import current_tenant_id


class BudgetShare:
    name = "budget"
    quiet = 0  # a raised budget ends it at once

    def find(self, now: datetime) -> list[Finding]:
        return [found for one in read(current_tenant_id(), None) for found in _of(one, now)]


def _of(standing: Standing, now: datetime) -> list[Finding]:
    """The highest threshold that is reached: who has heard of 100 % needs no 80 %."""
    if standing.amount is None:
        return []
    used = standing.used(standing.spent)
    at = Decimal(1) if used >= 1 else standing.warn_at if standing.warn_at and used >= standing.warn_at else None
    if at is None:
        return []
    percent = f"{at:.0%}"
    name = _whose(standing)
    return [
        Finding(
            rule="budget",
            scope=f"budget:{standing.budget}:{standing.start:%Y-%m-%d}",
            threshold=percent,
            title=f"{percent} of the {name}" if at < 1 else f"The {name} is used up",
            text=f"{_stand(standing)} {_pace(standing, now)}{_cause(standing, now)}",
            serious=at >= 1,
            facts={
                "budget": str(standing.budget),
                "spent": str(standing.spent),
                "held": str(standing.held),
                "amount": str(standing.amount),
                "currency": standing.currency,
            },
        )
    ]


def _whose(standing: Standing) -> str:
    """For others than the person: "budget of Priya Nair for November"."""
    if standing.user is None:
        return whose(standing)
    name = people([standing.user])[standing.user]
    return whose(standing).replace("personal budget", f"budget of {name[:100]}", 1)


def _stand(standing: Standing) -> str:
    money = standing.currency
    after = "Further questions are refused." if standing.hard and standing.spent >= (standing.amount or 0) else ""
    return f"{total(standing.spent, money)} of {total(standing.amount or Decimal(0), money)} is spent. {after}".strip()


def _pace(standing: Standing, now: datetime) -> str:
    """The burn rate, and when it runs out at that pace if that is within the period."""
    hours = max(Decimal(1), Decimal((now - standing.start).total_seconds()) / 3600)
    an_hour = standing.spent / hours
    unit, rate = ("an hour", an_hour) if standing.period == "day" else ("a day", an_hour * 24)
    said = f"That is {total(rate, standing.currency)} {unit}"
    left = standing.left or Decimal(0)
    if not an_hour or not left:
        return f"{said}."
    seconds = float(left / an_hour) * 3600
    ends = datetime.fromtimestamp(min(now.timestamp() + seconds, standing.resets_at.timestamp()), UTC)
    if ends >= standing.resets_at:
        return f"{said}; at this pace it lasts."
    when = f"{ends:%H:%M} UTC" if standing.period == "day" else f"{ends.day} {ends:%B}"
    return f"{said}; at this pace it runs out on {when}." if standing.period != "day" else f"{said}, until {when}."


def _cause(standing: Standing, now: datetime) -> str:
    found = spender(standing.start, now)
    return f" {found}" if found and standing.scope == "tenant" else ""

"""The most that calls can cost, over the chain of routes that each may take."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from csuite.analytics.budgets.reserving import Ask
from csuite.analytics.budgets.sentences import UNPRICED
from csuite.analytics.budgets.standing import Standing
from csuite.llm.call import Call
from csuite.llm.errors import BudgetExceeded
from csuite.llm.estimating import chain, most
from csuite.llm.prices import Cost
from csuite.llm.registry import Route


def may_be_asked(cost: Cost, call: Call, standings: Iterable[Standing]) -> bool:
    """Whether a route at this price may be called: under a fixed budget only at a known price in its currency."""
    if cost.amount == 0:
        return True
    binding = [standing for standing in standings if standing.binds and standing.applies(call.labels)]
    return not binding or (cost.amount is not None and all(s.currency == cost.currency for s in binding))


async def dearest(calls: Sequence[Call], standings: Sequence[Standing], route: str | None) -> list[Ask]:
    """For each call what its dearest route costs at most. Raises BudgetExceeded if none has a known price."""
    return [await _ask(call, await chain(call, route), standings) for call in calls]


async def _ask(call: Call, routes: Sequence[Route], standings: Sequence[Standing]) -> Ask:
    costs = [await most(call, route) for route in routes]
    allowed = [cost for cost in costs if may_be_asked(cost, call, standings)]
    if not allowed:
        raise unpriced(routes[0])
    currency = next((cost.currency for cost in allowed if cost.amount), "USD")
    amounts = [cost.amount for cost in allowed if cost.amount and cost.currency == currency]
    return Ask(call.labels, max(amounts, default=Decimal(0)), currency)


def unpriced(route: Route) -> BudgetExceeded:
    """Under a fixed budget an unknown price is refused, for it could be any."""
    return BudgetExceeded("the price is not known", provider=route.provider.name, model=route.model, sentence=UNPRICED)

"""The most that calls can cost, over the chain of routes that each may take."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from csuite.analytics.budgets.reserving import Ask
from csuite.analytics.budgets.sentences import UNPRICED
from csuite.analytics.budgets.standing import Standing
from csuite.llm.call import Call
from csuite.llm.errors import Unpriced
from csuite.llm.estimating import Quote
from csuite.llm.prices import Cost
from csuite.llm.registry import Route


def may_be_asked(cost: Cost, call: Call, standings: Iterable[Standing]) -> bool:
    """Whether a route at this price may be called: under a fixed budget only at a known price in its currency."""
    if cost.amount == 0:
        return True
    binding = [standing for standing in standings if standing.binds and standing.applies(call.labels)]
    return not binding or (cost.amount is not None and all(s.currency == cost.currency for s in binding))


def dearest(call: Call, quoted: Sequence[Quote], standings: Sequence[Standing]) -> Ask:
    """What the dearest route that may be asked costs at most. Raises Unpriced if none may."""
    allowed = [quote.most for quote in quoted if may_be_asked(quote.most, call, standings)]
    if not allowed:
        raise unpriced(quoted[0].route)
    currency = next((cost.currency for cost in allowed if cost.amount), "USD")
    amounts = [cost.amount for cost in allowed if cost.amount and cost.currency == currency]
    return Ask(call.labels, max(amounts, default=Decimal(0)), currency)


def unpriced(route: Route) -> Unpriced:
    """Under a fixed budget an unknown price is refused, for it could be any."""
    return Unpriced("the price is not known", provider=route.provider.name, model=route.model, sentence=UNPRICED)

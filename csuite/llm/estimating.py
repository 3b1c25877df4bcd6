"""What calls will cost, before they are made: from the prompt as it is and the answer as long as it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.prices import Cost
from csuite.llm.registry import Route
from csuite.llm.tokens import count_messages
from csuite.llm.usage import Usage

SHORT = 120  # tokens of a short answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money for all calls together; None where a price is unknown, which is not 0."""

    low: Decimal | None
    high: Decimal | None
    currency: str = "USD"


async def estimate(calls: Sequence[Call]) -> Estimate:
    """`low`: short answers of the first route; `high`: the longest ones of the dearest route. Raises LLMError."""
    low, high = Decimal(0), Decimal(0)
    for call in calls:
        routes = await conf.seam("REGISTRY").routes(call, call.route)
        short = await _cost(call, routes[0], SHORT)
        longest = [await _cost(call, route, route.max_tokens) for route in routes]
        if short.amount is None or any(cost.amount is None for cost in longest):
            return Estimate(None, None)
        low += short.amount
        high += max(cost.amount for cost in longest if cost.amount is not None)
    return Estimate(low, high)


async def _cost(call: Call, route: Route, answer: int) -> Cost:
    usage = Usage(prompt=count_messages(route.model, call.messages), completion=min(answer, route.max_tokens))
    row = route.provider
    cost: Cost = await conf.seam("PRICES").cost(row.name, route.model, usage, datetime.now(UTC), free=row.free)
    return cost

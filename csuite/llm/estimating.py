"""What calls will cost, before they are made: from the prompt as it is and the answer as long as it may be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil

import orjson

from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.prices import Cost
from csuite.llm.registry import ANALYST, Route
from csuite.llm.tokens import CHARACTERS_PER_TOKEN, count_messages
from csuite.llm.usage import Usage

SHORT = 120  # tokens of a short answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money for all calls together; None where a price is unknown, which is not 0."""

    low: Decimal | None
    high: Decimal | None
    currency: str = "USD"


async def estimate(calls: Sequence[Call], step_down: str | None = None) -> Estimate:
    """`low`: short answers of the first route; `high`: the longest ones of the dearest route. Raises LLMError."""
    low, high, currency = Decimal(0), Decimal(0), ""
    for call in calls:
        routes = await chain(call, step_down)
        short = await price(call, routes[0], SHORT)
        longest = [await most(call, route) for route in routes]
        paid = {cost.currency for cost in longest if cost.amount} | ({currency} if currency else set())
        if short.amount is None or any(cost.amount is None for cost in longest) or len(paid) > 1:
            return Estimate(None, None)  # amounts of two currencies have no sum
        low += short.amount
        high += max(cost.amount for cost in longest if cost.amount is not None)
        currency = next(iter(paid), "")
    return Estimate(low, high, currency or "USD")


async def chain(call: Call, step_down: str | None = None) -> tuple[Route, ...]:
    """The routes that this call would take. `step_down`: as Hold.route. Raises LLMError if nobody can answer."""
    if step_down and step_down != ANALYST:
        call = replace(call, tier=step_down)
    routes: tuple[Route, ...] = await conf.seam("REGISTRY").routes(
        call, ANALYST if step_down == ANALYST else call.route
    )
    return routes


async def most(call: Call, route: Route) -> Cost:
    """What one attempt can cost at most: the whole prompt at full price, and the longest answer.

    Where thinking is dearer than speaking, all of the answer is taken as thought.
    """
    said = await price(call, route, route.max_tokens)
    thought = await price(call, route, route.max_tokens, thought=True) if said.amount else said
    return max(said, thought, key=lambda cost: cost.amount or 0)


async def price(call: Call, route: Route, answer: int, *, thought: bool = False) -> Cost:
    """What the call costs on this route with an answer of so many tokens."""
    completion = 0 if call.task == "embed" else min(answer, route.max_tokens)
    usage = Usage(
        prompt=prompt_tokens(route.model, call), completion=completion, reasoning=completion if thought else None
    )
    row = route.provider
    cost: Cost = await conf.seam("PRICES").cost(row.name, route.model, usage, datetime.now(UTC), free=row.free)
    return cost


def prompt_tokens(model: str, call: Call) -> int:
    """Tokens of the messages and of what is sent beside them: tools and the schema of the answer."""
    beside = [part for part in (call.tools, call.schema) if part]
    extra = sum(ceil(len(orjson.dumps(part)) / CHARACTERS_PER_TOKEN) for part in beside)
    return count_messages(model, call.messages) + extra

"""What calls will cost, before they are made: from the prompt as it is and the answer as long as it may be."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from csuite.llm import conf, tokens
from csuite.llm.call import Call
from csuite.llm.prices import Cost
from csuite.llm.registry import ANALYST, Route
from csuite.llm.tokens import is_exact
from csuite.llm.usage import Usage

SHORT = 120  # tokens of a short answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money for all calls together; None where a price is unknown, which is not 0. high: never exceeded.

    left: the least that is left over the budgets that apply, None where none limits.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str = "USD"
    left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What one call costs on one route: with a short answer, and at the most."""

    route: Route
    short: Cost
    most: Cost


async def estimate(calls: Sequence[Call], step_down: str | None = None) -> Estimate:
    """`low`: short answers of the first route; `high`: the longest ones of the dearest route. Raises LLMError."""
    return summed([await quotes(call, step_down) for call in calls])


async def quotes(call: Call, step_down: str | None = None) -> list[Quote]:
    """What this call costs on each route of its chain. Raises LLMError if nobody can answer."""
    return [await quote(call, route) for route in await chain(call, step_down)]


def summed(calls: Sequence[Sequence[Quote]]) -> Estimate:
    """The quotes of several calls as one sum. Amounts of two currencies have none."""
    paid = {quote.most.currency for chain_ in calls for quote in chain_ if quote.most.amount}
    low, high = Decimal(0), Decimal(0)
    for quoted in calls:
        most = [quote.most.amount for quote in quoted if quote.most.amount is not None]
        if quoted[0].short.amount is None or len(most) < len(quoted) or len(paid) > 1:
            return Estimate(None, None)
        low += quoted[0].short.amount
        high += max(most)
    return Estimate(low, high, next(iter(paid), "USD"))


async def chain(call: Call, step_down: str | None = None, *, streamed: bool = False) -> tuple[Route, ...]:
    """The routes that this call would take. `step_down`: as Hold.route. Raises LLMError if nobody can answer."""
    if step_down and step_down != ANALYST:
        call = replace(call, tier=step_down)
    wanted = ANALYST if step_down == ANALYST else call.route
    routes: tuple[Route, ...] = await conf.seam("REGISTRY").routes(call, wanted, streamed=streamed)
    return routes


async def quote(call: Call, route: Route) -> Quote:
    """The most is a bound: the prompt by the most tokens that it can have, at full price, and the longest answer, all
    of it thought where that is dearer.
    """
    prompt = await prompt_tokens(route.model, call)
    most = await _counted(tokens.reserved_tokens, route.model, call)
    longest = 0 if call.task == "embed" else route.max_tokens
    short = await _cost(route, prompt, min(SHORT, longest))
    said = await _cost(route, most, longest)
    thought = await _cost(route, most, longest, thought=True) if said.amount else said
    return Quote(route, short, max(said, thought, key=lambda cost: cost.amount or 0))


async def _cost(route: Route, prompt: int, answer: int, *, thought: bool = False) -> Cost:
    usage = Usage(prompt=prompt, completion=answer, reasoning=answer if thought else None)
    row = route.provider
    cost: Cost = await conf.seam("PRICES").cost(row.name, route.model, usage, datetime.now(UTC), free=row.free)
    return cost


async def prompt_tokens(model: str, call: Call) -> int:
    """As tokens.prompt_tokens, off the event loop: a vocabulary takes a second to load, a long prompt milliseconds."""
    return await _counted(tokens.prompt_tokens, model, call)


async def _counted(count: Callable[[str, Call], int], model: str, call: Call) -> int:
    return await asyncio.to_thread(count, model, call) if is_exact(model) else count(model, call)

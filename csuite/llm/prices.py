"""The prices seam: what an attempt cost. settings.LLM["PRICES"] names it.

Order: known to be free, else genai-prices, else unknown. Unknown is None, never 0.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from csuite.llm.usage import Usage

FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """Money for one attempt; `amount` None is an unknown price. `version` says which price was used."""

    amount: Decimal | None = None
    currency: str = "USD"
    version: str = ""


class Prices(Protocol):
    """What csuite.llm needs of prices. Built once, without arguments; used from any event loop."""

    async def cost(self, provider: str, model: str, usage: Usage, at: datetime, *, free: bool = False) -> Cost:
        """What these tokens cost at that time. `free`: the provider is known to cost nothing."""


class GenaiPrices:
    """The prices inside the genai-prices package; nothing is fetched."""

    async def cost(self, provider: str, model: str, usage: Usage, at: datetime, *, free: bool = False) -> Cost:
        if free:
            return Cost(FREE, version="free")
        return await packaged(provider, model, usage, at)


async def packaged(provider: str, model: str, usage: Usage, at: datetime) -> Cost:
    """The cost by genai-prices, else an unknown one; a tenth of a millisecond once its table is read."""
    if not _genai_prices.cache_info().currsize:
        await asyncio.to_thread(_genai_prices)  # would keep the event loop
    return packaged_cost(provider, model, usage, at)


@cache
def _genai_prices() -> Any:
    """The package with its table read: 30 MB and 0.3 s."""
    import genai_prices.data_snapshot

    genai_prices.data_snapshot.get_snapshot()
    return genai_prices


def packaged_cost(provider: str, model: str, usage: Usage, at: datetime) -> Cost:
    """The cost by genai-prices, else an unknown one."""
    if usage.prompt is None and usage.completion is None:
        return Cost()
    genai_prices = _genai_prices()
    cached, written = usage.cached or 0, usage.cache_write or 0
    prompt = (usage.prompt or 0) + (cached + written if usage.cached_apart else 0)
    counts = genai_prices.Usage(
        input_tokens=prompt,
        output_tokens=usage.completion or 0,
        cache_read_tokens=min(cached, prompt),
        cache_write_tokens=min(written, prompt),
    )
    try:
        result = genai_prices.calc_price(counts, model_ref=model, provider_id=provider, genai_request_timestamp=at)
    except (LookupError, ValueError):
        return Cost()
    if (prompt and not result.input_price) or (usage.completion and not result.output_price):
        return Cost()  # a model without such a rate (speech, ":free") is summed up as 0 there
    return Cost(result.total_price, "USD", f"genai-prices {genai_prices.__version__}")

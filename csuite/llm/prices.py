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
MILLION = Decimal(1_000_000)
# Dollars for a million tokens.
PLAIN = frozenset({"input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok"})
NOT_OURS = frozenset({"web_searches_kcount", "storage_searches_kcount"})  # never counted here


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
    cached, written = usage.cached or 0, usage.cache_write or 0
    prompt = (usage.prompt or 0) + (cached + written if usage.cached_apart else 0)
    hour = min(usage.cache_write_1h or 0, written, prompt)
    counts = Counts(prompt, min(cached, prompt), min(written, prompt), hour, usage.completion or 0)
    try:
        taken, given = _by_rates(counts, provider, model, at) or calculated(counts, provider, model, at)
    except (LookupError, ValueError):
        return Cost()
    if (prompt and not taken) or (usage.completion and not given):
        return Cost()  # a model without such a rate (speech, ":free") is summed up as 0 there
    return Cost(taken + given, "USD", f"genai-prices {_genai_prices().__version__}")


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as genai-prices counts them: `cached` and `written` are part of the prompt, `hour` of `written`."""

    prompt: int
    cached: int
    written: int
    hour: int
    completion: int


def calculated(counts: Counts, provider: str, model: str, at: datetime) -> tuple[Decimal, Decimal]:
    """Dollars for what goes in and what comes out, by the package itself. Raises LookupError, ValueError."""
    package = _genai_prices()
    usage = package.Usage(
        input_tokens=counts.prompt,
        output_tokens=counts.completion,
        cache_read_tokens=counts.cached,
        cache_write_tokens=counts.written,
        cache_write_1h_tokens=counts.hour,
    )
    result = package.calc_price(usage, model_ref=model, provider_id=provider, genai_request_timestamp=at)
    return result.input_price, result.output_price


def _by_rates(counts: Counts, provider: str, model: str, at: datetime) -> tuple[Decimal, Decimal] | None:
    """The same for a model with plain rates, which most are, at a tenth of the time; else None. Raises LookupError.

    The package's own way is half of the CPU of a whole call.
    """
    _, row = _genai_prices().data_snapshot.get_snapshot().find_provider_model(model, None, provider, None)
    rates = {name: rate for name, rate in vars(row.get_prices(at)).items() if rate is not None}
    plain = {name: _rate(rates[name], counts.prompt) for name in PLAIN & rates.keys()}
    fresh = counts.prompt - counts.cached - counts.written
    if rates.keys() - PLAIN - NOT_OURS or "input_mtok" not in plain or None in plain.values() or fresh < 0:
        return None
    into = plain["input_mtok"]
    read, write = plain.get("cache_read_mtok", into), plain.get("cache_write_mtok", into)
    kept = plain.get("cache_write_1h_mtok", write)
    taken = fresh * into + counts.cached * read + (counts.written - counts.hour) * write + counts.hour * kept
    return taken / MILLION, counts.completion * plain.get("output_mtok", FREE) / MILLION


def _rate(rate: Any, prompt: int) -> Any:
    """What holds for a prompt of this size; None where it depends on more than the first tier."""
    if isinstance(rate, Decimal):
        return rate
    return rate.base if all(prompt < tier.start for tier in rate.tiers) else None

"""The prices seam of csuite.llm: our dated rows first, then what is known to be free, then genai-prices.

Where none of them knows, the cost is unknown, and never 0.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from csuite.llm.prices import FREE, Cost, packaged
from csuite.llm.usage import Usage
from csuite.providers.models import Price
from csuite.tenants.db import in_db

log = structlog.get_logger(__name__)

MILLION = Decimal(1_000_000)
# What is kept for an hour against what is kept for five minutes: Anthropic takes 2 and 1.25 of the input's rate.
HOUR = Decimal("1.6")
READ_SECONDS = 3.0  # how long an answer's end may wait for the database
FRESH_SECONDS = 10.0  # a new row holds in every process after this


def row_cost(price: Price, usage: Usage) -> Cost:
    """The one formula, in the price's currency; unknown if neither prompt nor completion was counted.

    Cached and cache-write tokens are part of the prompt, unless the provider counts them apart; reasoning tokens
    are part of the completion. The rate of cache writes is for five minutes; those for an hour cost HOUR of it.
    """
    if usage.prompt is None and usage.completion is None:
        return Cost()
    cached, written, reasoning = usage.cached or 0, usage.cache_write or 0, usage.reasoning or 0
    fresh, spoken = usage.prompt or 0, usage.completion or 0
    if not usage.cached_apart:
        # What a provider counts twice must not be charged twice, nor ever give money back.
        cached = min(cached, fresh)
        written = min(written, fresh - cached)
        fresh -= cached + written
    reasoning = min(reasoning, spoken)
    hour = min(usage.cache_write_1h or 0, written)
    amount = (
        fresh * price.input
        + cached * _rate(price.cached_input, price.input)
        + (written - hour + hour * _hour(price)) * _rate(price.cache_write, price.input)
        + (spoken - reasoning) * price.output
        + reasoning * _rate(price.reasoning, price.output)
    ) / MILLION
    return Cost(amount, price.currency, f"row {price.pk}")


def _hour(price: Price) -> Decimal:
    """A provider whose writes have no rate of their own asks no more for keeping them longer."""
    return Decimal(1) if price.cache_write is None else HOUR


def _rate(special: Decimal | None, otherwise: Decimal) -> Decimal:
    """An empty rate is the other one; a rate of 0 is a rate."""
    return otherwise if special is None else special


def in_force(rows: Iterable[Price], at: datetime) -> Price | None:
    """Of rows of one model the one that holds at that moment: the latest begun, the latest entered."""
    begun = [row for row in rows if row.valid_from <= at]
    return max(begun, key=lambda row: (row.valid_from, row.pk), default=None)


def rows_of(provider: str, model: str) -> list[Price]:
    return list(Price.objects.filter(provider=provider, model=model))


@dataclass(frozen=True, slots=True)
class _Known:
    rows: Sequence[Price]
    read_at: float


class RowPrices:
    """settings.LLM["PRICES"]. Keeps the rows of each model that is used for a few seconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = {}
        self._reading: dict[Any, asyncio.Task[Sequence[Price]]] = {}

    async def cost(self, provider: str, model: str, usage: Usage, at: datetime, *, free: bool = False) -> Cost:
        try:
            rows = await self._rows(provider, model)
        except Exception as error:
            # A dead database must not cost the answer; a guess could be wrong by a contract, so it is unknown.
            log.error("prices could not be read; the call is unpriced", model=model, error=str(error))
            return Cost()
        price = in_force(rows, at)
        if price is not None:
            return row_cost(price, usage)
        if free:
            return Cost(FREE, version="free")
        return await packaged(provider, model, usage, at)

    async def _rows(self, provider: str, model: str) -> Sequence[Price]:
        known = self._known.get((provider, model))
        if known is not None and time.monotonic() - known.read_at < FRESH_SECONDS:
            return known.rows
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await asyncio.shield(self._read(provider, model))
        except Exception:
            if known is None:
                raise
            return known.rows

    def forget(self) -> None:
        """Reads all rows again at the next call: for tests."""
        self._known.clear()

    def _read(self, provider: str, model: str) -> "asyncio.Task[Sequence[Price]]":
        """One reading for all who want the same rows now."""
        key = (asyncio.get_running_loop(), provider, model)
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.ensure_future(self._remember(provider, model))
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: Any, done: "asyncio.Task[Sequence[Price]]") -> None:
        self._reading.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever waits has it; asyncio shall not report it again

    async def _remember(self, provider: str, model: str) -> Sequence[Price]:
        rows = await in_db(rows_of, provider, model)
        self._known[provider, model] = _Known(rows, time.monotonic())
        return rows

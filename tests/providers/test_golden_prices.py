"""The package's prices against sums by hand: one model of each provider, cached tokens inside or outside the prompt."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from csuite.llm.prices import GenaiPrices
from csuite.llm.usage import Usage

WHEN = datetime(2026, 1, 15, tzinfo=UTC)
M = Decimal(1_000_000)


@pytest.mark.parametrize(
    ("provider", "model", "usage", "by_hand"),
    [
        # 600 fresh at 0.40, 400 cached at 0.10, 200 said at 1.60
        ("openai", "gpt-4.1-mini", Usage(1000, 200, cached=400), 600 * Decimal("0.4") + 400 * Decimal("0.1") + 320),
        # input_tokens leaves cache out: 1000 at 3, 500 read at 0.1 of it, 300 written at 1.25 of it, 200 said at 15
        (
            "anthropic",
            "claude-sonnet-4-5",
            Usage(1000, 200, cached=500, cache_write=300, cached_apart=True),
            3000 + 500 * Decimal("0.3") + 300 * Decimal("3.75") + 3000,
        ),
        # the same with 200 of the 300 kept for an hour, at twice the input's rate
        (
            "anthropic",
            "claude-sonnet-4-5",
            Usage(1000, 200, cached=500, cache_write=300, cache_write_1h=200, cached_apart=True),
            3000 + 500 * Decimal("0.3") + 100 * Decimal("3.75") + 200 * 6 + 3000,
        ),
        # more for an hour than was written at all is what was written
        (
            "anthropic",
            "claude-haiku-4-5",
            Usage(1000, 200, cache_write=300, cache_write_1h=900, cached_apart=True),
            1000 + 300 * 2 + 200 * Decimal(5),
        ),
        # all of the written for five minutes where nobody said for how long
        ("anthropic", "claude-haiku-4-5", Usage(0, 0, cache_write=400, cached_apart=True), 400 * Decimal("1.25")),
        # 900 fresh at 0.56, 100 cached at half of it, 200 said at 1.68
        (
            "fireworks",
            "accounts/fireworks/models/deepseek-v3p2",
            Usage(1000, 200, cached=100),
            900 * Decimal("0.56") + 28 + 336,
        ),
        ("fireworks", "accounts/fireworks/models/gpt-oss-120b", Usage(1000, 200), 150 + 200 * Decimal("0.6")),
        # a name of two parts; cached at a quarter
        ("openrouter", "openai/gpt-4.1-mini", Usage(1000, 200, cached=400), 240 + 40 + 200 * Decimal("1.6")),
        (
            "openrouter",
            "anthropic/claude-sonnet-4.5",
            Usage(1000, 200, cached=500, cache_write=300),  # within the prompt there
            200 * 3 + 150 + 300 * Decimal("3.75") + 3000,
        ),
        ("groq", "llama-3.3-70b-versatile", Usage(1000, 200), 1000 * Decimal("0.59") + 200 * Decimal("0.79")),
        ("cohere", "command-r-plus-08-2024", Usage(1000, 200), 2500 + 200 * Decimal(10)),
        ("mistral", "mistral-large-latest", Usage(1000, 200), 1000 * Decimal(2) + 200 * Decimal(6)),
        ("openai", "o3", Usage(1000, 500, reasoning=400), 1000 * Decimal(2) + 500 * Decimal(8)),
    ],
)
async def test_a_cost_is_the_sum_by_hand(provider: str, model: str, usage: Usage, by_hand: Decimal) -> None:
    cost = await GenaiPrices().cost(provider, model, usage, WHEN)
    assert (cost.amount, cost.currency) == (by_hand / M, "USD")


async def test_a_model_that_nobody_knows_is_unknown_and_not_free() -> None:
    assert (await GenaiPrices().cost("openai", "gpt-nothing-of-ours", Usage(1, 1), WHEN)).amount is None

"""THREATS T48: what an exchange costs, from the provider's words to the row of the ledger, against sums by hand.

Anthropic counts cached tokens beside its input, the others within theirs. Rates are dollars for a million tokens.
"""

from decimal import Decimal

import pytest

from csuite.llm import conf
from csuite.llm.providers import table
from tests.exchanges.recordings import missing
from tests.exchanges.replaying import replaying
from tests.llm.asking import hear, question
from tests.llm.conftest import KeepingMeter

M = Decimal(1_000_000)
D = Decimal


@pytest.mark.parametrize(
    ("exchange", "model", "by_hand", "billed"),
    [
        # 12 at 1, 400 read at a tenth of it, 100 written for an hour at 2, 9 said at 5
        ("anthropic/stream_cache", "claude-haiku-4-5", 12 + 40 + 200 + 45, None),
        # 12 at 1, 4,000 read at 0.1, 200 written for five minutes at 1.25, 700 for an hour at 2, 755 said at 5
        ("anthropic/stream_cache_writes", "claude-haiku-4-5", 12 + 400 + 250 + 1400 + 3775, None),
        # of 9 in 8 were cached: 1 at 0.56, 8 at 0.28, 6 said at 1.68
        ("fireworks/stream_reasoning_content", "accounts/fireworks/models/deepseek-v3p2", D("12.88"), None),
        # 9 at 0.59, 3 at 0.79, though the usage came twice
        ("groq/stream_usage_twice", "llama-3.3-70b-versatile", D("7.68"), None),
        # ours by its list: 9 at 0.4, 7 at 1.6; theirs by their word
        ("openrouter/stream_reasoning", "openai/gpt-4.1-mini", D("14.8"), D("0.00002")),
        # the same, of a model whose price nobody knows
        ("openrouter/stream_comments", "nobody/knows-it", None, D("0.00002")),
        # 1,420 in at 0.4, of which 1,280 cached at 0.1; 100 said at 1.6
        pytest.param("openai/stream_cachehit-length_1", "gpt-4.1-mini", 56 + 128 + 160, None, marks=missing),
    ],
)  # fmt: skip
async def test_a_bill_is_the_sum_by_hand(
    meter: KeepingMeter, exchange: str, model: str, by_hand: Decimal | int | None, billed: Decimal | None
) -> None:
    provider = exchange.partition("/")[0]
    async with replaying() as address:
        row = {
            "base_url": f"{address}/{exchange}",
            "model": model,
            "key_wanted": False,
            "usage": table()[provider].usage,
        }
        with conf.override(PRIMARY=provider, PROVIDERS={provider: row}):
            heard = await hear(question())
    (booked,) = meter.attempts
    assert booked.cost == (None if by_hand is None else by_hand / M)
    assert (booked.billed_cost, booked.currency) == (billed, "USD")
    assert (heard.error, heard.finished.cost, heard.finished.estimated) == (None, booked.cost, False)

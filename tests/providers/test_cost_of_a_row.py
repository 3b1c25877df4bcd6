"""The one formula of our own price rows: what is charged for which tokens, to the last decimal."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.llm.usage import Usage
from csuite.providers.models import Price
from csuite.providers.prices import in_force, row_cost

D = Decimal


def price(**rates: Any) -> Price:
    plain = {"provider": "openai", "model": "m", "currency": "USD", "input": D("2.00"), "output": D("8.00")}
    return Price(id=7, **{**plain, **rates})


FULL = {"cached_input": D("0.50"), "cache_write": D("2.50"), "reasoning": D("12.00")}


@pytest.mark.parametrize(
    ("rates", "usage", "amount"),
    [
        # 1,000 in at 2, 500 out at 8, per million
        ({}, Usage(prompt=1000, completion=500), "0.006"),
        ({}, Usage(prompt=1, completion=0), "0.000002"),
        ({}, Usage(prompt=0, completion=0), "0"),
        # OpenAI and its like: 400 of the 1,000 were cached and cost a quarter
        (FULL, Usage(prompt=1000, completion=500, cached=400), "0.0054"),
        # the same without a rate for them: as input
        ({}, Usage(prompt=1000, completion=500, cached=400), "0.006"),
        # a rate of 0 is a rate
        ({"cached_input": D(0)}, Usage(prompt=1000, completion=500, cached=400), "0.0052"),
        # reasoning is part of the completion
        (FULL, Usage(prompt=1000, completion=500, reasoning=300), "0.0072"),
        ({}, Usage(prompt=1000, completion=500, reasoning=300), "0.006"),
        # Anthropic: cached and written tokens come on top of the prompt count
        (FULL, Usage(prompt=1000, completion=500, cached=400, cache_write=200, cached_apart=True), "0.0067"),
        # 150 of the 200 for an hour: 1.6 of the rate for five minutes, as 2 is of 1.25
        (
            FULL,
            Usage(prompt=1000, completion=500, cache_write=200, cache_write_1h=150, cached_apart=True),
            "0.006725",
        ),
        ({}, Usage(prompt=1000, completion=500, cache_write=200, cache_write_1h=150), "0.006"),
        (FULL, Usage(prompt=0, completion=0, cache_write=200, cache_write_1h=999, cached_apart=True), "0.0008"),
        # the others: within it
        (FULL, Usage(prompt=1000, completion=500, cached=400, cache_write=200), "0.0055"),
        # a provider that did not say is not a provider that said 0
        (FULL, Usage(prompt=1000, completion=500, cached=None, reasoning=None), "0.006"),
        ({}, Usage(prompt=1000, completion=None), "0.002"),
        # more cached than there were: never money back
        (FULL, Usage(prompt=100, completion=0, cached=400, cache_write=50), "0.00005"),
        (FULL, Usage(prompt=0, completion=10, reasoning=50), "0.00012"),
        ({"currency": "EUR"}, Usage(prompt=1000, completion=0), "0.002"),
    ],
)
def test_the_cost_is_exact(rates: dict[str, Any], usage: Usage, amount: str) -> None:
    cost = row_cost(price(**rates), usage)
    assert cost.amount == D(amount)
    assert cost.currency == rates.get("currency", "USD")
    assert cost.version == "row 7"


def test_without_any_count_the_cost_is_unknown_and_not_zero() -> None:
    assert row_cost(price(), Usage()).amount is None


tokens = st.integers(0, 10**7)


@given(tokens, tokens, tokens, tokens, tokens, st.booleans())
def test_a_cost_is_never_negative_and_never_above_the_dearest_rate(
    prompt: int, completion: int, cached: int, written: int, reasoning: int, apart: bool
) -> None:
    usage = Usage(prompt, completion, cached, written, reasoning, cached_apart=apart)
    amount = row_cost(price(**FULL), usage).amount
    assert amount is not None
    most = (prompt + completion + (cached + written if apart else 0)) * D("12.00") / 1_000_000
    assert 0 <= amount <= most


def at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def test_the_latest_begun_price_holds_and_a_later_one_does_not_rewrite_history() -> None:
    old, new = Price(id=1, valid_from=at(1)), Price(id=2, valid_from=at(10))
    assert in_force([old, new], at(9)) is old
    assert in_force([old, new], at(10)) is new
    assert in_force([new, old], at(30)) is new


def test_before_the_first_price_there_is_none() -> None:
    assert in_force([Price(id=1, valid_from=at(2))], at(1)) is None
    assert in_force([], at(1)) is None


def test_of_two_prices_with_one_date_the_later_entered_corrects_the_other() -> None:
    wrong, right = Price(id=1, valid_from=at(1)), Price(id=2, valid_from=at(1))
    assert in_force([right, wrong], at(3)) is right

"""Where a price comes from: our rows, else known to be free, else genai-prices, else nowhere."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from csuite.llm import prices as llm_prices
from csuite.llm.usage import Usage
from csuite.providers import prices
from csuite.providers.models import Price
from csuite.providers.prices import RowPrices
from csuite.tenants.db import in_db

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
USAGE = Usage(prompt=1000, completion=500)


def enter(provider: str, model: str, **fields: object) -> Price:
    plain = {"input": Decimal(1), "output": Decimal(2), "valid_from": datetime(2026, 1, 1, tzinfo=UTC), "source": "t"}
    row: Price = Price.objects.create(provider=provider, model=model, **{**plain, **fields})
    return row


async def test_a_row_comes_before_the_packaged_price() -> None:
    row = await in_db(enter, "openai", "gpt-4.1-mini")
    cost = await RowPrices().cost("openai", "gpt-4.1-mini", USAGE, NOW)
    assert (cost.amount, cost.version) == (Decimal("0.002"), f"row {row.pk}")


async def test_the_packaged_price_serves_where_no_row_does() -> None:
    cost = await RowPrices().cost("openai", "gpt-4.1-mini", Usage(prompt=1000, completion=500, cached=200), NOW)
    # 800 at 0.40, 200 cached at 0.10, 500 at 1.60, per million
    assert cost.amount == Decimal("0.00114")
    assert cost.currency == "USD"
    assert cost.version.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("fireworks", "accounts/fireworks/models/never-heard-of"),
        ("nobody", "gpt-4.1-mini"),
        ("openrouter", "qwen/qwen3-coder:free"),  # without rates there, which sums up to 0
        ("openai", "gpt-live-transcribe"),  # priced by the hour, not by the token
    ],
)
async def test_an_unknown_price_is_unknown_and_not_zero(provider: str, model: str) -> None:
    assert (await RowPrices().cost(provider, model, USAGE, NOW)).amount is None


async def test_what_is_known_to_be_free_costs_nothing() -> None:
    cost = await RowPrices().cost("local", "llama3", Usage(), NOW, free=True)
    assert (cost.amount, cost.version) == (Decimal(0), "free")


async def test_a_row_gives_even_a_free_provider_a_price() -> None:
    await in_db(enter, "local", "llama3", input=Decimal(3))
    assert (await RowPrices().cost("local", "llama3", USAGE, NOW, free=True)).amount == Decimal("0.004")


async def test_a_row_of_the_future_does_not_hold_yet() -> None:
    await in_db(enter, "nobody", "m", valid_from=datetime(2026, 12, 1, tzinfo=UTC))
    assert (await RowPrices().cost("nobody", "m", USAGE, NOW)).amount is None


async def test_a_new_row_holds_after_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RowPrices()
    assert (await rows.cost("nobody", "m", USAGE, NOW)).amount is None
    await in_db(enter, "nobody", "m")
    assert (await rows.cost("nobody", "m", USAGE, NOW)).amount is None
    monkeypatch.setattr(prices, "FRESH_SECONDS", 0.0)
    assert (await rows.cost("nobody", "m", USAGE, NOW)).amount == Decimal("0.002")


async def test_a_dead_database_makes_the_call_unpriced_and_keeps_what_was_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prices, "FRESH_SECONDS", 0.0)
    known, unknown = RowPrices(), RowPrices()
    await in_db(enter, "nobody", "m")
    await known.cost("nobody", "m", USAGE, NOW)
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    try:
        assert (await known.cost("nobody", "m", USAGE, NOW)).amount == Decimal("0.002")
        assert (await unknown.cost("nobody", "m", USAGE, NOW)).amount is None
    finally:
        monkeypatch.undo()


def test_the_seam_of_csuite_llm_is_served() -> None:
    seam: llm_prices.Prices = RowPrices()
    assert seam


def test_a_price_is_never_changed() -> None:
    row = enter("openai", "m")
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('price', 'UPDATE'), has_table_privilege('price', 'DELETE')")
        assert cursor.fetchone() == (False, False)
    assert str(row) == "openai m from 2026-01-01"

"""What each attempt is booked with: counts, cost, and never lost."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import data_snapshot

from csuite import llm
from csuite.llm import conf, prices
from csuite.llm.prices import Cost, GenaiPrices, packaged_cost
from csuite.llm.tokens import count_messages, count_tokens, is_exact
from csuite.llm.usage import Usage, UsageDialect
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import HELLO, hear, primary, question
from tests.llm.conftest import KeepingMeter

NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def test_a_stream_that_tells_no_usage_is_estimated_and_marked(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-40t-nousage"):
        heard = await hear()
    assert heard.finished.usage == Usage(count_messages("fake", HELLO), 40, estimated=True)
    assert heard.finished.said == Usage()


async def test_the_zeros_after_an_error_are_not_counts(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    zeros = '{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}'
    body = (
        'data: {"choices":[{"index":0,"delta":{"content":"Eight ch"}}]}\n\n'
        'data: {"error":{"message":"down"}}\n\n'
        f"data: {zeros}\n\ndata: [DONE]\n\n"
    )
    fake_provider.say(Answer(body=body, headers={"content-type": "text/event-stream"}))
    with primary(fake_provider):
        heard = await hear()
    assert (heard.text, heard.kind) == ("Eight ch", "midstream")
    assert heard.error is not None
    assert heard.error.said == Usage(0, 0)
    (attempt,) = meter.attempts
    assert (attempt.usage.completion, attempt.usage.estimated) == (2, True)


async def test_a_call_with_a_hold_uses_it_and_leaves_it_open(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    hold = await llm.reserve([question()])
    with primary(fake_provider):
        await hear(question(hold=hold))
        await llm.complete(question(hold=hold))
    assert len(hold.attempts) == len(meter.attempts) == 2
    assert [one.closed for one in meter.holds] == [0]


async def test_a_ledger_that_is_away_does_not_lose_the_answer_and_the_row_is_in_the_log(
    fake_provider: FakeProvider, meter: KeepingMeter, caplog: pytest.LogCaptureFixture
) -> None:
    meter.broken = True
    rows = {"other": fake_provider.row("fake-4t")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other"):
        heard = await hear()
    assert heard.error is None
    assert "attempt not booked" in caplog.text
    assert "fake-4t" in caplog.text


async def test_a_meter_that_refuses_is_the_answer(fake_provider: FakeProvider) -> None:
    class Refusing:
        async def reserve(self, calls: object) -> llm.Hold:
            raise llm.errors.BudgetExceeded("over")

    with primary(fake_provider), conf.override(METER=Refusing()):
        heard = await hear()
    assert heard.error is not None
    assert (heard.error.code, heard.kind) == ("budget_exceeded", "budget")
    assert fake_provider.requests == []


async def test_a_hold_that_cannot_be_closed_is_an_error_that_is_seen(fake_provider: FakeProvider) -> None:
    class Stuck(llm.Hold):
        async def close(self) -> None:
            await asyncio.sleep(0)
            raise RuntimeError("stuck")

    class StuckMeter:
        async def reserve(self, calls: object) -> llm.Hold:
            return Stuck()

    with primary(fake_provider), conf.override(METER=StuckMeter()), pytest.raises(RuntimeError, match="stuck"):
        await hear()


async def test_prices_that_fail_leave_the_cost_unknown(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    class Failing:
        async def cost(self, *args: object, **kwargs: object) -> Cost:
            raise RuntimeError("away")

    with primary(fake_provider), conf.override(PRICES=Failing()):
        heard = await hear()
    assert (heard.error, heard.finished.cost) == (None, None)


async def test_our_own_mistake_in_a_dialect_is_booked_and_raised(meter: KeepingMeter) -> None:
    def wrong(call: llm.Call) -> str:
        raise ZeroDivisionError

    with llm.scripted.answers(wrong), pytest.raises(ZeroDivisionError):
        await hear()
    assert [attempt.error_kind for attempt in meter.attempts] == ["server_error"]


@pytest.mark.parametrize(
    ("provider", "model", "usage", "amount"),
    [
        ("openai", "gpt-4.1-mini", Usage(1_000_000, 1_000_000), Decimal("2.0")),
        ("openai", "gpt-4.1-mini", Usage(1_000_000, 0, cached=1_000_000), Decimal("0.1")),
        ("openai", "no-such-model", Usage(1, 1), None),
        ("nobody", "gpt-4.1-mini", Usage(1, 1), None),
        ("openai", "gpt-4.1-mini", Usage(), None),
    ],
)
def test_a_packaged_price_is_exact_or_unknown(provider: str, model: str, usage: Usage, amount: Decimal | None) -> None:
    cost = packaged_cost(provider, model, usage, NOW)
    assert cost.amount == amount
    assert bool(cost.version) is (amount is not None)


def test_cached_tokens_that_are_counted_apart_are_added() -> None:
    apart = packaged_cost("openai", "gpt-4.1-mini", Usage(0, 0, cached=1_000_000, cached_apart=True), NOW)
    assert apart.amount == Decimal("0.1")


async def test_only_what_is_known_to_be_free_costs_nothing() -> None:
    prices = GenaiPrices()
    assert await prices.cost("local", "llama", Usage(1, 1), NOW, free=True) == Cost(Decimal(0), version="free")
    assert await prices.cost("fireworks", "llama", Usage(1, 1), NOW) == Cost()


def test_tokens_are_counted_by_the_models_own_vocabulary_where_it_is_known() -> None:
    text = "Gross margin fell by 2.3 points."
    assert count_tokens("gpt-4.1-mini", text) == count_tokens("openai/gpt-4o", text) == 10
    assert count_tokens("gpt-4-turbo", text) == 11
    assert count_tokens("llama-3.3-70b", text) == 8
    assert count_tokens("gpt-4o", "") == count_tokens("x", "") == 0
    assert (is_exact("gpt-4o"), is_exact("accounts/x/qwen")) == (True, False)


def test_usage_is_read_where_the_provider_puts_it_and_rubbish_is_not() -> None:
    dialect = UsageDialect(sits_at=(("usage",), ("x", "usage")), billed=(("cost",), ("price",)))
    assert dialect.find({"x": {"usage": {"prompt_tokens": 1}}}) == {"prompt_tokens": 1}
    assert dialect.find({"usage": None, "x": 3}) is None
    raw = {"prompt_tokens": "9", "completion_tokens": True, "prompt_tokens_details": None, "cost": "x", "price": 0.5}
    assert dialect.read(raw) == Usage()
    assert dialect.billed_cost(raw) == Decimal("0.5")
    assert dialect.billed_cost({"cost": float("nan")}) is None
    assert dialect.billed_cost({"cost": True}) is None


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 7])
def test_plain_rates_give_what_the_package_calculates_for_every_model_it_knows(step: int) -> None:
    """Looking a model up by its name is slow in the package, so a short run compares every seventh."""
    compared = 0
    for provider in data_snapshot.get_snapshot().providers:
        for model in provider.models[::step]:
            for counts in (prices.Counts(1234, 0, 0, 0, 567), prices.Counts(300_000, 5_000, 700, 400, 3)):
                try:
                    ours = prices._by_rates(counts, provider.id, model.id, NOW)
                except LookupError:
                    continue  # found under another name only
                if ours is not None:
                    assert ours == prices.calculated(counts, provider.id, model.id, NOW), (provider.id, model.id)
                    compared += 1
    assert compared > 1000 / step

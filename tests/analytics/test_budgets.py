"""Money that holds: the most is reserved before a call, what it cost is spent after, the rest is given back."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from csuite import llm
from csuite.analytics.meter import LedgerMeter
from csuite.llm.errors import BudgetExceeded
from csuite.tenants.db import in_db
from tests.analytics.booking import ledger
from tests.analytics.money import ANSWER, asking, counter, held, outcome, paid, setting
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider
from tests.fake_provider.script import Answer

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_an_answer_cost_is_spent_and_the_rest_is_free_again(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, "1"))
    with paid(fake_provider):
        hold = await llm.reserve([asking(cast.acme.id, max_tokens=100)])
        assert (await sync_to_async(counter)(company)).held == Decimal("0.1")
        await llm.complete(asking(cast.acme.id, max_tokens=100, hold=hold))
        now = await sync_to_async(counter)(company)
        assert (now.spent, now.held) == (ANSWER, Decimal("0.08"))
        await hold.close()
        await hold.close()
    now = await sync_to_async(counter)(company)
    assert (now.spent, now.held) == (ANSWER, 0)
    assert await sync_to_async(held)() == (0, 0)


async def test_of_many_at_once_exactly_as_many_are_asked_as_the_budget_pays(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, str(ANSWER)))
    with paid(fake_provider):
        outcomes = await asyncio.gather(*[outcome(asking(cast.acme.id)) for _ in range(20)])
    assert Counter(outcomes) == {"answered": 1, "budget": 19}
    assert len(fake_provider.requests) == 1
    assert (await sync_to_async(counter)(company)).spent == ANSWER
    assert await sync_to_async(held)() == (0, 0)


async def test_a_budget_that_is_just_used_up_refuses_even_what_costs_nothing(
    cast: Any, fake_provider: FakeProvider
) -> None:
    await setting((cast.acme.id, str(ANSWER)))
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "answered"
        with pytest.raises(BudgetExceeded) as refused:
            await llm.complete(asking(cast.acme.id, max_tokens=0))
    assert refused.value.code == "budget_exceeded"
    assert "company budget for" in refused.value.sentence
    assert "used up" in refused.value.sentence
    assert refused.value.retry_after
    assert refused.value.retry_after <= 31 * 86400


async def test_nothing_is_none_and_no_amount_is_unlimited(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "0"), (cast.rival.id, None))
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "budget"
        assert await outcome(asking(cast.rival.id)) == "answered"


async def test_budgets_of_others_never_refuse(cast: Any, fake_provider: FakeProvider) -> None:
    none: Any = "0"
    await setting(
        (cast.rival.id, none),
        (cast.acme.id, none, {"scope": "persona", "persona": "cmo"}),
        (cast.acme.id, none, {"scope": "user", "user": cast.alice.id}),
        (cast.acme.id, None),
        (cast.acme.id, "1", {"scope": "user", "user": cast.bob.id}),
    )
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id, cast.bob.id)) == "answered"
        assert await outcome(asking(cast.acme.id, cast.bob.id, "cmo")) == "budget"
        assert await outcome(asking(cast.acme.id, cast.alice.id)) == "budget"


async def test_a_soft_budget_counts_and_refuses_nothing(cast: Any, fake_provider: FakeProvider) -> None:
    (soft,) = await setting((cast.acme.id, "0.01", {"hard": False}))
    with paid(fake_provider):
        assert [await outcome(asking(cast.acme.id)) for _ in range(2)] == ["answered"] * 2
    now = await sync_to_async(counter)(soft)
    assert (now.spent, now.held, now.told) == (2 * ANSWER, 0, 2)


async def test_a_boardroom_is_reserved_as_a_whole_or_not_at_all(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "0.05"), (cast.acme.id, "0.01", {"scope": "persona", "persona": "cmo"}))
    with paid(fake_provider):
        for personas in (("cfo", "ceo", "cto"), ("cfo", "cmo")):
            with pytest.raises(BudgetExceeded):
                await llm.reserve([asking(cast.acme.id, persona=persona) for persona in personas])
        assert await sync_to_async(held)() == (0, 0)
        hold = await llm.reserve([asking(cast.acme.id, persona=persona) for persona in ("cfo", "ceo")])
        assert await sync_to_async(held)() == (2 * ANSWER, 1)
        await hold.close()


async def test_an_unknown_price_is_refused_under_a_hard_budget_only(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "5"), (cast.rival.id, "5", {"hard": False}))
    with paid(fake_provider, "fake-5t"):
        with pytest.raises(BudgetExceeded, match="price is not known") as refused:
            await llm.complete(asking(cast.acme.id))
        assert "price" in refused.value.sentence
        assert fake_provider.requests == []
        assert await outcome(asking(cast.rival.id)) == "answered"
    (row,) = await in_db(ledger, cast.rival.id)
    assert row.cost is None


async def test_a_price_in_another_currency_is_unknown_to_a_hard_budget(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "5", {"currency": "EUR"}))
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "budget"


async def test_a_cancelled_answer_is_spent_as_far_as_it_came(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, "1"), model="fake-20t-50ms")
    with paid(fake_provider, "fake-20t-50ms"):
        seen = asyncio.Event()

        async def read() -> None:
            async for event in llm.stream(asking(cast.acme.id, max_tokens=100)):
                if isinstance(event, llm.Delta):
                    seen.set()

        reading = asyncio.create_task(read())
        await seen.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    (row,) = await in_db(ledger, cast.acme.id)
    assert (row.error_kind, row.estimated) == ("cancelled", True)
    assert row.cost
    assert (await sync_to_async(counter)(company)).spent == row.cost
    assert await sync_to_async(held)() == (0, 0)


async def test_who_leaves_while_it_is_reserved_holds_nothing(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "1"))
    with paid(fake_provider):
        for steps in range(12):
            reserving = asyncio.create_task(llm.reserve([asking(cast.acme.id)]))
            for _ in range(steps):
                await asyncio.sleep(0.001)
            reserving.cancel()
            (found,) = await asyncio.gather(reserving, return_exceptions=True)
            if isinstance(found, llm.Hold):
                await found.close()
    assert await sync_to_async(held)() == (0, 0)


async def test_missing_usage_is_spent_as_estimated(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, "1"), model="fake")
    fake_provider.say(Answer(text="Because freight got dearer.", usage=None))
    with paid(fake_provider, "fake"):
        assert await outcome(asking(cast.acme.id)) == "answered"
    (row,) = await in_db(ledger, cast.acme.id)
    assert row.estimated
    assert row.cost
    assert (await sync_to_async(counter)(company)).spent == row.cost


async def test_at_a_share_a_cheaper_tier_answers(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "0.1", {"step_down_at": Decimal("0.2"), "step_down_to": "small"}))
    with paid(fake_provider):
        first = await llm.reserve([asking(cast.acme.id)])
        assert first.route is None
        second = await llm.reserve([asking(cast.acme.id)])
        assert second.route == "small"
        await first.close()
        await second.close()


async def test_a_budget_that_steps_down_to_the_analyst_never_refuses(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, str(ANSWER), {"step_down_at": Decimal(1), "step_down_to": "analyst"}))
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "answered"
    hold = await LedgerMeter().reserve([asking(cast.acme.id)])
    assert hold.route == "analyst"
    await hold.close()

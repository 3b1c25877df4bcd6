"""Reservations that outlive their process, their month or their price, and budgets that come late."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from csuite import llm
from csuite.analytics.budgets import standing
from csuite.analytics.budgets.moving import release_expired
from csuite.llm.errors import BudgetExceeded
from csuite.llm.estimating import chain
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from tests.analytics.booking import attempt, booked
from tests.analytics.money import ANSWER, asking, budget, counter, expire_holds, held, outcome, paid, priced, setting
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_orphaned_hold_is_given_back_by_the_next_who_asks(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, str(ANSWER)))
    with paid(fake_provider):
        orphan = await llm.reserve([asking(cast.acme.id)])
        assert await outcome(asking(cast.acme.id)) == "budget"
        await sync_to_async(expire_holds)()
        assert await outcome(asking(cast.acme.id)) == "answered"
        await orphan.close()  # it was not dead after all: nothing is given back twice
    assert await sync_to_async(held)() == (0, 0)


async def test_an_attempt_after_its_hold_expired_is_spent_all_the_same(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, "1"))
    with paid(fake_provider):
        hold = await llm.reserve([asking(cast.acme.id)])
        await sync_to_async(expire_holds)()
        assert await in_db(release_expired, cast.acme.id, tenant=cast.acme.id) == 1
        await llm.complete(asking(cast.acme.id, hold=hold))
        await hold.close()
    now = await sync_to_async(counter)(company)
    assert (now.spent, now.held) == (ANSWER, 0)


async def test_failed_attempts_that_were_billed_make_the_next_one_reserve_more(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, "0.05"))
    with paid(fake_provider):
        call = asking(cast.acme.id)
        hold = await llm.reserve([call])
        (route,) = await chain(call)
        for number in (1, 2):
            await hold.cover(call, route)
            await hold.attempt(
                attempt(
                    cast.acme.id, labels=call.labels, provider="fake", model=route.model, number=number,
                    cost=ANSWER, error_kind="midstream", usage=Usage(10, 20),
                )
            )  # fmt: skip
        with pytest.raises(BudgetExceeded):  # 0.04 are spent, 0.01 are left, and an answer may cost 0.02
            await hold.cover(call, route)
        await hold.close()
    now = await sync_to_async(counter)(company)
    assert (now.spent, now.held) == (Decimal("0.04"), 0)


async def test_two_attempts_of_one_call_do_not_count_on_the_same_money(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "0.03"))
    with paid(fake_provider):
        call = asking(cast.acme.id)
        hold = await llm.reserve([call])
        (route,) = await chain(call)
        await hold.cover(call, route)
        with pytest.raises(BudgetExceeded):
            await hold.cover(call, route)
        await hold.close()
    assert await sync_to_async(held)() == (0, 0)


async def test_a_month_ends_at_midnight_utc_and_a_hold_settles_where_it_was_reserved(
    cast: Any, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (company,) = await setting((cast.acme.id, str(ANSWER)))
    clock = "timestamptz '{} UTC'"
    with paid(fake_provider):
        monkeypatch.setattr(standing, "NOW", clock.format("2031-01-31 23:59:59"))
        hold = await llm.reserve([asking(cast.acme.id)])
        monkeypatch.setattr(standing, "NOW", clock.format("2031-02-01 00:00:00"))
        assert await outcome(asking(cast.acme.id)) == "answered"
        await llm.complete(asking(cast.acme.id, hold=hold))
        await hold.close()
        monkeypatch.setattr(standing, "NOW", clock.format("2031-01-31 23:00:00"))  # the clock goes back an hour
        assert await outcome(asking(cast.acme.id)) == "budget"

    def months() -> dict[str, Any]:
        return {f"{c.period_start:%Y-%m}": (c.spent, c.held) for c in company.counters.all()}

    found = await in_db(months, tenant=cast.acme.id)
    assert found.pop("2031-01") == (ANSWER, 0)
    assert found.pop("2031-02") == (ANSWER, 0)


async def test_a_budget_holds_from_the_moment_it_is_made(cast: Any, fake_provider: FakeProvider) -> None:
    await sync_to_async(priced)()
    with paid(fake_provider):
        running = await llm.reserve([asking(cast.acme.id)])
        assert await outcome(asking(cast.acme.id)) == "answered"
        made = await sync_to_async(budget)(cast.acme.id, str(2 * ANSWER))
        assert (await sync_to_async(counter)(made)).spent == ANSWER  # what this month had cost before
        await llm.complete(asking(cast.acme.id, hold=running))  # begun before there was a budget
        assert await outcome(asking(cast.acme.id)) == "budget"
        await running.close()
    assert (await sync_to_async(counter)(made)).spent == 2 * ANSWER


async def test_no_row_is_missed_while_a_budget_is_made(cast: Any) -> None:
    def write(count: int) -> None:
        for _ in range(count):
            booked(cast.acme.id, cost=Decimal("0.01"), started_at=datetime.now(UTC))

    writing = asyncio.gather(*[in_db(write, 20) for _ in range(4)])
    made = await in_db(budget, cast.acme.id, "100")
    await writing
    assert (await sync_to_async(counter)(made)).spent == Decimal("0.80")

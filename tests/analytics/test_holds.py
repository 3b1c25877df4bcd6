"""Reservations that outlive their process, their month or their price, and budgets that come late."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from csuite import llm
from csuite.analytics.budgets import standing
from csuite.analytics.budgets.changing import remove
from csuite.analytics.budgets.moving import release_expired
from csuite.analytics.ledger import replay
from csuite.analytics.rows import entry
from csuite.analytics.tasks import release_expired_holds
from csuite.llm import conf
from csuite.llm.errors import BudgetExceeded
from csuite.llm.estimating import chain
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from csuite.tenants.models import Tenant
from tests.analytics.booking import attempt, booked, ledger
from tests.analytics.money import ANSWER, asking, budget, counter, expire_holds, held, outcome, paid, priced, setting
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider
from tests.fake_provider.script import Answer

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


async def test_a_route_without_a_price_is_passed_over_under_a_hard_budget(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, "1"))
    other = fake_provider.row("fake-20t")
    rows = {"fake": fake_provider.row("fake-7t"), "other": other}
    await sync_to_async(priced)(provider="other")
    with conf.override(PRIMARY="fake", FALLBACK="other", ANALYST="", PROVIDERS=rows):
        reply = await llm.complete(asking(cast.acme.id))
    assert reply.provider == "other"
    assert [entry.model for entry in fake_provider.requests] == ["fake-20t"]
    assert (await sync_to_async(counter)(company)).spent == ANSWER


async def test_a_fallback_is_booked_to_whom_was_called_and_both_are_spent(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, "1"), model="fake-9t", input=Decimal(100))
    await sync_to_async(priced)(provider="other")
    fake_provider.say(Answer(text="never said", fault="cut", after=0))
    rows = {"fake": fake_provider.row("fake-9t"), "other": fake_provider.row("fake-20t")}
    with conf.override(PRIMARY="fake", FALLBACK="other", ANALYST="", PROVIDERS=rows):
        events = [event async for event in llm.stream(asking(cast.acme.id))]
    assert isinstance(events[-1], llm.Finished)
    assert events[-1].provider == "other"
    booked_rows = await in_db(ledger, cast.acme.id)
    assert {row.provider for row in booked_rows} == {"fake", "other"}
    assert all(row.cost for row in booked_rows)
    total = sum((row.cost or Decimal(0) for row in booked_rows), Decimal(0))
    assert (await sync_to_async(counter)(company)).spent == total
    assert await sync_to_async(held)() == (0, 0)


async def test_a_row_that_is_replayed_is_settled_once_and_in_its_own_month(cast: Any) -> None:
    made = await sync_to_async(budget)(cast.acme.id, "5")
    late = entry(
        attempt(cast.acme.id, cost=Decimal("0.5"), started_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC)), cast.acme.id
    )
    now = entry(attempt(cast.acme.id, cost=Decimal("0.25"), started_at=datetime.now(UTC)), cast.acme.id)
    for row in (late, now, late, now):
        await in_db(replay, row)

    def months() -> dict[bool, Decimal]:
        return {counter.period_start.month == 1: counter.spent for counter in made.counters.all()}

    assert await in_db(months, tenant=cast.acme.id) == {True: Decimal("0.5"), False: Decimal("0.25")}


async def test_the_sweeper_gives_back_what_nobody_closed(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "1"), (cast.rival.id, "1"))
    with paid(fake_provider):
        for tenant in (cast.acme.id, cast.rival.id):
            await llm.reserve([asking(tenant)])
    assert await sync_to_async(held)() == (2 * ANSWER, 2)
    await sync_to_async(expire_holds)()
    await in_db(release_expired_holds)
    assert await sync_to_async(held)() == (0, 0)


async def test_calls_of_the_platform_itself_have_a_budget_too(cast: Any, fake_provider: FakeProvider) -> None:
    platform = await sync_to_async(
        lambda: Tenant.objects.get_or_create(slug="csuite", defaults={"name": "csuite"})[0]
    )()
    await setting((platform.id, "0"))
    with paid(fake_provider):
        assert await outcome(asking(platform.id, persona="")) == "budget"


async def test_a_removed_budget_holds_nobody_and_its_calls_end_as_usual(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, str(ANSWER)))
    with paid(fake_provider):
        hold = await llm.reserve([asking(cast.acme.id)])
        await in_db(remove, company, None, tenant=cast.acme.id)
        await llm.complete(asking(cast.acme.id, hold=hold))
        await hold.close()
        assert await outcome(asking(cast.acme.id)) == "answered"
    assert len(await in_db(ledger, cast.acme.id)) == 2


async def test_a_budget_tells_of_its_warning_and_its_end_once(
    cast: Any, fake_provider: FakeProvider, caplog: Any
) -> None:
    await setting((cast.acme.id, str(5 * ANSWER), {"warn_at": Decimal("0.5"), "hard": False}))
    with paid(fake_provider):
        for _ in range(7):
            await llm.complete(asking(cast.acme.id))
    told = [word for line in caplog.messages for word in ("budget_warning", "budget_used_up") if word in line]
    assert told == ["budget_warning", "budget_used_up"]

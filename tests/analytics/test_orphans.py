"""Attempts whose process died: noted before they are made, booked once, put right by whoever was not dead after all."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from csuite import llm
from csuite.analytics import begun, orphans
from csuite.analytics.corrections import CostCorrection
from csuite.analytics.ledger import replay
from csuite.analytics.models import LedgerEntry
from csuite.analytics.tasks import book_what_was_left_behind
from csuite.llm.estimating import chain
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from csuite.tenants.scope import platform_scope
from tests.analytics.booking import attempt, ledger
from tests.analytics.money import asking, counter, held, outcome, paid, setting
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider
from tests.fake_provider.script import Answer

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)

MODEL = "fake-20t-1f"  # of its own: prices are kept for some seconds
PROMPT = Decimal("0.011")  # what the question of these tests costs to be read


def in_flight() -> list[begun.BegunAttempt]:
    with platform_scope("test"):
        return list(begun.BegunAttempt.objects.all())


async def noted() -> list[begun.BegunAttempt]:
    return await sync_to_async(in_flight)()


async def begin(cast: Any, **fields: Any) -> tuple[llm.Hold, llm.Call]:
    """An attempt that is paid for and begun, and of which nothing comes."""
    call = asking(cast.acme.id, cast.bob.id, **fields)
    hold = await llm.reserve([call])
    (route,) = await chain(call)
    await hold.cover(call, route)
    return hold, call


async def test_an_attempt_is_noted_while_it_runs_and_not_after(cast: Any, fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(text="Soon.", ttft_ms=60_000))
    with paid(fake_provider):
        asked = asyncio.create_task(outcome(asking(cast.acme.id)))
        while not fake_provider.requests:
            await asyncio.sleep(0.01)
        (one,) = await noted()
        assert (one.facts["provider"], one.facts["prompt"]) == ("fake", fake_provider.requests[0].prompt)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        assert await noted() == []
        assert [row.id for row in await in_db(ledger, cast.acme.id)] == [one.id]
        assert await outcome(asking(cast.acme.id)) == "answered"
    assert await noted() == []


async def test_an_attempt_of_a_dead_process_is_booked_once_and_its_reservation_ends(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, "1"), model=MODEL, input=Decimal(1000))
    with paid(fake_provider, MODEL):
        await begin(cast)
        lost = [orphans.Orphan(one) for one in await noted()]
        for _ in range(2):
            await orphans.book(cast.acme.id, lost)
    (row,) = await in_db(ledger, cast.acme.id)
    assert (row.prompt_tokens, row.completion_tokens, row.estimated) == (11, 0, True)
    assert (row.cost, row.user, row.error_kind) == (PROMPT, cast.bob.id, "cancelled")
    assert (await sync_to_async(counter)(company)).spent == PROMPT
    assert await sync_to_async(held)() == (0, 0)
    assert await noted() == []


async def test_who_was_taken_for_dead_puts_the_cost_right_beside_the_row(
    cast: Any, fake_provider: FakeProvider
) -> None:
    (company,) = await setting((cast.acme.id, "1"), model=MODEL, input=Decimal(1000))
    with paid(fake_provider, MODEL):
        hold, call = await begin(cast)
        await orphans.book(cast.acme.id, [orphans.Orphan(one) for one in await noted()])
        told = attempt(
            cast.acme.id, labels=call.labels, provider="fake", model=MODEL, usage=Usage(11, 20),
            cost=Decimal("0.031"),
        )  # fmt: skip
        await hold.attempt(told)
        await hold.close()
    (row,) = await in_db(ledger, cast.acme.id)
    assert (row.cost, row.estimated) == (PROMPT, True)
    (fixed,) = await in_db(lambda: list(CostCorrection.objects.all()), tenant=cast.acme.id)
    assert (fixed.entry, fixed.cost, fixed.cost_before) == (row.id, Decimal("0.031"), PROMPT)
    assert (await sync_to_async(counter)(company)).spent == Decimal("0.031")
    assert await sync_to_async(held)() == (0, 0)


async def test_a_line_of_the_log_puts_an_estimated_row_right_once(cast: Any, fake_provider: FakeProvider) -> None:
    await setting((cast.acme.id, "1"), model=MODEL, input=Decimal(1000))
    with paid(fake_provider, MODEL):
        await begin(cast)
        await orphans.book(cast.acme.id, [orphans.Orphan(one) for one in await noted()])
    (row,) = await in_db(ledger, cast.acme.id)
    same, other = LedgerEntry(**as_fields(row)), LedgerEntry(**as_fields(row) | {"cost": Decimal("0.02")})
    for line in (same, other, other):
        assert await in_db(replay, line) is False
    fixed = await in_db(lambda: list(CostCorrection.objects.all()), tenant=cast.acme.id)
    assert [one.cost for one in fixed] == [Decimal("0.02")]


def as_fields(row: LedgerEntry) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in LedgerEntry._meta.concrete_fields}


async def test_an_attempt_that_was_not_made_after_all_is_forgotten(cast: Any, fake_provider: FakeProvider) -> None:
    with paid(fake_provider):
        hold, _ = await begin(cast)
        assert len(await noted()) == 1
        await hold.close()
    assert await noted() == []
    assert await in_db(ledger, cast.acme.id) == []


async def test_calls_of_programs_whose_process_died_are_booked_when_no_answer_can_come_any_more(
    cast: Any, fake_provider: FakeProvider
) -> None:
    await setting((cast.acme.id, "1"))
    with paid(fake_provider):
        await begin(cast)
        await in_db(book_what_was_left_behind)
        assert len(await noted()) == 1  # it may run yet

        def age() -> None:
            begun.BegunAttempt.objects.update(started_at=timezone.now() - timedelta(minutes=21))

        await in_db(age, platform="test")
        await in_db(book_what_was_left_behind)
    assert await noted() == []
    (row,) = await in_db(ledger, cast.acme.id)
    assert (row.prompt_tokens, row.completion_tokens, row.estimated) == (11, 0, True)
    assert await sync_to_async(held)() == (0, 0)
